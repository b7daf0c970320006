#include "signing/keys/evp_key.h"

#include <array>

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include "signing/keys/sm2.h"
#include "signing/keys/sm2_key.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;

// A prepared context is never used itself: each signature signs with a copy, which costs no more than a context kept
// per thread and needs no thread-local state.
class EvpKey : public SigningKey {
 public:
  EvpKey(KeyHandle key, KeyFacts facts)
      : key_(std::move(key)),
        prepared_(EVP_PKEY_CTX_new(key_.get(), nullptr)),
        kind_(facts.kind),
        name_(std::move(facts.name)),
        digest_(facts.digest),
        digestSize_(static_cast<std::size_t>(EVP_MD_get_size(opensslDigest(digest_)))),
        maxSize_(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()))) {
    if (!prepared_ || EVP_PKEY_sign_init(prepared_.get()) != 1 ||
        (kind_ == KeyKind::kRsa && EVP_PKEY_CTX_set_rsa_padding(prepared_.get(), RSA_PKCS1_PADDING) != 1) ||
        EVP_PKEY_CTX_set_signature_md(prepared_.get(), opensslDigest(digest_)) != 1) {
      throwOpenssl(ErrorCode::kSystem, "cannot prepare a " + name_ + " key for signing");
    }
  }

  KeyKind kind() const override { return kind_; }
  std::string name() const override { return name_; }
  DigestAlgorithm digest() const override { return digest_; }
  std::size_t maxSignatureSize() const override { return maxSize_; }

  std::size_t signDigest(core::BytesView digest, Bytes& signature) const override {
    if (digest.size() != digestSize_) {
      throw Error(ErrorCode::kInvalidInput, "a " + name_ + " key was given a digest of the wrong length");
    }
    const KeyContextHandle context(EVP_PKEY_CTX_dup(prepared_.get()));
    signature.resize(maxSize_);
    std::size_t size = signature.size();
    if (!context || EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) != 1) {
      throwOpenssl(ErrorCode::kSystem, "cannot sign with a " + name_ + " key");
    }
    signature.resize(size);
    return size;
  }

 private:
  const KeyHandle key_;
  const KeyContextHandle prepared_;
  const KeyKind kind_;
  const std::string name_;
  const DigestAlgorithm digest_;
  const std::size_t digestSize_;
  const std::size_t maxSize_;
};

std::string curveOf(const EVP_PKEY* key) {
  char name[80];
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return {};
  return {name, size};
}

}  // namespace

KeyFacts describeKey(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA") && (bits == 2048 || bits == 3072 || bits == 4096)) {
    return {KeyKind::kRsa, "RSA-" + std::to_string(bits), DigestAlgorithm::kSha256};
  }
  if (isSm2(key)) return {KeyKind::kSm2, "SM2", DigestAlgorithm::kSm3};
  const std::string curve = EVP_PKEY_is_a(key, "EC") ? curveOf(key) : "";
  if (curve == SN_X9_62_prime256v1) return {KeyKind::kEcdsa, "P-256", DigestAlgorithm::kSha256};
  if (curve == SN_secp384r1) return {KeyKind::kEcdsa, "P-384", DigestAlgorithm::kSha384};
  const char* type = EVP_PKEY_get0_type_name(key);
  takeOpensslErrors();
  throw Error(ErrorCode::kUnsupported, "a " + (curve.empty() ? std::string(type ? type : "?") : curve) + " key of " +
                                           std::to_string(bits) +
                                           " bits; supported are RSA-2048, RSA-3072, RSA-4096, P-256, P-384 and SM2");
}

std::shared_ptr<const SigningKey> makeEvpKey(KeyHandle key) {
  KeyFacts facts = describeKey(key.get());
  if (facts.kind == KeyKind::kSm2) return makeSm2Key(key.get());
  return std::make_shared<EvpKey>(std::move(key), std::move(facts));
}

bool verifiesDigest(EVP_PKEY* key, DigestAlgorithm algorithm, core::BytesView digest, core::BytesView signature) {
  const KeyContextHandle context(EVP_PKEY_CTX_new(key, nullptr));
  const bool answer =
      context && EVP_PKEY_verify_init(context.get()) == 1 &&
      (isSm2(key) || EVP_PKEY_CTX_set_signature_md(context.get(), opensslDigest(algorithm)) == 1) &&
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
  takeOpensslErrors();
  return answer;
}

const EVP_MD* opensslDigest(DigestAlgorithm algorithm) {
  using Digest = core::Handle<EVP_MD, &EVP_MD_free>;
  static const std::array<Digest, 4> digests{
      Digest(EVP_MD_fetch(nullptr, "SHA256", nullptr)), Digest(EVP_MD_fetch(nullptr, "SHA384", nullptr)),
      Digest(EVP_MD_fetch(nullptr, "SHA512", nullptr)), Digest(EVP_MD_fetch(nullptr, "SM3", nullptr))};
  const EVP_MD* digest = digests[static_cast<std::size_t>(algorithm)].get();
  if (!digest) throwOpenssl(ErrorCode::kSystem, "the cryptographic library lacks a digest");
  return digest;
}

Bytes digestOf(DigestAlgorithm algorithm, core::BytesView bytes) {
  const EVP_MD* digest = opensslDigest(algorithm);
  Bytes value(static_cast<std::size_t>(EVP_MD_get_size(digest)));
  if (EVP_Digest(bytes.data(), bytes.size(), value.data(), nullptr, digest, nullptr) != 1) {
    throwOpenssl(ErrorCode::kSystem, "cannot compute a digest");
  }
  return value;
}

}  // namespace qianda::signing
