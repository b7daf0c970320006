#include "signing/keys/x509.h"

#include <algorithm>
#include <map>
#include <mutex>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "signing/keys/sign_context.h"
#include "signing/keys/signing_key.h"
#include "signing/keys/sm2.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;

std::string attributeOf(const X509_NAME* name, int nid) {
  std::string text;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size >= 0) text.assign(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
  }
  ERR_clear_error();
  return text;
}

}  // namespace

X509Handle findCertificate(core::BytesView der) {
  const unsigned char* cursor = der.data();
  X509Handle certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (certificate && cursor != der.data() + der.size()) certificate.reset();
  if (certificate) setSm2UserId(certificate.get());
  ERR_clear_error();
  return certificate;
}

X509Handle shareCertificate(core::BytesView der) {
  constexpr std::size_t kMost = 256, kLargest = 8 << 10;  // certificates, octets of one
  static std::mutex mutex;
  static auto& parsed = *new std::map<Bytes, X509Handle>;  // OpenSSL may be gone before statics are
  if (der.size() > kLargest) return findCertificate(der);
  Bytes key(der.begin(), der.end());
  {
    const std::lock_guard lock(mutex);
    if (const auto found = parsed.find(key); found != parsed.end()) {
      X509_up_ref(found->second.get());
      return X509Handle(found->second.get());
    }
  }
  X509Handle certificate = findCertificate(der);
  if (!certificate) return certificate;
  X509_check_purpose(certificate.get(), -1, 0);  // what OpenSSL keeps of the extensions is there before it is shared
  ERR_clear_error();
  const std::lock_guard lock(mutex);
  if (parsed.size() >= kMost) parsed.clear();
  X509_up_ref(certificate.get());
  parsed.insert_or_assign(std::move(key), X509Handle(certificate.get()));
  return certificate;
}

X509Handle parseCertificate(core::BytesView der) {
  X509Handle certificate = findCertificate(der);
  if (!certificate) throw Error(ErrorCode::kInvalidInput, "not an X.509 certificate in DER");
  return certificate;
}

void signCertificate(X509* certificate, EVP_PKEY* issuerKey) {
  const SignContext context(issuerKey);
  if (X509_sign_ctx(certificate, context.get()) <= 0) throwOpenssl(ErrorCode::kSystem, "cannot sign a certificate");
  setSm2UserId(certificate);
}

bool verifySignature(EVP_PKEY* key, int digestNid, core::BytesView message, core::BytesView signature) {
  const DigestHandle context(EVP_MD_CTX_new());
  const KeyContextHandle keyContext(EVP_PKEY_CTX_new(key, nullptr));
  bool done = context && keyContext;
  if (done && isSm2(key)) {
    done = EVP_PKEY_CTX_set1_id(keyContext.get(), kSm2UserId.data(), static_cast<int>(kSm2UserId.size())) == 1;
  }
  if (done) EVP_MD_CTX_set_pkey_ctx(context.get(), keyContext.get());
  done = done && EVP_DigestVerifyInit(context.get(), nullptr, EVP_get_digestbynid(digestNid), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  ERR_clear_error();
  return done;
}

Bytes encodeCertificate(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size < 0) throwOpenssl(ErrorCode::kSystem, "cannot encode a certificate");
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

std::vector<Bytes> readPemCertificates(std::string_view pem) {
  const BioHandle input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Bytes> certificates;
  for (;;) {
    char *name = nullptr, *header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(input.get(), &name, &header, &data, &size) != 1) {
      if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        throwOpenssl(ErrorCode::kInvalidInput, "a broken PEM block");
      }
      ERR_clear_error();
      return certificates;
    }
    const std::string label = name;
    Bytes der(data, data + size);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (label != PEM_STRING_X509 && label != PEM_STRING_X509_OLD) continue;
    parseCertificate(der);
    certificates.push_back(std::move(der));
  }
}

std::vector<Bytes> orderChain(core::BytesView signer, const std::vector<Bytes>& pool) {
  std::vector<Bytes> chain;
  std::vector<X509Handle> left;
  for (const Bytes& der : pool) left.push_back(parseCertificate(der));
  for (X509Handle subject = parseCertificate(signer); subject;) {
    const auto issuer = std::find_if(left.begin(), left.end(), [&](const X509Handle& candidate) {
      return X509_check_issued(candidate.get(), subject.get()) == X509_V_OK &&
             X509_cmp(candidate.get(), subject.get()) != 0;
    });
    if (issuer == left.end()) break;
    subject = std::move(*issuer);
    left.erase(issuer);
    chain.push_back(encodeCertificate(subject.get()));
  }
  ERR_clear_error();
  return chain;
}

std::string commonNameOf(const X509_NAME* name) { return attributeOf(name, NID_commonName); }
std::string organisationOf(const X509_NAME* name) { return attributeOf(name, NID_organizationName); }

std::string textOf(const X509_NAME* name) {
  const BioHandle output(BIO_new(BIO_s_mem()));
  if (!output || X509_NAME_print_ex(output.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    throwOpenssl(ErrorCode::kSystem, "cannot print a distinguished name");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(output.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string partyName(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const std::string organisation = organisationOf(subject);
  return organisation.empty() ? commonNameOf(subject) : organisation;
}

std::string serialHex(const X509* certificate) {
  const core::Handle<BIGNUM, &BN_free> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (!number) throwOpenssl(ErrorCode::kSystem, "cannot read a serial number");
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), octets.data());
  return octets.empty() ? "00" : core::toHex(octets);
}

Credential makeCredential(std::shared_ptr<const SigningKey> key, Bytes certificate, std::vector<Bytes> chain) {
  const X509Handle x509 = parseCertificate(certificate);
  return {std::move(key), std::move(certificate), std::move(chain), partyName(x509.get()), serialHex(x509.get())};
}

bool isSelfSigned(X509* certificate) {
  const bool answer = X509_self_signed(certificate, 1) == 1;
  ERR_clear_error();
  return answer;
}

}  // namespace qianda::signing
