#include <gtest/gtest.h>

#include "templates/law/minimum_wage.h"
#include "templates/law/term.h"

namespace qianda::templates::law {
namespace {

using namespace std::chrono_literals;

core::Date day(std::string_view text) { return core::parseDate(text).value(); }

TEST(LastDayOfTerm, IsTheDayBeforeOrTheMonthsLast) {
  const struct {
    const char* start;
    int months;
    const char* last;
  } cases[]{{"2024-01-01", 36, "2026-12-31"}, {"2024-01-31", 1, "2024-02-29"},  {"2023-01-31", 1, "2023-02-28"},
            {"2024-01-30", 1, "2024-02-29"},  {"2024-01-29", 1, "2024-02-28"},  {"2023-01-29", 1, "2023-02-28"},
            {"2024-07-01", 2, "2024-08-31"},  {"2024-02-29", 12, "2025-02-28"}, {"2024-03-15", 6, "2024-09-14"},
            {"2024-08-31", 1, "2024-09-30"},  {"2023-12-01", 1, "2023-12-31"}};
  for (const auto& expected : cases)
    EXPECT_EQ(core::isoDate(lastDayOfTerm(day(expected.start), expected.months)), expected.last) << expected.start;
}

TEST(WholeMonths, CountsMonthsNotDays) {
  const struct {
    const char *start, *end;
    int months, days;
  } cases[]{
      {"2024-07-01", "2024-08-31", 2, 0},   {"2024-01-01", "2024-03-01", 2, 1},  {"2024-01-01", "2024-03-30", 2, 30},
      {"2024-01-01", "2024-12-30", 11, 30}, {"2024-01-01", "2026-12-31", 36, 0}, {"2024-01-01", "2024-01-01", 0, 1},
      {"2024-01-31", "2024-02-29", 1, 0},   {"2024-01-31", "2024-02-28", 0, 29}, {"2024-02-29", "2025-02-28", 12, 0},
      {"2024-01-02", "2024-01-01", 0, 0},   {"2024-05-10", "2024-06-09", 1, 0}};
  for (const auto& expected : cases) {
    EXPECT_EQ(wholeMonths(day(expected.start), day(expected.end)), expected.months)
        << expected.start << " " << expected.end;
    EXPECT_EQ(daysBeyondMonths(day(expected.start), day(expected.end)), expected.days)
        << expected.start << " " << expected.end;
  }
}

TEST(WholeMonths, AgreesWithItsInverseForEveryStartOfFourYears) {
  for (std::int64_t start = core::toDays(2023y / 1 / 1); start < core::toDays(2027y / 1 / 1); ++start) {
    for (int months = 1; months <= 40; ++months) {
      const core::Date last = lastDayOfTerm(core::fromDays(start), months);
      ASSERT_EQ(wholeMonths(core::fromDays(start), last), months) << core::isoDate(last);
      ASSERT_EQ(wholeMonths(core::fromDays(start), core::fromDays(core::toDays(last) - 1)), months - 1)
          << core::isoDate(last);
    }
  }
}

TEST(LongestProbation, FollowsTheTermOfTheContract) {
  const struct {
    const char *start, *end;
    int longest;
  } cases[]{{"2024-01-01", "2024-03-30", 0}, {"2024-01-01", "2024-03-31", 1}, {"2024-01-01", "2024-12-30", 1},
            {"2024-01-01", "2024-12-31", 2}, {"2024-03-01", "2027-02-27", 2}, {"2024-03-01", "2027-02-28", 6}};
  for (const auto& expected : cases) {
    EXPECT_EQ(longestProbation(TermKind::kFixed, wholeMonths(day(expected.start), day(expected.end))), expected.longest)
        << expected.end;
  }
  EXPECT_EQ(longestProbation(TermKind::kOpen, 0), 6);
  EXPECT_EQ(longestProbation(TermKind::kTask, 60), 0);
}

TEST(AgeOn, TurnsOnTheBirthday) {
  EXPECT_EQ(ageOn(day("2010-06-15"), day("2026-06-14")), 15);
  EXPECT_EQ(ageOn(day("2010-06-15"), day("2026-06-15")), 16);
  EXPECT_EQ(ageOn(day("2008-02-29"), day("2026-02-28")), 17);
}

TEST(RetirementAge, IsDelayedByMonthOfBirth) {
  const core::Date today = day("2026-01-15");
  EXPECT_EQ(retirementAgeMonths(day("1964-12-31"), true, today), 720);
  EXPECT_EQ(retirementAgeMonths(day("1965-01-01"), true, today), 721);
  EXPECT_EQ(retirementAgeMonths(day("1965-05-01"), true, today), 722);
  EXPECT_EQ(retirementAgeMonths(day("1990-01-01"), true, today), 756);
  EXPECT_EQ(retirementAgeMonths(day("1974-12-31"), false, today), 600);
  EXPECT_EQ(retirementAgeMonths(day("1975-03-01"), false, today), 602);
  EXPECT_EQ(retirementAgeMonths(day("1990-01-01"), false, today), 660);
  EXPECT_EQ(retirementAgeMonths(day("1990-01-01"), true, day("2024-12-31")), 720);
}

TEST(MinimumWage, IsFoundByPlaceAndDate) {
  const auto monthly = [](std::string_view place, std::string_view on) {
    return findMinimumWage(place, day(on))->monthly;
  };
  EXPECT_EQ(monthly("广东省珠海市香洲区情侣路1号", "2021-11-30"), 172000);
  EXPECT_EQ(monthly("广东省珠海市香洲区情侣路1号", "2021-12-01"), 190000);
  EXPECT_EQ(monthly("横琴粤澳深度合作区", "2025-02-28"), 190000);
  EXPECT_EQ(monthly("斗门", "2025-03-01"), 208000);
  EXPECT_EQ(findMinimumWage("珠海", day("2025-03-01"), true)->monthly, 190000);
  EXPECT_EQ(findMinimumWage("北京市朝阳区", day("2025-03-01")), nullptr);
  EXPECT_EQ(findMinimumWage("珠海", day("2018-06-30")), nullptr);
}

TEST(MinimumWage, TableIsInOrderOfDates) {
  const auto wages = minimumWages();
  for (std::size_t i = 1; i < wages.size(); ++i) {
    EXPECT_TRUE(wages[i - 1].place != wages[i].place || wages[i - 1].effectiveFrom < wages[i].effectiveFrom);
  }
  for (const MinimumWage& wage : wages) EXPECT_EQ(core::isoDate(day(wage.effectiveFrom)), wage.effectiveFrom);
}

}  // namespace
}  // namespace qianda::templates::law
