// A roster full of faults: every one is reported with its row, column, field and rule, and nothing is created. The same
// for files that are no roster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"

namespace qianda::test {
namespace {

namespace fs = std::filesystem;

using Edit = std::vector<std::pair<std::string, std::string>>;  // field, text

// One row spoilt in one way; the fault that must be named.
struct Spoilt {
  const char* what;
  Edit edit;
  std::string field, rule;
};

// A lawful row in which every condition is quiet, by the sample's first row.
const Edit kPlain{{"worker_id_type", "resident_id"},
                  {"term_type", "fixed"},
                  {"term_start", "2099-01-01"},
                  {"term_end", "2101-12-31"},
                  {"task_description", ""},
                  {"probation_end", "2099-06-30"},
                  {"position", "质检员"},
                  {"work_place", "广东省珠海市香洲区示例大道1号"},
                  {"hours_system", "standard"},
                  {"daily_hours", "8"},
                  {"weekly_hours", "40"},
                  {"rest_days", "2"},
                  {"approval_no", ""},
                  {"approval_valid_until", ""},
                  {"pay_mode", "monthly"},
                  {"monthly_pay", "10000"},
                  {"piece_rate", ""},
                  {"base_pay", ""},
                  {"performance_rule", ""},
                  {"probation_pay", "9000"},
                  {"pay_day", "10"},
                  {"pay_channel", "bank"},
                  {"hazard_post", "否"},
                  {"hazard_notice", ""},
                  {"benefits", "午餐|每日20元;班车|免费"},
                  {"confidentiality", "是"},
                  {"non_compete", "否"},
                  {"other_terms", ""}};

Edit nonCompete(Edit more) {
  Edit edit{
      {"non_compete", "是"},           {"non_compete_class", "senior_manager"}, {"non_compete_months", "12"},
      {"non_compete_area", "珠海市"},  {"non_compete_scope", "同类产品"},       {"non_compete_monthly_pay", "5000"},
      {"non_compete_penalty", "60000"}};
  edit.insert(edit.end(), more.begin(), more.end());
  return edit;
}

Edit specialHours(Edit more) {
  Edit edit{{"hours_system", "comprehensive"},
            {"daily_hours", ""},
            {"weekly_hours", ""},
            {"rest_days", ""},
            {"approval_no", "珠人社批1号"},
            {"approval_valid_until", "2100-12-31"}};
  edit.insert(edit.end(), more.begin(), more.end());
  return edit;
}

// The check character of GB 11643.
std::string residentId(std::string digits) {
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (digits[i] - '0') * kWeights[i];
  return digits.substr(0, 17) + "10X98765432"[sum % 11];
}

std::vector<Spoilt> spoiltRows() {
  const std::string longPosition(41, 'x');
  return {
      {"required missing", {{"worker_name", ""}}, "worker_name", "required"},
      {"white space only", {{"duties", " \u3000 "}}, "duties", "required"},
      {"condition demands a value", {{"monthly_pay", ""}}, "monthly_pay", "required"},
      {"check digit of the identity number", {{"worker_id_no", "000000199003070013"}}, "worker_id_no", "checksum"},
      {"birth date in the identity number", {{"worker_id_no", "000000199002300013"}}, "worker_id_no", "format"},
      {"identity number of 15 digits", {{"worker_id_no", "000000900307001"}}, "worker_id_no", "format"},
      {"scientific notation", {{"worker_id_no", "1.23457E+17"}}, "worker_id_no", "format"},
      {"check digit of the credit code", {{"employer_uscc", "91000000MA5QDEM1XA"}}, "employer_uscc", "checksum"},
      {"letter no credit code has", {{"employer_uscc", "91000000MAIQDEM1XF"}}, "employer_uscc", "format"},
      {"telephone", {{"worker_phone", "12345"}}, "worker_phone", "format"},
      {"no such day", {{"term_start", "2099-02-30"}}, "term_start", "format"},
      {"no date at all", {{"term_end", "三年"}}, "term_end", "format"},
      {"unknown choice", {{"hours_system", "十二小时制"}}, "hours_system", "choice"},
      {"boolean nonsense", {{"confidentiality", "也许"}}, "confidentiality", "choice"},
      {"negative money", {{"monthly_pay", "-8500"}}, "monthly_pay", "bounds"},
      {"three decimals of money", {{"monthly_pay", "8500.125"}}, "monthly_pay", "format"},
      {"money in words", {{"monthly_pay", "面议"}}, "monthly_pay", "format"},
      {"pay day 32", {{"pay_day", "32"}}, "pay_day", "bounds"},
      {"half a rest day", {{"rest_days", "1.5"}}, "rest_days", "format"},
      {"eight rest days", {{"rest_days", "8"}}, "rest_days", "bounds"},
      {"25 hours a day", {{"daily_hours", "25"}}, "daily_hours", "bounds"},
      {"text too long", {{"position", longPosition}}, "position", "bounds"},
      {"control character", {{"position", "质检\x01员"}}, "position", "format"},
      {"direction override", {{"worker_name", "林\u202E示例"}}, "worker_name", "format"},
      {"two lines in one", {{"position", "质检\n员"}}, "position", "format"},
      {"lost character", {{"worker_name", "林\uFFFD"}}, "worker_name", "encoding"},
      {"character no font has", {{"worker_name", "林\U00013000"}}, "worker_name", "glyph"},
      {"list of one cell", {{"benefits", "午餐|每日20元;班车"}}, "benefits", "format"},
      {"end before start",
       {{"term_end", "2098-12-31"}, {"probation_end", ""}, {"probation_pay", ""}},
       "term_end",
       "LC03"},
      {"probation too long", {{"probation_end", "2099-12-31"}}, "probation_end", "LC12"},
      {"probation in a term too short",
       {{"term_end", "2099-02-15"}, {"probation_end", "2099-01-31"}},
       "probation_end",
       "LC13"},
      {"probation pay below 80 %", {{"probation_pay", "7999.99"}}, "probation_pay", "LC16"},
      {"below the minimum wage",
       {{"monthly_pay", "1000"}, {"probation_pay", ""}, {"probation_end", ""}},
       "monthly_pay",
       "LC09"},
      {"nine hours a day", {{"daily_hours", "9"}}, "daily_hours", "LC06"},
      {"44 hours a week", {{"weekly_hours", "44"}}, "weekly_hours", "LC06"},
      {"no rest day", {{"rest_days", "0"}}, "rest_days", "bounds"},
      {"task without description",
       {{"term_type", "task"}, {"term_end", ""}, {"probation_end", ""}, {"probation_pay", ""}},
       "task_description",
       "required"},
      {"probation in a contract by task",
       {{"term_type", "task"}, {"task_description", "安装设备"}, {"term_end", ""}},
       "probation_end",
       "LC13"},
      {"deposit among the other terms", {{"other_terms", "入职时收取押金500元。"}}, "other_terms", "LC21"},
      {"hours without approval", specialHours({{"approval_no", ""}}), "approval_no", "required"},
      {"approval expired", specialHours({{"approval_valid_until", "2020-01-01"}}), "approval_valid_until", "LC05"},
      {"under 16",
       {{"term_start", "2026-12-01"},
        {"term_end", "2029-11-30"},
        {"probation_end", ""},
        {"probation_pay", ""},
        {"worker_id_no", residentId("00000020150101001")}},
       "worker_id_no",
       "LC29"},
      {"hazard without notice", {{"hazard_post", "是"}}, "hazard_notice", "required"},
      {"non-compete of 25 months", nonCompete({{"non_compete_months", "25"}}), "non_compete_months", "bounds"},
      {"non-compete without pay", nonCompete({{"non_compete_monthly_pay", ""}}), "non_compete_monthly_pay", "required"},
  };
}

struct Named {
  std::uint64_t row, column;
  std::string field, rule;
  auto operator<=>(const Named&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Named& named) {
  return out << "row " << named.row << " column " << named.column << " " << named.field << " " << named.rule;
}

class FaultsTest : public ::testing::Test {
 protected:
  // Expects a refusal that leaves no trace; the faults.
  std::vector<Named> refused(const Batch& job) const {
    const Output output = job.run();
    EXPECT_EQ(output.status, 1) << output.err;
    EXPECT_FALSE(fs::exists(job.data));
    EXPECT_FALSE(fs::exists(job.out));
    const Json report = jsonObject(output.out);
    EXPECT_FALSE(report->getValue<bool>("valid"));
    EXPECT_EQ(number(report, "contracts"), 0u);
    EXPECT_EQ(number(report, "created"), 0u);
    std::vector<Named> found;
    const JsonList faults = report->getArray("faults");
    for (unsigned i = 0; i < faults->size(); ++i) {
      const Json fault = faults->getObject(i);
      found.push_back({number(fault, "row"), number(fault, "column"), text(fault, "field"), text(fault, "rule")});
      EXPECT_NE(text(fault, "message"), "");
      EXPECT_NE(text(fault, "message_zh"), "");
      EXPECT_EQ(text(fault, "severity"), "block");
    }
    return found;
  }
  Batch job(const std::string& octets) const {
    core::writeFile(folder_ / "roster.csv", octets);
    return {folder_ / "data", folder_ / "out", folder_ / "roster.csv"};
  }
  std::vector<std::string> rulesOf(const std::string& octets) const {
    std::vector<std::string> rules;
    for (const Named& fault : refused(job(octets))) rules.push_back(fault.rule);
    return rules;
  }

