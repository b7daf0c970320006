// Every bench runs with a small count, has the fields it promises, and verifies what it made. No times are asserted:
// only that rates were measured at all and that ratios are made of them.
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

double real(const Json& object, const std::string& key) { return object->getValue<double>(key); }

Json bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  arguments.push_back("--json");
  const Output output = qianda(arguments);
  EXPECT_EQ(output.status, 0) << output.err;
  return jsonObject(output.out);
}

class BenchSign : public testing::TestWithParam<std::pair<const char*, const char*>> {};
INSTANTIATE_TEST_SUITE_P(Keys, BenchSign,
                         testing::Values(std::pair("p256", "ecdsa-with-SHA256 (P-256)"),
                                         std::pair("rsa2048", "sha256WithRSAEncryption (RSA-2048)"),
                                         std::pair("sm2", "SM2-with-SM3")),
                         [](const auto& parameter) { return std::string(parameter.param.first); });

TEST_P(BenchSign, SignsAndVerifiesTheSample) {
  const Json object = bench({"sign", "--key", GetParam().first, "--count", "20", "--threads", "2"});
  EXPECT_EQ(text(object, "signature_algorithm"), GetParam().second);
  EXPECT_EQ(number(object, "documents"), 20u);
  EXPECT_EQ(number(object, "verified"), 20u);
  EXPECT_EQ(number(object, "file_pages"), 6u);
  EXPECT_EQ(number(object, "file_objects"), 37u);
  EXPECT_GT(number(object, "file_bytes"), 70'000u);
  EXPECT_LT(number(object, "file_bytes"), 85'000u);
  EXPECT_GT(number(object, "signed_bytes"), number(object, "file_bytes"));
  for (const char* rate : {"documents_per_second_per_core", "raw_signs_per_second_per_core",
                           "key_signs_per_second_per_core", "hash_megabytes_per_second", "efficiency", "share_of_bound",
                           "bound_documents_per_second_per_core", "documents_per_cpu_second", "cpu_share_of_bound"}) {
    EXPECT_GT(real(object, rate), 0) << rate;
  }
}

TEST(Bench, SignsAFileOfOthers) {
  const TempFolder folder;
  const Output made = qianda({"template", "preview", "labour-general", "--out", folder / "contract.pdf"});
  ASSERT_EQ(made.status, 0) << made.err;
  const Json object = bench({"sign", "--file", folder / "contract.pdf", "--count", "8"});
  EXPECT_EQ(number(object, "verified"), 8u);
  EXPECT_EQ(number(object, "file_bytes"), std::filesystem::file_size(folder / "contract.pdf"));
}

TEST(Bench, RefusesWhatIsNoPdf) {
  const TempFolder folder;
  core::writeFile(folder / "no.pdf", "not a PDF");
  EXPECT_EQ(qianda({"bench", "sign", "--file", folder / "no.pdf", "--count", "1"}).status, 1);
}

class BenchVerify : public testing::TestWithParam<std::pair<const char*, const char*>> {};
INSTANTIATE_TEST_SUITE_P(Levels, BenchVerify,
                         testing::Values(std::pair("p256", "B-B"), std::pair("p256", "B-LTA"),
                                         std::pair("sm2", "B-LTA"), std::pair("rsa2048", "B-T")),
                         [](const auto& parameter) {
                           const std::string level = parameter.param.second;
                           return std::string(parameter.param.first) + "_" + level.substr(2);
                         });

TEST_P(BenchVerify, VerifiesItsSample) {
  const auto [key, level] = GetParam();
  const Json object = bench({"verify", "--key", key, "--level", level, "--count", "6"});
  EXPECT_EQ(text(object, "indication"), "TOTAL_PASSED");
  EXPECT_EQ(text(object, "level"), "PAdES-BASELINE-" + std::string(level).substr(2));
  EXPECT_EQ(number(object, "files"), 6u);
  EXPECT_EQ(number(object, "verified"), 6u);
  for (const char* rate : {"files_per_second_per_core", "raw_verifications_per_second_per_core",
                           "raw_verifications_per_file", "hash_megabytes_per_second", "qianda_verify_seconds"}) {
    EXPECT_GT(real(object, rate), 0) << rate;
  }
  // pdfsig knows no SM2.
  if (std::string(key) != "sm2") {
    EXPECT_GT(real(object, "times_pdfsig"), 0);
  }
}

TEST(Bench, GivesTimestampsInThisProcessAndOverHttp) {
  const Json object = bench({"timestamp", "--count", "40", "--delay", "1"});
  for (const char* rate : {"tokens_per_second_per_core", "raw_signs_per_second_per_core", "efficiency"}) {
    EXPECT_GT(real(object, rate), 0) << rate;
  }
  for (const char* table : {"http", "http_far_away"}) {
    const JsonList rows = object->getArray(table);
    ASSERT_EQ(rows->size(), 3u) << table;
    const std::uint64_t clients[] = {1, 8, 32};
    for (unsigned i = 0; i < 3; ++i) {
      EXPECT_EQ(number(rows->getObject(i), "clients"), clients[i]);
      EXPECT_GT(real(rows->getObject(i), "tokens_per_second"), 0);
      EXPECT_GT(real(rows->getObject(i), "ratio_to_raw_signs"), 0);
    }
  }
}

TEST(Bench, BatchesTakeSm2Keys) {
  const TempFolder folder;
  const Json object = bench({"batch", "--key", "sm2", "--count", "12", "--folder", folder.path()});
  EXPECT_EQ(text(object, "signature_algorithm"), "SM2-with-SM3");
  EXPECT_EQ(number(object, "verified"), 12u);
  EXPECT_GT(real(object, "key_signs_per_second_per_core"), 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the bench left something behind";
}

}  // namespace
}  // namespace qianda::test
