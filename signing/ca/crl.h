// Certificate revocation lists (RFC 5280 5): read, judged by their issuer's key, looked into, made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"
#include "signing/keys/openssl.h"

namespace qianda::signing {

using CrlHandle = core::Handle<X509_CRL, &X509_CRL_free>;

// What is known of one certificate; the reason is a CRLReason, -1 where none was given.
enum class CertificateState { kGood, kRevoked, kUnknown };
struct CertificateStatus {
  CertificateState state = CertificateState::kUnknown;
  core::Instant revokedAt{};
  int reason = -1;
};

// Exactly one CRL, nothing after it; null for anything else (the error queue is left empty).
CrlHandle findCrl(core::BytesView der);
// The DER of a CRL file, PEM or DER; throws kInvalidInput.
core::Bytes crlFromFile(std::string_view bytes);
// Verifies the CRL's signature, an SM2 one with the default user id (which OpenSSL's own X509_CRL_verify cannot).
bool isCrlSignedBy(core::BytesView crl, EVP_PKEY* issuerKey);
// Good or revoked, for a certificate of that CRL's issuer.
CertificateStatus statusIn(X509_CRL* crl, const std::string& serialHex);

struct CrlFacts {
  std::uint64_t number = 0;  // 0: none given
  core::Instant thisUpdate, nextUpdate;
  std::size_t entries = 0;
};
// nullopt for what is no CRL, or one without a next update.
std::optional<CrlFacts> factsOf(core::BytesView crl);

struct CrlEntry {
  std::string serial;
  core::Instant revokedAt;
  int reason = -1;
};
struct CrlContent {
  std::uint64_t number = 1;
  core::Instant thisUpdate, nextUpdate;
  std::vector<CrlEntry> entries;
};
core::Bytes makeCrl(const CrlContent& content, X509* issuer, EVP_PKEY* issuerKey);

using SerialHandle = core::Handle<ASN1_INTEGER, &ASN1_INTEGER_free>;
SerialHandle serialFromHex(const std::string& hex);
std::string serialHex(const ASN1_INTEGER* serial);
core::Instant instantOf(const ASN1_TIME* time);

}  // namespace qianda::signing
