// The statutory clock of a case (期限), as a pure function of its events: which deadlines run, since when, until when,
// by which article, met or missed. 调解仲裁法 29, 30, 32, 35, 43, 48-50; completion, suspension and restart
// 办案规则 46. Days of China, calendar of delivery/rules. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delivery/rules/service_rules.h"

namespace qianda::delivery {

// Kinds and the details they need are in caseEventKinds(). Details that are used when they are there:
//   "received", "accepted": "applicants", "respondents", "third_parties" (ids, comma between), "workers", "employers"
//   "party_added": "party", "role" ("respondent" ...), "side" ("worker", "employer")
//   "hearing_set", "postponed": "hearing_day"; "parties" (ids): who must be told, else all parties known
//   "answer_received": "party"; "mediation_ended": "outcome" ("succeeded", "failed", "declined")
//   "awarded": "final" ("true", "false"); "transferred": "direction" ("in": the time for the award begins anew, "out")
//   "served": "document", "party", and for an award of a side not told elsewhere "side". Documents by name:
//   "application_copy", "answer_copy", "panel_notice", "hearing_notice", "award", "mediation_statement"
struct CaseEvent {
  std::string kind;
  core::Date day;
  core::Instant at{};                          // when it was recorded
  std::map<std::string, std::string> details;  // "document", "party", "hearing_day", "final" ...
};

struct Deadline {
  std::string key;      // "accept", "serve_copy", "answer", "answer_copy", "hearing_notice", "award", ...
  std::string subject;  // the party it is for, or ""
  std::string titleZh, titleEn, rule;
  core::Date start;
  core::Date last;  // the last day in time
  std::optional<core::Date> metOn;
  bool isSuspended = false, isProvisional = false;
  bool isPartys = false;  // a right or duty of the party: its lapse is no fault of the commission
  enum class State { kRunning, kWarned, kMet, kMetLate, kOverdue, kSuspended, kVoid } state = State::kRunning;
};

struct CaseClock {
  std::vector<Deadline> deadlines;  // by last day
  bool mediationIsDue = false;      // 凡仲裁必先调解: not offered yet
  std::string mediationOutcome;     // "", "running", "succeeded", "failed", "declined"
  // 法 42: 调解书 takes effect when all parties have signed. 法 47: a final award on the day it is made.
  std::optional<core::Date> mediationEffectiveOn, awardEffectiveOn;
  std::vector<std::string> recalledRules;
};

// kWarned: running, and at most `rules.number("clock.warn_days")` days, or as many working days, are left on `today`.
// So as many looks in a row may be left out, one a day, and it still warns before the end.
CaseClock clockOf(const std::vector<CaseEvent>& events, const ServiceRules& rules, const WorkingCalendar& calendar,
                  core::Date today);

// The day of the next look at which something changes by time alone: a deadline that begins to warn or is over. Nothing
// when all are settled.
std::optional<core::Date> nextLook(const CaseClock& clock, const ServiceRules& rules, const WorkingCalendar& calendar,
                                   core::Date today);

std::string_view nameOf(Deadline::State state);
// Names and titles of the events a case may have.
struct CaseEventKind {
  std::string_view name, titleZh, titleEn;
  std::vector<std::string_view> requiredDetails;
};
const std::vector<CaseEventKind>& caseEventKinds();
// Throws kInvalidInput that names the field: an unknown kind, a missing detail, a hearing day that is none, another
// word than the ones above. What passes never makes clockOf throw.
void checkCaseEvent(const CaseEvent& event);

}  // namespace qianda::delivery
