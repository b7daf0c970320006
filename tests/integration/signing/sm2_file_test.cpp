// SM2 signatures in PDFs, judged by Bouncy Castle, by OpenSSL's own SM2 over the signed attributes, and by us; beside
// an independent RSA or ECDSA signature that general readers take.
#include <sstream>

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "core/file.h"
#include "signing/asn1/der.h"
#include "signing/keys/x509.h"
#include "signing/pades/revision_writer.h"
#include "signing/pdf/signature_fields.h"
#include "signing/verify/byte_range.h"
#include "signing/verify/signed_data.h"
#include "tests/support/plain_pdf.h"
#include "tests/support/process.h"

namespace qianda::signing {
namespace {

struct Extracted {
  core::Bytes cms;
  std::string content;
};

Extracted extract(const std::string& pdf, const std::string& field) {
  auto opened = pdf::Document::open(pdf);
  pdf::Document& document = std::get<pdf::Document>(opened);
  for (const pdf::SignatureField& one : pdf::listSignatureFields(document)) {
    if (one.name != field) continue;
    const verify::Coverage coverage =
        verify::judgeCoverage(document, document.get(document.object(one.reference.number), "V"));
    EXPECT_EQ(coverage.problem, "");
    return {coverage.cms,
            pdf.substr(0, coverage.gapBegin) + pdf.substr(coverage.gapEnd, coverage.end - coverage.gapEnd)};
  }
  ADD_FAILURE() << "no field " << field;
  return {};
}

std::string sign(const std::string& pdf, const ThrowawayCredential& key, const std::string& field,
                 CmsProfile profile = CmsProfile::kPkcs) {
  RevisionRequest request;
  request.field = field;
  request.signedAt = core::now();
  return signPdf(pdf, request, CadesSigner(key.credential, {profile, nullptr}));
}

struct Parties {
  ThrowawayCredential sm2 = makeThrowawayCredential("sm2", "珠海示例科技有限公司");
  ThrowawayCredential rsa = makeThrowawayCredential("rsa2048", "珠海示例科技有限公司");
  FileVerdict judge(const std::string& pdf) const { return Verifier({{sm2.root, rsa.root}}).verify(pdf, core::now()); }
};

const Parties& parties() {
  static const Parties made;
  return made;
}

std::vector<std::string> askBouncyCastle(const std::vector<Extracted>& signatures) {
  const test::TempFolder folder;
  std::string path = "/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar";
  std::vector<std::string> arguments{"java", "-cp", path, QIANDA_SOURCE_DIR "/tests/support/BouncyCastleJudge.java"};
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const std::string name = std::to_string(i);
    core::writeFile(folder / (name + ".cms"), core::textOf(signatures[i].cms));
    core::writeFile(folder / (name + ".bin"), signatures[i].content);
    arguments.push_back(folder / (name + ".cms"));
    arguments.push_back(folder / (name + ".bin"));
  }
  const test::Output output = test::run(arguments);
  EXPECT_EQ(output.status, 0) << output.err;
  std::vector<std::string> lines;
  std::istringstream text(output.out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(Sm2File, PassesInBothArcsAndNamesItsAlgorithm) {
  for (CmsProfile profile : {CmsProfile::kPkcs, CmsProfile::kGbt35275}) {
    const std::string pdf = sign(test::plainPdf(), parties().sm2, "employer", profile);
    const FileVerdict verdict = parties().judge(pdf);
    EXPECT_EQ(verdict.indication, Indication::kTotalPassed) << verdict.reason;
    ASSERT_EQ(verdict.signatures.size(), 1u);
    EXPECT_EQ(verdict.signatures[0].algorithm, "SM2-with-SM3");
    EXPECT_EQ(verdict.signatures[0].level, "PAdES-BASELINE-B");
    const core::Bytes type =
        der::objectIdentifier(profile == CmsProfile::kPkcs ? "1.2.840.113549.1.7.2" : "1.2.156.10197.6.1.4.2.2");
    const core::Bytes cms = extract(pdf, "employer").cms;
    EXPECT_NE(std::search(cms.begin(), cms.begin() + 32, type.begin(), type.end()), cms.begin() + 32);
  }
}

TEST(Sm2File, OutsideJudgesAcceptItAndRefuseItsTwin) {
  const std::string pdf = sign(test::plainPdf(), parties().sm2, "employer");
  const Extracted sound = extract(pdf, "employer");
  Extracted otherContent = sound, otherSignature = sound;
  otherContent.content[100] ^= 1;
  otherSignature.cms.back() ^= 1;
  const auto answers = askBouncyCastle({sound, otherContent, otherSignature});
  EXPECT_EQ(answers.at(0), "valid 1.2.156.10197.1.401 1.2.156.10197.1.501");
  EXPECT_TRUE(answers.at(1).starts_with("invalid")) << answers.at(1);
  EXPECT_TRUE(answers.at(2).starts_with("invalid")) << answers.at(2);
}

TEST(Sm2File, OpensslVerifiesTheSignedAttributesOfBothArcs) {
  const test::TempFolder folder;
  const X509Handle certificate = parseCertificate(parties().sm2.credential.certificate);
  const BioHandle out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), X509_get0_pubkey(certificate.get()));
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  core::writeFile(folder / "key.pem", std::string_view(text, static_cast<std::size_t>(size)));
  for (CmsProfile profile : {CmsProfile::kPkcs, CmsProfile::kGbt35275}) {
    const Extracted made = extract(sign(test::plainPdf(), parties().sm2, "employer", profile), "employer");
    const verify::SignedData data(made.cms, verify::Content::kDetached, {made.content}, true);
    ASSERT_TRUE(data.finding().passed()) << data.finding().reason;
    core::writeFile(folder / "signature", core::textOf(data.signatureValue()));
    core::writeFile(folder / "attributes", core::textOf(data.signedAttributes()));
    std::vector<std::string> ask{"openssl",
                                 "dgst",
                                 "-sm3",
                                 "-verify",
                                 folder / "key.pem",
                                 "-sigopt",
                                 "distid:1234567812345678",
                                 "-signature",
                                 folder / "signature",
                                 folder / "attributes"};
    EXPECT_EQ(test::run(ask).status, 0);
    std::string changed(core::textOf(data.signedAttributes()));
    changed.back() ^= 1;
    core::writeFile(folder / "attributes", changed);
    EXPECT_NE(test::run(ask).status, 0);
  }
}

TEST(Sm2File, TwoIndependentFieldsServeBothWorlds) {
  const std::string once = sign(test::plainPdf(), parties().rsa, "employer");
  const std::string twice = sign(once, parties().sm2, "employer-sm2");
  const FileVerdict verdict = parties().judge(twice);
  EXPECT_EQ(verdict.indication, Indication::kTotalPassed) << verdict.reason;
  ASSERT_EQ(verdict.signatures.size(), 2u);
  EXPECT_EQ(verdict.signatures[0].algorithm, "sha256WithRSAEncryption");
  EXPECT_EQ(verdict.signatures[1].algorithm, "SM2-with-SM3");
  const test::TempFolder folder;
  core::writeFile(folder / "both.pdf", twice);
  EXPECT_EQ(test::run({"qpdf", "--check", folder / "both.pdf"}).status, 0);
  EXPECT_NE(test::run({"pdfsig", "-nocert", folder / "both.pdf"}).out.find("Signature is Valid."), std::string::npos);
}

TEST(Sm2File, TamperedTwinsFail) {
  const std::string pdf = sign(test::plainPdf(), parties().sm2, "employer");
  std::string content = pdf;
  content[content.find("stream") + 10] ^= 1;
  EXPECT_EQ(parties().judge(content).subIndication, "HASH_FAILURE");
  std::string value = pdf;
  const std::string hex = core::toHex(extract(pdf, "employer").cms);
  const std::size_t end = value.find(hex) + hex.size() - 1;
  value[end] = value[end] == '0' ? '1' : '0';
  EXPECT_EQ(parties().judge(value).subIndication, "SIG_CRYPTO_FAILURE");
  EXPECT_EQ(parties().judge(value).indication, Indication::kTotalFailed);
}

TEST(Sm2File, OnlySm2KeysMakeTheChineseArc) {
  EXPECT_THROW(CadesSigner(parties().rsa.credential, {CmsProfile::kGbt35275, nullptr}), core::Error);
}

}  // namespace
}  // namespace qianda::signing
