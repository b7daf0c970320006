// The words of a verification report: none is missing for what the verifier may say.
#include "contracts/evidence/report_words.h"

#include <filesystem>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "core/file.h"

namespace qianda::contracts {
namespace {

// The sub-indications in the verifier's own source.
std::set<std::string> saidByTheVerifier() {
  const std::regex call("(?:failed|doubtful)\\(\\s*\"([A-Z_]+)\"");
  std::set<std::string> said;
  for (const auto& entry : std::filesystem::directory_iterator(QIANDA_SOURCE_DIR "/signing/verify")) {
    const std::string source = core::readFile(entry.path());
    for (std::sregex_iterator found(source.begin(), source.end(), call), end; found != end; ++found)
      said.insert((*found)[1]);
  }
  return said;
}

TEST(ReportWords, ExplainEverySubIndicationInBothLanguages) {
  const std::set<std::string> said = saidByTheVerifier();
  ASSERT_GT(said.size(), 10u);
  for (const std::string& one : said) {
    EXPECT_FALSE(explanationOf(one).zh.empty()) << one;
    EXPECT_FALSE(explanationOf(one).en.empty()) << one;
  }
  EXPECT_TRUE(explanationOf("NO_SUCH_INDICATION").zh.empty());
}

TEST(ReportWords, NameLevelsOfEveryKind) {
  for (const char* level :
       {"PAdES-BASELINE-B", "PAdES-BASELINE-T", "PAdES-BASELINE-LT", "PAdES-BASELINE-LTA", "PKCS7-LTA"})
    EXPECT_FALSE(levelWords(level).zh.empty()) << level;
  EXPECT_NE(levelWords("PAdES-BASELINE-LT").zh, levelWords("PAdES-BASELINE-LTA").zh);
}

TEST(ReportWords, SentencesKeepTheNamesInThem) {
  EXPECT_EQ(chineseOf("the document's octets are not those that were signed"), "文件内容与签署时不一致");
  EXPECT_EQ(chineseOf("its timestamp: the timestamp is not over these octets"),
            "其时间戳：时间戳不是对这些内容加盖的：内容在加盖之后发生了变化");
  EXPECT_EQ(chineseOf("changed after signing: page object 7 changed its /Contents"),
            "签署后发生了不被允许的改动：页面被改动，页面对象 7 的 /Contents");
  EXPECT_EQ(chineseOf("changed after signing: something nobody foresaw"),
            "签署后发生了不被允许的改动：something nobody foresaw");
  EXPECT_EQ(chineseOf("the field 乙方 was added, visible on page object 7, 1200 mm2"),
            "增加了域 乙方，在页面上可见（页面对象、面积）：7, 1200 mm2");
  EXPECT_EQ(chineseOf("the field 备注 was filled in: Contents"), "填写了域 备注：Contents");
  EXPECT_EQ(chineseOf("the certificate of 某公司 is not signed by its issuer"),
            "证书不是由其颁发者签发的（被改动或伪造）：某公司");
  EXPECT_EQ(chineseOf("the certificate of "), "");
  EXPECT_EQ(chineseOf("a sentence nobody wrote"), "");
}

}  // namespace
}  // namespace qianda::contracts
