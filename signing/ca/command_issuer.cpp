#include "signing/ca/command_issuer.h"

#include <algorithm>

#include <openssl/err.h>

#include "core/child_process.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "signing/ca/certificate_maker.h"
#include "signing/ca/crl.h"
#include "signing/keys/pem.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;

std::vector<std::pair<std::string, std::string>> environmentOf(const CertificateOrder& order,
                                                               const CertificateSubject& subject) {
  return {{"QIANDA_PROFILE", order.profile},
          {"QIANDA_COMMON_NAME", subject.commonName},
          {"QIANDA_ORGANISATION", subject.organisation},
          {"QIANDA_COUNTRY", subject.country},
          {"QIANDA_EVENT", order.event},
          {"QIANDA_LIFETIME", order.lifetime ? std::to_string(order.lifetime->count()) : ""}};
}

// What the outside authority said, on one line.
std::string oneLine(const std::string& said) {
  std::string line(core::trim(said));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, ' ');
  return core::findInvalidUtf8(line) == std::string::npos ? line : "octets that are no text";
}

bool hasKey(X509* certificate, EVP_PKEY* key) {
  EVP_PKEY* own = X509_get0_pubkey(certificate);
  const bool same = own && EVP_PKEY_eq(own, key) == 1;
  ERR_clear_error();
  return same;
}

// The certificate with that key and the path that leads up from it.
IssuedCertificate pick(const std::vector<Bytes>& all, EVP_PKEY* key) {
  const auto own =
      std::find_if(all.begin(), all.end(), [&](const Bytes& one) { return hasKey(parseCertificate(one).get(), key); });
  if (own == all.end()) throw Error(ErrorCode::kUnavailable, "no certificate that came back has the request's key");
  const X509Handle certificate = parseCertificate(*own);
  if (instantOf(X509_get0_notAfter(certificate.get())) <= core::now()) {
    throw Error(ErrorCode::kUnavailable, "the certificate that came back has expired");
  }
  IssuedCertificate issued{*own, orderChain(*own, all)};
  X509* subject = certificate.get();
  std::vector<X509Handle> path;
  for (const Bytes& above : issued.chain) {
    path.push_back(parseCertificate(above));
    EVP_PKEY* issuerKey = X509_get0_pubkey(path.back().get());
    const bool isSigned = issuerKey && X509_verify(subject, issuerKey) == 1;
    ERR_clear_error();
    if (!isSigned) {
      throw Error(ErrorCode::kUnavailable,
                  "the certificate of " + partyName(subject) + " is not signed by the issuer beside it");
    }
    subject = path.back().get();
  }
  return issued;
}

}  // namespace

CommandIssuer::CommandIssuer(IssuerCommand command) : command_(std::move(command)) {
  if (command_.arguments.empty() || command_.arguments[0].empty()) {
    throw Error(ErrorCode::kInvalidInput, "an issuer's command needs a program");
  }
}

IssuedCertificate CommandIssuer::issue(core::BytesView request, const CertificateOrder& order) {
  const CertificateRequest asked = readRequest(request);
  const std::string pem = pemOf(kPemRequest, request);
  const CertificateSubject& subject = order.subject.commonName.empty() ? asked.subject : order.subject;
  const core::ChildAnswer answer = core::runChild(
      {command_.arguments, environmentOf(order, subject), pem, command_.timeout, command_.largestAnswer});
  const auto refuse = [&](const std::string& reason) {
    throw Error(ErrorCode::kUnavailable, command_.arguments[0] + ": " + reason,
                "the outside authority gives no certificate");
  };
  if (answer.status != 0) {
    const std::string said = oneLine(answer.said);
    refuse("exit status " + std::to_string(answer.status) + (said.empty() ? "" : ": " + said));
  }
  try {
    const std::vector<Bytes> all = readPemCertificates(answer.output);
    if (all.empty()) throw Error(ErrorCode::kUnavailable, "no certificate (PEM) came back");
    return pick(all, asked.key.get());
  } catch (const Error& error) {
    refuse(error.what());
  }
  return {};
}

}  // namespace qianda::signing
