#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/identity.h"
#include "templates/law/checks.h"
#include "templates/law/law.h"
#include "tests/unit/templates/sample_forms.h"

namespace qianda::templates::law {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using Values = std::map<std::string, std::string>;

constexpr core::Date kSigning = 2026y / 1 / 15;

std::string idBorn(std::string_view date, char sexDigit = '1') {
  const std::string first = "000000" + std::string(date) + "00" + sexDigit;
  return first + residentIdCheckCharacter(first);
}

Values generalValues() {
  return {{"employer_name", "珠海示例科技有限公司"},
          {"employer_uscc", "91350100M000100Y43"},
          {"employer_legal_rep", "林示例"},
          {"employer_address", "珠海市香洲区示例路1号"},
          {"employer_phone", "0756-2222222"},
          {"worker_name", "张三"},
          {"worker_id_no", idBorn("19900307")},
          {"worker_address", "珠海市斗门区虚构街2号"},
          {"worker_phone", "13800000000"},
          {"term_type", "fixed"},
          {"term_start", "2026-02-01"},
          {"term_end", "2029-01-31"},
          {"employment_start", "2026-02-01"},
          {"position", "质检员"},
          {"duties", "检验零件"},
          {"work_place", "珠海市香洲区示例路1号"},
          {"hours_system", "standard"},
          {"daily_hours", "8"},
          {"weekly_hours", "40"},
          {"rest_days", "2"},
          {"pay_mode", "monthly"},
          {"monthly_pay", "8500"},
          {"pay_day", "10"},
          {"pay_channel", "cash"}};
}

Values dispatchValues() {
  Values values = generalValues();
  values.merge(Values{{"user_unit_name", "珠海虚构制造有限公司"},
                      {"user_unit_uscc", "91350100M000100Y43"},
                      {"user_unit_address", "珠海市金湾区"},
                      {"dispatch_start", "2026-02-01"},
                      {"dispatch_end", "2026-07-31"},
                      {"dispatch_post_kind", "temporary"},
                      {"dispatch_licence_no", "示例0001"},
                      {"dispatch_licence_valid_until", "2027-12-31"},
                      {"idle_pay", "2080"}});
  return values;
}

Values partTimeValues() {
  Values values;
  for (const auto& [name, text] : generalValues()) {
    if (name.starts_with("employer_") || name.starts_with("worker_") || name == "term_start" || name == "position" ||
        name == "duties" || name == "work_place")
      values[name] = text;
  }
  values.merge(Values{{"daily_hours", "4"}, {"weekly_hours", "24"}, {"hourly_pay", "19.80"}, {"pay_cycle_days", "15"}});
  return values;
}

std::vector<Fault> judge(const std::shared_ptr<const Template>& form, Values values, const Values& changes,
                         core::Date signing = kSigning) {
  for (const auto& [name, text] : changes) values[name] = text;
  std::vector<Fault> faults;
  const Record record = parseValues(*form, {values.begin(), values.end()}, faults);
  std::erase_if(faults, [](const Fault& fault) { return fault.rule == "condition"; });  // what a change makes idle
  EXPECT_THAT(test::outline(faults), IsEmpty());
  Checker(form).check(record, signing, faults);
  return faults;
}

// "LC12 probation_end B"
std::vector<std::string> brief(const std::vector<Fault>& faults) {
  std::vector<std::string> lines;
  for (const Fault& fault : faults) {
    lines.push_back(fault.rule + " " + fault.field +
                    (fault.severity == Severity::kBlock  ? " B"
                     : fault.severity == Severity::kWarn ? " W"
                                                         : " I"));
  }
  return lines;
}

std::vector<std::string> judgeGeneral(const Values& changes, core::Date signing = kSigning) {
  return brief(judge(test::generalForm(), generalValues(), changes, signing));
}

TEST(LawRules, LetLawfulRecordsPass) {
  EXPECT_THAT(judgeGeneral({}), IsEmpty());
  EXPECT_THAT(brief(judge(test::dispatchForm(), dispatchValues(), {})), IsEmpty());
  EXPECT_THAT(brief(judge(test::partTimeForm(), partTimeValues(), {})), IsEmpty());
}

struct Case {
  const char* what;
  Values changes;
  std::vector<std::string> expected;
};

void expectAll(const std::vector<Case>& cases, const std::shared_ptr<const Template>& form, const Values& base) {
  for (const Case& one : cases) EXPECT_EQ(brief(judge(form, base, one.changes)), one.expected) << one.what;
}

TEST(LawRules, JudgeTermAndProbation) {
  expectAll(
      {{"end before start", {{"term_end", "2026-01-31"}}, {"LC03 term_end B"}},
       {"six months for three years", {{"probation_end", "2026-07-31"}}, {}},
       {"six months and a day", {{"probation_end", "2026-08-01"}}, {"LC12 probation_end B"}},
       {"two months by days, lawful",
        {{"term_start", "2026-07-01"}, {"term_end", "2028-06-30"}, {"probation_end", "2026-08-31"}},
        {}},
       {"sixty days, more than two months",
        {{"term_start", "2027-01-01"}, {"term_end", "2028-12-31"}, {"probation_end", "2027-03-01"}},
        {"LC12 probation_end B"}},
       {"a day short of three years",
        {{"term_end", "2029-01-30"}, {"probation_end", "2026-04-30"}},
        {"LC12 probation_end B"}},
       {"a day short of three years, two months", {{"term_end", "2029-01-30"}, {"probation_end", "2026-03-31"}}, {}},
       {"under three months", {{"term_end", "2026-04-29"}, {"probation_end", "2026-02-10"}}, {"LC13 probation_end B"}},
       {"just three months", {{"term_end", "2026-04-30"}, {"probation_end", "2026-02-28"}}, {}},
       {"from 31 January, a month",
        {{"term_start", "2026-01-31"}, {"term_end", "2026-04-30"}, {"probation_end", "2026-02-28"}},
        {}},
       {"from 31 January, a day more",
        {{"term_start", "2026-01-31"}, {"term_end", "2026-04-30"}, {"probation_end", "2026-03-01"}},
        {"LC12 probation_end B"}},
       {"open-ended, six months", {{"term_type", "open"}, {"probation_end", "2026-07-31"}}, {}},
       {"open-ended, more", {{"term_type", "open"}, {"probation_end", "2026-08-15"}}, {"LC12 probation_end B"}},
       {"by task",
        {{"term_type", "task"}, {"task_description", "安装设备"}, {"probation_end", "2026-02-28"}},
        {"LC13 probation_end B"}},
       {"second probation", {{"probation_end", "2026-03-31"}, {"previous_probation", "是"}}, {"LC14 probation_end B"}},
       {"probation only",
        {{"term_end", "2026-04-30"}, {"probation_end", "2026-04-30"}},
        {"LC12 probation_end B", "LC15 probation_end B"}},
       {"third contract", {{"previous_fixed_terms", "2"}}, {"LC27 previous_fixed_terms B"}},
       {"third contract, asked for", {{"previous_fixed_terms", "2"}, {"worker_requests_fixed", "是"}}, {}},
       {"third contract, open-ended", {{"previous_fixed_terms", "2"}, {"term_type", "open"}}, {}},
       {"ten years", {{"continuous_years", "10"}}, {"LC27 continuous_years B"}},
       {"not yet ten years", {{"continuous_years", "9.99"}, {"previous_fixed_terms", "1"}}, {}},
       {"months and dates agree", {{"term_months", "36"}}, {}},
       {"months and dates differ", {{"term_months", "24"}}, {"LC40 term_months B"}},
       {"probation months differ",
        {{"probation_end", "2026-04-30"}, {"probation_months", "2"}},
        {"LC40 probation_months B"}},
       {"probation before the term", {{"probation_end", "2026-01-31"}}, {"LC40 probation_end B"}},
       {"backdated", {{"term_start", "2026-01-14"}, {"term_end", "2029-01-13"}}, {"LC28 term_start W"}}},
      test::generalForm(), generalValues());
}

TEST(LawRules, JudgeWorkHoursAndPay) {
  expectAll({{"place too wide", {{"work_place", "珠海及全国各地"}}, {"LC04 work_place W"}},
             {"approval expired",
              {{"hours_system", "flexible"}, {"approval_no", "珠人社1"}, {"approval_valid_until", "2026-01-14"}},
              {"LC05 approval_valid_until B"}},
             {"nine hours", {{"daily_hours", "8.5"}}, {"LC06 daily_hours B"}},
             {"44 hours", {{"weekly_hours", "44"}, {"monthly_pay", "9000"}}, {"LC06 weekly_hours B"}},
             {"no rest day", {{"rest_days", "0"}}, {"LC06 rest_days B"}},
             {"overtime",
              {{"overtime_daily", "3.5"}, {"overtime_monthly", "40"}},
              {"LC07 overtime_daily B", "LC07 overtime_monthly B"}},
             {"overtime at its limits",
              {{"overtime_daily", "3"}, {"overtime_monthly", "36"}, {"overtime_rate_workday", "150"}},
              {}},
             {"overtime rates",
              {{"overtime_rate_workday", "100"}, {"overtime_rate_restday", "150%"}, {"overtime_rate_holiday", "299"}},
              {"LC07 overtime_rate_workday B", "LC07 overtime_rate_restday B", "LC07 overtime_rate_holiday B"}},
             {"pay cycle", {{"pay_cycle_days", "32"}}, {"LC08 pay_cycle_days B"}},
             {"minimum wage exactly", {{"monthly_pay", "2080"}}, {}},
             {"a fen less", {{"monthly_pay", "2079.99"}}, {"LC09 monthly_pay B", "LC09 work_place I"}},
             {"base pay",
              {{"pay_mode", "base_performance"}, {"base_pay", "1800"}, {"performance_rule", "按月"}},
              {"LC09 base_pay W", "LC09 work_place I"}},
             {"place without a figure",
              {{"work_place", "北京市朝阳区虚构路"}, {"monthly_pay", "100"}},
              {"LC09 work_place I"}},
             {"80 % exactly", {{"probation_end", "2026-04-30"}, {"probation_pay", "6800"}}, {}},
             {"under 80 %", {{"probation_end", "2026-04-30"}, {"probation_pay", "6799.99"}}, {"LC16 probation_pay B"}},
             {"80 % but under the minimum",
              {{"monthly_pay", "2200"}, {"probation_end", "2026-04-30"}, {"probation_pay", "1800"}},
              {"LC09 work_place I", "LC16 probation_pay B"}},
             {"both tests of article 20",
              {{"monthly_pay", "2500"}, {"probation_end", "2026-04-30"}, {"probation_pay", "1800"}},
              {"LC09 work_place I", "LC16 probation_pay B", "LC16 probation_pay B"}},
             {"hazard without notice", {{"hazard_post", "是"}}, {"LC11 hazard_notice B"}},
             {"hazard with notice", {{"hazard_post", "是"}, {"hazard_notice", "附件3"}}, {}}},
            test::generalForm(), generalValues());
}

TEST(LawRules, JudgePay) {
  // 60 hours a week hide 20 of overtime: 2080 + 2080 / 174 x 20 x 52 / 12 x 1.5 = 3634.02.
  const auto form = test::makeForm(
      LawProfile::kGeneral,
      {{"work_place", FieldType::kAddress}, {"weekly_hours", FieldType::kDecimal}, {"monthly_pay", FieldType::kMoney}});
  EXPECT_THAT(brief(judge(form, {{"work_place", "珠海"}, {"weekly_hours", "60"}, {"monthly_pay", "3634.02"}}, {})),
              IsEmpty());
  const auto faults = judge(form, {{"work_place", "珠海"}, {"weekly_hours", "60"}, {"monthly_pay", "3634"}}, {});
  EXPECT_THAT(brief(faults), ElementsAre("LC42 monthly_pay W"));
}

TEST(LawRules, JudgeNonCompete) {
  const Values agreed{{"non_compete", "是"},
                      {"non_compete_class", "confidential"},
                      {"non_compete_months", "12"},
                      {"non_compete_area", "珠海市"},
                      {"non_compete_scope", "同类产品"},
                      {"non_compete_monthly_pay", "2600"},
                      {"non_compete_penalty", "156000"}};
  const auto with = [&](const Values& changes) {
    Values values = agreed;
    for (const auto& [name, text] : changes) values[name] = text;
    return judgeGeneral(values);
  };
  EXPECT_THAT(with({}), IsEmpty());
  EXPECT_THAT(with({{"non_compete_months", "25"}, {"non_compete_monthly_pay", "4250"}}),
              ElementsAre("LC19 non_compete_months B"));
  EXPECT_THAT(with({{"non_compete_months", "24"}, {"non_compete_monthly_pay", "4250"}}), IsEmpty());
  EXPECT_THAT(with({{"non_compete_monthly_pay", ""}}), ElementsAre("LC19 non_compete_monthly_pay B"));
  EXPECT_THAT(with({{"non_compete_monthly_pay", "2549.99"}, {"non_compete_penalty", "1"}}),
              ElementsAre("LC20 non_compete_monthly_pay W"));
  EXPECT_THAT(with({{"non_compete_months", "13"}}), ElementsAre("LC20 non_compete_monthly_pay W"));
  EXPECT_THAT(with({{"monthly_pay", "6000"}, {"non_compete_monthly_pay", "2000"}, {"non_compete_penalty", "1"}}),
              ElementsAre("LC20 non_compete_monthly_pay W"));
  EXPECT_THAT(with({{"non_compete_penalty", "156000.01"}}), ElementsAre("LC20 non_compete_penalty W"));
}

// Terms that employers do write, each with a lawful neighbour in nearly the same words.
TEST(LawRules, ReadTheOtherTerms) {
  struct Term {
    const char* text;
    const char* fault;  // none: lawful
  };
  for (const Term& term :
       {Term{"乙方自愿放弃缴纳社会保险", "LC10 other_terms B"},
        Term{"社保折现每月500元随工资发放", "LC10 other_terms B"}, Term{"甲方为乙方缴纳社会保险，乙方不得自愿放弃", ""},
        Term{"乙方提前离职的，应支付违约金一万元", "LC17 other_terms B"},
        Term{"乙方违反竞业限制约定的，按约定支付违约金", ""}, Term{"甲方逾期支付工资的，向乙方支付违约金", ""},
        Term{"入职时收取押金500元，离职退还", "LC21 other_terms B"},
        Term{"甲方代为保管乙方身份证", "LC21 other_terms B"}, Term{"甲方不得扣押乙方身份证，不收取押金", ""},
        Term{"乙方上下班途中伤亡自负", "LC22 other_terms B"}, Term{"合同期内乙方不得结婚、怀孕", "LC23 other_terms B"},
        Term{"甲方不得因乙方怀孕解除合同", ""}, Term{"年度考核末位淘汰，解除劳动合同", "LC23 other_terms B"},
        Term{"甲方可随时调岗降薪", "LC24 other_terms W"}, Term{"双方协商一致可以调整岗位", ""}}) {
    const auto found = brief(judge(test::generalForm(), generalValues(),
                                   {{"other_terms", std::string("双方另行约定如下。") + term.text + "。"}}));
    if (*term.fault == 0) {
      EXPECT_THAT(found, IsEmpty()) << term.text;
    } else {
      EXPECT_THAT(found, ElementsAre(term.fault)) << term.text;
    }
  }
  const auto faults = judge(test::generalForm(), generalValues(), {{"other_terms", "一切照旧。收取押金。"}});
  ASSERT_THAT(brief(faults), ElementsAre("LC21 other_terms B"));
  EXPECT_EQ(faults[0].computed, "\"收取押金\"");
}

TEST(LawRules, JudgeAge) {
  expectAll({{"fifteen", {{"worker_id_no", idBorn("20100202")}}, {"LC29 worker_id_no B"}},
             {"sixteen on the first day", {{"worker_id_no", idBorn("20100201")}}, {"LC29 worker_id_no W"}},
             {"eighteen on the first day", {{"worker_id_no", idBorn("20080201")}}, {}},
             {"a passport tells no age", {{"worker_id_type", "passport"}, {"worker_id_no", "E12345678"}}, {}},
             {"man of sixty", {{"worker_id_no", idBorn("19650101")}}, {"LC30 worker_id_no W"}},
             {"man before retirement", {{"worker_id_no", idBorn("19660101")}}, {}},
             {"woman of fifty-one", {{"worker_id_no", idBorn("19750101", '2')}}, {"LC30 worker_id_no W"}}},
            test::generalForm(), generalValues());
}

TEST(LawRules, CountDoubleWageDays) {
  const Values started{{"employment_start", "2026-01-01"}, {"term_start", "2027-06-01"}, {"term_end", "2029-12-31"}};
  EXPECT_THAT(judgeGeneral(started, 2026y / 1 / 31), IsEmpty());
  const auto faults = judge(test::generalForm(), generalValues(), started, 2026y / 3 / 3);
  ASSERT_THAT(brief(faults), ElementsAre("LC25 employment_start W"));
  EXPECT_EQ(faults[0].computed, "30 days of double wages");  // 1 February to 2 March
  EXPECT_EQ(faults[0].limit, "2026-01-31");
  EXPECT_THAT(judgeGeneral(started, 2027y / 1 / 1), ElementsAre("LC26 employment_start W"));
}

TEST(LawRules, JudgeDispatch) {
  expectAll(
      {{"two years exactly", {{"term_end", "2028-01-31"}}, {}},
       {"a day short", {{"term_end", "2028-01-30"}}, {"LC32 term_end B"}},
       {"by task", {{"term_type", "task"}, {"task_description", "安装"}}, {"LC32 term_type B"}},
       {"licence expired", {{"dispatch_licence_valid_until", "2026-01-14"}}, {"LC32 dispatch_licence_valid_until B"}},
       {"temporary for longer than six months", {{"dispatch_end", "2026-08-01"}}, {"LC33 dispatch_end W"}},
       {"auxiliary may be longer", {{"dispatch_end", "2026-08-01"}, {"dispatch_post_kind", "auxiliary"}}, {}},
       {"backwards", {{"dispatch_start", "2026-09-01"}}, {"LC32 dispatch_end B"}},
       {"beyond the term",
        {{"dispatch_end", "2029-02-01"}, {"dispatch_post_kind", "auxiliary"}},
        {"LC40 dispatch_end B"}},
       {"idle pay", {{"idle_pay", "2000"}}, {"LC09 idle_pay B", "LC09 work_place I"}},
       {"part-time", {{"daily_hours", "4"}, {"weekly_hours", "20"}}, {"LC34 weekly_hours B"}}},
      test::dispatchForm(), dispatchValues());
}

TEST(LawRules, JudgePartTime) {
  expectAll({{"five hours", {{"daily_hours", "5"}}, {"LC35 daily_hours B"}},
             {"30 hours", {{"weekly_hours", "30"}}, {"LC35 weekly_hours B"}},
             {"monthly pay cycle", {{"pay_cycle_days", "30"}}, {"LC35 pay_cycle_days B"}},
             {"hourly minimum", {{"hourly_pay", "19.79"}}, {"LC09 work_place I", "LC35 hourly_pay B"}},
             {"probation", {{"probation_end", "2026-02-15"}}, {"LC13 probation_end B"}}},
            test::partTimeForm(), partTimeValues());
}

TEST(LawRules, AskForWhatAnOptionalFieldLeavesOut) {
  auto form = test::generalForm();
  for (FieldSpec& spec : form->fields) spec.required = false;
  const auto found = brief(judge(form, {}, {}));
  for (const char* expected :
       {"LC01 employer_name B", "LC01 employer_uscc B", "LC02 worker_id_no B", "LC03 term_type B", "LC04 work_place B",
        "LC05 hours_system B", "LC08 pay_mode B", "LC08 pay_day B"}) {
    EXPECT_THAT(found, Contains(expected));
  }
}

TEST(LawRules, CheckNumbersThatATemplateTakesAsText) {
  const auto form =
      test::makeForm(LawProfile::kGeneral, {{"employer_uscc", FieldType::kText}, {"worker_id_no", FieldType::kText}});
  EXPECT_THAT(brief(judge(form, {{"employer_uscc", "91350100M000100Y44"}, {"worker_id_no", "110105194912310021"}}, {})),
              ElementsAre("LC01 employer_uscc B", "LC02 worker_id_no B"));
  EXPECT_THAT(brief(judge(form, {{"employer_uscc", "91350100M000100Y43"}, {"worker_id_no", idBorn("19900101")}}, {})),
              IsEmpty());
}

TEST(LawRules, DependOnTheProfile) {
  const Values values{{"probation_end", "2027-01-01"}};
  auto form = test::generalForm();
  EXPECT_THAT(brief(judge(form, generalValues(), values)), ElementsAre("LC12 probation_end B"));
  form->law = LawProfile::kPlatformAgreement;
  EXPECT_THAT(brief(judge(form, generalValues(), values)), IsEmpty());
  form->law = LawProfile::kNone;
  EXPECT_THAT(brief(judge(form, generalValues(), {{"worker_id_no", idBorn("20150101")}})), IsEmpty());
  form->law = LawProfile::kPlatformAgreement;
  EXPECT_THAT(brief(judge(form, generalValues(), {{"worker_id_no", idBorn("20150101")}})),
              ElementsAre("LC29 worker_id_no B"));
}

TEST(LawRules, RespectTheirDates) {
  auto form = test::dispatchForm();
  const Values values{{"dispatch_end", "2026-12-31"}};
  const auto early = brief(judge(form, dispatchValues(), values, 2013y / 6 / 30));
  EXPECT_THAT(early, Not(Contains("LC33 dispatch_end W")));
  EXPECT_THAT(brief(judge(form, dispatchValues(), values, 2013y / 7 / 1)), Contains("LC33 dispatch_end W"));
}

TEST(LawRules, SayWhatWasFoundInBothLanguages) {
  const auto faults = judge(test::generalForm(), generalValues(), {{"probation_end", "2026-09-05"}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].computed, "7 months and 5 days");
  EXPECT_EQ(faults[0].limit, "6 months");
  EXPECT_EQ(faults[0].value, "2026-09-05");
  EXPECT_EQ(faults[0].article, "劳动合同法 19");
  EXPECT_EQ(faults[0].messageZh, "试用期超过法定上限。（实际：7 个月零 5 天；标准：6 个月）");
  EXPECT_EQ(faults[0].messageEn,
            "Probation is longer than the law allows for this term. (found 7 months and 5 days, limit 6 months)");
}

TEST(LawRules, TableIsWellFormed) {
  for (const RuleEntry& entry : ruleTable()) {
    EXPECT_TRUE(entry.rule.id.starts_with("LC") && entry.rule.id.size() == 4);
    EXPECT_FALSE(entry.rule.article.empty() || entry.rule.messageZh.empty() || entry.rule.messageEn.empty());
    EXPECT_TRUE(entry.rule.effectiveFrom.empty() || core::parseDate(entry.rule.effectiveFrom));
    EXPECT_NE(entry.profiles, 0u);
  }
  EXPECT_EQ(rules().size(), ruleTable().size());
}

}  // namespace
}  // namespace qianda::templates::law
