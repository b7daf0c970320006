#include "delivery/cases/clock.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "delivery/cases/clock_steps.h"

namespace qianda::delivery {
namespace {

constexpr std::array<std::pair<Deadline::State, std::string_view>, 7> kStates{
    {{Deadline::State::kRunning, "running"},
     {Deadline::State::kWarned, "warned"},
     {Deadline::State::kMet, "met"},
     {Deadline::State::kMetLate, "met_late"},
     {Deadline::State::kOverdue, "overdue"},
     {Deadline::State::kSuspended, "suspended"},
     {Deadline::State::kVoid, "void"}}};

// The first day on which a deadline warns: `days` before its last day, or before so many working days.
core::Date warnsFrom(core::Date last, int days, const WorkingCalendar& calendar) {
  std::int64_t day = core::toDays(last);
  for (int left = days; left > 0;) {
    if (!calendar.isRestDay(core::fromDays(--day))) --left;
  }
  return core::fromDays(std::min(day, core::toDays(last) - days));
}

void settle(Deadline& deadline, int warnDays, const WorkingCalendar& calendar, core::Date today) {
  using State = Deadline::State;
  if (deadline.state == State::kVoid) return;
  if (deadline.metOn) {
    deadline.state = *deadline.metOn <= deadline.last ? State::kMet : State::kMetLate;
  } else if (deadline.isSuspended) {
    deadline.state = State::kSuspended;
  } else if (today > deadline.last) {
    deadline.state = State::kOverdue;
  } else {
    deadline.state = today >= warnsFrom(deadline.last, warnDays, calendar) ? State::kWarned : State::kRunning;
  }
}

}  // namespace

CaseClock clockOf(const std::vector<CaseEvent>& events, const ServiceRules& rules, const WorkingCalendar& calendar,
                  core::Date today) {
  std::vector<CaseEvent> ordered;
  for (const CaseEvent& event : events) {
    if (event.day <= today) ordered.push_back(event);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const CaseEvent& one, const CaseEvent& other) { return one.day < other.day; });
  ClockWork work{ordered, rules, calendar, today};
  addAcceptance(work);
  addAnswers(work);
  addHearings(work);
  addAward(work);
  addRemedies(work);
  addMediation(work);
  const int warnDays = work.number("clock.warn_days");
  for (Deadline& deadline : work.clock.deadlines) settle(deadline, warnDays, calendar, today);
  std::stable_sort(work.clock.deadlines.begin(), work.clock.deadlines.end(),
                   [](const Deadline& one, const Deadline& other) {
                     return std::tie(one.last, one.key, one.subject) < std::tie(other.last, other.key, other.subject);
                   });
  std::sort(work.clock.recalledRules.begin(), work.clock.recalledRules.end());
  return work.clock;
}

std::optional<core::Date> nextLook(const CaseClock& clock, const ServiceRules& rules, const WorkingCalendar& calendar,
                                   core::Date today) {
  const int warnDays = rules.number("clock.warn_days");
  std::optional<core::Date> next;
  for (const Deadline& deadline : clock.deadlines) {
    if (deadline.state != Deadline::State::kRunning && deadline.state != Deadline::State::kWarned) continue;
    const core::Date warns = warnsFrom(deadline.last, warnDays, calendar);
    const core::Date look = warns > today ? warns : core::fromDays(core::toDays(deadline.last) + 1);
    if (!next || look < *next) next = look;
  }
  return next;
}

std::string_view nameOf(Deadline::State state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return {};
}

const std::vector<CaseEventKind>& caseEventKinds() {
  static const std::vector<CaseEventKind> kKinds{{"received", "收到申请", "Application received", {}},
                                                 {"supplemented", "补正材料", "Application completed", {}},
                                                 {"mediation_started", "开始调解", "Mediation began", {}},
                                                 {"mediation_ended", "调解结束", "Mediation ended", {"outcome"}},
                                                 {"accepted", "受理", "Accepted", {}},
                                                 {"refused", "不予受理", "Refused", {}},
                                                 {"panel_told", "告知组庭", "Parties told of the panel", {}},
                                                 {"hearing_set", "确定开庭日期", "Hearing set", {"hearing_day"}},
                                                 {"postponed", "延期开庭", "Hearing postponed", {"hearing_day"}},
                                                 {"extended", "批准延长期限", "Time for the award extended", {}},
                                                 {"suspended", "中止审理", "Suspended", {}},
                                                 {"resumed", "恢复审理", "Resumed", {}},
                                                 {"notice_begun", "公告送达开始", "Public notice began", {}},
                                                 {"notice_ended", "公告送达期满", "Public notice ended", {}},
                                                 {"party_added", "追加当事人", "Party added", {"party"}},
                                                 {"claim_added", "增加、变更请求", "Claim added or changed", {}},
                                                 {"counterclaim", "受理反申请", "Counterclaim accepted", {}},
                                                 {"transferred", "移送", "Transferred", {}},
                                                 {"answer_received", "收到答辩书", "Answer received", {}},
                                                 {"withdrawn", "撤回申请", "Withdrawn", {}},
                                                 {"mediated", "调解成立", "Settled by mediation", {}},
                                                 {"awarded", "作出裁决", "Award made", {}},
                                                 {"closed", "结案", "Closed", {}},
                                                 {"served", "文书送达", "Document served", {"document", "party"}}};
  return kKinds;
}

}  // namespace qianda::delivery
