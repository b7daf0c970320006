// Certificates are cut out of a CMS and nothing else is; what is not plain DER stays whole.
#include "signing/verify/embedded_certificates.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/err.h>

#include "signing/asn1/der.h"
#include "signing/cms/cades_signer.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "signing/verify/signed_data.h"

namespace qianda::signing::verify {
namespace {

struct Sample {
  ThrowawayCredential made = makeThrowawayCredential("p256", "珠海示例科技有限公司");
  core::Bytes cms;
  Sample() { CadesSigner(made.credential).sign(digestOf(DigestAlgorithm::kSha256, core::viewOf("content")), cms); }
};

TEST(EmbeddedCertificates, AreCutOutInTheirOrderAndNothingElse) {
  const Sample sample;
  const auto carved = carveSignedData(sample.cms);
  ASSERT_TRUE(carved);
  ASSERT_EQ(sk_X509_num(carved->certificates.get()), 2);
  std::set<core::Bytes> found, wanted{sample.made.credential.certificate, sample.made.credential.chain.at(0)};
  for (int i = 0; i < 2; ++i) found.insert(encodeCertificate(sk_X509_value(carved->certificates.get(), i)));
  EXPECT_EQ(found, wanted);
  const unsigned char* at = carved->octets.data();
  const CmsHandle parsed(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(carved->octets.size())));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(at, carved->octets.data() + carved->octets.size());
  EXPECT_EQ(CMS_get1_certs(parsed.get()), nullptr);
  EXPECT_EQ(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(parsed.get())), 1);
  EXPECT_FALSE(carveSignedData(carved->octets)) << "there is nothing left to cut";
}

TEST(EmbeddedCertificates, ACutSignatureIsJudgedAsTheWholeOne) {
  const Sample sample;
  EXPECT_TRUE(SignedData(sample.cms, Content::kDetached, {"content"}, true).finding().passed());
  EXPECT_EQ(SignedData(sample.cms, Content::kDetached, {"contenT"}, true).finding().subIndication, "HASH_FAILURE");
}

TEST(EmbeddedCertificates, WhatIsNotPlainDerStaysWhole) {
  const Sample sample;
  core::Bytes longer = sample.cms;
  longer.push_back(0);
  EXPECT_FALSE(carveSignedData(longer));
  for (std::size_t size = 0; size < sample.cms.size(); size += 7) {
    EXPECT_FALSE(carveSignedData(core::BytesView(sample.cms).first(size))) << size;
  }
  // A certificate that does not parse: its version becomes an octet string.
  core::Bytes broken = sample.cms;
  const core::Bytes& certificate = sample.made.credential.certificate;
  const auto place = std::search(broken.begin(), broken.end(), certificate.begin(), certificate.end());
  ASSERT_NE(place, broken.end());
  constexpr std::uint8_t kVersion[] = {0xA0, 0x03, 0x02};
  const auto version = std::search(place, broken.end(), std::begin(kVersion), std::end(kVersion));
  ASSERT_NE(version, broken.end());
  version[2] = 0x04;
  EXPECT_FALSE(carveSignedData(broken));
  EXPECT_FALSE(carveOcspResponse(sample.cms));
  EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue was left full";
}

TEST(SharedCertificates, AreTheSameObjectAndOthersAreNot) {
  const Sample sample;
  const X509Handle one = shareCertificate(sample.made.credential.certificate);
  const X509Handle two = shareCertificate(sample.made.credential.certificate);
  const X509Handle other = shareCertificate(sample.made.credential.chain.at(0));
  ASSERT_TRUE(one && two && other);
  EXPECT_EQ(one.get(), two.get());
  EXPECT_NE(one.get(), other.get());
  core::Bytes longer = sample.made.credential.certificate;
  longer.push_back(0);
  EXPECT_FALSE(shareCertificate(longer));
}

}  // namespace
}  // namespace qianda::signing::verify
