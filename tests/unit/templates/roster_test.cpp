#include "templates/roster.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "templates/law/law.h"
#include "templates/sample_roster.h"
#include "tests/unit/templates/sample_forms.h"

namespace qianda::templates {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using T = FieldType;

std::shared_ptr<Template> smallForm() {
  return test::makeForm(
      LawProfile::kNone,
      {{"name", T::kText, "姓名", "Full name"},
       {"kind", T::kChoice, "类型", "Kind", "", true, "", "", "", "", "", {{"a", "甲", ""}, {"b", "乙", ""}}},
       {"pay", T::kMoney, "月工资（元）", "Monthly pay", "kind == a"},
       {"note", T::kText, "备注", "Note", "", false},
       {"level", T::kInteger, "级别", "Level", "", true, "1", "9", "3"}});
}

std::vector<std::string> outlineOf(std::string_view content) {
  return test::outline(test::readRoster(smallForm(), content).faults);
}

TEST(RosterHeader, KnowsNamesLabelsStarsAndUnits) {
  for (const char* header :
       {"name,kind,pay", "姓名,类型,月工资（元）", "姓名*,＊类型, 月工资 ", "Full Name,KIND,Monthly pay (CNY)",
        "\xEF\xBB\xBF姓名,类型,月工资(元)*", "\"姓名\",kind,月工资[元/月]"}) {
    const auto roster = test::readRoster(smallForm(), std::string(header) + "\n张三,甲,8500\n");
    EXPECT_THAT(test::outline(roster.faults), IsEmpty()) << header;
    ASSERT_EQ(roster.records.size(), 1u);
    EXPECT_EQ(roster.records[0].values[2].text, "8500.00");
    EXPECT_EQ(roster.records[0].values[4].text, "3");
  }
}

TEST(RosterHeader, NamesUnknownDoubledMissingAndAmbiguousColumns) {
  EXPECT_THAT(outlineOf("name,kind,pay,工龄\n"), ElementsAre("0:4 工龄 column"));
  EXPECT_THAT(outlineOf("name,kind,pay,姓名\n"), ElementsAre("0:4 name column"));
  EXPECT_THAT(outlineOf("kind\n"), ElementsAre("0:0 name column"));
  EXPECT_THAT(outlineOf("name,kind,,pay\n"), ElementsAre("0:3  header"));
  EXPECT_THAT(outlineOf(""), ElementsAre("0:0  header"));
  const auto twins =
      test::makeForm(LawProfile::kNone, {{"a_phone", T::kPhone, "电话"}, {"b_phone", T::kPhone, "电话"}});
  const auto faults = test::readRoster(twins, "电话,b_phone\n").faults;
  EXPECT_THAT(test::outline(faults), ElementsAre("0:1 电话 header", "0:0 a_phone column"));
}

TEST(RosterHeader, DoesNotRepeatAMissingColumnForEveryRow) {
  EXPECT_THAT(outlineOf("kind,pay\n甲,1\n乙,\n"), ElementsAre("0:0 name column"));
}

TEST(RosterHeader, ChoosesTheDelimiter) {
  for (const char* content :
       {"name;kind;pay\n张三;甲;8,500\n", "name\tkind\tpay\n张三\t甲\t8,500\n", "name,kind,pay\n张三,甲,\"8,500\"\n"}) {
    const auto roster = test::readRoster(smallForm(), content);
    EXPECT_THAT(test::outline(roster.faults), IsEmpty()) << content;
    EXPECT_EQ(roster.records.at(0).values[2].number, 850000);
  }
}

TEST(RosterRows, CountDataRowsAndKeepTheLine) {
  const test::TemporaryFile file("name,kind,note\n张三,乙,\"两\n行\"\n\n李四,乙,\n");
  RosterReader reader(smallForm(), file.path());
  RosterRow row;
  ASSERT_TRUE(reader.next(row));
  EXPECT_EQ(row.row, 1u);
  EXPECT_EQ(row.line, 2u);
  ASSERT_TRUE(reader.next(row));
  EXPECT_EQ(row.row, 2u);
  EXPECT_EQ(row.line, 5u);
  EXPECT_FALSE(reader.next(row));
  EXPECT_EQ(reader.columnOf(1), 2u);
  EXPECT_EQ(reader.columnOf(2), 0u);
  EXPECT_EQ(reader.columnOf(99), 0u);
}

TEST(RosterRows, RefuseAnotherNumberOfCellsWithoutGuessing) {
  const auto roster = test::readRoster(smallForm(), "name,kind,pay\n张三,甲\n李四,甲,8500,多余\n,,\n王五,甲,8500\n");
  EXPECT_THAT(test::outline(roster.faults), ElementsAre("1:0  csv", "2:0  csv", "3:0  csv"));
  EXPECT_EQ(roster.faults[0].computed, "2");
  EXPECT_EQ(roster.faults[0].limit, "3");
  EXPECT_THAT(roster.faults[2].messageEn, HasSubstr("Line 4 has no value at all"));
  EXPECT_TRUE(roster.records[3].values[0].present);
}

TEST(RosterRows, LeaveOutWithAWarningAndDemandByCondition) {
  const auto roster = test::readRoster(smallForm(), "name,kind,pay\n张三,乙,8500\n李四,乙,不适用\n王五,甲,\n");
  ASSERT_THAT(test::outline(roster.faults), ElementsAre("1:3 pay condition", "3:3 pay required"));
  EXPECT_FALSE(roster.records[0].values[2].present);
  EXPECT_EQ(roster.faults[0].severity, Severity::kWarn);
  EXPECT_EQ(roster.faults[0].value, "8500");
  EXPECT_EQ(roster.faults[1].severity, Severity::kBlock);
  EXPECT_EQ(roster.faults[1].article, "LC41");
}

TEST(RosterRows, DoNotDemandWhatDependsOnAFaultyCell) {
  EXPECT_THAT(outlineOf("name,kind,pay\n张三,丙,\n"), ElementsAre("1:2 kind choice"));
  EXPECT_THAT(outlineOf("name,kind,pay\n张三,丙,许多\n"), ElementsAre("1:2 kind choice", "1:3 pay format"));
}

TEST(RosterRows, FollowConditionsThatRestOnEachOther) {
  const auto chain = [](const char* first, const char* last) {
    return test::makeForm(
        LawProfile::kNone,
        {{"c", T::kText, "", "", first}, {"b", T::kText, "", "", "a", false}, {"a", T::kText, "", "", last, false}});
  };
  const auto form = chain("b", "");
  EXPECT_THAT(test::outline(test::readRoster(form, "a,b,c\n,x,y\nx,y,\n").faults),
              ElementsAre("1:2 b condition", "1:3 c condition", "2:3 c required"));
  EXPECT_THROW(test::readRoster(chain("b", "c"), "a,b,c\n"), core::Error);
}

TEST(RosterRows, ReadGb18030) {
  // 姓名,类型 LF 张三,乙 LF
  const auto roster = test::readRoster(smallForm(), "\xD0\xD5\xC3\xFB,\xC0\xE0\xD0\xCD\n\xD5\xC5\xC8\xFD,\xD2\xD2\n");
  EXPECT_THAT(test::outline(roster.faults), IsEmpty());
  EXPECT_EQ(roster.records.at(0).values[0].text, "张三");
}

TEST(Roster, IsNotFoundOrRefusedByEncoding) {
  EXPECT_THROW(RosterReader(smallForm(), "/no/such/roster.csv"), core::Error);
  EXPECT_THAT(outlineOf(std::string("\xFF\xFEn\0", 4)), ElementsAre("0:0  encoding"));
  EXPECT_THAT(outlineOf("name,kind\nz\xC3\x28,a\n\xFF,b\n"), ElementsAre("0:0  encoding"));
}

TEST(ParseValues, ReportsUnknownNames) {
  std::vector<Fault> faults;
  const Record record = parseValues(*smallForm(), {{"name", "张三"}, {"kind", "b"}, {"wages", "1"}}, faults);
  EXPECT_THAT(test::outline(faults), ElementsAre("0:0 wages column"));
  EXPECT_EQ(record.values[0].text, "张三");
}

// A lawful roster of the general contract, in which one row after the other is spoilt in a different way.
class SpoiltRoster {
 public:
  SpoiltRoster() : form_(test::generalForm()) {
    std::ostringstream out;
    writeSampleRoster(*form_, 1, 1, 2026y / 1 / 15, out);
    const test::TemporaryFile file(out.str());
    RosterReader reader(form_, file.path());
    reader.next(lawful_);
    set(lawful_, {{"worker_id_type", "resident_id"},
                  {"worker_id_no", "00000019900307001X"},
                  {"term_type", "fixed"},
                  {"term_start", "2026-02-01"},
                  {"term_end", "2029-01-31"},
                  {"term_months", ""},
                  {"employment_start", "2026-02-01"},
                  {"probation_end", ""},
                  {"probation_months", ""},
                  {"probation_pay", ""},
                  {"hours_system", "standard"},
                  {"daily_hours", "8"},
                  {"weekly_hours", "40"},
                  {"pay_mode", "monthly"},
                  {"monthly_pay", "8500"},
                  {"pay_channel", "bank"},
                  {"bank_account", "6200000000000000000"},
                  {"hazard_post", "否"},
                  {"non_compete", "否"},
                  {"other_terms", ""},
                  {"training_bond", ""},
                  {"work_place", "珠海市香洲区示例大道1号"}});
    std::string& id = cell(lawful_, "worker_id_no");
    for (char check : std::string("0123456789X")) {
      id.back() = check;
      std::vector<Fault> faults;
      reader.parse(lawful_, faults);
      if (std::none_of(faults.begin(), faults.end(), isBlocking)) break;
    }
    for (std::size_t i = 0; i < form_->fields.size(); ++i) content_ += (i > 0 ? "," : "") + form_->fields[i].name;
    content_ += "\n";
  }

