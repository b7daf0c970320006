// The attack corpus of tests/data/attacks: each family makes its files anew (keys are drawn at run time) with the
// verdict and a part of the reason that each must get. Families "honest" and "styles" must pass.
#include <sstream>

#include <gtest/gtest.h>

#include "signing/verify/verifier.h"
#include "tests/support/process.h"

namespace qianda::signing {
namespace {

const char* const kFolder = QIANDA_SOURCE_DIR "/tests/data/attacks";

class Family : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Attacks, Family,
                         testing::Values("universal_forgery", "incremental_saving", "signature_wrapping", "shadow",
                                         "certified", "structure", "cms", "hostile", "honest", "styles"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(Family, GetsItsVerdicts) {
  const test::TempFolder folder;
  const test::Output made =
      test::run({"python3", "-B", std::string(kFolder) + "/make.py", GetParam(), folder.path().string()});
  ASSERT_EQ(made.status, 0) << made.err;
  const Verifier verifier(loadTrustAnchors({folder / "root.pem"}));
  std::istringstream table(core::readFile(folder / "expected.tsv"));
  std::size_t count = 0;
  for (std::string line; std::getline(table, line); ++count) {
    std::istringstream columns(line);
    std::string file, indication, sub, words;
    std::getline(columns, file, '\t');
    std::getline(columns, indication, '\t');
    std::getline(columns, sub, '\t');
    std::getline(columns, words);
    const std::string octets = core::readFile(folder / file);
    const FileVerdict verdict = verifier.verify(octets, core::now());
    EXPECT_EQ(nameOf(verdict.indication), indication) << file << ": " << verdict.reason;
    EXPECT_EQ(verdict.subIndication, sub) << file << ": " << verdict.reason;
    EXPECT_NE(verdict.reason.find(words), std::string::npos) << file << ": " << verdict.reason;
    EXPECT_EQ(verdict.reason.empty(), verdict.indication == Indication::kTotalPassed) << file;
    for (const SignatureVerdict& one : verdict.signatures) {
      EXPECT_EQ(one.subIndication.empty(), one.indication == Indication::kTotalPassed) << file << " " << one.field;
    }
  }
  EXPECT_GT(count, 5u);
}

// No family may stay untested.
TEST(Attacks, EveryFamilyIsInTheList) {
  std::size_t modules = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) modules += entry.path().extension() == ".py";
  EXPECT_EQ(modules, 10u + 3u);  // with pdf.py, der.py and make.py
}

}  // namespace
}  // namespace qianda::signing
