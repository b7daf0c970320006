// An SM2 key that signs by Botan: two to three times as many signatures a second as OpenSSL 3.0, whose SM2 goes through
// its generic curve code (docs/decisions/0010-sm2-by-botan.md). OpenSSL verifies, digests, and reads keys and
// certificates. Nonces come from the operating system's generator.
#pragma once

#include <memory>

#include "signing/keys/openssl.h"
#include "signing/keys/signing_key.h"

namespace qianda::signing {

// Copies the private number out of `key`, which must be SM2 with its private part; throws kInvalidInput otherwise.
std::shared_ptr<const SigningKey> makeSm2Key(const EVP_PKEY* key);

}  // namespace qianda::signing
