#include "signing/ca/local_revocation.h"

#include <openssl/err.h>

#include "core/error.h"
#include "core/file.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

namespace fs = std::filesystem;
using core::Bytes;
using core::Error;
using core::ErrorCode;

constexpr std::size_t kLargestFile = 16u << 20;
constexpr auto kValidity = std::chrono::days(7);

struct DevelopmentCa {
  const char* certificate;
  const char* crl;
  const char* responder;  // null: its CRL alone
};
constexpr DevelopmentCa kDevelopment[] = {{"root.pem", "root.crl", nullptr},
                                          {"issuing.pem", "issuing.crl", "ocsp.p12"},
                                          {"sm2-root.pem", "sm2-root.crl", nullptr},
                                          {"sm2-issuing.pem", "sm2-issuing.crl", "sm2-ocsp.p12"}};

Bytes readCertificate(const fs::path& file) {
  const std::vector<Bytes> all = readPemCertificates(core::readFile(file, kLargestFile));
  if (all.empty()) throw Error(ErrorCode::kCorrupt, file.string() + " holds no certificate");
  return all.front();
}

Bytes readCrl(const fs::path& file, X509* issuer) {
  Bytes crl = crlFromFile(core::readFile(file, kLargestFile));
  const CrlHandle parsed = findCrl(crl);
  if (X509_NAME_cmp(X509_CRL_get_issuer(parsed.get()), X509_get_subject_name(issuer)) != 0 ||
      !isCrlSignedBy(crl, X509_get0_pubkey(issuer))) {
    throw Error(ErrorCode::kCorrupt, file.string() + " is not signed by the CA beside it");
  }
  return crl;
}

std::string readPassphrase(const fs::path& file) {
  std::string text = core::readFile(file, 4096);
  text.erase(std::min(text.size(), text.find_first_of("\r\n")));
  return text;
}

bool isSame(X509* one, X509* other) {
  const EVP_PKEY *key = X509_get0_pubkey(one), *otherKey = X509_get0_pubkey(other);
  const bool same = X509_NAME_cmp(X509_get_subject_name(one), X509_get_subject_name(other)) == 0 && key && otherKey &&
                    EVP_PKEY_eq(key, otherKey) == 1;
  ERR_clear_error();
  return same;
}

}  // namespace

LocalRevocation::LocalRevocation(std::shared_ptr<Authority> authority) {
  sources_.push_back({parseCertificate(authority->issuingCertificate()),
                      [authority] { return authority->currentCrl(); },
                      [authority](core::BytesView request) { return authority->answerOcsp(request); }});
  sources_.push_back(
      {parseCertificate(authority->rootCertificate()), [authority] { return authority->rootCrl(); }, {}});
}

LocalRevocation::LocalRevocation(const fs::path& folder, const Authority::Clock& clock) {
  const std::string passphrase = readPassphrase(folder / "passphrase");
  for (const DevelopmentCa& ca : kDevelopment) {
    if (std::string_view(ca.certificate).starts_with("sm2") && !fs::exists(folder / ca.certificate)) continue;
    const Bytes certificate = readCertificate(folder / ca.certificate);
    Source source{parseCertificate(certificate), {}, {}};
    const Bytes crl = readCrl(folder / ca.crl, source.issuer.get());
    source.crl = [crl] { return crl; };
    if (ca.responder) {
      Pkcs12 key = openPkcs12(folder / ca.responder, passphrase);
      const auto responder = std::make_shared<const OcspResponder>(
          OcspResponder{parseCertificate(certificate), std::move(key.key), std::move(key.certificate)});
      source.ocsp = [responder, crl, clock](core::BytesView request) {
        const CrlHandle parsed = signing::findCrl(crl);
        const auto find = [&](const std::string& serial) { return statusIn(parsed.get(), serial); };
        return answerOcsp(*responder, request, find, clock(), kValidity);
      };
    }
    sources_.push_back(std::move(source));
  }
}

const LocalRevocation::Source* LocalRevocation::sourceFor(core::BytesView certificate, core::BytesView issuer) const {
  const X509Handle subject = findCertificate(certificate), above = findCertificate(issuer);
  if (!subject || !above ||
      X509_NAME_cmp(X509_get_issuer_name(subject.get()), X509_get_subject_name(above.get())) != 0) {
    return nullptr;
  }
  for (const Source& source : sources_) {
    if (isSame(source.issuer.get(), above.get())) return &source;
  }
  return nullptr;
}

std::optional<Bytes> LocalRevocation::findOcsp(core::BytesView certificate, core::BytesView issuer) const {
  const Source* source = sourceFor(certificate, issuer);
  if (!source || !source->ocsp) return std::nullopt;
  return source->ocsp(makeOcspRequest(certificate, issuer));
}

std::optional<Bytes> LocalRevocation::findCrl(core::BytesView certificate, core::BytesView issuer) const {
  const Source* source = sourceFor(certificate, issuer);
  if (!source) return std::nullopt;
  try {
    return source->crl();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kConflict) throw;
    throw Error(ErrorCode::kUnavailable, error.what());
  }
}

}  // namespace qianda::signing
