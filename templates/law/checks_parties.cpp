#include "templates/identity.h"
#include "templates/law/checks.h"
#include "templates/law/term.h"

namespace qianda::templates::law {
namespace {

// A code or number in a plain text field was not checked when the row was read.
void checkCode(const Facts& facts, Known name, Findings& findings) {
  const FieldSpec* spec = facts.specOf(name);
  if (spec && spec->type != FieldType::kUscc && facts.isPresent(name) && !isUscc(facts.text(name))) {
    findings.push_back(
        {name, {std::string(facts.text(name)), std::string(facts.text(name))}, {"GB 32100", "GB 32100"}});
  }
}

std::optional<ResidentId> residentOf(const Facts& facts) {
  const bool isOther = facts.isPresent("worker_id_type") && !facts.is("worker_id_type", "resident_id");
  if (isOther || !facts.isPresent("worker_id_no")) return std::nullopt;
  const ResidentId id = readResidentId(facts.text("worker_id_no"), facts.signingDay());
  return id.fault == IdFault::kNone ? std::optional(id) : std::nullopt;
}

std::optional<int> ageAtStart(const Facts& facts) {
  const auto id = residentOf(facts);
  return id ? std::optional(ageOn(id->birth, facts.firstDay())) : std::nullopt;
}

constexpr int kLeastAge = 16, kFullAge = 18;

}  // namespace

void checkEmployer(const Facts& facts, Findings& findings) {
  for (Known name : {Known("employer_name"), Known("employer_uscc"), Known("employer_legal_rep"),
                     Known("employer_address"), Known("platform_name"), Known("partner_name")}) {
    if (facts.isMissing(name)) findings.push_back({name, {}, {}});
  }
  for (Known name : {Known("employer_uscc"), Known("platform_uscc"), Known("partner_uscc"), Known("user_unit_uscc")}) {
    checkCode(facts, name, findings);
  }
}

void checkWorker(const Facts& facts, Findings& findings) {
  for (Known name : {Known("worker_name"), Known("worker_id_no")}) {
    if (facts.isMissing(name)) findings.push_back({name, {}, {}});
  }
  if (facts.isMissing("worker_address") && !facts.isPresent("worker_household_address")) {
    findings.push_back({"worker_address", {}, {}});
  }
  const FieldSpec* spec = facts.specOf("worker_id_no");
  const bool isOther = facts.isPresent("worker_id_type") && !facts.is("worker_id_type", "resident_id");
  if (spec && spec->type != FieldType::kIdCard && !isOther && facts.isPresent("worker_id_no") && !residentOf(facts)) {
    findings.push_back({"worker_id_no",
                        {std::string(facts.text("worker_id_no")), std::string(facts.text("worker_id_no"))},
                        {"GB 11643", "GB 11643"}});
  }
}

void checkLateContract(const Facts& facts, Findings& findings) {
  const auto start = facts.date("employment_start");
  if (!start || lastDayOfTerm(*start, 1) >= facts.signingDay() || lastDayOfTerm(*start, 12) < facts.signingDay())
    return;
  const auto late = core::toDays(facts.signingDay()) - core::toDays(lastDayOfTerm(*start, 1)) - 1;
  const std::string days = std::to_string(late);
  findings.push_back({"employment_start",
                      {"双倍工资 " + days + " 天", days + " days of double wages"},
                      date(lastDayOfTerm(*start, 1))});
}

void checkDeemedOpenEnded(const Facts& facts, Findings& findings) {
  const auto start = facts.date("employment_start");
  if (!start || lastDayOfTerm(*start, 12) >= facts.signingDay() || facts.is("term_type", "open")) return;
  findings.push_back({"employment_start", date(facts.signingDay()), date(lastDayOfTerm(*start, 12))});
}

void checkBackdatedStart(const Facts& facts, Findings& findings) {
  const auto start = facts.date("term_start");
  if (start && *start < facts.signingDay()) findings.push_back({"term_start", date(*start), date(facts.signingDay())});
}

void checkUnderage(const Facts& facts, Findings& findings) {
  const auto age = ageAtStart(facts);
  if (age && *age < kLeastAge) findings.push_back({"worker_id_no", years(*age), years(kLeastAge)});
}

void checkYoungWorker(const Facts& facts, Findings& findings) {
  const auto age = ageAtStart(facts);
  if (age && *age >= kLeastAge && *age < kFullAge) findings.push_back({"worker_id_no", years(*age), years(kFullAge)});
}

void checkRetirement(const Facts& facts, Findings& findings) {
  const auto id = residentOf(facts);
  if (!id) return;
  const int limit = retirementAgeMonths(id->birth, id->male, facts.firstDay());
  if (core::addMonths(id->birth, limit) > facts.firstDay()) return;
  findings.push_back({"worker_id_no", months(wholeMonths(id->birth, facts.firstDay())), months(limit)});
}

}  // namespace qianda::templates::law
