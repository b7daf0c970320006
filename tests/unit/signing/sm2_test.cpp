// SM2 against the worked example of GB/T 32918.5 (GM/T 0003.5) appendix A, OpenSSL's own verification, and Botan
// and OpenSSL against each other.
#include "signing/keys/sm2.h"

#include <set>

#include <botan/pubkey.h>
#include <botan/sm2.h>
#include <botan/system_rng.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "signing/asn1/der.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/sm2_key.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

constexpr const char* kGivenDigest = "1234567812345678,Raw";  // how Botan is told to sign e as it is given
constexpr std::string_view kPoint =
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";

KeyHandle publicKey() {
  const core::Bytes point = core::fromHex(kPoint);
  const core::Handle<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  const core::Handle<OSSL_PARAM, &OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  return KeyHandle(key);
}

core::Bytes exampleSignature() {
  const auto number = [](std::string_view hex) {
    core::Bytes octets = core::fromHex(hex);
    if (octets[0] & 0x80) octets.insert(octets.begin(), 0);
    return der::element(der::kInteger, octets);
  };
  return der::sequence({number("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"),
                        number("b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")});
}

TEST(Sm2, IdentityDigestIsThatOfTheStandard) {
  const KeyHandle key = publicKey();
  ASSERT_TRUE(key);
  EXPECT_TRUE(isSm2(key.get()));
  const core::Bytes z = sm2IdentityDigest(key.get());
  EXPECT_EQ(core::toHex(z), "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3");
  core::Bytes message = z;
  der::append(message, core::viewOf("message digest"));
  EXPECT_EQ(core::toHex(digestOf(DigestAlgorithm::kSm3, message)),
            "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
}

TEST(Sm2, TheStandardsSignatureVerifiesAndItsTwinDoesNot) {
  const KeyHandle key = publicKey();
  const core::Bytes signature = exampleSignature();
  EXPECT_TRUE(verifySignature(key.get(), NID_sm3, core::viewOf("message digest"), signature));
  EXPECT_FALSE(verifySignature(key.get(), NID_sm3, core::viewOf("message digesT"), signature));
  core::Bytes changed = signature;
  changed.back() ^= 1;
  EXPECT_FALSE(verifySignature(key.get(), NID_sm3, core::viewOf("message digest"), changed));
}

// GB/T 32905-2016 appendix A.
TEST(Sm3, DigestsOfTheStandard) {
  EXPECT_EQ(core::toHex(digestOf(DigestAlgorithm::kSm3, core::viewOf("abc"))),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string sixtyFour;
  for (int i = 0; i < 16; ++i) sixtyFour += "abcd";
  EXPECT_EQ(core::toHex(digestOf(DigestAlgorithm::kSm3, core::viewOf(sixtyFour))),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

// The nonce of the standard's example first, then octets for what else the library draws (its blinding).
class GivenNonce : public Botan::RandomNumberGenerator {
 public:
  explicit GivenNonce(std::string_view hex) : nonce_(core::fromHex(hex)) {}
  void randomize(std::uint8_t out[], std::size_t size) override {
    if (!isUsed_ && size == nonce_.size()) {
      isUsed_ = true;
      std::copy(nonce_.begin(), nonce_.end(), out);
    } else {
      Botan::system_rng().randomize(out, size);
    }
  }
  bool accepts_input() const override { return false; }
  void add_entropy(const std::uint8_t[], std::size_t) override {}
  std::string name() const override { return "given"; }
  void clear() override {}
  bool is_seeded() const override { return true; }
  bool isUsed() const { return isUsed_; }

 private:
  core::Bytes nonce_;
  bool isUsed_ = false;
};

TEST(Sm2, BotanSignsTheStandardsExample) {
  const Botan::SM2_PrivateKey key(Botan::system_rng(), Botan::EC_Group("sm2p256v1"),
                                  Botan::BigInt("0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"));
  GivenNonce nonce("59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21");
  Botan::PK_Signer signer(key, Botan::system_rng(), kGivenDigest);
  const std::vector<std::uint8_t> pair =
      signer.sign_message(core::fromHex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"), nonce);
  EXPECT_TRUE(nonce.isUsed());
  EXPECT_EQ(core::toHex(pair),
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
            "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa");
}

core::Bytes signedByOpenssl(EVP_PKEY* key, core::BytesView digest) {
  const KeyContextHandle context(EVP_PKEY_CTX_new(key, nullptr));
  core::Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = signature.size();
  EXPECT_EQ(EVP_PKEY_sign_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()), 1);
  signature.resize(size);
  return signature;
}

// A key of this process, public part for Botan.
Botan::SM2_PublicKey botanKeyOf(const EVP_PKEY* key) {
  BIGNUM *bx = nullptr, *by = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &bx);
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &by);
  const core::Handle<BIGNUM, &BN_free> left(bx), right(by);
  unsigned char x[32], y[32];
  BN_bn2binpad(left.get(), x, 32);
  BN_bn2binpad(right.get(), y, 32);
  const Botan::EC_Group group("sm2p256v1");
  return {group, group.point(Botan::BigInt(x, 32), Botan::BigInt(y, 32))};
}

TEST(Sm2, BotanAndOpensslTakeEachOthersSignatures) {
  const KeyHandle key = generateKey("sm2");
  const auto ours = makeSm2Key(key.get());
  const Botan::SM2_PublicKey theirs = botanKeyOf(key.get());
  for (int i = 0; i < 50; ++i) {
    const core::Bytes digest = digestOf(DigestAlgorithm::kSm3, core::viewOf(std::to_string(i)));
    const core::Bytes other = digestOf(DigestAlgorithm::kSm3, core::viewOf("x" + std::to_string(i)));
    core::Bytes byBotan;
    const std::size_t size = ours->signDigest(digest, byBotan);
    ASSERT_EQ(size, byBotan.size());
    ASSERT_LE(byBotan.size(), ours->maxSignatureSize());
    EXPECT_TRUE(verifiesDigest(key.get(), DigestAlgorithm::kSm3, digest, byBotan)) << i;
    EXPECT_FALSE(verifiesDigest(key.get(), DigestAlgorithm::kSm3, other, byBotan)) << i;
    const core::Bytes byOpenssl = signedByOpenssl(key.get(), digest);
    Botan::PK_Verifier verifier(theirs, kGivenDigest, Botan::DER_SEQUENCE);
    EXPECT_TRUE(verifier.verify_message(digest, byOpenssl)) << i;
    EXPECT_FALSE(verifier.verify_message(other, byOpenssl)) << i;
  }
}

TEST(Sm2, NoTwoSignaturesShareANonce) {
  const KeyHandle key = generateKey("sm2");
  const auto ours = makeSm2Key(key.get());
  const core::Bytes digest(32, 7);
  std::set<core::Bytes> seen;
  core::Bytes signature;
  for (int i = 0; i < 200; ++i) {
    ours->signDigest(digest, signature);
    seen.insert(signature);
  }
  EXPECT_EQ(seen.size(), 200u);
}

TEST(Sm2, APublicKeyOrOneOfAnotherCurveCannotSign) {
  const KeyHandle publicOnly = publicKey(), other = generateKey("p256");
  EXPECT_THROW(makeSm2Key(publicOnly.get()), core::Error);
  EXPECT_THROW(makeSm2Key(other.get()), core::Error);
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Sm2, AnotherUserIdGivesAnotherDigest) {
  const KeyHandle key = publicKey();
  EXPECT_NE(sm2IdentityDigest(key.get(), "ALICE123@YAHOO.COM"), sm2IdentityDigest(key.get()));
}

TEST(Sm2, OtherKeysHaveNoIdentityDigest) {
  const KeyHandle key = generateKey("p256");
  EXPECT_FALSE(isSm2(key.get()));
  EXPECT_THROW(sm2IdentityDigest(key.get()), core::Error);
}

TEST(Sm2, AKeySignsWhatOpensslVerifies) {
  const ThrowawayCredential made = makeThrowawayCredential("sm2", "珠海示例科技有限公司");
  const X509Handle certificate = parseCertificate(made.credential.certificate);
  const X509Handle issuer = parseCertificate(made.credential.chain.at(0));
  EXPECT_EQ(X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())), 1);
  core::Bytes message = sm2IdentityDigest(X509_get0_pubkey(certificate.get()));
  der::append(message, core::viewOf("合同"));
  core::Bytes signature;
  made.credential.key->signDigest(digestOf(DigestAlgorithm::kSm3, message), signature);
  EXPECT_TRUE(verifySignature(X509_get0_pubkey(certificate.get()), NID_sm3, core::viewOf("合同"), signature));
  EXPECT_FALSE(verifySignature(X509_get0_pubkey(certificate.get()), NID_sm3, core::viewOf("台同"), signature));
}

}  // namespace
}  // namespace qianda::signing
