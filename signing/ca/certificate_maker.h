// Builds and signs X.509 version 3 certificates (RFC 5280 4) and reads and makes PKCS#10 requests (RFC 2986).
// Names are built anew from three texts, extensions come from the authority: nothing of a request is copied but its
// key.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.h"
#include "signing/ca/certificate_issuer.h"
#include "signing/keys/openssl.h"

namespace qianda::signing {

struct CertificateContent {
  CertificateSubject subject;
  EVP_PKEY* key = nullptr;  // public part
  core::Instant notBefore, notAfter;
  std::vector<std::pair<int, std::string>> extensions;  // NID and value as in OpenSSL's configuration
  std::string event;
};

// With a random serial number of 127 bits; `issuer` null: self-signed.
X509Handle makeCertificate(const CertificateContent& content, X509* issuer, EVP_PKEY* issuerKey);

struct CertificateRequest {
  KeyHandle key;
  CertificateSubject subject;
};

// One request and nothing after it, whose signature verifies with its own key (proof of possession), of a kind the
// house signs with. Throws kInvalidInput or kUnsupported.
CertificateRequest readRequest(core::BytesView der);
// A request signed by that key, DER; throws kInvalidInput for a subject that no name can hold.
core::Bytes makeRequest(EVP_PKEY* key, const CertificateSubject& subject);
// DER of a request in DER or PEM; throws kInvalidInput.
core::Bytes requestFromFile(std::string_view bytes);

}  // namespace qianda::signing
