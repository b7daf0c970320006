// The rules of service as data, and docs/service-of-documents.md, which shows them.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "delivery/service/verdicts.h"
#include "tests/unit/delivery/law_support.h"

namespace qianda::delivery {
namespace {

using testing::HasSubstr;

const std::string kSource = QIANDA_SOURCE_DIR;

std::string shippedText() { return core::readFile(kSource + "/delivery/rules/service_rules.yaml"); }

std::string faultOf(const std::string& yaml) {
  try {
    ServiceRules::parse(yaml, "r.yaml");
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kInvalidInput);
    return error.what();
  }
  return "";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(LawRules, ShippedRulesAreWhole) {
  const ServiceRules& rules = ServiceRules::shipped();
  EXPECT_EQ(faultOf(shippedText()), "");
  EXPECT_EQ(rules.number("clock.award_days"), 45);
  EXPECT_EQ(rules.number("notice.days"), 30);
  EXPECT_FALSE(rules.flag("electronic.concluding_documents"));
  EXPECT_TRUE(rules.roll().rollsWeekends);
  EXPECT_FALSE(rules.roll().rollsMakeUpDays);
  for (const ServiceRule& rule : rules.all()) {
    EXPECT_FALSE(rule.source.empty() || rule.titleZh.empty() || rule.titleEn.empty()) << rule.key;
    EXPECT_FALSE(rule.isOverridden);
  }
  EXPECT_THROW(rules.get("no.such"), core::Error);
  EXPECT_THROW(rules.number("e6.refused.day"), core::Error);
}

// A rule that no source looks at would be a promise nobody keeps.
TEST(LawRules, EveryRuleIsLookedAt) {
  std::string sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource + "/delivery")) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() == ".cpp" && path.filename() != "service_rules.cpp") sources += core::readFile(path.string());
  }
  sources +=
      core::readFile(kSource + "/delivery/rules/service_rules.cpp")
          .substr(core::readFile(kSource + "/delivery/rules/service_rules.cpp").find("RollRules ServiceRules::roll"));
  for (const ServiceRule& rule : ServiceRules::shipped().all()) {
    EXPECT_NE(sources.find('"' + rule.key + '"'), std::string::npos) << rule.key;
  }
}

TEST(LawRules, FaultsNameFileLineAndKey) {
  const std::string text = shippedText();
  const std::string first = "  - key: electronic.concluding_documents\n    value: \"false\"";
  EXPECT_THAT(faultOf(replaced(text, first, "  - key: electronic.everything\n    value: \"false\"")),
              HasSubstr("r.yaml:6: electronic.everything is no rule of this program"));
  EXPECT_THAT(faultOf(replaced(text, first, "  - key: electronic.concluding_documents\n    value: \"maybe\"")),
              HasSubstr("r.yaml:7: electronic.concluding_documents: value must be one of true false"));
  EXPECT_THAT(faultOf(replaced(text, "clock.award_days\n    value: \"45\"", "clock.award_days\n    value: \"4.5\"")),
              HasSubstr("clock.award_days: value must be a whole number"));
  EXPECT_THAT(faultOf(replaced(text, "clock.award_days\n    value: \"45\"", "clock.award_days\n    value: \"-1\"")),
              HasSubstr("clock.award_days: value must be a whole number from 0 to 3650"));
  EXPECT_THAT(faultOf(replaced(text, "clock.annul_days", "clock.award_days")),
              HasSubstr("clock.award_days appears twice"));
  EXPECT_THAT(faultOf(replaced(text, "verified: true", "verified: perhaps")),
              HasSubstr("verified must be true or false"));
  EXPECT_THAT(faultOf(replaced(text, "title_en:", "titel_en:")), HasSubstr("\"titel_en\" is no field here"));
  EXPECT_THAT(faultOf("version: x\nrules: []\n"), HasSubstr("r.yaml:2: electronic.concluding_documents is missing"));
  EXPECT_THAT(faultOf("rules: ["), HasSubstr("r.yaml:"));
  EXPECT_THAT(faultOf("- a\n"), HasSubstr("r.yaml:1: must be a map"));
}

TEST(LawRules, ACourtOverlaysItsOwnValues) {
  const ServiceRules own =
      ServiceRules::shipped().overlaid({{"e6.refused.day", "return_arrived"}, {"notice.days", "30"}});
  EXPECT_EQ(own.get("e6.refused.day").value, "return_arrived");
  EXPECT_TRUE(own.get("e6.refused.day").isOverridden);
  EXPECT_FALSE(own.get("notice.days").isOverridden);  // said, and the same
  EXPECT_NE(own.version(), ServiceRules::shipped().version());
  EXPECT_EQ(own.version(),
            ServiceRules::shipped().overlaid({{"notice.days", "30"}, {"e6.refused.day", "return_arrived"}}).version());
  EXPECT_EQ(ServiceRules::shipped().get("e6.refused.day").value, "return_noted");
  EXPECT_EQ(ServiceRules::shipped().overlaid({}).version(), ServiceRules::shipped().version());
  for (const auto& [key, value] : std::map<std::string, std::string>{
           {"no.such", "1"}, {"e6.refused.day", "whenever"}, {"notice.days", "many"}, {"clock.warn_days", "99999"}}) {
    try {
      ServiceRules::shipped().overlaid({{key, value}});
      ADD_FAILURE() << key;
    } catch (const core::Error& error) {
      EXPECT_EQ(error.code(), core::ErrorCode::kInvalidInput);
      EXPECT_THAT(error.what(), HasSubstr(key));
    }
  }
}

std::string page() { return core::readFile(kSource + "/docs/service-of-documents.md"); }

TEST(ServiceDocument, HasTheTableOfRules) {
  std::string table;
  for (const ServiceRule& rule : ServiceRules::shipped().all()) {
    std::string choices;
    for (const std::string& choice : rule.choices) choices += (choices.empty() ? "`" : ", `") + choice + "`";
    table += "| `" + rule.key + "` | `" + rule.value + "` | " + choices + " | " + rule.titleZh + "<br>" + rule.titleEn +
             " | " + rule.source + " | " + (rule.isVerified ? "read" : "recalled") + " |\n";
  }
  EXPECT_NE(page().find(table), std::string::npos) << "docs/service-of-documents.md must have exactly these lines:\n"
                                                   << table;
}

TEST(ServiceDocument, HasTheTableOfVerdicts) {
  static constexpr const char* kEffects[] = {"does not serve", "serves", "deemed, when confirmed", "a person decides"};
  std::string table;
  for (const Verdict& verdict : verdicts()) {
    table += "| " + std::string(verdict.ending) + " | `" + std::string(verdict.code) + "` | " +
             kEffects[static_cast<int>(verdict.effect)] + " | " + std::string(verdict.rule) + " | " +
             std::string(verdict.zh) + "<br>" + std::string(verdict.en) + " |\n";
  }
  EXPECT_NE(page().find(table), std::string::npos) << "docs/service-of-documents.md must have exactly these lines:\n"
                                                   << table;
}

}  // namespace
}  // namespace qianda::delivery
