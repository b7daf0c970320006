// The statutory clock of a case, and R17: every deadline warns before it is over.
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/cases/clock_events.h"
#include "tests/unit/delivery/law_support.h"

namespace qianda::delivery {
namespace {

using law::day;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using State = Deadline::State;
using Events = std::vector<CaseEvent>;

CaseEvent on(const std::string& date, const std::string& kind, std::map<std::string, std::string> details = {}) {
  return {kind, day(date), law::at(date), std::move(details)};
}
CaseEvent served(const std::string& date, const std::string& document, const std::string& party) {
  return on(date, "served", {{"document", document}, {"party", party}});
}
CaseEvent accepted(const std::string& date) {
  return on(date, "accepted", {{"applicants", "w"}, {"respondents", "e,f"}, {"workers", "w"}, {"employers", "e,f"}});
}
CaseClock clock(const Events& events, const std::string& today, const ServiceRules& rules = ServiceRules::shipped()) {
  return clockOf(events, rules, WorkingCalendar::shipped(), day(today));
}
const Deadline* find(const CaseClock& clock, const std::string& key, const std::string& subject = "") {
  for (const Deadline& deadline : clock.deadlines) {
    if (deadline.key == key && deadline.subject == subject) return &deadline;
  }
  return nullptr;
}
// "2026-05-11 running", or "none".
std::string told(const CaseClock& clock, const std::string& key, const std::string& subject = "") {
  const Deadline* deadline = find(clock, key, subject);
  return deadline == nullptr ? "none" : core::isoDate(deadline->last) + " " + std::string(nameOf(deadline->state));
}

TEST(LawClock, AcceptanceIsDueInFiveDays) {
  const Events events{on("2026-05-06", "received")};
  EXPECT_EQ(told(clock(events, "2026-05-06"), "accept"), "2026-05-11 running");
  EXPECT_EQ(told(clock(events, "2026-05-08"), "accept"), "2026-05-11 warned");
  EXPECT_EQ(told(clock(events, "2026-05-11"), "accept"), "2026-05-11 warned");
  EXPECT_EQ(told(clock(events, "2026-05-12"), "accept"), "2026-05-11 overdue");
  const auto with = [&](const CaseEvent& event) { return told(clock({events[0], event}, "2026-05-20"), "accept"); };
  EXPECT_EQ(with(on("2026-05-11", "accepted")), "2026-05-11 met");
  EXPECT_EQ(with(on("2026-05-11", "refused")), "2026-05-11 met");
  EXPECT_EQ(with(on("2026-05-12", "accepted")), "2026-05-11 met_late");
  EXPECT_EQ(with(on("2026-05-09", "withdrawn")), "2026-05-11 void");
  EXPECT_EQ(with(on("2026-05-09", "supplemented")), "2026-05-14 overdue");  // 办案规则 46(2)
  const Deadline* accept = find(clock(events, "2026-05-06"), "accept");
  ASSERT_NE(accept, nullptr);
}

TEST(LawClock, TheCopyGoesToEveryRespondent) {
  Events events{accepted("2026-05-06"), served("2026-05-09", "application_copy", "e")};
  CaseClock told1 = clock(events, "2026-05-12");
  EXPECT_EQ(told(told1, "serve_copy", "e"), "2026-05-11 met");
  EXPECT_EQ(told(told1, "serve_copy", "f"), "2026-05-11 overdue");
  EXPECT_EQ(told(told1, "panel"), "2026-05-11 overdue");
  EXPECT_EQ(told(told1, "answer", "e"), "2026-05-19 running");  // from receipt
  EXPECT_EQ(told(told1, "answer", "f"), "none");
  EXPECT_TRUE(find(told1, "answer", "e")->isPartys);
  EXPECT_FALSE(find(told1, "serve_copy", "f")->isPartys);
  // The panel is told by the event or when its notice reached everybody.
  Events panel{accepted("2026-05-06"), served("2026-05-08", "panel_notice", "w"),
               served("2026-05-09", "panel_notice", "e")};
  EXPECT_EQ(told(clock(panel, "2026-05-10"), "panel"), "2026-05-11 warned");
  panel.push_back(served("2026-05-11", "panel_notice", "f"));
  EXPECT_EQ(told(clock(panel, "2026-05-11"), "panel"), "2026-05-11 met");
  EXPECT_EQ(told(clock({accepted("2026-05-06"), on("2026-05-12", "panel_told")}, "2026-05-12"), "panel"),
            "2026-05-11 met_late");
  // A party that joins has five days of its own.
  events.push_back(on("2026-05-20", "party_added", {{"party", "g"}, {"role", "respondent"}}));
  EXPECT_EQ(told(clock(events, "2026-05-20"), "serve_copy", "g"), "2026-05-25 running");
  // Nobody named: one deadline for whoever it is.
  EXPECT_EQ(told(clock({on("2026-05-06", "accepted")}, "2026-05-07"), "serve_copy"), "2026-05-11 running");
}

TEST(LawClock, AnswersAndTheirCopies) {
  Events events{accepted("2026-05-06"), served("2026-05-09", "application_copy", "e"),
                on("2026-05-18", "answer_received", {{"party", "e"}})};
  EXPECT_EQ(told(clock(events, "2026-05-18"), "answer", "e"), "2026-05-19 met");
  EXPECT_EQ(told(clock(events, "2026-05-18"), "answer_copy", "e"), "2026-05-25 running");  // the 23rd is a Saturday
  events.push_back(served("2026-05-21", "answer_copy", "w"));
  EXPECT_EQ(told(clock(events, "2026-05-22"), "answer_copy", "e"), "2026-05-25 met");
  // Served again, the first receipt counts.
  events.push_back(served("2026-05-30", "application_copy", "e"));
  EXPECT_EQ(told(clock(events, "2026-06-22"), "answer", "e"), "2026-05-19 met");
}

TEST(LawClock, HearingNoticeIsCountedBack) {
  Events events{accepted("2026-05-06"), on("2026-05-11", "hearing_set", {{"hearing_day", "2026-06-01"}})};
  CaseClock before = clock(events, "2026-05-12");
  for (const char* party : {"w", "e", "f"}) EXPECT_EQ(told(before, "hearing_notice", party), "2026-05-26 running");
  EXPECT_EQ(told(before, "postpone_request"), "2026-05-28 running");
  events.push_back(served("2026-05-26", "hearing_notice", "w"));
  events.push_back(served("2026-05-27", "hearing_notice", "e"));
  CaseClock after = clock(events, "2026-05-27");
  EXPECT_EQ(told(after, "hearing_notice", "w"), "2026-05-26 met");
  EXPECT_EQ(told(after, "hearing_notice", "e"), "2026-05-26 met_late");
  EXPECT_EQ(told(after, "hearing_notice", "f"), "2026-05-26 overdue");
  // Another day: the first notices are void, everybody is told anew.
  events.push_back(on("2026-05-28", "postponed", {{"hearing_day", "2026-06-15"}}));
  CaseClock moved = clock(events, "2026-05-29");
  std::vector<std::string> ofWorker;
  for (const Deadline& deadline : moved.deadlines) {
    if (deadline.key == "hearing_notice" && deadline.subject == "w") {
      ofWorker.push_back(core::isoDate(deadline.last) + " " + std::string(nameOf(deadline.state)));
    }
  }
  EXPECT_THAT(ofWorker, ElementsAre("2026-05-26 void", "2026-06-09 running"));
  // Only those who are named.
  Events some{accepted("2026-05-06"),
              on("2026-05-11", "hearing_set", {{"hearing_day", "2026-06-01"}, {"parties", "w, e"}})};
  EXPECT_EQ(told(clock(some, "2026-05-12"), "hearing_notice", "f"), "none");
  EXPECT_EQ(told(clock(some, "2026-05-12"), "hearing_notice", "e"), "2026-05-26 running");
}

TEST(LawClock, TheAwardHasFortyFiveDays) {
  const auto award = [](Events events, const std::string& today, const ServiceRules& rules = ServiceRules::shipped()) {
    events.insert(events.begin(), accepted("2026-05-06"));
    return told(clock(events, today, rules), "award");
  };
  EXPECT_EQ(award({}, "2026-05-07"), "2026-06-22 running");  // the 20th is 端午, to Sunday the 21st
  EXPECT_EQ(award({on("2026-06-10", "extended")}, "2026-06-11"), "2026-07-06 running");  // 45 + 15: a Sunday
  EXPECT_EQ(award({on("2026-05-10", "suspended"), on("2026-05-30", "resumed")}, "2026-06-01"), "2026-07-10 running");
  EXPECT_EQ(award({on("2026-05-10", "notice_begun"), on("2026-06-09", "notice_ended")}, "2026-06-12"),
            "2026-07-20 running");
  // Both at once: each day once.
  EXPECT_EQ(award({on("2026-05-10", "suspended"), on("2026-05-20", "notice_begun"), on("2026-05-30", "resumed"),
                   on("2026-06-04", "notice_ended")},
                  "2026-06-12"),
            "2026-07-15 running");
  // Paused in the days it was moved by: moved further.
  EXPECT_EQ(award({on("2026-06-10", "suspended"), on("2026-06-20", "resumed"), on("2026-06-25", "suspended"),
                   on("2026-06-27", "resumed")},
                  "2026-06-28"),
            "2026-07-02 running");
  EXPECT_EQ(award({on("2026-05-10", "suspended")}, "2026-05-19"), "2026-06-30 suspended");
  EXPECT_EQ(award({on("2026-06-22", "awarded")}, "2026-06-30"), "2026-06-22 met");
  EXPECT_EQ(award({on("2026-06-23", "awarded")}, "2026-06-30"), "2026-06-22 met_late");
  EXPECT_EQ(award({on("2026-06-01", "mediated")}, "2026-06-30"), "2026-06-22 met");
  EXPECT_EQ(award({on("2026-06-01", "withdrawn")}, "2026-06-30"), "2026-06-22 void");
  EXPECT_EQ(award({on("2026-06-01", "transferred", {{"direction", "out"}})}, "2026-06-30"), "2026-06-22 void");
  for (const char* kind : {"party_added", "claim_added", "counterclaim", "transferred"}) {
    EXPECT_EQ(award({on("2026-05-20", kind, {{"party", "g"}})}, "2026-06-01"), "2026-07-06 running") << kind;
    EXPECT_EQ(award({on("2026-05-20", kind, {{"party", "g"}})}, "2026-06-01",
                    ServiceRules::shipped().overlaid({{"clock.restart", "runs_on"}})),
              "2026-06-22 running");
  }
  EXPECT_EQ(award({on("2026-05-10", "suspended"), on("2026-05-30", "resumed")}, "2026-06-01",
                  ServiceRules::shipped().overlaid({{"clock.suspension", "counted"}})),
            "2026-06-22 running");
  // An extension of the time that was does not lengthen the time that begins anew.
  EXPECT_EQ(award({on("2026-05-15", "extended"), on("2026-05-20", "claim_added")}, "2026-06-01"), "2026-07-06 running");
}

TEST(LawClock, RemediesRunFromEachPartysReceipt) {
  Events events{accepted("2025-08-01"), on("2025-09-15", "awarded", {{"final", "false"}}),
                served("2025-09-19", "award", "w"), served("2025-09-25", "award", "e")};
  CaseClock ordinary = clock(events, "2025-09-26");
  EXPECT_EQ(told(ordinary, "sue", "w"), "2025-10-09 running");  // docs/service-of-documents.md
  EXPECT_EQ(told(ordinary, "sue", "e"), "2025-10-10 running");
  EXPECT_EQ(told(ordinary, "sue", "f"), "none");
  EXPECT_EQ(told(ordinary, "annul", "e"), "none");
  EXPECT_EQ(ordinary.awardEffectiveOn, std::nullopt);
  events[1].details["final"] = "true";
  CaseClock final = clock(events, "2025-09-26");
  EXPECT_EQ(told(final, "sue", "w"), "2025-10-09 running");
  EXPECT_EQ(told(final, "sue", "e"), "none");
  EXPECT_EQ(told(final, "annul", "e"), "2025-10-27 running");  // the 25th is a Saturday
  EXPECT_EQ(told(final, "annul", "w"), "none");
  EXPECT_EQ(final.awardEffectiveOn, day("2025-09-15"));  // 法 47
  EXPECT_THAT(final.recalledRules, IsSupersetOf({"period.rolls_weekends", "period.rolls_make_up_days"}));
  // The holiday is warned of before it begins: two working days before the ninth.
  EXPECT_EQ(told(clock(events, "2025-09-28"), "sue", "w"), "2025-10-09 running");
  EXPECT_EQ(told(clock(events, "2025-09-29"), "sue", "w"), "2025-10-09 warned");
  // A side nobody told of is given both.
  Events unknown{on("2025-08-01", "accepted"), on("2025-09-15", "awarded", {{"final", "true"}}),
                 served("2025-09-19", "award", "x")};
  EXPECT_NE(told(clock(unknown, "2025-09-26"), "sue", "x"), "none");
  EXPECT_NE(told(clock(unknown, "2025-09-26"), "annul", "x"), "none");
}

TEST(LawClock, MediationComesFirst) {
  Events events{on("2026-05-06", "received", {{"applicants", "w"}, {"respondents", "e"}})};
  EXPECT_TRUE(clock(events, "2026-05-06").mediationIsDue);
  EXPECT_EQ(clock(events, "2026-05-06").mediationOutcome, "");
  events.push_back(on("2026-05-07", "mediation_started"));
  EXPECT_FALSE(clock(events, "2026-05-07").mediationIsDue);
  EXPECT_EQ(clock(events, "2026-05-07").mediationOutcome, "running");
  events.push_back(on("2026-05-09", "mediation_ended", {{"outcome", "failed"}}));
  EXPECT_EQ(clock(events, "2026-05-09").mediationOutcome, "failed");
  EXPECT_FALSE(clock({}, "2026-05-09").mediationIsDue);
  EXPECT_FALSE(clock({events[0], on("2026-05-08", "refused")}, "2026-05-09").mediationIsDue);
  // 法 42: in effect when the last party has signed.
  events = {events[0], on("2026-05-12", "mediated"), served("2026-05-13", "mediation_statement", "w")};
  EXPECT_EQ(clock(events, "2026-05-20").mediationOutcome, "succeeded");
  EXPECT_EQ(clock(events, "2026-05-20").mediationEffectiveOn, std::nullopt);
  events.push_back(served("2026-05-15", "mediation_statement", "e"));
  EXPECT_EQ(clock(events, "2026-05-20").mediationEffectiveOn, day("2026-05-15"));
  EXPECT_EQ(clock(events, "2026-05-14").mediationEffectiveOn, std::nullopt);  // as it stood then
}

TEST(LawClock, OrderOfTheListPlaysNoPartAndTheFutureNone) {
  Events events{accepted("2026-05-06"), served("2026-05-09", "application_copy", "e"), on("2026-05-10", "suspended"),
                on("2026-05-30", "resumed"), on("2026-06-20", "awarded", {{"final", "true"}})};
  const auto text = [](const CaseClock& clock) {
    std::string all;
    for (const Deadline& each : clock.deadlines)
      all += each.key + each.subject + core::isoDate(each.last) + std::string(nameOf(each.state)) + "\n";
    return all;
  };
  const std::string expected = text(clock(events, "2026-06-01"));
  std::reverse(events.begin(), events.end());
  EXPECT_EQ(text(clock(events, "2026-06-01")), expected);
  EXPECT_EQ(expected.find("sue"), std::string::npos);
}

TEST(LawClock, ProvisionalYearsAreMarked) {
  EXPECT_TRUE(find(clock({on("2026-12-29", "received")}, "2026-12-29"), "accept")->isProvisional);
  EXPECT_FALSE(find(clock({on("2026-05-06", "received")}, "2026-05-06"), "accept")->isProvisional);
}

struct Year {
  std::vector<Events> cases;
};

Year virtualYear(std::mt19937& random) {
  Year year;
  for (int i = 0; i < 120; ++i) {
    std::int64_t at = core::toDays(day("2025-12-01")) + static_cast<std::int64_t>(random() % 365);
    const auto later = [&](unsigned days) {
      at += static_cast<std::int64_t>(random() % days);
      return core::isoDate(core::fromDays(at));
    };
    Events events{on(later(1), "received")};
    events.push_back(accepted(later(9)));
    if (random() % 2 == 0) events.push_back(on(later(4), "panel_told"));
    if (random() % 2 == 0) events.push_back(served(later(9), "application_copy", "e"));
    if (random() % 3 == 0) events.push_back(on(later(12), "answer_received", {{"party", "e"}}));
    if (random() % 2 == 0) {
      const std::string set = later(5);
      events.push_back(on(set, "hearing_set", {{"hearing_day", core::isoDate(core::fromDays(at + 20))}}));
    }
    if (random() % 3 == 0) {
      events.push_back(on(later(5), "suspended"));
      events.push_back(on(later(40), "resumed"));
    }
    if (random() % 2 == 0) {
      events.push_back(on(later(60), "awarded", {{"final", random() % 2 == 0 ? "true" : "false"}}));
      events.push_back(served(later(8), "award", "w"));
      events.push_back(served(later(8), "award", "e"));
    }
    year.cases.push_back(std::move(events));
  }
  return year;
}

std::string nameIn(std::size_t number, const Deadline& deadline) {
  return std::to_string(number) + deadline.key + deadline.subject + core::isoDate(deadline.start) +
         core::isoDate(deadline.last);
}

struct Looks {
  int lapsed = 0, warned = 0, missed = 0;
};

// Looks at any hour of the day, up to `leftOut` days in a row without one. What lapses without having warned is missed,
// unless it had no more days than are left out: a hearing that was set too near.
Looks lookThrough(const Year& year, int leftOut, std::mt19937& random) {
  Looks looks;
  const int mayMiss = ServiceRules::shipped().number("clock.warn_days");
  for (std::size_t number = 0; number < year.cases.size(); ++number) {
    std::set<std::string> hasWarned, isOver;
    const std::int64_t first = core::toDays(year.cases[number][0].day);
    for (std::int64_t date = first; date < first + 400;) {
      const double hours = static_cast<double>(random() % 86400) / 3600.0;  // whatever the hour, China's day decides
      const core::Date today = core::chinaDate(law::at(core::isoDate(core::fromDays(date)), hours));
      EXPECT_EQ(core::toDays(today), date);
      const CaseClock clock = clockOf(year.cases[number], ServiceRules::shipped(), WorkingCalendar::shipped(), today);
      for (const Deadline& deadline : clock.deadlines) {
        const std::string name = nameIn(number, deadline);
        if (deadline.state == State::kWarned && hasWarned.insert(name).second) ++looks.warned;
        if (deadline.state != State::kOverdue || !isOver.insert(name).second) continue;
        ++looks.lapsed;
        const bool isTooNear = core::toDays(deadline.last) - core::toDays(deadline.start) <= mayMiss;
        if (!hasWarned.contains(name) && !isTooNear) ++looks.missed;
      }
      date += 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(leftOut + 1));
    }
  }
  return looks;
}

TEST(LawClock, R17EveryDeadlineWarnsBeforeItIsOver) {
  std::mt19937 random(17);
  const Year year = virtualYear(random);
  const int mayMiss = ServiceRules::shipped().number("clock.warn_days");
  const Looks looks = lookThrough(year, mayMiss, random);
  EXPECT_EQ(looks.missed, 0);
  EXPECT_GT(looks.lapsed, 100);
  EXPECT_GT(looks.warned, 100);
  // The twin: who leaves out more than that misses some.
  EXPECT_GT(lookThrough(year, mayMiss + 4, random).missed, 0);
}

// Looking on the days nextLook names alone, nothing is missed.
TEST(LawClock, R17TheNextLookIsEnough) {
  std::mt19937 random(18);
  const Year year = virtualYear(random);
  const auto& rules = ServiceRules::shipped();
  const auto& calendar = WorkingCalendar::shipped();
  int looks = 0, warned = 0;
  for (const Events& all : year.cases) {
    std::set<std::string> hasWarned;
    std::int64_t date = core::toDays(all[0].day);
    const std::int64_t end = date + 400;
    while (date < end) {
      const core::Date today = core::fromDays(date);
      const CaseClock clock = clockOf(all, rules, calendar, today);
      ++looks;
      for (const Deadline& deadline : clock.deadlines) {
        const std::string name = nameIn(0, deadline);
        if (deadline.state == State::kWarned && hasWarned.insert(name).second) ++warned;
        const bool isNew = core::toDays(deadline.last) - core::toDays(deadline.start) <= 0;
        if (deadline.state == State::kOverdue) {
          ASSERT_TRUE(hasWarned.contains(name) || isNew) << name;
        }
      }
      const std::optional<core::Date> next = nextLook(clock, rules, calendar, today);
      std::int64_t to = next ? core::toDays(*next) : end;
      ASSERT_GT(to, date);
      for (const CaseEvent& event : all) {  // an event is a look too
        if (core::toDays(event.day) > date) to = std::min(to, core::toDays(event.day));
      }
      date = to;
    }
  }
  EXPECT_GT(warned, 100);
  EXPECT_LT(looks, static_cast<int>(year.cases.size()) * 40);
}

TEST(LawClock, EventsAreCheckedWhenTheyAreMade) {
  const auto fault = [](const CaseEvent& event) -> std::string {
    try {
      checkCaseEvent(event);
    } catch (const core::Error& error) {
      EXPECT_EQ(error.code(), core::ErrorCode::kInvalidInput);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(fault(accepted("2026-05-06")), "");
  EXPECT_EQ(fault(on("2026-05-06", "hearing_set", {{"hearing_day", "2026-06-01"}})), "");
  EXPECT_THAT(fault(on("2026-05-06", "dreamt")), HasSubstr("kind: no event of a case: \"dreamt\""));
  EXPECT_THAT(fault(on("2026-05-06", "hearing_set")), HasSubstr("details/hearing_day: is missing"));
  EXPECT_THAT(fault(on("2026-05-06", "postponed", {{"hearing_day", "soon"}})),
              HasSubstr("details/hearing_day: \"soon\" is no day"));
  EXPECT_THAT(fault(on("2026-05-06", "mediation_ended", {{"outcome", "well"}})), HasSubstr("details/outcome"));
  EXPECT_THAT(fault(on("2026-05-06", "awarded", {{"final", "yes"}})), HasSubstr("details/final"));
  EXPECT_THAT(fault(on("2026-05-06", "served", {{"document", "award"}})), HasSubstr("details/party: is missing"));
  CaseEvent never = accepted("2026-05-06");
  never.day = core::Date{};
  EXPECT_THAT(fault(never), HasSubstr("day: is missing"));
  // The twin: what was not checked is told with its place.
  EXPECT_THROW(clock({on("2026-05-06", "hearing_set", {{"hearing_day", "soon"}})}, "2026-05-07"), core::Error);
}

TEST(LawClock, PartiesAreWrittenIntoTheEvents) {
  CaseFile file;
  const auto add = [&](const char* id, const char* role, const char* kind) {
    CaseParty& party = file.parties.emplace_back();
    party.id = id;
    party.role = role;
    party.kind = kind;
  };
  add("w", "applicant", "person");
  add("e", "respondent", "organisation");
  add("g", "respondent", "organisation");
  add("t", "third_party", "person");
  file.events = {on("2026-05-06", "accepted"), on("2026-05-20", "party_added", {{"party", "g"}})};
  const Events events = eventsWithParties(file);
  EXPECT_EQ(events[0].details.at("applicants"), "w");
  EXPECT_EQ(events[0].details.at("respondents"), "e");
  EXPECT_EQ(events[0].details.at("third_parties"), "t");
  EXPECT_EQ(events[0].details.at("workers"), "w,t");
  EXPECT_EQ(events[0].details.at("employers"), "e,g");
  EXPECT_EQ(events[1].details.at("role"), "respondent");
  EXPECT_EQ(told(clock(events, "2026-05-21"), "serve_copy", "e"), "2026-05-11 overdue");
  EXPECT_EQ(told(clock(events, "2026-05-21"), "serve_copy", "g"), "2026-05-25 warned");  // Thursday to Monday
}

TEST(LawClock, KindsHaveTitles) {
  std::set<std::string_view> names;
  for (const CaseEventKind& kind : caseEventKinds()) {
    EXPECT_TRUE(names.insert(kind.name).second);
    EXPECT_FALSE(kind.titleZh.empty() || kind.titleEn.empty());
  }
  EXPECT_EQ(names.size(), 24u);
}

}  // namespace
}  // namespace qianda::delivery
