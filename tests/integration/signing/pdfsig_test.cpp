#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signing/cms/cades_signer.h"
#include "signing/pades/prepared_signature.h"
#include "tests/support/pki.h"
#include "tests/support/tiny_pdf.h"

namespace qianda::signing {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Pdfsig : public testing::TestWithParam<const char*> {
 protected:
  std::string signedFile(const std::string& signer) const {
    const CadesSigner cades(loadPkcs12(pki_ / (signer + ".p12"), pki_.passphrase()));
    const SignatureDictionary dictionary = writeSignatureDictionary(
        {core::now(), cades.credential().subjectName, "订立劳动合同", "Zhuhai (珠海)", cades.maxSize()});
    test::TinyPdf pdf = test::tinyPdf(dictionary.bytes);
    HashState state(cades.credential().key->digest());
    state.update(core::viewOf(pdf.prefix));
    const PreparedSignature prepared = prepare(state, pdf.prefix.size(), pdf.tail, pdf.dictionary, dictionary);
    core::Bytes cms;
    cades.sign(prepared.digest, cms);
    complete(pdf.tail, prepared, cms);
    return pdf.file();
  }
  std::string judge(const std::string& file) {
    core::writeFile(folder_ / "file.pdf", file);
    if (!std::filesystem::exists(folder_ / "nss")) test::trustInNss(folder_ / "nss", pki_ / "root.pem");
    return test::run({"pdfsig", "-nssdir", folder_ / "nss", folder_ / "file.pdf"}).out;
  }

  const test::Pki pki_ = test::developmentPki(GetParam());
  const test::TempFolder folder_;
};
INSTANTIATE_TEST_SUITE_P(Kinds, Pdfsig, testing::Values("p256", "p384", "rsa2048", "rsa3072"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(Pdfsig, CallsTheSignatureValidTheCertificateTrustedAndTheDocumentWhole) {
  const std::string file = signedFile("employer-seal");
  EXPECT_THAT(judge(file), AllOf(HasSubstr("Signature is Valid."), HasSubstr("Certificate is Trusted."),
                                 HasSubstr("Total document signed"), HasSubstr("ETSI.CAdES.detached"),
                                 HasSubstr("珠海示例科技有限公司")));
  EXPECT_EQ(test::run({"qpdf", "--check", folder_ / "file.pdf"}).status, 0);
}

TEST_P(Pdfsig, RefusesOneAlteredOctetBeforeOrBehindTheSignature) {
  const std::string file = signedFile("worker");
  EXPECT_THAT(judge(file), HasSubstr("Signature is Valid."));
  for (const char* place : {"MediaBox [0", "(Signature1"}) {
    std::string altered = file;
    altered[altered.find(place) + std::string(place).size() - 1] ^= 1;
    EXPECT_THAT(judge(altered), AllOf(Not(HasSubstr("Signature is Valid.")), HasSubstr("Digest Mismatch"))) << place;
  }
}

TEST_P(Pdfsig, DoesNotTrustStrangersNorTheExpired) {
  EXPECT_THAT(judge(signedFile("not-trusted")), Not(HasSubstr("Certificate is Trusted.")));
  EXPECT_THAT(judge(signedFile("expired")), HasSubstr("Certificate has Expired"));
}

}  // namespace
}  // namespace qianda::signing
