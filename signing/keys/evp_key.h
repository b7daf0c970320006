// A SigningKey held in this process by OpenSSL, and what the house knows of OpenSSL's keys.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "signing/keys/openssl.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

struct KeyFacts {
  KeyKind kind;
  std::string name;
  DigestAlgorithm digest;
};
// Of a private or a public key; throws kUnsupported for one that is not RSA-2048/3072/4096, P-256, P-384 or SM2.
KeyFacts describeKey(const EVP_PKEY* key);

// SM2 keys sign by Botan (keys/sm2_key.h). Throws kUnsupported for a key that is not RSA-2048/3072/4096, P-256, P-384
// or SM2.
std::shared_ptr<const SigningKey> makeEvpKey(KeyHandle key);

// A fresh key: "p256", "p384", "rsa2048", "rsa3072", "rsa4096" or "sm2"; throws kUnsupported for another kind.
KeyHandle generateKey(std::string_view kind);

// OpenSSL's digest, fetched once for the process.
const EVP_MD* opensslDigest(DigestAlgorithm algorithm);
// Whether a signature in the form of SigningKey::signDigest is that of the public key; leaves no error behind.
bool verifiesDigest(EVP_PKEY* key, DigestAlgorithm algorithm, core::BytesView digest, core::BytesView signature);
core::Bytes digestOf(DigestAlgorithm algorithm, core::BytesView bytes);

}  // namespace qianda::signing
