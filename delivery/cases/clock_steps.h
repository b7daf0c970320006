// The parts of the clock of a case: who the parties are, and each group of deadlines. Used by clock.cpp alone.
#pragma once

#include <string>
#include <vector>

#include "delivery/cases/clock.h"

namespace qianda::delivery {

struct ClockWork {
  const std::vector<CaseEvent>& events;  // in order of day
  const ServiceRules& rules;
  const WorkingCalendar& calendar;
  core::Date today;
  CaseClock clock = {};

  int number(std::string_view key);
  bool is(std::string_view key, std::string_view value);
  void recall(std::string_view key);
  // A period of `days` that begins on `start`, rolled; recalls what it rests on.
  Period period(core::Date start, int days);
  Deadline deadline(std::string_view key, const std::string& subject, const Period& period) const;
};

std::string_view detail(const CaseEvent& event, std::string_view name);
std::vector<std::string> idsOf(std::string_view list);  // "a,b"

struct CaseSides {
  std::vector<std::string> parties, respondents;
  bool isWorker(const std::string& party) const;
  bool isEmployer(const std::string& party) const;
  std::vector<std::string> workers, employers;
};
CaseSides sidesOf(const std::vector<CaseEvent>& events);

const CaseEvent* firstOf(const std::vector<CaseEvent>& events, std::string_view kind);
const CaseEvent* lastOf(const std::vector<CaseEvent>& events, std::string_view kind);
// The first service of `document` on `party` ("": on anybody) from `since` on.
const CaseEvent* servedOf(const std::vector<CaseEvent>& events, std::string_view document, std::string_view party,
                          core::Date since);
// The day on which the last of the parties was served; nothing while one was not, or when none is known.
std::optional<core::Date> allServed(const std::vector<CaseEvent>& events, std::string_view document,
                                    const std::vector<std::string>& parties, core::Date since);
// The day from which nothing runs any more but what follows the award: refused, awarded, mediated, withdrawn, closed,
// transferred out.
const CaseEvent* endOf(const std::vector<CaseEvent>& events);

void addAcceptance(ClockWork& work);  // accept, serve_copy, panel
void addAnswers(ClockWork& work);     // answer, answer_copy
void addHearings(ClockWork& work);    // hearing_notice, postpone_request
void addAward(ClockWork& work);       // award, with suspension, restart and extension
void addRemedies(ClockWork& work);    // sue, annul
void addMediation(ClockWork& work);

}  // namespace qianda::delivery
