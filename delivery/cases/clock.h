// The statutory clock of a case (期限), as a pure function of its events: which deadlines run, since when, until when,
// by which article, met or missed. 调解仲裁法 29, 30, 32, 35, 43, 48-50; suspension and restart 办案规则 46 (recalled).
// Days of China, calendar of delivery/rules. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delivery/rules/service_rules.h"

namespace qianda::delivery {

// Of kinds listed in kCaseEventKinds (clock.cpp): "received", "mediation_started", "mediation_ended", "accepted",
// "refused", "panel_told", "hearing_set", "postponed", "extended", "suspended", "resumed", "notice_begun" (公告),
// "notice_ended", "party_added", "claim_added", "counterclaim", "transferred", "answer_received", "withdrawn",
// "mediated", "awarded", "closed", and "served" (kind of document, recipient).
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
  enum class State { kRunning, kWarned, kMet, kMetLate, kOverdue, kSuspended, kVoid } state = State::kRunning;
};

struct CaseClock {
  std::vector<Deadline> deadlines;  // by last day
  bool mediationIsDue = false;      // 凡仲裁必先调解: not offered yet
  std::string mediationOutcome;     // "", "running", "succeeded", "failed", "declined"
  std::vector<std::string> recalledRules;
};

// kWarned: running and at most `rules.number("clock.warn_days")` days are left on `today`.
CaseClock clockOf(const std::vector<CaseEvent>& events, const ServiceRules& rules, const WorkingCalendar& calendar,
                  core::Date today);

std::string_view nameOf(Deadline::State state);
// Names and titles of the events a case may have.
struct CaseEventKind {
  std::string_view name, titleZh, titleEn;
  std::vector<std::string_view> requiredDetails;
};
const std::vector<CaseEventKind>& caseEventKinds();

}  // namespace qianda::delivery
