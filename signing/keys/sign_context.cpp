#include "signing/keys/sign_context.h"

#include "signing/keys/evp_key.h"
#include "signing/keys/sm2.h"

namespace qianda::signing {

SignContext::SignContext(EVP_PKEY* key) : key_(EVP_PKEY_CTX_new(key, nullptr)), context_(EVP_MD_CTX_new()) {
  const bool sm2 = isSm2(key);
  const DigestAlgorithm digest = sm2                             ? DigestAlgorithm::kSm3
                                 : EVP_PKEY_get_bits(key) == 384 ? DigestAlgorithm::kSha384
                                                                 : DigestAlgorithm::kSha256;
  bool done = key_ && context_;
  if (done && sm2) done = EVP_PKEY_CTX_set1_id(key_.get(), kSm2UserId.data(), static_cast<int>(kSm2UserId.size())) == 1;
  if (done) EVP_MD_CTX_set_pkey_ctx(context_.get(), key_.get());
  if (!done || EVP_DigestSignInit(context_.get(), nullptr, opensslDigest(digest), nullptr, key) != 1) {
    throwOpenssl(core::ErrorCode::kSystem, "cannot prepare a key for signing");
  }
}

}  // namespace qianda::signing
