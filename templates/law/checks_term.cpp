#include "templates/law/checks.h"
#include "templates/law/term.h"

namespace qianda::templates::law {
namespace {

struct Probation {
  core::Date start, end;
};

std::optional<Probation> probationOf(const Facts& facts) {
  const auto start = facts.date("term_start"), end = facts.date("probation_end");
  if (!start || !end || *end < *start) return std::nullopt;
  return Probation{*start, *end};
}

// Months of probation that the law allows; nullopt where the term is not known.
std::optional<int> limitOf(const Facts& facts) {
  if (facts.is("term_type", "open")) return longestProbation(TermKind::kOpen, 0);
  if (facts.is("term_type", "task")) return longestProbation(TermKind::kTask, 0);
  const auto start = facts.date("term_start"), end = facts.date("term_end");
  if (!start || !end) return std::nullopt;
  return longestProbation(TermKind::kFixed, wholeMonths(*start, *end));
}

Measure span(core::Date start, core::Date end) { return months(wholeMonths(start, end), daysBeyondMonths(start, end)); }

void checkMonths(const Facts& facts, Known stated, Known last, Findings& findings) {
  const auto length = facts.integer(stated);
  const auto start = facts.date("term_start"), end = facts.date(last);
  if (!length || !start || !end || *end < *start) return;
  const bool agrees = *length >= 1 && *length < 1200 && lastDayOfTerm(*start, static_cast<int>(*length)) == *end;
  if (!agrees) findings.push_back({stated, months(*length), span(*start, *end)});
}

}  // namespace

void checkTerm(const Facts& facts, Findings& findings) {
  if (facts.isMissing("term_type")) findings.push_back({"term_type", {}, {}});
  if (facts.is("term_type", "task") && facts.isMissing("task_description"))
    findings.push_back({"task_description", {}, {}});
  const auto end = facts.date("term_end");
  if (facts.is("term_type", "fixed") && facts.isMissing("term_start")) findings.push_back({"term_start", {}, {}});
  if (facts.is("term_type", "fixed") && facts.isMissing("term_end")) findings.push_back({"term_end", {}, {}});
  if (facts.is("term_type", "open") && end) findings.push_back({"term_end", date(*end), {"无终止日期", "no end date"}});
}

void checkTermDates(const Facts& facts, Findings& findings) {
  const auto start = facts.date("term_start"), end = facts.date("term_end");
  if (start && end && *end <= *start) findings.push_back({"term_end", date(*end), date(*start)});
}

void checkProbationLength(const Facts& facts, Findings& findings) {
  const auto probation = probationOf(facts);
  const auto limit = limitOf(facts);
  if (!probation || !limit || *limit == 0 || probation->end <= lastDayOfTerm(probation->start, *limit)) return;
  findings.push_back({"probation_end", span(probation->start, probation->end), months(*limit)});
}

void checkProbationAllowed(const Facts& facts, Findings& findings) {
  const auto limit = limitOf(facts);
  if (!limit || *limit > 0 || !facts.isPresent("probation_end")) return;
  const auto probation = probationOf(facts);
  findings.push_back({"probation_end", probation ? span(probation->start, probation->end) : Measure{}, months(0)});
}

void checkPartTimeProbation(const Facts& facts, Findings& findings) {
  for (Known name : {Known("probation_end"), Known("probation_months"), Known("probation_pay")}) {
    if (facts.isPresent(name) && facts.integer(name) != 0) findings.push_back({name, {}, months(0)});
  }
}

void checkSecondProbation(const Facts& facts, Findings& findings) {
  if (facts.isYes("previous_probation") && facts.isPresent("probation_end")) {
    findings.push_back({"probation_end", count(2), count(1)});
  }
}

void checkProbationOnly(const Facts& facts, Findings& findings) {
  const auto probation = probationOf(facts);
  const auto end = facts.date("term_end");
  if (probation && end && probation->end >= *end)
    findings.push_back({"probation_end", date(probation->end), date(*end)});
}

void checkOpenEndedDue(const Facts& facts, Findings& findings) {
  if (!facts.is("term_type", "fixed") || facts.isYes("worker_requests_fixed")) return;
  const auto terms = facts.integer("previous_fixed_terms");
  if (terms && *terms >= 2) findings.push_back({"previous_fixed_terms", count(*terms), count(1)});
  const auto served = facts.decimal("continuous_years");
  if (served && *served >= 10 * kDecimalScale)
    findings.push_back({"continuous_years", years(*served / kDecimalScale), years(10)});
}

void checkContradictions(const Facts& facts, Findings& findings) {
  checkMonths(facts, "term_months", "term_end", findings);
  checkMonths(facts, "probation_months", "probation_end", findings);
  const auto start = facts.date("term_start"), end = facts.date("term_end");
  const auto inside = [&](Known name) {
    const auto day = facts.date(name);
    if (day && start && *day < *start) findings.push_back({name, date(*day), date(*start)});
    if (day && end && *day > *end) findings.push_back({name, date(*day), date(*end)});
  };
  inside("probation_end");
  inside("dispatch_start");
  inside("dispatch_end");
}

}  // namespace qianda::templates::law