  using Changes = std::vector<std::pair<std::string, std::string>>;

  void add(const Changes& changes, const std::string& field, const std::string& rule) {
    RosterRow row = lawful_;
    set(row, changes);
    for (std::size_t i = 0; i < row.cells.size(); ++i) content_ += (i > 0 ? ",\"" : "\"") + row.cells[i] + "\"";
    content_ += "\n";
    ++rows_;
    if (!field.empty())
      expected_.push_back(std::to_string(rows_) + ":" + std::to_string(columnOf(field)) + " " + field + " " + rule);
  }
  void addRaw(const std::string& line, const std::string& rule) {
    content_ += line + "\n";
    expected_.push_back(std::to_string(++rows_) + ":0  " + rule);
  }

  const std::shared_ptr<const Template>& form() const { return form_; }
  const std::string& content() const { return content_; }
  const std::vector<std::string>& expected() const { return expected_; }
  std::size_t rows() const { return rows_; }

 private:
  std::size_t columnOf(const std::string& field) const { return indexOfField(form_->fields, field) + 1; }
  std::string& cell(RosterRow& row, const std::string& field) { return row.cells.at(columnOf(field) - 1); }
  void set(RosterRow& row, const Changes& changes) {
    for (const auto& [field, text] : changes) cell(row, field) = text;
  }

