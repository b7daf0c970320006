#include "signing/cms/cades_signer.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ess.h>

#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"
#include "signing/pades/prepared_signature.h"
#include "tests/support/pki.h"

namespace qianda::signing {
namespace {

using core::Bytes;
using core::BytesView;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kContent = "the octets of both byte ranges";

using CmsHandle = core::Handle<CMS_ContentInfo, &CMS_ContentInfo_free>;
using StoreHandle = core::Handle<X509_STORE, &X509_STORE_free>;

CmsHandle parse(const Bytes& cms) {
  const unsigned char* cursor = cms.data();
  return CmsHandle(d2i_CMS_ContentInfo(nullptr, &cursor, static_cast<long>(cms.size())));
}

// OpenSSL's own verdict, chain and signing-certificate attribute included.
bool accepts(const Bytes& cms, std::string_view content, const Bytes& root) {
  const CmsHandle handle = parse(cms);
  const StoreHandle store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), parseCertificate(root).get());
  // Behind a filter, as CMS_verify of OpenSSL 3.0 makes a BIO of its own from memory and loses it on some errors.
  const BioHandle memory(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  const BioHandle input(BIO_push(BIO_new(BIO_f_null()), memory.get()));
  BIO_up_ref(memory.get());  // the chain is freed as one
  const bool answer =
      handle && CMS_verify(handle.get(), nullptr, store.get(), input.get(), nullptr, CMS_BINARY | CMS_CADES) == 1;
  ERR_clear_error();
  return answer;
}

Bytes signContent(const CadesSigner& signer) {
  Bytes cms;
  signer.sign(digestOf(signer.credential().key->digest(), core::viewOf(kContent)), cms);
  return cms;
}

class CadesOfKind : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Cades, CadesOfKind, testing::Values("p256", "p384", "rsa2048", "rsa3072"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(CadesOfKind, OpensslAcceptsItAndNothingAltered) {
  const ThrowawayCredential made = makeThrowawayCredential(GetParam(), "珠海示例科技有限公司");
  const CadesSigner signer(made.credential);
  const Bytes cms = signContent(signer);
  EXPECT_TRUE(accepts(cms, kContent, made.root));
  EXPECT_FALSE(accepts(cms, "the octets of both byte rangeS", made.root));
  EXPECT_FALSE(accepts(cms, kContent, makeThrowawayCredential("p256", "B").root));
  EXPECT_LE(cms.size(), signer.maxSize());
  EXPECT_GE(cms.size() + 8, signer.maxSize()) << "maxSize() promises too much room";
}

TEST_P(CadesOfKind, OpensslCommandLineAccepts) {
  const test::Pki pki = test::developmentPki(GetParam());
  const test::TempFolder folder;
  const CadesSigner signer(loadPkcs12(pki / "employer-seal.p12", pki.passphrase()));
  const Bytes cms = signContent(signer);
  core::writeFile(folder / "content", kContent);
  core::writeFile(folder / "tampered", "the octets of both byte ranges.");
  core::writeFile(folder / "cms", core::textOf(cms));
  const auto verify = [&](const char* content, const std::filesystem::path& root) {
    return test::run({"openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", folder / "cms",
                      "-content", folder / content, "-CAfile", root, "-out", "/dev/null"});
  };
  EXPECT_EQ(verify("content", pki / "root.pem").status, 0) << verify("content", pki / "root.pem").err;
  EXPECT_NE(verify("tampered", pki / "root.pem").status, 0);
  EXPECT_NE(verify("content", pki / "not-trusted-root.pem").status, 0);
}

TEST(Cades, EveryAlteredOctetOfCertificatesAttributesAndSignatureIsRefused) {
  const ThrowawayCredential made = makeThrowawayCredential("p256", "A");
  const Bytes cms = signContent(CadesSigner(made.credential));
  const auto certificates =
      std::search(cms.begin(), cms.end(), made.credential.certificate.begin(), made.credential.certificate.end());
  ASSERT_NE(certificates, cms.end());
  std::vector<std::size_t> accepted;
  for (std::size_t i = 0; i < cms.size(); ++i) {
    Bytes altered = cms;
    altered[i] ^= 0x01;
    if (accepts(altered, kContent, made.root)) accepted.push_back(i);
  }
  // What no signature protects and OpenSSL does not compare: version numbers, the list of digest algorithms in front of
  // the certificates, and the identifier of the signature's algorithm.
  const Bytes ecdsa = core::fromHex("06082a8648ce3d040302");
  const auto algorithm =
      static_cast<std::size_t>(std::find_end(cms.begin(), cms.end(), ecdsa.begin(), ecdsa.end()) - cms.begin());
  const auto firstCertificate = static_cast<std::size_t>(
      std::min(certificates,
               std::search(cms.begin(), cms.end(), made.credential.chain[0].begin(), made.credential.chain[0].end())) -
      cms.begin());
  std::erase_if(accepted, [&](std::size_t at) {
    const bool version = at >= 2 && cms[at - 2] == 0x02 && cms[at - 1] == 0x01;
    return version || at < firstCertificate || (at >= algorithm && at < algorithm + ecdsa.size());
  });
  EXPECT_THAT(accepted, testing::IsEmpty());
}

TEST(Cades, HasThePartsOfBaselineBAndNoOthers) {
  const ThrowawayCredential made = makeThrowawayCredential("p384", "A");
  Credential credential = made.credential;
  credential.chain.push_back(made.root);
  const Bytes cms = signContent(CadesSigner(credential));
  const CmsHandle handle = parse(cms);
  ASSERT_TRUE(handle);
  STACK_OF(CMS_SignerInfo)* infos = CMS_get0_SignerInfos(handle.get());
  ASSERT_EQ(sk_CMS_SignerInfo_num(infos), 1);
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(infos, 0);
  EXPECT_EQ(CMS_signed_get_attr_count(info), 3);
  EXPECT_EQ(CMS_unsigned_get_attr_count(info), -1);
  EXPECT_GE(CMS_signed_get_attr_by_NID(info, NID_pkcs9_contentType, -1), 0);
  EXPECT_GE(CMS_signed_get_attr_by_NID(info, NID_pkcs9_messageDigest, -1), 0);
  EXPECT_GE(CMS_signed_get_attr_by_NID(info, NID_id_smime_aa_signingCertificateV2, -1), 0);
  EXPECT_LT(CMS_signed_get_attr_by_NID(info, NID_pkcs9_signingTime, -1), 0);
  EXPECT_EQ(*CMS_get0_content(handle.get()), nullptr) << "not detached";
  // The signer and its issuing CA; the root stays with whoever trusts it.
  STACK_OF(X509)* embedded = CMS_get1_certs(handle.get());
  EXPECT_EQ(sk_X509_num(embedded), 2);
  sk_X509_pop_free(embedded, X509_free);
  // DER: OpenSSL's own encoding of what it read is the same octets.
  unsigned char* again = nullptr;
  const int size = i2d_CMS_ContentInfo(handle.get(), &again);
  EXPECT_EQ(Bytes(again, again + size), cms);
  OPENSSL_free(again);
}

TEST(Cades, NamesTheAlgorithmsAsRfc5754Asks) {
  const auto algorithmsOf = [](const char* kind) {
    const Bytes cms = signContent(CadesSigner(makeThrowawayCredential(kind, "A").credential));
    const CmsHandle handle = parse(cms);
    X509_ALGOR *digest = nullptr, *signature = nullptr;
    CMS_SignerInfo_get0_algs(sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(handle.get()), 0), nullptr, nullptr, &digest,
                             &signature);
    const auto describe = [](const X509_ALGOR* algorithm) {
      const ASN1_OBJECT* object = nullptr;
      int type = 0;
      X509_ALGOR_get0(&object, &type, nullptr, algorithm);
      return std::string(OBJ_nid2sn(OBJ_obj2nid(object))) + (type == V_ASN1_NULL    ? " NULL"
                                                             : type == V_ASN1_UNDEF ? ""
                                                                                    : " ?");
    };
    return describe(digest) + ", " + describe(signature);
  };
  EXPECT_EQ(algorithmsOf("p256"), "SHA256, ecdsa-with-SHA256");
  EXPECT_EQ(algorithmsOf("p384"), "SHA384, ecdsa-with-SHA384");
  EXPECT_EQ(algorithmsOf("rsa2048"), "SHA256, rsaEncryption NULL");
}

TEST(Cades, SigningCertificateV2NamesHashAndIssuerOfTheSigner) {
  const ThrowawayCredential made = makeThrowawayCredential("p256", "A");
  const CmsHandle handle = parse(signContent(CadesSigner(made.credential)));
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(handle.get()), 0);
  const X509_ATTRIBUTE* attribute =
      CMS_signed_get_attr(info, CMS_signed_get_attr_by_NID(info, NID_id_smime_aa_signingCertificateV2, -1));
  const ASN1_STRING* value = X509_ATTRIBUTE_get0_type(const_cast<X509_ATTRIBUTE*>(attribute), 0)->value.sequence;
  const Bytes der(ASN1_STRING_get0_data(value), ASN1_STRING_get0_data(value) + ASN1_STRING_length(value));
  const unsigned char* cursor = der.data();
  const core::Handle<ESS_SIGNING_CERT_V2, &ESS_SIGNING_CERT_V2_free> read(
      d2i_ESS_SIGNING_CERT_V2(nullptr, &cursor, static_cast<long>(der.size())));
  ASSERT_TRUE(read);
  const X509Handle signer = parseCertificate(made.credential.certificate);
  const core::Handle<ESS_SIGNING_CERT_V2, &ESS_SIGNING_CERT_V2_free> expected(
      OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), signer.get(), nullptr, 1));
  unsigned char* expectedDer = nullptr;
  const int size = i2d_ESS_SIGNING_CERT_V2(expected.get(), &expectedDer);
  EXPECT_EQ(core::toHex(der), core::toHex({expectedDer, static_cast<std::size_t>(size)}));
  OPENSSL_free(expectedDer);
}

