// R8: working days and periods, with the Chinese calendar of ICU as the judge of lunar days.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unicode/ucal.h>
#include <yaml-cpp/yaml.h>

#include "core/error.h"
#include "core/file.h"
#include "delivery/rules/period.h"

namespace qianda::delivery {
namespace {

using namespace std::chrono_literals;
using core::Date;

Date day(const char* text) { return *core::parseDate(text); }
const WorkingCalendar& calendar() { return WorkingCalendar::shipped(); }

class Lunar {
 public:
  Lunar() {
    static const UChar kZone[] = {'A', 's', 'i', 'a', '/', 'S', 'h', 'a', 'n', 'g', 'h', 'a', 'i', 0};
    UErrorCode error = U_ZERO_ERROR;
    gregorian_ = ucal_open(kZone, -1, "zh@calendar=gregorian", UCAL_DEFAULT, &error);
    chinese_ = ucal_open(kZone, -1, "zh@calendar=chinese", UCAL_DEFAULT, &error);
    EXPECT_TRUE(U_SUCCESS(error));
  }
  ~Lunar() {
    ucal_close(gregorian_);
    ucal_close(chinese_);
  }
  // The day of that lunar month and day in a civil year from spring on; leap months are no festival.
  Date find(int year, int month, int lunarDay) {
    UErrorCode error = U_ZERO_ERROR;
    for (std::int64_t number = core::toDays(Date(std::chrono::year(year), std::chrono::January, 1d));; ++number) {
      const Date date = core::fromDays(number);
      if (static_cast<int>(date.year()) != year) break;
      ucal_clear(gregorian_);
      ucal_setDateTime(gregorian_, year, static_cast<int>(static_cast<unsigned>(date.month())) - 1,
                       static_cast<int>(static_cast<unsigned>(date.day())), 12, 0, 0, &error);
      ucal_setMillis(chinese_, ucal_getMillis(gregorian_, &error), &error);
      const bool fits = ucal_get(chinese_, UCAL_MONTH, &error) + 1 == month &&
                        ucal_get(chinese_, UCAL_DAY_OF_MONTH, &error) == lunarDay &&
                        ucal_get(chinese_, UCAL_IS_LEAP_MONTH, &error) == 0;
      if (fits) return date;
    }
    ADD_FAILURE() << "no such lunar day in " << year;
    return {};
  }

