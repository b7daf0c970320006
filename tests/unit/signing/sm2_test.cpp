// SM2 against the worked example of GB/T 32918.5 (GM/T 0003.5) appendix A, and OpenSSL's own verification.
#include "signing/keys/sm2.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "signing/asn1/der.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::signing {
namespace {

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
