#include "templates/law/checks.h"
#include "templates/law/term.h"

namespace qianda::templates::law {
namespace {

constexpr int kLongestNonCompete = 24, kLeastDispatchTerm = 24, kLongestTemporaryPost = 6;

std::optional<std::int64_t> agreedPay(const Facts& facts) {
  return facts.isPresent("monthly_pay") ? facts.money("monthly_pay") : facts.money("base_pay");
}

}  // namespace

void checkHazardNotice(const Facts& facts, Findings& findings) {
  if (facts.isYes("hazard_post") && facts.isMissing("hazard_notice")) findings.push_back({"hazard_notice", {}, {}});
}

void checkNonCompete(const Facts& facts, Findings& findings) {
  if (!facts.isYes("non_compete")) return;
  for (Known name : {Known("non_compete_class"), Known("non_compete_months"), Known("non_compete_monthly_pay")}) {
    if (facts.isMissing(name)) findings.push_back({name, {}, {}});
  }
  const auto length = facts.integer("non_compete_months");
  if (length && *length > kLongestNonCompete)
    findings.push_back({"non_compete_months", months(*length), months(kLongestNonCompete)});
  const auto pay = facts.money("non_compete_monthly_pay");
  if (pay && *pay <= 0) findings.push_back({"non_compete_monthly_pay", yuan(*pay), {"大于 0", "more than 0"}});
}

void checkNonCompetePay(const Facts& facts, Findings& findings) {
  const auto pay = facts.money("non_compete_monthly_pay"), agreed = agreedPay(facts);
  const auto length = facts.integer("non_compete_months");
  if (!facts.isYes("non_compete") || !pay) return;
  const std::int64_t share = length && *length > 12 ? 50 : 30;
  if (agreed && *pay * 100 < *agreed * share) {
    findings.push_back({"non_compete_monthly_pay", yuan(*pay), yuan((*agreed * share + 99) / 100)});
  }
  const MinimumWage* wage = facts.minimumWage();
  if (wage && *pay < wage->monthly) findings.push_back({"non_compete_monthly_pay", yuan(*pay), yuan(wage->monthly)});
  const auto penalty = facts.money("non_compete_penalty");
  const bool isLengthSane = length && *length >= 0 && *length <= 1200;
  if (penalty && isLengthSane && *penalty > *pay * *length * 5) {
    findings.push_back({"non_compete_penalty", yuan(*penalty), yuan(*pay * *length * 5)});
  }
}

void checkDispatch(const Facts& facts, Findings& findings) {
  for (Known name : {Known("user_unit_name"), Known("dispatch_start"), Known("dispatch_end"), Known("position"),
                     Known("dispatch_licence_no")}) {
    if (facts.isMissing(name)) findings.push_back({name, {}, {}});
  }
  if (facts.is("term_type", "task"))
    findings.push_back({"term_type", {"以完成一定工作任务为期限", "by task"}, months(kLeastDispatchTerm)});
  const auto start = facts.date("term_start"), end = facts.date("term_end");
  if (start && end && *end > *start && wholeMonths(*start, *end) < kLeastDispatchTerm) {
    findings.push_back(
        {"term_end", months(wholeMonths(*start, *end), daysBeyondMonths(*start, *end)), months(kLeastDispatchTerm)});
  }
  const auto from = facts.date("dispatch_start"), until = facts.date("dispatch_end");
  if (from && until && *until < *from) findings.push_back({"dispatch_end", date(*until), date(*from)});
  const auto licence = facts.date("dispatch_licence_valid_until");
  if (licence && *licence < facts.signingDay())
    findings.push_back({"dispatch_licence_valid_until", date(*licence), date(facts.signingDay())});
}

void checkDispatchPost(const Facts& facts, Findings& findings) {
  if (facts.isMissing("dispatch_post_kind")) findings.push_back({"dispatch_post_kind", {}, {}});
  const auto from = facts.date("dispatch_start"), until = facts.date("dispatch_end");
  if (!facts.is("dispatch_post_kind", "temporary") || !from || !until || *until < *from) return;
  if (*until <= lastDayOfTerm(*from, kLongestTemporaryPost)) return;
  findings.push_back({"dispatch_end", months(wholeMonths(*from, *until), daysBeyondMonths(*from, *until)),
                      months(kLongestTemporaryPost)});
}

void checkDispatchPartTime(const Facts& facts, Findings& findings) {
  const auto daily = facts.decimal("daily_hours"), weekly = facts.decimal("weekly_hours");
  const bool isPartTime = daily && weekly && *daily <= 4 * kDecimalScale && *weekly <= 24 * kDecimalScale;
  if (isPartTime && facts.isPresent("user_unit_name")) findings.push_back({"weekly_hours", hours(*weekly), {}});
}

}  // namespace qianda::templates::law
