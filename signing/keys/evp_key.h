// A SigningKey held in this process by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "signing/keys/openssl.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

// Throws kUnsupported for a key that is not RSA-2048/3072/4096, P-256, P-384 or SM2.
std::shared_ptr<const SigningKey> makeEvpKey(KeyHandle key);

// A fresh key: "p256", "p384", "rsa2048", "rsa3072", "rsa4096" or "sm2"; throws kUnsupported for another kind.
KeyHandle generateKey(std::string_view kind);

// OpenSSL's digest, fetched once for the process.
const EVP_MD* opensslDigest(DigestAlgorithm algorithm);
core::Bytes digestOf(DigestAlgorithm algorithm, core::BytesView bytes);

}  // namespace qianda::signing
