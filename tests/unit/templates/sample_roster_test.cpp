#include "templates/sample_roster.h"

#include <chrono>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "templates/identity.h"
#include "templates/law/law.h"
#include "tests/unit/templates/sample_forms.h"

namespace qianda::templates {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using T = FieldType;

constexpr core::Date kToday = 2026y / 1 / 15;

std::string sample(const Template& form, std::uint64_t count, std::uint64_t seed = 1, core::Date today = kToday) {
  std::ostringstream out;
  writeSampleRoster(form, count, seed, today, out);
  return out.str();
}

std::vector<Record> expectLawful(const std::shared_ptr<const Template>& form, std::uint64_t count,
                                 std::uint64_t seed = 1, core::Date today = kToday) {
  test::ReadRoster roster = test::readRoster(form, sample(*form, count, seed, today));
  const law::Checker checker(form);
  for (const Record& record : roster.records) checker.check(record, today, roster.faults);
  EXPECT_EQ(roster.records.size(), count);
  const auto faults = test::outline(roster.faults);
  EXPECT_THAT(std::vector(faults.begin(),
                          faults.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(faults.size(), 10))),
              IsEmpty());
  return std::move(roster.records);
}

std::map<std::string, std::set<std::string>> valuesByField(const Template& form, const std::vector<Record>& records) {
  std::map<std::string, std::set<std::string>> values;
  for (const Record& record : records) {
    for (std::size_t i = 0; i < form.fields.size(); ++i) values[form.fields[i].name].insert(record.values[i].text);
  }
  return values;
}

TEST(SampleRoster, IsLawfulForTheGeneralContractAndVaries) {
  const auto form = test::generalForm();
  auto values = valuesByField(*form, expectLawful(form, 2000));
  EXPECT_EQ(values["worker_id_no"].size(), 2000u);
  EXPECT_EQ(values["worker_phone"].size(), 2000u);
  EXPECT_EQ(values["employer_uscc"].size(), 1u);
  EXPECT_TRUE(isUscc(*values["employer_uscc"].begin()));
  EXPECT_EQ(values["term_type"], (std::set<std::string>{"fixed", "open", "task"}));
  EXPECT_EQ(values["hours_system"], (std::set<std::string>{"standard", "comprehensive", "flexible"}));
  EXPECT_EQ(values["pay_mode"], (std::set<std::string>{"monthly", "piece", "base_performance", "other"}));
  EXPECT_EQ(values["non_compete"], (std::set<std::string>{"true", "false"}));
  EXPECT_EQ(values["worker_id_type"], (std::set<std::string>{"resident_id", "hk_macao_permit"}));
  EXPECT_TRUE(values["probation_end"].contains(""));
  EXPECT_GT(values["probation_end"].size(), 10u);
  std::size_t shortest = 1000, longest = 0;
  for (const std::string& duties : values["duties"]) {
    shortest = std::min(shortest, duties.size());
    longest = std::max(longest, duties.size());
  }
  EXPECT_LT(shortest * 4, longest);
  std::string names;
  for (const std::string& name : values["worker_name"]) names += name;
  for (const char* rare : {"㼆", "䶮", "𠮷", "𬭸", "喆", "珺", "·", "欧阳"})
    EXPECT_NE(names.find(rare), std::string::npos) << rare;
}

TEST(SampleRoster, IsLawfulForDispatchAndPartTime) {
  expectLawful(test::dispatchForm(), 2000);
  expectLawful(test::partTimeForm(), 2000);
}

TEST(SampleRoster, IsLawfulOnAnyDayWithAnySeed) {
  for (core::Date today : {2024y / 1 / 31, 2024y / 2 / 29, 2026y / 8 / 31, 2026y / 12 / 31}) {
    for (std::uint64_t seed : {0u, 7u, 4294967295u}) expectLawful(test::generalForm(), 200, seed, today);
  }
}

TEST(SampleRoster, DependsOnTheSeedOnly) {
  const auto form = test::generalForm();
  EXPECT_EQ(sample(*form, 50, 3), sample(*form, 50, 3));
  EXPECT_NE(sample(*form, 50, 3), sample(*form, 50, 4));
  EXPECT_TRUE(sample(*form, 50, 3).starts_with(sample(*form, 20, 3)));
}

TEST(SampleRoster, UsesChineseLabelsUnlessTwoFieldsShareOne) {
  const auto form = test::makeForm(
      LawProfile::kNone,
      {{"a_phone", T::kPhone, "电话"}, {"b_phone", T::kPhone, "电话"}, {"pay", T::kMoney, "工资（元）"}});
  EXPECT_TRUE(sample(*form, 1).starts_with("a_phone,b_phone,工资（元）\r\n"));
  expectLawful(form, 5);
}

TEST(SampleRoster, MakesUpValuesForUnknownFieldsWithinTheirBounds) {
  auto form = test::makeForm(
      LawProfile::kNone,
      {{"short_text", T::kText, "很长很长很长的标签", "", "", true, "2", "3"},
       {"count", T::kInteger, "", "", "", true, "40", "41"},
       {"rate", T::kDecimal, "", "", "", true, "0.5", "0.75"},
       {"fee", T::kMoney, "", "", "", true, "1", "2"},
       {"day", T::kDate, "", "", "", true, "2030-01-01", "2030-01-05"},
       {"span", T::kPeriod},
       {"kind", T::kChoice, "", "", "", true, "", "", "", "", "", {{"one", "一", ""}, {"two", "二", ""}}},
       {"extra", T::kText, "", "", "kind == two"},
       {"agreed", T::kBoolean},
       {"person", T::kIdCard},
       {"company", T::kUscc},
       {"phone", T::kPhone},
       {"home", T::kAddress, "", "", "", false},
       {"things", T::kList},
       {"notes", T::kMultiline, "", "", "", true, "", "9"}});
  form->fields[0].example = "样例";
  expectLawful(form, 300);
}

TEST(SampleRoster, FillsWhatATemplateDemandsOfEveryRow) {
  const auto form =
      test::makeForm(LawProfile::kGeneral, {{"term_start", T::kDate},
                                            {"term_end", T::kDate},
                                            {"probation_end", T::kDate},
                                            {"term_type",
                                             T::kChoice,
                                             "",
                                             "",
                                             "",
                                             true,
                                             "",
                                             "",
                                             "",
                                             "",
                                             "",
                                             {{"fixed", "固定", ""}, {"open", "无固定", ""}, {"task", "任务", ""}}},
                                            {"monthly_pay", T::kMoney},
                                            {"performance_rule", T::kText, "", "", "monthly_pay"},
                                            {"approval_no", T::kText}});
  expectLawful(form, 300);
}

TEST(SampleRoster, NamesTheFieldItCannotFill) {
  const auto form = test::makeForm(LawProfile::kNone, {{"never", T::kInteger, "", "", "", true, "5", "4"}});
  try {
    sample(*form, 1);
    FAIL();
  } catch (const core::Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("never"));
  }
}

}  // namespace
}  // namespace qianda::templates