  TempFolder folder_;
};

TEST_F(FaultsTest, EveryKindOfFaultIsNamedInItsRow) {
  const auto spoilt = spoiltRows();
  ASSERT_GE(spoilt.size(), 30u);
  Roster roster = sampleRoster(folder_, spoilt.size() + 3);
  const auto edit = [&roster](std::size_t row, const Edit& changes) {
    for (const auto& [field, value] : changes) roster.cell(row, field) = value;
  };
  std::set<Named> wanted;
  for (std::size_t row = 1; row <= roster.rows.size(); ++row) {
    edit(row, kPlain);
    roster.cell(row, "worker_id_no") = residentId(
        "000000"
        "19900307" +
        std::to_string(100 + row) + "0");
  }
  for (std::size_t i = 0; i < spoilt.size(); ++i) {
    edit(i + 1, spoilt[i].edit);
    wanted.insert({i + 1, roster.column(spoilt[i].field), spoilt[i].field, spoilt[i].rule});
  }
  const std::size_t last = roster.rows.size();  // the rows before it are sound but for one person twice
  roster.cell(last, "worker_id_no") = roster.cell(last - 1, "worker_id_no");
  wanted.insert({last, roster.column("worker_id_no"), "worker_id_no", "duplicate"});
  std::map<std::uint64_t, std::vector<Named>> found;
  for (const Named& fault : refused(job(roster.csv()))) found[fault.row].push_back(fault);
  for (const Named& fault : wanted) {
    const std::string what = fault.row <= spoilt.size() ? spoilt[fault.row - 1].what : "one person twice";
    EXPECT_THAT(found[fault.row], ::testing::Contains(fault)) << what;
    found.erase(fault.row);
  }
  for (const auto& [row, faults] : found) {
    if (!faults.empty()) ADD_FAILURE() << "a sound row is refused: " << ::testing::PrintToString(faults);
  }
}

TEST_F(FaultsTest, ThePlainRowIsSound) {
  Roster roster = sampleRoster(folder_, 1);
  for (const auto& [field, value] : kPlain) roster.cell(1, field) = value;
  Batch sound = job(roster.csv());
  sound.more = {"--validate-only"};
  const Output output = sound.run();
  EXPECT_EQ(output.status, 0) << output.err;
}

TEST_F(FaultsTest, AThirdFixedTermIsTheWorkersToAskFor) {
  Roster roster = sampleRoster(folder_, 3, 1, "renewal");
  for (std::size_t row = 1; row <= 3; ++row) {
    roster.cell(row, "term_type") = "fixed";
    roster.cell(row, "term_start") = "2099-01-01";
    roster.cell(row, "term_end") = "2101-12-31";
    roster.cell(row, "task_description") = "";
    roster.cell(row, "previous_fixed_terms") = "2";
    roster.cell(row, "continuous_years") = "6";
    roster.cell(row, "worker_requests_fixed") = row == 2 ? "是" : "否";
  }
  roster.cell(3, "previous_fixed_terms") = "1";
  roster.cell(3, "continuous_years") = "10";
  Batch renewal = job(roster.csv());
  renewal.form = "renewal";
  EXPECT_THAT(refused(renewal),
              ::testing::ElementsAre(Named{1, roster.column("previous_fixed_terms"), "previous_fixed_terms", "LC27"},
                                     Named{3, roster.column("continuous_years"), "continuous_years", "LC27"}));
}

TEST_F(FaultsTest, AValueThatDoesNotApplyIsLeftOutWithAWarning) {
  Roster roster = sampleRoster(folder_, 2);
  for (std::size_t row = 1; row <= 2; ++row) {
    for (const auto& [field, value] : kPlain) roster.cell(row, field) = value;
    for (const char* field : {"class", "months", "area", "scope", "monthly_pay", "penalty"})
      roster.cell(row, std::string("non_compete_") + field) = "";
  }
  roster.cell(1, "piece_rate") = "每件3元";
  roster.cell(2, "piece_rate") = "／";
  Batch sound = job(roster.csv());
  sound.more = {"--validate-only"};
  const Output output = sound.run();
  ASSERT_EQ(output.status, 0) << output.err;
  std::vector<Named> warned;
  const JsonList warnings = jsonObject(output.out)->getArray("warnings");
  for (unsigned i = 0; i < warnings->size(); ++i) {
    const Json one = warnings->getObject(i);
    if (text(one, "rule") == "condition")
      warned.push_back({number(one, "row"), number(one, "column"), text(one, "field"), text(one, "rule")});
  }
  EXPECT_THAT(warned, ::testing::ElementsAre(Named{1, roster.column("piece_rate"), "piece_rate", "condition"}));
}

TEST_F(FaultsTest, SeveralFaultsOfOneRowAreAllNamed) {
  Roster roster = sampleRoster(folder_, 2);
  roster.cell(2, "worker_phone") = "1";
  roster.cell(2, "employer_uscc") = "1";
  roster.cell(2, "pay_day") = "0";
  const auto faults = refused(job(roster.csv()));
  for (const Named& fault : {Named{2, roster.column("worker_phone"), "worker_phone", "format"},
                             Named{2, roster.column("employer_uscc"), "employer_uscc", "format"},
                             Named{2, roster.column("pay_day"), "pay_day", "bounds"}}) {
    EXPECT_THAT(faults, ::testing::Contains(fault));
  }
  EXPECT_EQ(faults.size(), 3u);
}

TEST_F(FaultsTest, ColumnsMustBeTheTemplatesAndOnce) {
  Roster unknown = sampleRoster(folder_, 1);
  unknown.names.push_back("shoe_size");
  unknown.headers.push_back("鞋码");
  unknown.rows[0].push_back("42");
  EXPECT_THAT(refused(job(unknown.csv())), ::testing::ElementsAre(Named{0, unknown.headers.size(), "鞋码", "column"}));

  Roster doubled = sampleRoster(folder_, 1);
  doubled.headers.push_back("worker_name");
  doubled.rows[0].push_back(doubled.cell(1, "worker_name"));
  EXPECT_THAT(refused(job(doubled.csv())),
              ::testing::ElementsAre(Named{0, doubled.headers.size(), "worker_name", "column"}));

  Roster missing = sampleRoster(folder_, 3);
  const auto at = static_cast<std::ptrdiff_t>(missing.column("worker_name") - 1);
  missing.headers.erase(missing.headers.begin() + at);
  for (auto& row : missing.rows) row.erase(row.begin() + at);
  EXPECT_THAT(refused(job(missing.csv())), ::testing::ElementsAre(Named{0, 0, "worker_name", "column"}));
}

TEST_F(FaultsTest, EncodingsAreUtf8OrGb18030) {
  Roster roster = sampleRoster(folder_, 20);
  std::string damaged = roster.csv();
  damaged[damaged.rfind(roster.cell(20, "worker_address")) + 1] = '\xFF';
  EXPECT_THAT(rulesOf(damaged), ::testing::ElementsAre("encoding"));
  roster.write(folder_ / "utf8.csv");
  for (const char* encoding : {"UTF-16", "UTF-16LE", "UTF-16BE"}) {
    const Output converted = run({"iconv", "-f", "UTF-8", "-t", encoding, folder_ / "utf8.csv"});
    ASSERT_EQ(converted.status, 0);
    EXPECT_THAT(rulesOf(converted.out), ::testing::ElementsAre("encoding")) << encoding;
  }
}

TEST_F(FaultsTest, TheCsvMustBeWhole) {
  const Roster roster = sampleRoster(folder_, 5);
  std::string unclosed = roster.csv();
  unclosed.erase(unclosed.rfind('"'), 1);
  EXPECT_THAT(rulesOf(unclosed), ::testing::Contains("csv"));
  Roster shorter = roster;
  shorter.rows[2].pop_back();
  EXPECT_THAT(refused(job(shorter.csv())), ::testing::ElementsAre(Named{3, 0, "", "csv"}));
  EXPECT_THAT(rulesOf(""), ::testing::ElementsAre("header"));
  EXPECT_THAT(rulesOf("\xEF\xBB\xBF"), ::testing::ElementsAre("header"));
  Roster empty = roster;
  empty.rows.clear();
  EXPECT_THAT(rulesOf(empty.csv()), ::testing::ElementsAre("csv"));
}

}  // namespace
}  // namespace qianda::test
