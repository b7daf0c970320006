#include "signing/keys/sm2_key.h"

#include <algorithm>
#include <mutex>

#include <botan/pubkey.h>
#include <botan/sm2.h>
#include <botan/system_rng.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include "signing/asn1/der.h"
#include "signing/keys/sm2.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::BytesView;
using core::Error;
using core::ErrorCode;

// A user id, which is not used, and no digest of its own: what is given is e = SM3(Z || message) already.
constexpr const char* kGivenDigest = "1234567812345678,Raw";
constexpr std::size_t kOctets = 32;  // of a number below the curve's order

struct SecretNumber {
  unsigned char octets[kOctets] = {};
  ~SecretNumber() { OPENSSL_cleanse(octets, sizeof octets); }
};

// Throws kInvalidInput for a key without a private part.
Botan::SM2_PrivateKey readKey(const EVP_PKEY* key) {
  if (!isSm2(key)) throw Error(ErrorCode::kInvalidInput, "not an SM2 key");
  BIGNUM* found = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &found);
  const core::Handle<BIGNUM, &BN_clear_free> number(found);
  SecretNumber secret;
  if (!number || BN_bn2binpad(number.get(), secret.octets, kOctets) != static_cast<int>(kOctets)) {
    throwOpenssl(ErrorCode::kInvalidInput, "an SM2 key has no private part");
  }
  return {Botan::system_rng(), Botan::EC_Group("sm2p256v1"), Botan::BigInt(secret.octets, kOctets)};
}

// INTEGER of 32 octets, most significant first.
void appendNumber(Bytes& out, BytesView number) {
  while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
  const bool isHigh = number[0] & 0x80;
  der::appendHeader(out, der::kInteger, number.size() + isHigh);
  if (isHigh) out.push_back(0);
  der::append(out, number);
}

class Sm2Key : public SigningKey {
 public:
  explicit Sm2Key(const EVP_PKEY* key) : key_(readKey(key)) {}

  KeyKind kind() const override { return KeyKind::kSm2; }
  std::string name() const override { return "SM2"; }
  DigestAlgorithm digest() const override { return DigestAlgorithm::kSm3; }
  std::size_t maxSignatureSize() const override { return der::elementSize(2 * der::elementSize(kOctets + 1)); }

  std::size_t signDigest(BytesView digest, Bytes& signature) const override {
    if (digest.size() != kOctets) {
      throw Error(ErrorCode::kInvalidInput, "an SM2 key was given a digest of the wrong length");
    }
    try {
      std::unique_ptr<Botan::PK_Signer> signer = takeSigner();
      const std::vector<std::uint8_t> pair = signer->sign_message(digest.data(), digest.size(), Botan::system_rng());
      giveBack(std::move(signer));
      if (pair.size() != 2 * kOctets) throw Error(ErrorCode::kSystem, "an SM2 signature has an unknown form");
      Bytes numbers;
      appendNumber(numbers, BytesView(pair).first(kOctets));
      appendNumber(numbers, BytesView(pair).last(kOctets));
      signature.clear();
      der::appendElement(signature, der::kSequence, numbers);
    } catch (const Botan::Exception& error) {
      throw Error(ErrorCode::kSystem, std::string("cannot sign with an SM2 key: ") + error.what());
    }
    return signature.size();
  }

 private:
  // Signers are for one thread at a time and cost a fifth of a signature to make: as many are kept as threads sign.
  std::unique_ptr<Botan::PK_Signer> takeSigner() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Botan::PK_Signer> signer = std::move(idle_.back());
        idle_.pop_back();
        return signer;
      }
    }
    return std::make_unique<Botan::PK_Signer>(key_, Botan::system_rng(), kGivenDigest);
  }
  void giveBack(std::unique_ptr<Botan::PK_Signer> signer) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(signer));
  }

  const Botan::SM2_PrivateKey key_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Botan::PK_Signer>> idle_;
};

}  // namespace

std::shared_ptr<const SigningKey> makeSm2Key(const EVP_PKEY* key) {
  try {
    return std::make_shared<const Sm2Key>(key);
  } catch (const Botan::Exception& error) {
    throw Error(ErrorCode::kInvalidInput, std::string("not an SM2 key to sign with: ") + error.what());
  }
}

}  // namespace qianda::signing
