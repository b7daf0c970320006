#include "templates/law/checks.h"

namespace qianda::templates::law {
namespace {

constexpr std::int64_t kHour = kDecimalScale;
// Paid hours of a month: 21.75 days of 8 hours.
constexpr std::int64_t kPaidHours = 174;
constexpr std::string_view kWidePlaces[] = {"全国",     "全省",     "全市范围", "各地",    "不限",
                                            "公司指定", "甲方指定", "单位指定", "服从安排"};

void checkMost(const Facts& facts, Known name, std::int64_t mostHours, Findings& findings) {
  const auto value = facts.decimal(name);
  if (value && *value > mostHours * kHour) findings.push_back({name, hours(*value), hours(mostHours * kHour)});
}

void checkLeastPay(const Facts& facts, Known name, std::int64_t least, Findings& findings) {
  const auto pay = facts.money(name);
  if (pay && *pay < least) findings.push_back({name, yuan(*pay), yuan(least)});
}

bool hasTimePay(const Facts& facts) {
  for (Known name :
       {Known("monthly_pay"), Known("base_pay"), Known("idle_pay"), Known("hourly_pay"), Known("probation_pay")}) {
    if (facts.isPresent(name)) return true;
  }
  return false;
}

bool isPlaceTooWide(std::string_view place) {
  return std::any_of(std::begin(kWidePlaces), std::end(kWidePlaces),
                     [place](std::string_view wide) { return place.find(wide) != std::string_view::npos; });
}

}  // namespace

void checkWork(const Facts& facts, Findings& findings) {
  for (Known name : {Known("position"), Known("duties"), Known("work_place")}) {
    if (facts.isMissing(name)) findings.push_back({name, {}, {}});
  }
}

void checkPlaceTooWide(const Facts& facts, Findings& findings) {
  const std::string place(facts.text("work_place"));
  if (isPlaceTooWide(place)) findings.push_back({"work_place", {place, place}, {"具体地点", "a definite place"}});
}

void checkHoursSystem(const Facts& facts, Findings& findings) {
  if (facts.isMissing("hours_system")) findings.push_back({"hours_system", {}, {}});
  if (!facts.is("hours_system", "comprehensive") && !facts.is("hours_system", "flexible")) return;
  for (Known name : {Known("approval_no"), Known("approval_valid_until")}) {
    if (facts.isMissing(name)) findings.push_back({name, {}, {}});
  }
  const auto until = facts.date("approval_valid_until");
  const core::Date needed = std::max(facts.signingDay(), facts.firstDay());
  if (until && *until < needed) findings.push_back({"approval_valid_until", date(*until), date(needed)});
}

void checkStandardHours(const Facts& facts, Findings& findings) {
  if (!facts.is("hours_system", "standard")) return;
  checkMost(facts, "daily_hours", 8, findings);
  checkMost(facts, "weekly_hours", 40, findings);
  const auto daily = facts.decimal("daily_hours"), rest = facts.integer("rest_days");
  if (rest && *rest < 1) findings.push_back({"rest_days", count(*rest), count(1)});
  if (!daily || !rest || *rest < 1 || *rest > 7 || facts.isPresent("weekly_hours")) return;
  const std::int64_t weekly = *daily * (7 - *rest);
  if (weekly > 40 * kHour) findings.push_back({"daily_hours", hours(weekly), hours(40 * kHour)});
}

void checkOvertime(const Facts& facts, Findings& findings) {
  checkMost(facts, "overtime_daily", 3, findings);
  checkMost(facts, "overtime_monthly", 36, findings);
  const auto atLeast = [&](Known name, std::int64_t least) {
    const auto rate = facts.integer(name);
    if (rate && *rate < least) findings.push_back({name, percent(*rate), percent(least)});
  };
  atLeast("overtime_rate_workday", 150);
  atLeast("overtime_rate_restday", 200);
  atLeast("overtime_rate_holiday", 300);
}

void checkPay(const Facts& facts, Findings& findings) {
  const auto demand = [&](Known name) {
    if (facts.isMissing(name)) findings.push_back({name, {}, {}});
  };
  demand("pay_mode");
  if (facts.is("pay_mode", "monthly")) demand("monthly_pay");
  if (facts.is("pay_mode", "piece")) demand("piece_rate");
  if (facts.is("pay_mode", "base_performance")) demand("base_pay");
  if (facts.is("pay_mode", "base_performance") || facts.is("pay_mode", "other")) demand("performance_rule");
  demand("pay_day");
  demand("pay_channel");
  const auto day = facts.integer("pay_day"), cycle = facts.integer("pay_cycle_days");
  if (day && (*day < 1 || *day > 31)) findings.push_back({"pay_day", count(*day), {"1 至 31", "1 to 31"}});
  if (cycle && *cycle > 31)
    findings.push_back(
        {"pay_cycle_days", {std::to_string(*cycle) + " 天", std::to_string(*cycle) + " days"}, months(1)});
}

void checkMinimumWage(const Facts& facts, Findings& findings) {
  const MinimumWage* wage = facts.minimumWage();
  if (!wage) return;
  checkLeastPay(facts, "monthly_pay", wage->monthly, findings);
  checkLeastPay(facts, "idle_pay", wage->monthly, findings);
}

void checkBasePay(const Facts& facts, Findings& findings) {
  const MinimumWage* wage = facts.minimumWage();
  if (wage) checkLeastPay(facts, "base_pay", wage->monthly, findings);
}

void checkWageOnFile(const Facts& facts, Findings& findings) {
  if (!facts.isPresent("work_place") || !hasTimePay(facts) || facts.minimumWage()) return;
  findings.push_back(
      {"work_place", {std::string(facts.text("work_place")), std::string(facts.text("work_place"))}, {}});
}

void checkWageConfirmed(const Facts& facts, Findings& findings) {
  const MinimumWage* wage = facts.minimumWage();
  if (!wage || wage->isVerified) return;
  Findings decided;
  for (Known name : {Known("monthly_pay"), Known("idle_pay"), Known("base_pay"), Known("probation_pay")}) {
    checkLeastPay(facts, name, wage->monthly, decided);
  }
  checkLeastPay(facts, "hourly_pay", wage->hourly, decided);
  if (decided.empty()) return;
  findings.push_back(
      {"work_place", yuan(wage->monthly), {std::string(wage->effectiveFrom), std::string(wage->effectiveFrom)}});
}

void checkProbationPay(const Facts& facts, Findings& findings) {
  const auto pay = facts.money("probation_pay");
  if (!pay) return;
  const auto agreed = facts.isPresent("monthly_pay") ? facts.money("monthly_pay") : facts.money("base_pay");
  if (agreed && *pay * 100 < *agreed * 80)
    findings.push_back({"probation_pay", yuan(*pay), yuan((*agreed * 80 + 99) / 100)});
  if (const MinimumWage* wage = facts.minimumWage()) checkLeastPay(facts, "probation_pay", wage->monthly, findings);
}

void checkPartTime(const Facts& facts, Findings& findings) {
  checkMost(facts, "daily_hours", 4, findings);
  checkMost(facts, "weekly_hours", 24, findings);
  const auto cycle = facts.integer("pay_cycle_days");
  if (cycle && *cycle > 15) {
    findings.push_back(
        {"pay_cycle_days", {std::to_string(*cycle) + " 天", std::to_string(*cycle) + " days"}, {"15 天", "15 days"}});
  }
  if (const MinimumWage* wage = facts.minimumWage()) checkLeastPay(facts, "hourly_pay", wage->hourly, findings);
}

// Pay for a week of more than 40 hours that leaves, with the hours beyond 40 at 150 %, less than the minimum an hour.
void checkHiddenSubMinimum(const Facts& facts, Findings& findings) {
  const MinimumWage* wage = facts.minimumWage();
  const auto pay = facts.money("monthly_pay");
  const auto weekly = facts.decimal("weekly_hours");
  if (!wage || !pay || !weekly || *weekly <= 40 * kHour || *weekly > 168 * kHour) return;
  const std::int64_t extra = (*weekly - 40 * kHour) * 52 * 3 / (12 * 2);  // a month's, at 150 %, in 1/10000 hour
  const std::int64_t due = wage->monthly + wage->monthly * extra / (kPaidHours * kHour);
  if (*pay < due) findings.push_back({"monthly_pay", yuan(*pay), yuan(due)});
}

}  // namespace qianda::templates::law
