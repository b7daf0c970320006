// A private key that signs a digest it is given, wherever it lives (PKCS#12 file now; token, HSM, remote service
// later). Thread-safe: every worker of a batch calls the same key.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace qianda::signing {

enum class DigestAlgorithm { kSha256, kSha384, kSha512, kSm3 };
enum class KeyKind { kRsa, kEcdsa, kSm2 };

class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual KeyKind kind() const = 0;
  // "RSA-2048", "P-256", "P-384", "SM2"
  virtual std::string name() const = 0;
  // The digest this key signs: SHA-256 for RSA and P-256, SHA-384 for P-384, SM3 for SM2.
  virtual DigestAlgorithm digest() const = 0;
  // Largest signature in octets. ECDSA signatures vary: reserve this, never the size of one trial.
  virtual std::size_t maxSignatureSize() const = 0;
  // RSA: PKCS#1 v1.5 over DigestInfo; ECDSA: DER ECDSA-Sig-Value (RFC 5754); SM2: the same form over e = SM3(Z ||
  // message), which the caller computes (GB/T 32918.2 6.1; Z from keys/sm2.h). Writes into `signature`, returns its
  // size.
  virtual std::size_t signDigest(core::BytesView digest, core::Bytes& signature) const = 0;
  // How many signatures are worth asking for at once: a key at a distance is waited for, and more threads than the
  // machine has cores wait better. 0: no more than there are cores.
  virtual unsigned concurrency() const { return 0; }
};

// A key with its certificate and the certificates above it.
struct Credential {
  std::shared_ptr<const SigningKey> key;
  core::Bytes certificate;         // DER, the signer's own
  std::vector<core::Bytes> chain;  // DER, issuer first, without the signer
  std::string subjectName;         // O if there is one, else CN: the name on the seal
  std::string serialHex;
};

// The names are read from the certificate. Throws kInvalidInput when that is no X.509 certificate.
Credential makeCredential(std::shared_ptr<const SigningKey> key, core::Bytes certificate,
                          std::vector<core::Bytes> chain);

// PKCS#12 (RFC 7292) with one RSA-2048/3072/4096, P-256, P-384 or SM2 key. Throws kInvalidInput for a wrong passphrase,
// a broken file or an unsupported key, naming the file and never the passphrase.
Credential loadPkcs12(const std::string& path, std::string_view passphrase);

// A throwaway root, issuing CA and signer in memory, for benches and tests. kind: "p256", "p384", "rsa2048", "rsa3072",
// "rsa4096", "sm2" (its CAs are SM2, too).
struct ThrowawayCredential {
  Credential credential;
  core::Bytes root;  // DER, the trust anchor
};
ThrowawayCredential makeThrowawayCredential(std::string_view kind, const std::string& organisation);

}  // namespace qianda::signing