 private:
  UCalendar *gregorian_, *chinese_;
};

TEST(LawCalendar, LunarDaysAreThoseOfIcu) {
  const YAML::Node root = YAML::Load(core::readFile(std::string(QIANDA_SOURCE_DIR) + "/delivery/rules/holidays.yaml"));
  Lunar lunar;
  int years = 0;
  for (const YAML::Node& node : root["lunar"]) {
    const int year = node["year"].as<int>();
    EXPECT_EQ(node["spring"].Scalar(), core::isoDate(lunar.find(year, 1, 1)));
    EXPECT_EQ(node["duanwu"].Scalar(), core::isoDate(lunar.find(year, 5, 5)));
    EXPECT_EQ(node["mid_autumn"].Scalar(), core::isoDate(lunar.find(year, 8, 15)));
    const int y = year % 100, qingming = (y * 2422 + 48100) / 10000 - y / 4;
    EXPECT_EQ(node["qingming"].Scalar(), core::isoDate(Date(std::chrono::year(year), std::chrono::April,
                                                            std::chrono::day(static_cast<unsigned>(qingming)))));
    ++years;
  }
  EXPECT_EQ(years, 24);
}

// The notices themselves must contain the festivals: a slip in either table shows.
TEST(LawCalendar, NoticesHaveTheFestivals) {
  Lunar lunar;
  for (int year = 2023; year <= 2026; ++year) {
    for (const Date date :
         {lunar.find(year, 1, 1), lunar.find(year, 5, 5), lunar.find(year, 8, 15),
          Date(std::chrono::year(year), std::chrono::January, 1d), Date(std::chrono::year(year), std::chrono::May, 1d),
          Date(std::chrono::year(year), std::chrono::October, 1d)}) {
      EXPECT_EQ(calendar().kindOf(date), DayKind::kHoliday) << core::isoDate(date);
      EXPECT_FALSE(calendar().isProvisional(date));
    }
  }
}

TEST(LawCalendar, KnowsHolidaysMakeUpDaysAndWeekends) {
  struct Case {
    const char* date;
    DayKind kind;
  };
  for (const Case& each : {Case{"2025-09-28", DayKind::kMakeUp}, Case{"2025-10-11", DayKind::kMakeUp},
                           Case{"2025-10-04", DayKind::kHoliday}, Case{"2025-10-08", DayKind::kHoliday},
                           Case{"2025-10-09", DayKind::kWorking}, Case{"2025-10-12", DayKind::kWeekend},
                           Case{"2026-02-14", DayKind::kMakeUp}, Case{"2026-02-24", DayKind::kWorking},
                           Case{"2024-02-09", DayKind::kWorking}, Case{"2025-01-28", DayKind::kHoliday}}) {
    EXPECT_EQ(calendar().kindOf(day(each.date)), each.kind) << each.date;
  }
  EXPECT_TRUE(calendar().isRestDay(day("2025-10-12")));
  EXPECT_FALSE(calendar().isRestDay(day("2025-10-11")));
}

TEST(LawCalendar, AYearWithoutANoticeIsComputedAndProvisional) {
  for (const char* date : {"2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-09", "2027-04-05",
                           "2027-05-02", "2027-06-09", "2027-09-15", "2027-10-03"}) {
    const bool isEve = std::string(date) == "2027-02-05";  // 除夕 is the 6th
    EXPECT_EQ(calendar().kindOf(day(date)) == DayKind::kHoliday, !isEve) << date;
    EXPECT_TRUE(calendar().isProvisional(day(date)));
  }
  EXPECT_EQ(calendar().kindOf(day("2027-02-10")), DayKind::kWorking);
  // Beyond the table: the fixed days alone, and still provisional.
  EXPECT_EQ(calendar().kindOf(day("2060-10-01")), DayKind::kHoliday);
  EXPECT_TRUE(calendar().isProvisional(day("2060-10-01")));
  EXPECT_EQ(calendar().kindOf(day("2060-10-04")), DayKind::kWorking);
}

TEST(LawCalendar, CountsWorkingDays) {
  EXPECT_EQ(core::isoDate(calendar().nextWorkingDay(day("2025-10-04"))), "2025-10-09");
  EXPECT_EQ(core::isoDate(calendar().nextWorkingDay(day("2025-10-09"))), "2025-10-09");
  // 26 (Friday), 28 worked Sunday, 29, 30, then 10-09, 10-10, 10-11 worked Saturday, 10-13.
  EXPECT_EQ(core::isoDate(calendar().addWorkingDays(day("2025-09-26"), 3)), "2025-09-30");
  EXPECT_EQ(core::isoDate(calendar().addWorkingDays(day("2025-09-26"), 6)), "2025-10-11");
  EXPECT_EQ(core::isoDate(calendar().addWorkingDays(day("2025-09-26"), 0)), "2025-09-26");
}

TEST(LawCalendar, FaultsNameFileLineAndField) {
  struct Case {
    const char *yaml, *message;
  };
  const std::string head = "version: x\n";
  for (const Case& each :
       {Case{"lunar: []\n", "h.yaml:1: arrangements is missing"},
        Case{"arrangements: []\nlunar: []\nextra: 1\n", "h.yaml:4: \"extra\" is no field here"},
        Case{"arrangements:\n  - {year: 2026, source: s, off: [], worked: [2026-02-30]}\nlunar: []\n",
             "h.yaml:3: worked must be a day like 2026-01-31"},
        Case{"arrangements:\n  - {year: 2026, source: s, off: [], worked: [2026-02-03]}\nlunar: []\n",
             "h.yaml:3: worked is neither a Saturday nor a Sunday"},
        Case{"arrangements:\n  - {year: 2026, source: s, off: [], worked: [2025-09-28]}\nlunar: []\n",
             "h.yaml:3: worked is not in the year of its arrangement"},
        Case{"arrangements:\n  - year: 2026\n    source: s\n    worked: []\n    off:\n      - {from: 2026-02-03, to: "
             "2026-02-01, name: n}\nlunar: []\n",
             "h.yaml:7: to is before from"},
        Case{"arrangements: []\nlunar:\n  - {year: 2027, spring: 2027-02-07, qingming: x, duanwu: 2027-06-09, "
             "mid_autumn: "
             "2027-09-15}\n",
             "h.yaml:4: qingming must be a day"},
        Case{"arrangements: 5\nlunar: []\n", "h.yaml:2: arrangements must be a list"},
        Case{"arrangements: [\n", "h.yaml:"}}) {
    try {
      WorkingCalendar::parse(head + each.yaml, "h.yaml");
      ADD_FAILURE() << each.yaml;
    } catch (const core::Error& error) {
      EXPECT_EQ(error.code(), core::ErrorCode::kInvalidInput);
      EXPECT_THAT(error.what(), testing::HasSubstr(each.message));
    }
  }
}

struct Vector {
  const char* start;
  int days;
  const char *nominal, *last;
};

TEST(LawPeriod, R8Vectors) {
  for (const Vector& each :
       {Vector{"2025-09-19", 15, "2025-10-04", "2025-10-09"},  // 国庆, docs/service-of-documents.md
        Vector{"2025-09-18", 10, "2025-09-28", "2025-09-28"},  // worked Sunday does not roll
        Vector{"2025-09-26", 15, "2025-10-11", "2025-10-11"},  // worked Saturday does not roll
        Vector{"2025-09-27", 15, "2025-10-12", "2025-10-13"},  // Sunday rolls
        Vector{"2024-12-31", 1, "2025-01-01", "2025-01-02"},   // year end
        Vector{"2025-12-17", 15, "2026-01-01", "2026-01-04"},  // 元旦 2026, worked Sunday follows
        Vector{"2026-02-05", 10, "2026-02-15", "2026-02-24"},  // 春节 2026
        Vector{"2025-01-13", 15, "2025-01-28", "2025-02-05"},  // 除夕 2025
        Vector{"2024-02-14", 15, "2024-02-29", "2024-02-29"},  // leap day
        Vector{"2024-02-28", 1, "2024-02-29", "2024-02-29"},
        Vector{"2025-02-28", 1, "2025-03-01", "2025-03-03"},  // no leap day, Saturday
        Vector{"2026-04-20", 5, "2026-04-25", "2026-04-27"}, Vector{"2026-11-20", 45, "2027-01-04", "2027-01-04"},
        Vector{"2026-05-01", 0, "2026-05-01", "2026-05-06"}}) {
    const Period period = periodOf(day(each.start), each.days, calendar());
    EXPECT_EQ(core::isoDate(period.nominal), each.nominal) << each.start;
    EXPECT_EQ(core::isoDate(period.last), each.last) << each.start;
    EXPECT_EQ(period.isProvisional, std::string(each.last) > "2027") << each.start;
  }
}

TEST(LawPeriod, PoliciesChangeWhatRolls) {
  const Date saturday = day("2025-06-07"), worked = day("2025-10-11");
  const auto last = [](Date from, RollRules rules) {
    return core::isoDate(periodOf(core::fromDays(core::toDays(from) - 5), 5, calendar(), rules).last);
  };
  EXPECT_EQ(last(saturday, {true, false}), "2025-06-09");
  EXPECT_EQ(last(saturday, {false, false}), "2025-06-07");
  EXPECT_EQ(last(worked, {true, false}), "2025-10-11");
  EXPECT_EQ(last(worked, {true, true}), "2025-10-13");
  EXPECT_EQ(last(day("2025-10-04"), {false, false}), "2025-10-09");  // a holiday rolls under every policy
}

TEST(LawPeriod, TheDayIsThatOfChinaToTheLastSecond) {
  const auto at = [](const char* utcDay, auto time) {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::sys_days(day(utcDay)) + time);
  };
  EXPECT_EQ(core::isoDate(core::chinaDate(at("2025-09-19", 15h + 59min + 59s + 999ms))), "2025-09-19");  // 23:59:59
  EXPECT_EQ(core::isoDate(core::chinaDate(at("2025-09-19", 16h))), "2025-09-20");
  EXPECT_EQ(core::isoDate(core::chinaDate(at("2025-12-31", 16h))), "2026-01-01");
  EXPECT_EQ(core::isoDate(core::chinaDate(at("2024-02-28", 16h))), "2024-02-29");
}

TEST(LawPeriod, FullDaysLieBetweenServiceAndHearing) {
  EXPECT_EQ(core::isoDate(latestDayBefore(day("2026-05-20"), 5)), "2026-05-14");
  EXPECT_EQ(core::isoDate(latestDayBefore(day("2026-03-03"), 5)), "2026-02-25");
  EXPECT_EQ(core::isoDate(latestDayBefore(day("2024-03-03"), 5)), "2024-02-26");
  EXPECT_EQ(core::isoDate(latestDayBefore(day("2026-01-02"), 3)), "2025-12-29");
}

}  // namespace
}  // namespace qianda::delivery
