// Appended revisions and their verdicts: sound files by outside judges, and the tampered twins that must fail.
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "signing/keys/x509.h"
#include "signing/pades/revision_writer.h"
#include "signing/verify/verifier.h"
#include "tests/support/pki.h"
#include "tests/support/plain_pdf.h"
#include "tests/support/process.h"

namespace qianda::signing {
namespace {

using test::TempFolder;

struct Signer {
  ThrowawayCredential throwaway;
  CadesSigner cades;
  explicit Signer(const char* kind = "p256", const std::string& name = "示例公司")
      : throwaway(makeThrowawayCredential(kind, name)), cades(throwaway.credential) {}
};

const Signer& employer() {
  static const Signer signer;
  return signer;
}
const Signer& worker() {
  static const Signer signer("rsa2048", "示例劳动者");
  return signer;
}

FileVerdict judge(const std::string& pdf) {
  return Verifier({{employer().throwaway.root, worker().throwaway.root}}).verify(pdf, core::now());
}

std::string sign(const std::string& pdf, const Signer& signer = employer(), RevisionRequest request = {}) {
  request.signedAt = core::now();
  return signPdf(pdf, request, signer.cades);
}

std::string qpdf(const TempFolder& folder, const std::string& pdf, const std::vector<std::string>& options) {
  core::writeFile(folder / "in.pdf", pdf);
  std::vector<std::string> arguments{"qpdf"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(folder / "in.pdf");
  arguments.push_back(folder / "out.pdf");
  EXPECT_EQ(test::run(arguments).status, 0);
  return core::readFile(folder / "out.pdf");
}

void expectOutsideJudgesAccept(const std::string& pdf, int signatures) {
  const TempFolder folder;
  core::writeFile(folder / "signed.pdf", pdf);
  const test::Output check = test::run({"qpdf", "--check", folder / "signed.pdf"});
  EXPECT_EQ(check.status, 0) << check.out << check.err;
  EXPECT_EQ(check.err.find("WARNING"), std::string::npos) << check.err;
  const std::string verdict = test::run({"pdfsig", "-nocert", folder / "signed.pdf"}).out;
  std::size_t valid = 0;
  for (std::size_t at = verdict.find("Signature is Valid."); at != std::string::npos;
       at = verdict.find("Signature is Valid.", at + 1)) {
    ++valid;
  }
  EXPECT_EQ(valid, static_cast<std::size_t>(signatures)) << verdict;
}

// Replaces the first occurrence; the lengths must agree so that offsets stay.
std::string altered(std::string pdf, const std::string& from, const std::string& to) {
  const std::size_t at = pdf.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return pdf.replace(at, from.size(), to);
}

void expectFailure(const std::string& pdf, const std::string& subIndication, const std::string& words = "") {
  const FileVerdict verdict = judge(pdf);
  EXPECT_EQ(verdict.indication, Indication::kTotalFailed) << verdict.reason;
  EXPECT_EQ(verdict.subIndication, subIndication) << verdict.reason;
  EXPECT_NE(verdict.reason.find(words), std::string::npos) << verdict.reason;
}

}  // namespace

TEST(Revision, SignsFilesOfEveryStructureAndTouchesNoEarlierOctet) {
  const TempFolder folder;
  const std::string plain = test::plainPdf();
  const std::pair<const char*, std::string> inputs[] = {
      {"classic", plain},
      {"no final newline", plain.substr(0, plain.size() - 1)},
      {"object streams", qpdf(folder, plain, {"--object-streams=generate"})},
      {"linearised", qpdf(folder, plain, {"--linearize"})},
      {"linearised with object streams", qpdf(folder, plain, {"--linearize", "--object-streams=generate"})},
      {"form of its own", test::plainPdf("/Annots[]", "/AcroForm<</Fields[]>>")}};
  for (const auto& [name, input] : inputs) {
    SCOPED_TRACE(name);
    const std::string once = sign(input);
    EXPECT_TRUE(once.starts_with(input));
    expectOutsideJudgesAccept(once, 1);
    EXPECT_EQ(judge(once).indication, Indication::kTotalPassed) << judge(once).reason;
    const std::string twice = sign(once, worker());
    EXPECT_TRUE(twice.starts_with(once));
    expectOutsideJudgesAccept(twice, 2);
    const FileVerdict verdict = judge(twice);
    EXPECT_EQ(verdict.indication, Indication::kTotalPassed) << verdict.reason;
    ASSERT_EQ(verdict.signatures.size(), 2u);
    EXPECT_TRUE(verdict.signatures[0].modifiedAfter);
    EXPECT_EQ(verdict.signatures[0].modificationLevel, "FORM_FILLING");
    EXPECT_FALSE(verdict.signatures[1].modifiedAfter);
  }
}

TEST(Revision, ShowsASealOnTurnedPages) {
  for (const char* rotation : {"0", "90", "180", "270"}) {
    RevisionRequest request;
    request.visible =
        VisibleSignature{0, 10, 10, appearanceOf(drawSeal({SealKind::kCompany, "珠海示例科技有限公司", true}))};
    const std::string pdf = sign(test::plainPdf("/Rotate " + std::string(rotation)), employer(), request);
    expectOutsideJudgesAccept(pdf, 1);
  }
}

TEST(Revision, RefusesWhatItMustNotTouch) {
  const TempFolder folder;
  const std::string encrypted = qpdf(folder, test::plainPdf(), {"--encrypt", "", "owner", "256", "--"});
  EXPECT_THROW(sign(encrypted), core::Error);
  EXPECT_THROW(sign("not a PDF"), core::Error);
  std::string damaged = test::plainPdf();
  damaged.replace(damaged.rfind("startxref"), 12, "startxref\n99");
  EXPECT_THROW(sign(damaged), core::Error);
  RevisionRequest request;
  request.field = "worker";
  const std::string once = sign(test::plainPdf(), employer(), request);
  EXPECT_THROW(sign(once, worker(), request), core::Error);  // already signed
  request = {};
  request.visible = VisibleSignature{7, 0, 0, appearanceOf(drawSeal({SealKind::kCompany, "示例", true}))};
  EXPECT_THROW(sign(test::plainPdf(), employer(), request), core::Error);  // no such page
}

TEST(Verdict, NamesWhatIsMissing) {
  const std::string pdf = sign(test::plainPdf());
  EXPECT_EQ(judge(test::plainPdf()).subIndication, "NO_SIGNATURE_FOUND");
  EXPECT_EQ(judge("hello").subIndication, "FORMAT_FAILURE");
  const FileVerdict unanchored = Verifier({}).verify(pdf, core::now());
  EXPECT_EQ(unanchored.indication, Indication::kIndeterminate);
  EXPECT_EQ(unanchored.subIndication, "NO_CERTIFICATE_CHAIN_FOUND");
  const FileVerdict stranger = Verifier({{worker().throwaway.root}}).verify(pdf, core::now());
  EXPECT_EQ(stranger.subIndication, "NO_CERTIFICATE_CHAIN_FOUND");
  const FileVerdict late = Verifier({{employer().throwaway.root}}).verify(pdf, core::now() + std::chrono::days(20000));
  EXPECT_EQ(late.indication, Indication::kIndeterminate);
  EXPECT_EQ(late.subIndication, "OUT_OF_BOUNDS_NO_POE");
}

TEST(Verdict, TamperedTwinsFail) {
  const std::string pdf = sign(test::plainPdf());
  expectFailure(altered(pdf, "20 20 60 60 re", "20 20 60 61 re"), "HASH_FAILURE");
  expectFailure(altered(pdf, "/ByteRange", "/ByteRanje"), "FORMAT_FAILURE");
  expectFailure(altered(pdf, "/ByteRange [0 ", "/ByteRange [1 "), "FORMAT_FAILURE");
  expectFailure(altered(pdf, "/Contents <", "/Kontents <"), "FORMAT_FAILURE");
  expectFailure(pdf + "more", "FORMAT_FAILURE", "belong to no revision");
}

TEST(Verdict, LaterChangesAreNamed) {
  const std::string pdf = sign(test::plainPdf());
  const auto attack = [&](int number, const std::string& body) {
    return test::appendRevision(pdf, {{number, body}}, 20);
  };
  expectFailure(attack(4, "<</Length 9>>\nstream\n0 0 9 9 re\nendstream"), "FORMAT_FAILURE", "object 4");
  expectFailure(attack(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R>>"), "FORMAT_FAILURE",
                "page");
  expectFailure(attack(2, "<</Type/Pages/Kids[]/Count 0>>"), "FORMAT_FAILURE", "object 2");
  expectFailure(attack(1, "<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]/AcroForm<</Fields[6 0 R]/SigFlags 3>>>>"),
                "FORMAT_FAILURE");
  expectFailure(test::appendRevision(pdf,
                                     {{3,
                                       "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Resources<<>>/Contents 4 0 R"
                                       "/Annots[6 0 R 10 0 R]>>"},
                                      {10, "<</Type/Annot/Subtype/FreeText/Rect[0 0 99 99]/Contents(no)>>"}},
                                     11),
                "FORMAT_FAILURE", "annotations");
}

// A universal property: no single altered octet may pass.
TEST(Verdict, NoAlteredOctetPasses) {
  const std::string pdf = sign(test::plainPdf());
  const std::size_t contents = pdf.find("/Contents <") + 11;
  const std::size_t closing = pdf.find('>', contents);
  for (std::size_t at = 0; at < pdf.size(); ++at) {
    std::string twin = pdf;
    twin[at] = static_cast<char>(twin[at] ^ 0x01);
    if (judge(twin).indication != Indication::kTotalPassed) continue;
    // Only the CMS's own unprotected version numbers may change without harm; nothing outside Contents.
    EXPECT_GT(at, contents) << "octet " << at << " " << twin.substr(at - 4, 12);
    EXPECT_LT(at, closing) << "octet " << at;
  }
}

}  // namespace qianda::signing
