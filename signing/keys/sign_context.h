// An OpenSSL context that signs as the key asks: SHA-256, SHA-384 for P-384, SM3 with the default user id for SM2. For
// OpenSSL's own structures (certificates, CRLs, OCSP answers); used by one thread, for one signature.
#pragma once

#include "signing/keys/openssl.h"

namespace qianda::signing {

class SignContext {
 public:
  explicit SignContext(EVP_PKEY* key);
  EVP_MD_CTX* get() const { return context_.get(); }

 private:
  const KeyContextHandle key_;  // outlives context_, which borrows it
  const DigestHandle context_;
};

}  // namespace qianda::signing
