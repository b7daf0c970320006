#include "templates/sample_contract.h"

#include "templates/law/term.h"

namespace qianda::templates {
namespace {

using law::Known;

constexpr std::int64_t kSafeWage = 3000;  // yuan; 80 % of it is above every minimum wage on file

std::string yesNo(bool yes) { return yes ? "是" : "否"; }
std::string yuanText(std::int64_t yuan) { return std::to_string(yuan) + ".00"; }

}  // namespace

struct SampleContract::Pen {
  const law::Bindings& bindings;
  SampleRandom& random;
  std::vector<std::string>& cells;
  std::uint64_t index = 0;
  core::Date start{}, end{};
  std::string termType;
  bool hasProbation = false;
  std::int64_t pay = kSafeWage;  // a month, yuan

  void set(Known name, std::string text) {
    const std::size_t field = bindings[name.index];
    if (field != Template::npos) cells[field] = std::move(text);
  }
};

SampleContract::SampleContract(const Template& form, std::uint64_t seed, core::Date today)
    : form_(&form), bindings_(law::bind(form)), seed_(seed), today_(today) {}

bool SampleContract::isAlwaysRequired(Known name) const {
  const std::size_t field = bindings_[name.index];
  return field != Template::npos && form_->fields[field].required && !form_->fields[field].condition;
}

std::string SampleContract::choose(Pen& pen, Known name, std::vector<std::string> wanted) const {
  const std::size_t field = bindings_[name.index];
  if (field != Template::npos && form_->fields[field].type == FieldType::kChoice) {
    std::erase_if(wanted, [&](const std::string& value) {
      const auto& choices = form_->fields[field].choices;
      return std::none_of(choices.begin(), choices.end(), [&](const Choice& choice) { return choice.value == value; });
    });
  }
  const std::string chosen = wanted.empty() ? std::string() : pen.random.pick(std::span<const std::string>(wanted));
  pen.set(name, chosen);
  return chosen;
}

void SampleContract::write(std::uint64_t index, SampleRandom& random, std::vector<std::string>& cells) const {
  for (std::string& cell : cells) cell.clear();
  Pen pen{bindings_, random, cells, index, {}, {}, {}, false, kSafeWage};
  writeParties(pen);
  writeTerm(pen);
  writeWork(pen);
  writePay(pen);
  writeClauses(pen);
  writeDispatch(pen);
}

void SampleContract::writeParties(Pen& pen) const {
  pen.set("employer_name", "珠海示例科技有限公司");
  pen.set("employer_uscc", sampleUscc(1));
  pen.set("employer_legal_rep", "林示例");
  pen.set("employer_address", "广东省珠海市香洲区示例大道1号示例大厦18层");
  pen.set("employer_phone", "0756-2000001");
  pen.set("platform_name", "珠海示例网络平台有限公司");
  pen.set("platform_uscc", sampleUscc(2));
  pen.set("partner_name", "珠海示例供应链服务有限公司");
  pen.set("partner_uscc", sampleUscc(3));
  pen.set("worker_name", samplePersonName(pen.random));
  const std::string kind = pen.random.isOneIn(50) ? "hk_macao_permit" : "resident_id";
  const bool isOther = choose(pen, "worker_id_type", {kind}) == "hk_macao_permit" &&
                       bindings_[Known("worker_id_type").index] != Template::npos;
  const std::string number = std::to_string(10000000 + (pen.index + seed_) % 90000000);
  pen.set("worker_id_no", isOther ? "H" + number : sampleResidentId(pen.index, seed_, today_));
  const std::string home = sampleAddress(pen.random);
  pen.set("worker_household_address", home);
  pen.set("worker_address", pen.random.isOneIn(3) ? home : sampleAddress(pen.random));
  pen.set("worker_phone", sampleMobile(pen.index, seed_));
  pen.set("bank_account", "6200000000" + std::to_string(100000000 + (pen.index * 7919 + seed_) % 900000000));
}

void SampleContract::writeTerm(Pen& pen) const {
  const bool isDispatch = form_->law == LawProfile::kDispatch;
  const bool isPartTime = form_->law == LawProfile::kPartTime;
  const bool mustProbate = isAlwaysRequired("probation_end");
  std::vector<std::string> kinds{"fixed", "fixed", "open"};
  if (isDispatch || isPartTime || isAlwaysRequired("term_end")) kinds = {"fixed"};
  if (kinds.size() > 1 && !mustProbate) kinds.push_back("task");
  pen.termType = choose(pen, "term_type", kinds);
  const core::Date month = core::addMonths(today_, static_cast<int>(pen.random.between(1, 2)));
  pen.start = month.year() / month.month() / (pen.random.isOneIn(4) ? std::chrono::day(16) : std::chrono::day(1));
  static constexpr int kTerms[] = {6, 12, 24, 36, 36, 60}, kDispatchTerms[] = {24, 24, 36};
  const int length = isDispatch ? pen.random.pick(kDispatchTerms) : isPartTime ? 6 : pen.random.pick(kTerms);
  pen.end = law::lastDayOfTerm(pen.start, length);
  pen.set("term_start", core::isoDate(pen.start));
  pen.set("employment_start", core::isoDate(pen.start));
  if (pen.termType == "fixed") {
    pen.set("term_end", core::isoDate(pen.end));
    pen.set("term_months", std::to_string(length));
  } else if (pen.termType == "task") {
    pen.set("task_description", "完成示例产业园" + std::to_string(pen.random.between(1, 9)) +
                                    "号厂房自动化产线的安装、调试和验收，以验收报告签署之日为完成标志。");
  }
  const law::TermKind kind = pen.termType == "open"   ? law::TermKind::kOpen
                             : pen.termType == "task" ? law::TermKind::kTask
                                                      : law::TermKind::kFixed;
  const int longest = isPartTime || form_->law == LawProfile::kAnnex ? 0 : law::longestProbation(kind, length);
  pen.hasProbation = longest > 0 && (mustProbate || !pen.random.isOneIn(3));
  if (pen.hasProbation) {
    const int probation = static_cast<int>(pen.random.between(1, longest));
    pen.set("probation_end", core::isoDate(law::lastDayOfTerm(pen.start, probation)));
    pen.set("probation_months", std::to_string(probation));
  }
  pen.set("previous_probation", yesNo(false));
  pen.set("previous_fixed_terms", std::to_string(pen.random.between(form_->law == LawProfile::kAnnex ? 1 : 0, 1)));
  pen.set("continuous_years", std::to_string(pen.random.between(0, 3)));
  pen.set("worker_requests_fixed", yesNo(false));
}

void SampleContract::writeWork(Pen& pen) const {
  const SampleJob& job = sampleJob(pen.random);
  pen.set("position", std::string(job.position));
  std::string duties;
  const std::int64_t sentences = pen.random.between(1, static_cast<std::int64_t>(job.duties.size()));
  for (std::int64_t i = 0; i < sentences; ++i) duties += job.duties[static_cast<std::size_t>(i)];
  pen.set("duties", duties);
  pen.set("work_place", sampleAddress(pen.random));
  const std::string hours =
      choose(pen, "hours_system", {"standard", "standard", "standard", "comprehensive", "flexible"});
  const bool isPartTime = form_->law == LawProfile::kPartTime;
  pen.set("daily_hours", isPartTime ? "4" : pen.random.isOneIn(4) ? "7.5" : "8");
  pen.set("weekly_hours", isPartTime              ? std::to_string(pen.random.between(8, 24))
                          : pen.random.isOneIn(4) ? "37.5"
                                                  : "40");
  pen.set("rest_days", "2");
  if (hours == "comprehensive" || hours == "flexible") {
    pen.set("approval_no", "珠示例工时〔" + std::to_string(static_cast<int>(today_.year())) + "〕" +
                               std::to_string(pen.random.between(1, 400)) + "号");
    pen.set("approval_valid_until", core::isoDate(core::addMonths(today_, 12)));
  }
  pen.set("overtime_daily", std::to_string(pen.random.between(1, 3)));
  pen.set("overtime_monthly", std::to_string(pen.random.between(12, 36)));
  pen.set("overtime_rate_workday", "150");
  pen.set("overtime_rate_restday", "200");
  pen.set("overtime_rate_holiday", "300");
}

void SampleContract::writePay(Pen& pen) const {
  pen.pay = kSafeWage + 50 * pen.random.between(0, pen.random.isOneIn(8) ? 900 : 200);
  const std::string mode =
      choose(pen, "pay_mode", {"monthly", "monthly", "monthly", "piece", "base_performance", "other"});
  // A form that asks for a monthly pay whatever the mode gets one.
  const std::size_t monthly = form_->findField("monthly_pay");
  const bool always = monthly != Template::npos && !form_->fields[monthly].condition;
  if (mode == "monthly" || always) pen.set("monthly_pay", yuanText(pen.pay));
  if (mode == "piece")
    pen.set("piece_rate", "每件" + std::to_string(pen.random.between(2, 30)) + "元，按当月验收合格数量计算");
  if (mode == "base_performance") pen.set("base_pay", yuanText(pen.pay));
  if (mode == "base_performance" || mode == "other") {
    pen.set("performance_rule",
            pen.random.isOneIn(2)
                ? "按公司绩效管理办法按月考核发放"
                : "按月考核，考核系数为0.8至1.5，考核结果经乙方签字确认后于次月发薪日一并发放；年度考核优秀的另行奖励");
  }
  // Nine tenths, rounded up to ten yuan: above the 80 % of article 20.
  if (pen.hasProbation) pen.set("probation_pay", yuanText((pen.pay * 9 + 99) / 100 * 10));
  pen.set("pay_day", std::to_string(pen.random.between(5, 25)));
  pen.set("pay_cycle_days", form_->law == LawProfile::kPartTime ? "15" : "30");
  choose(pen, "pay_channel", {"bank", "bank", "bank", "cash"});
  pen.set("hourly_pay", std::to_string(pen.random.between(24, 80)) + ".50");
}

void SampleContract::writeClauses(Pen& pen) const {
  const bool hasHazard = pen.random.isOneIn(10), hasNonCompete = pen.random.isOneIn(6);
  pen.set("hazard_post", yesNo(hasHazard));
  if (hasHazard) pen.set("hazard_notice", "噪声、粉尘（详见附件《职业病危害告知书》）");
  const std::size_t benefits = form_->findField("benefits");
  if (benefits != Template::npos && form_->fields[benefits].columns.size() == 2 && !pen.random.isOneIn(3)) {
    static constexpr const char* kBenefits[] = {"住房补贴|每月500元", "通讯补贴|每月100元", "节日福利|每年不低于1000元",
                                                "年度体检|每年一次", "补充医疗保险|按公司方案参加"};
    std::string rows;
    for (const char* one : kBenefits) {
      if (pen.random.isOneIn(2)) rows += (rows.empty() ? "" : ";") + std::string(one);
    }
    pen.set("benefits", rows);
  }
  pen.set("contract_no", "QD-" + std::to_string(static_cast<int>(today_.year())) + "-" +
                             std::to_string(pen.random.between(100000, 999999)));
  pen.set("confidentiality", yesNo(hasNonCompete || pen.random.isOneIn(2)));
  pen.set("non_compete", yesNo(hasNonCompete));
  if (!hasNonCompete) return;
  const std::int64_t length = 6 * pen.random.between(1, 4);
  const std::int64_t pay = std::max(kSafeWage, (pen.pay + 1) / 2);
  choose(pen, "non_compete_class", {"senior_manager", "senior_technician", "confidential"});
  pen.set("non_compete_months", std::to_string(length));
  pen.set("non_compete_area", "广东省珠海市");
  pen.set("non_compete_scope", pen.random.isOneIn(2)
                                   ? "工业自动化软件"
                                   : "与甲方生产同类产品、经营同类业务且有竞争关系的工业自动化设备与软件企业");
  pen.set("non_compete_monthly_pay", yuanText(pay));
  pen.set("non_compete_penalty", yuanText(pay * length * pen.random.between(1, 5)));
}

void SampleContract::writeDispatch(Pen& pen) const {
  pen.set("user_unit_name", "珠海虚构精密制造有限公司");
  pen.set("user_unit_uscc", sampleUscc(4));
  pen.set("user_unit_address", "广东省珠海市金湾区虚构一路66号");
  const std::string kind = choose(pen, "dispatch_post_kind", {"temporary", "auxiliary", "substitute"});
  pen.set("dispatch_start", core::isoDate(pen.start));
  const bool isLong = (kind == "auxiliary" || kind == "substitute") && pen.random.isOneIn(2);
  pen.set("dispatch_end", core::isoDate(law::lastDayOfTerm(pen.start, isLong ? 12 : 6)));
  pen.set("dispatch_licence_no", "粤示例派遣" + std::to_string(static_cast<int>(today_.year())) + "0001");
  pen.set("dispatch_licence_valid_until", core::isoDate(core::addMonths(today_, 30)));
  pen.set("idle_pay", yuanText(kSafeWage));
}

}  // namespace qianda::templates
