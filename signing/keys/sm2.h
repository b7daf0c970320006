// What SM2 (GB/T 32918) asks beyond an elliptic-curve key: the signer's identity goes into every digest. A message is
// signed as e = SM3(Z || message), Z = SM3(ENTL || ID || a || b || xG || yG || xA || yA), with the user id of GB/T
// 35276 (GM/T 0009) unless both sides agreed on another.
#pragma once

#include <string_view>

#include "core/bytes.h"
#include "signing/keys/openssl.h"

namespace qianda::signing {

inline constexpr std::string_view kSm2UserId = "1234567812345678";

bool isSm2(const EVP_PKEY* key);
// Z of that public key (32 octets); throws kInvalidInput when it is no SM2 key.
core::Bytes sm2IdentityDigest(const EVP_PKEY* key, std::string_view userId = kSm2UserId);
// Tells OpenSSL the user id by which a certificate's SM2 signature is to be checked; nothing for other signatures.
void setSm2UserId(X509* certificate);
void setSm2UserId(X509_REQ* request);

}  // namespace qianda::signing
