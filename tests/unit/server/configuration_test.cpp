#include "server/config/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_of.h"
#include "tests/support/process.h"

namespace qianda::server {
namespace {

using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Sources = Configuration::Sources;

std::string refusal(const Sources& sources) {
  return test::errorOf([&] { Configuration configuration(sources); }, core::ErrorCode::kUsage);
}

class ConfigurationFile : public testing::Test {
 protected:
  Sources withFile(const std::string& content) {
    core::writeFile(folder_ / "qianda.yaml", content);
    return {folder_ / "qianda.yaml", {}, {}};
  }
  std::string place(int line) { return (folder_ / "qianda.yaml").string() + ":" + std::to_string(line); }
  const test::TempFolder folder_;
};

TEST_F(ConfigurationFile, FlagsGoOverTheEnvironmentOverTheFileOverDefaults) {
  Sources sources = withFile("port: 1\nthreads: 2\nqueue: 3\n");
  sources.environment = {{"QIANDA_THREADS", "20"}, {"QIANDA_QUEUE", "30"}, {"PATH", "x"}, {"QIANDA_PKI", "elsewhere"}};
  sources.flags = {{"queue", "300"}};
  const Configuration configuration(sources);
  EXPECT_EQ(configuration.integer("port"), 1);
  EXPECT_EQ(configuration.integer("threads"), 20);
  EXPECT_EQ(configuration.integer("queue"), 300);
  EXPECT_EQ(configuration.text("listen"), "127.0.0.1");
  EXPECT_TRUE(configuration.isDefault("listen"));
  EXPECT_THAT(configuration.print(), HasSubstr("port: 1  # file " + place(1) + "\n"));
  EXPECT_THAT(configuration.print(), HasSubstr("threads: 20  # environment\n"));
  EXPECT_THAT(configuration.print(), HasSubstr("queue: 300  # flag\n"));
}

TEST_F(ConfigurationFile, WhatIsPrintedCanBeReadAgain) {
  const Configuration first(withFile("outbound-private: [a.example.cn, \"10.0.0.1:80\"]\nheader-time: 1500ms\n"));
  const Configuration second(withFile(first.print()));
  EXPECT_THAT(second.list("outbound-private"), ElementsAre("a.example.cn", "10.0.0.1:80"));
  EXPECT_EQ(second.duration("header-time"), 1500ms);
}

TEST_F(ConfigurationFile, UnknownKeysStopTheStartAndTheNearestIsNamed) {
  EXPECT_EQ(refusal(withFile("port: 1\nthread: 2\n")),
            place(2) + ": there is no setting thread; the nearest is threads");
  EXPECT_EQ(refusal({{}, {{"QIANDA_DATA_FOLDR", "x"}}, {}}),
            "environment: there is no setting QIANDA_DATA_FOLDR; the nearest is data-folder");
  EXPECT_EQ(refusal({{}, {}, {{"listn", "x"}}}), "flag: there is no setting --listn; the nearest is listen");
  EXPECT_EQ(refusal({{}, {{"QIANDA_data_folder", "x"}}, {}}),
            "environment: QIANDA_data_folder is written QIANDA_DATA_FOLDER");
}

TEST_F(ConfigurationFile, ValuesOfTheWrongKindNameTheirPlace) {
  EXPECT_EQ(refusal(withFile("\nport: many\n")), place(2) + ": port must be an integer, not \"many\"");
  EXPECT_EQ(refusal(withFile("port: 70000")),
            place(1) + ": port must be an integer between 0 and 65535, not \"70000\"");
  EXPECT_THAT(refusal(withFile("tls: yes")), HasSubstr("tls must be true or false, not \"yes\""));
  EXPECT_THAT(refusal(withFile("header-time: 5")), HasSubstr("header-time must be a duration like"));
  EXPECT_THAT(refusal(withFile("header-time: -5s")), HasSubstr("header-time must be a duration like"));
  EXPECT_THAT(refusal(withFile("body-memory: 9999999999999GiB")), HasSubstr("body-memory must be a size like"));
  EXPECT_THAT(refusal(withFile("log-level: loud")), HasSubstr("one of debug, info, warning, error, not \"loud\""));
  EXPECT_THAT(refusal(withFile("port: [1]")), HasSubstr("port is one value, not a list"));
  EXPECT_THAT(refusal(withFile("port: {a: 1}")), HasSubstr("port has no value"));
  EXPECT_THAT(refusal(withFile("port:")), HasSubstr("port has no value"));
  EXPECT_THAT(refusal({{}, {{"QIANDA_PORT", "x"}}, {}}), HasSubstr("environment QIANDA_PORT: port must be an integer"));
  EXPECT_THAT(refusal({{}, {}, {{"port", ""}}}), HasSubstr("flag --port: port must be an integer"));
}

TEST_F(ConfigurationFile, AFileIsAMapWithoutRepetition) {
  EXPECT_EQ(refusal(withFile("port: 1\nqueue: 2\nport: 3\n")), place(3) + ": port is already set at " + place(1));
  EXPECT_THAT(refusal(withFile("- port")), HasSubstr("settings are expected"));
  EXPECT_THAT(refusal(withFile("port: \"1\nx: [")), HasSubstr(place(2)));
  EXPECT_EQ(refusal(withFile("")), "accepted");
  EXPECT_THAT(test::errorOf(
                  [&] {
                    Configuration c(Sources{folder_ / "none.yaml", {}, {}});
                  },
                  core::ErrorCode::kNotFound),
              HasSubstr("none.yaml"));
}

TEST(Configuration, SecretsAreNeverShown) {
  const std::string secret = "postgresql://u:hidden@h/d";
  const Configuration configuration(Sources{{}, {{"QIANDA_DATABASE", secret}}, {}});
  EXPECT_EQ(configuration.text("database"), secret);
  EXPECT_THAT(configuration.print(), HasSubstr("database: \"(secret)\""));
  EXPECT_THAT(configuration.print(), Not(HasSubstr("hidden")));
  const std::vector<Setting> table = {{"pin", SettingKind::kInteger, "1", "x", 0, 9, {}, true}};
  const std::string error = test::errorOf(
      [&] {
        Configuration c(Sources{{}, {}, {{"pin", "hidden"}}}, table);
      },
      core::ErrorCode::kUsage);
  EXPECT_EQ(error, "flag --pin: pin must be an integer");
}

TEST(Configuration, UnitsAreUnderstood) {
  const Configuration configuration(
      Sources{{}, {}, {{"header-time", "2m"}, {"body-memory", "3GiB"}, {"header-octets", "2048"}, {"tls", "false"}}});
  EXPECT_EQ(configuration.duration("header-time"), 120'000ms);
  EXPECT_EQ(configuration.octets("body-memory"), 3u << 30);
  EXPECT_EQ(configuration.octets("header-octets"), 2048u);
  EXPECT_FALSE(configuration.flag("tls"));
  EXPECT_EQ(test::errorOf([&] { configuration.integer("tls"); }, core::ErrorCode::kSystem),
            "the program asks for a setting tls that is not in its table");
}

TEST(Configuration, EveryDefaultOfTheTableIsValidAndEverySettingExplained) {
  EXPECT_NO_THROW(Configuration(Sources{}));
  for (const Setting& setting : settings()) EXPECT_GT(setting.help.size(), 5u) << setting.name;
}

}  // namespace
}  // namespace qianda::server
