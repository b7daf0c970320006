// Files written, signed and changed by PDFBox with Bouncy Castle: what is sound passes, what is not is named.
#include <gtest/gtest.h>

#include "signing/verify/verifier.h"
#include "tests/support/pki.h"

namespace qianda::signing {
namespace {

class PdfboxFiles : public testing::Test {
 protected:
  std::string write(std::vector<std::string> arguments) const {
    std::string path = "/usr/share/java";
    std::string classes;
    for (const char* jar : {"pdfbox2", "fontbox2", "commons-logging", "bcprov", "bcpkix", "bcutil"})
      classes += path + "/" + jar + ".jar:";
    std::vector<std::string> all{"java", "-Djava.awt.headless=true", "-cp", classes,
                                 QIANDA_SOURCE_DIR "/tests/support/PdfboxWriter.java"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const test::Output made = test::run(all);
    EXPECT_EQ(made.status, 0) << made.err;
    return arguments.at(arguments[0] == "make" ? 1 : 2);
  }
  std::string sign(const std::string& in, const std::string& out, const std::string& signer, const char* how) const {
    return write({"sign", in, folder_ / out, pki_ / (signer + ".p12"), pki_.passphrase(), how});
  }
  FileVerdict judge(const std::string& file) const {
    return Verifier(loadTrustAnchors({pki_ / "root.pem"})).verify(core::readFile(file), core::now());
  }

  const test::Pki pki_ = test::developmentPki();
  const test::TempFolder folder_;
};

TEST_F(PdfboxFiles, PassWhenSignedFilledAndSignedAgainAndFailWhenDrawnUpon) {
  const std::string plain = write({"make", folder_ / "plain.pdf"});
  const std::string once = sign(plain, "once.pdf", "employer-seal", "hidden");
  const std::string filled = write({"fill", once, folder_ / "filled.pdf", "note", "agreed"});
  const std::string twice = sign(filled, "twice.pdf", "worker", "visible");
  for (const std::string& file : {once, filled, twice}) {
    const FileVerdict verdict = judge(file);
    EXPECT_EQ(verdict.indication, Indication::kTotalPassed) << file << ": " << verdict.reason;
  }
  const FileVerdict last = judge(twice);
  ASSERT_EQ(last.signatures.size(), 2u);
  EXPECT_EQ(last.signatures[0].level, "PKCS7-B");
  EXPECT_EQ(last.signatures[0].modificationLevel, "FORM_FILLING");
  const FileVerdict drawn = judge(write({"draw", twice, folder_ / "drawn.pdf"}));
  EXPECT_EQ(drawn.indication, Indication::kTotalFailed) << drawn.reason;
  EXPECT_EQ(drawn.subIndication, "FORMAT_FAILURE");
  EXPECT_NE(drawn.reason.find("changed after signing"), std::string::npos) << drawn.reason;
}

}  // namespace
}  // namespace qianda::signing
