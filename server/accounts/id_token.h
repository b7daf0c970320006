// ID tokens of OpenID Connect (Core 1.0, 3.1.3.7): JSON Web Signatures (RFC 7515) by RS256 or ES256 with a key of the
// issuer's set (RFC 7517), and the claims they carry. The key decides the algorithm, never the token's header alone;
// "none" and HMAC do not exist here. Values; any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/time.h"
#include "signing/keys/openssl.h"

namespace qianda::server {

struct JsonWebKey {
  std::string algorithm;  // "RS256" or "ES256"
  std::shared_ptr<EVP_PKEY> key;
};

// By key id. Keys of other kinds, for encryption, or shorter than RSA-2048 are left out.
using JsonWebKeys = std::map<std::string, JsonWebKey>;
// Throws kInvalidInput when it is not a JWK set.
JsonWebKeys parseJsonWebKeys(const std::string& json);

struct IdTokenExpectation {
  std::string issuer, client, nonce;
  core::Instant now;
};

struct IdToken {
  std::string issuer, subject;
};

// The key id its header names; throws kInvalidInput when it is no signed token.
std::string keyIdOf(const std::string& token);

// Throws kInvalidInput, naming the claim or the part that is wrong.
IdToken checkIdToken(const std::string& token, const JsonWebKeys& keys, const IdTokenExpectation& expected);

}  // namespace qianda::server
