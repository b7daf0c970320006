#include <algorithm>
#include <array>

#include "core/error.h"
#include "delivery/cases/clock_steps.h"

namespace qianda::delivery {
namespace {

using core::Date;
using core::toDays;

// Days that do not count towards the award: [from, to) of suspension and of public notice, each day once.
struct Pause {
  std::int64_t from, to;
  bool isOpen;
};

std::vector<Pause> pausesOf(const std::vector<CaseEvent>& events, Date today) {
  static constexpr std::array<std::array<std::string_view, 2>, 2> kPairs{
      {{"suspended", "resumed"}, {"notice_begun", "notice_ended"}}};
  std::vector<Pause> pauses;
  for (const auto& [begin, end] : kPairs) {
    const CaseEvent* open = nullptr;
    for (const CaseEvent& event : events) {
      if (event.kind == begin && open == nullptr) open = &event;
      if (event.kind != end || open == nullptr) continue;
      pauses.push_back({toDays(open->day), toDays(event.day), false});
      open = nullptr;
    }
    // Up to tomorrow: today is a day that does not count either.
    if (open != nullptr) pauses.push_back({toDays(open->day), toDays(today) + 1, true});
  }
  return pauses;
}

int pausedDays(const std::vector<Pause>& pauses, std::int64_t start, std::int64_t end) {
  int days = 0;
  for (std::int64_t day = start; day < end; ++day) {
    const bool isPaused = std::any_of(pauses.begin(), pauses.end(),
                                      [day](const Pause& pause) { return pause.from <= day && day < pause.to; });
    if (isPaused) ++days;
  }
  return days;
}

// The day the 45 days begin on: acceptance, or what makes them begin anew (办案规则 46).
Date startOfAward(ClockWork& work, const CaseEvent& accepted) {
  Date start = accepted.day;
  for (const CaseEvent& event : work.events) {
    bool begins = event.kind == "party_added" || event.kind == "claim_added" || event.kind == "counterclaim" ||
                  (event.kind == "transferred" && detail(event, "direction") != "out");
    if (begins && event.day >= start && work.is("clock.restart", "restarts")) start = event.day;
  }
  return start;
}

}  // namespace

void addAward(ClockWork& work) {
  const CaseEvent* accepted = firstOf(work.events, "accepted");
  if (accepted == nullptr) return;
  const Date start = startOfAward(work, *accepted);
  int days = work.number("clock.award_days");
  if (const CaseEvent* extended = lastOf(work.events, "extended"); extended != nullptr && extended->day >= start) {
    days += work.number("clock.extension_days");
  }
  const CaseEvent* end = endOf(work.events);
  const Date until = end != nullptr ? std::min(end->day, work.today) : work.today;
  std::vector<Pause> pauses = pausesOf(work.events, until);
  if (pauses.empty() || work.is("clock.suspension", "counted")) pauses.clear();
  // What is paused while the period runs moves its end, and what is paused in what it was moved by moves it further.
  int moved = 0;
  for (int next = -1; next != moved;) {
    next = moved;
    moved = pausedDays(pauses, toDays(start), toDays(start) + days + moved + 1);
  }
  Deadline award = work.deadline("award", "", work.period(start, days + moved));
  award.isSuspended = std::any_of(pauses.begin(), pauses.end(), [](const Pause& pause) { return pause.isOpen; });
  if (end != nullptr && (end->kind == "awarded" || end->kind == "mediated")) award.metOn = end->day;
  if (end != nullptr && !award.metOn) award.state = Deadline::State::kVoid;
  work.clock.deadlines.push_back(std::move(award));
}

void addHearings(ClockWork& work) {
  const CaseEvent* end = endOf(work.events);
  const CaseSides sides = sidesOf(work.events);
  for (const CaseEvent& set : work.events) {
    if (set.kind != "hearing_set" && set.kind != "postponed") continue;
    const std::optional<Date> hearing = core::parseDate(detail(set, "hearing_day"));
    if (!hearing) {
      throw core::Error(core::ErrorCode::kCorrupt, "case event " + set.kind + " of " + core::isoDate(set.day) +
                                                       ": hearing_day \"" + std::string(detail(set, "hearing_day")) +
                                                       "\" is no day");
    }
    const bool isReplaced = std::any_of(work.events.begin(), work.events.end(), [&](const CaseEvent& event) {
      return event.kind == "postponed" && &event > &set && event.day <= *hearing;
    });
    std::vector<std::string> parties = idsOf(detail(set, "parties"));
    if (parties.empty()) parties = sides.parties;
    if (parties.empty()) parties.emplace_back();
    Period period;
    period.start = set.day;
    period.last = latestDayBefore(*hearing, work.number("clock.hearing_notice_days"));
    for (const std::string& party : parties) {
      Deadline notice = work.deadline("hearing_notice", party, period);
      if (const CaseEvent* met = servedOf(work.events, "hearing_notice", party, set.day)) notice.metOn = met->day;
      if (isReplaced) notice.state = Deadline::State::kVoid;
      if (end != nullptr && end->day < *hearing && !notice.metOn) notice.state = Deadline::State::kVoid;
      work.clock.deadlines.push_back(std::move(notice));
    }
    period.last = latestDayBefore(*hearing, work.number("clock.postpone_days"));
    Deadline request = work.deadline("postpone_request", "", period);
    if (isReplaced || (end != nullptr && end->day < *hearing)) request.state = Deadline::State::kVoid;
    work.clock.deadlines.push_back(std::move(request));
  }
}

void addRemedies(ClockWork& work) {
  const CaseEvent* award = lastOf(work.events, "awarded");
  if (award == nullptr) return;
  const bool isFinal = detail(*award, "final") == "true";
  if (isFinal) work.clock.awardEffectiveOn = award->day;  // 法 47
  const CaseSides sides = sidesOf(work.events);
  for (const CaseEvent& served : work.events) {
    if (served.kind != "served" || detail(served, "document") != "award" || served.day < award->day) continue;
    const std::string party(detail(served, "party"));
    if (servedOf(work.events, "award", party, award->day) != &served) continue;
    // Whose side is not told is given both: a right too many is shown rather than one too few.
    const bool maySue = !isFinal || !sides.isEmployer(party), mayAnnul = isFinal && !sides.isWorker(party);
    if (maySue) {
      work.clock.deadlines.push_back(
          work.deadline("sue", party, work.period(served.day, work.number("clock.sue_days"))));
    }
    if (mayAnnul) {
      work.clock.deadlines.push_back(
          work.deadline("annul", party, work.period(served.day, work.number("clock.annul_days"))));
    }
  }
}

void addMediation(ClockWork& work) {
  const CaseEvent* started = lastOf(work.events, "mediation_started");
  const CaseEvent* ended = lastOf(work.events, "mediation_ended");
  const CaseEvent* mediated = lastOf(work.events, "mediated");
  std::string& outcome = work.clock.mediationOutcome;
  if (mediated != nullptr) {
    outcome = "succeeded";
  } else if (ended != nullptr && (started == nullptr || ended >= started)) {
    outcome = detail(*ended, "outcome");
  } else if (started != nullptr) {
    outcome = "running";
  }
  const bool isHere = firstOf(work.events, "received") != nullptr || firstOf(work.events, "accepted") != nullptr;
  work.clock.mediationIsDue = isHere && outcome.empty() && endOf(work.events) == nullptr;
  if (mediated == nullptr) return;
  work.clock.mediationEffectiveOn =
      allServed(work.events, "mediation_statement", sidesOf(work.events).parties, mediated->day);  // 法 42
}

}  // namespace qianda::delivery