  std::shared_ptr<const Template> form_;
  RosterRow lawful_;
  std::string content_;
  std::vector<std::string> expected_;
  std::size_t rows_ = 0;
};

TEST(Roster, HasEveryFaultOfManyKindsNamed) {
  SpoiltRoster roster;
  roster.add({}, "", "");
  roster.add({{"worker_name", ""}}, "worker_name", "required");
  roster.add({{"worker_name", std::string(41, 'x')}}, "worker_name", "bounds");
  roster.add({{"worker_name", "张\x01三"}}, "worker_name", "format");
  roster.add({{"worker_name", "张\xEF\xBF\xBD"}}, "worker_name", "encoding");
  roster.add({{"employer_uscc", "91350100M000100Y44"}}, "employer_uscc", "checksum");
  roster.add({{"employer_uscc", "91350100I000100Y43"}}, "employer_uscc", "format");
  roster.add({{"employer_uscc", "9.135E+17"}}, "employer_uscc", "format");
  roster.add({{"worker_id_no", "110105194912310021"}}, "worker_id_no", "checksum");
  roster.add({{"worker_id_no", "4.40E+17"}}, "worker_id_no", "format");
  roster.add({{"worker_id_no", "110105491231002"}}, "worker_id_no", "format");
  roster.add({{"worker_id_no", "11010519490231002X"}}, "worker_id_no", "format");
  roster.add({{"worker_id_type", "军官证"}}, "worker_id_type", "choice");
  roster.add({{"worker_phone", "1380000000"}}, "worker_phone", "format");
  roster.add({{"term_start", "2026-02-30"}}, "term_start", "format");
  roster.add({{"employment_start", "1026-02-01"}}, "employment_start", "bounds");
  roster.add({{"term_type", "五年"}}, "term_type", "choice");
  roster.add({{"term_end", ""}}, "term_end", "required");
  roster.add({{"monthly_pay", "八千五"}}, "monthly_pay", "format");
  roster.add({{"monthly_pay", "8500.005"}}, "monthly_pay", "format");
  roster.add({{"pay_day", "32"}}, "pay_day", "bounds");
  roster.add({{"rest_days", "1.5"}}, "rest_days", "format");
  roster.add({{"daily_hours", "八"}}, "daily_hours", "format");
  roster.add({{"non_compete", "也许"}}, "non_compete", "choice");
  roster.add({{"bank_account", "6.2E+18"}}, "bank_account", "format");
  roster.add({{"position", "质检员\n二级"}}, "position", "format");
  roster.addRaw("珠海示例科技有限公司,张三", "csv");
  roster.addRaw(std::string(roster.form()->fields.size() - 1, ','), "csv");
  roster.add({{"term_end", "2026-01-31"}}, "term_end", "LC03");
  roster.add({{"work_place", "全国"}}, "work_place", "LC04");
  roster.add({{"hours_system", "flexible"}, {"approval_no", "示例1"}, {"approval_valid_until", "2025-01-01"}},
             "approval_valid_until", "LC05");
  roster.add({{"weekly_hours", "48"}, {"monthly_pay", "9000"}}, "weekly_hours", "LC06");
  roster.add({{"overtime_monthly", "60"}}, "overtime_monthly", "LC07");
  roster.add({{"pay_cycle_days", "60"}}, "pay_cycle_days", "LC08");
  roster.add({{"probation_end", "2026-08-31"}}, "probation_end", "LC12");
  roster.add({{"term_end", "2026-04-29"}, {"probation_end", "2026-02-15"}}, "probation_end", "LC13");
  roster.add({{"probation_end", "2026-02-28"}, {"previous_probation", "是"}}, "probation_end", "LC14");
  roster.add({{"probation_end", "2026-03-31"}, {"probation_pay", "5000"}}, "probation_pay", "LC16");
  roster.add({{"previous_fixed_terms", "2"}}, "previous_fixed_terms", "LC27");
  roster.add({{"term_start", "2026-01-01"}}, "term_start", "LC28");
  roster.add({{"term_months", "24"}}, "term_months", "LC40");

  const test::TemporaryFile file(roster.content());
  RosterReader reader(roster.form(), file.path());
  const law::Checker checker(roster.form());
  std::vector<Fault> faults;
  std::size_t rows = 0;
  for (RosterRow row; reader.next(row); ++rows) {
    const std::size_t before = faults.size();
    const Record record = reader.parse(row, faults);
    if (std::none_of(faults.begin() + static_cast<std::ptrdiff_t>(before), faults.end(), isBlocking))
      checker.check(record, 2026y / 1 / 15, faults);
    for (std::size_t i = before; i < faults.size(); ++i) {
      if (faults[i].column == 0)
        faults[i].column = reader.columnOf(indexOfField(roster.form()->fields, faults[i].field));
    }
  }
  EXPECT_EQ(rows, roster.rows());
  EXPECT_THAT(reader.faults(), IsEmpty());
  // A place that is too wide is one without a figure for its minimum wage, too; a change makes other cells idle.
  std::erase_if(faults,
                [](const Fault& fault) { return fault.severity == Severity::kInform || fault.rule == "condition"; });
  EXPECT_EQ(test::outline(faults), roster.expected());
  EXPECT_GE(roster.expected().size(), 40u);
  std::set<std::string> kinds;
  for (const Fault& fault : faults) {
    EXPECT_FALSE(fault.messageZh.empty() || fault.messageEn.empty());
    std::string text = fault.messageEn.substr(0, fault.messageEn.find('('));
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    kinds.insert(fault.rule + text);
  }
  EXPECT_GE(kinds.size(), 35u);
}

TEST(Roster, ReportsEveryFaultOfOneRowInTheOrderOfColumns) {
  EXPECT_THAT(outlineOf("level,note,pay,kind,name\n12,a\x02,x,甲,\n"),
              ElementsAre("1:1 level bounds", "1:2 note format", "1:3 pay format", "1:5 name required"));
}

}  // namespace
}  // namespace qianda::templates