TEST(Cades, TenThousandEcSignaturesVaryInLengthAndFit) {
  const ThrowawayCredential made = makeThrowawayCredential("p256", "A");
  const CadesSigner signer(made.credential);
  std::set<std::size_t> sizes;
  Bytes cms;
  SignatureDictionaryFields fields;
  fields.contentsOctets = signer.maxSize();
  const SignatureDictionary dictionary = writeSignatureDictionary(fields);
  std::string tail = dictionary.bytes;
  const PreparedSignature prepared = prepare(HashState(DigestAlgorithm::kSha256), 0, tail, 0, dictionary);
  for (int i = 0; i < 10000; ++i) {
    const std::string content = std::to_string(i);
    signer.sign(digestOf(DigestAlgorithm::kSha256, core::viewOf(content)), cms);
    ASSERT_LE(cms.size(), signer.maxSize());
    ASSERT_NO_THROW(complete(tail, prepared, cms));
    sizes.insert(cms.size());
    if (i % 100 == 0) {
      ASSERT_TRUE(accepts(cms, content, made.root)) << i;
    }
  }
  EXPECT_GE(sizes.size(), 3u) << "ECDSA signatures that do not vary are not random";
  EXPECT_GE(*sizes.rbegin() + 1, signer.maxSize());
}

TEST(Cades, RefusesADigestOfAnotherLength) {
  const CadesSigner signer(makeThrowawayCredential("p384", "A").credential);
  Bytes cms;
  EXPECT_THROW(signer.sign(Bytes(32), cms), core::Error);
}

}  // namespace
}  // namespace qianda::signing
