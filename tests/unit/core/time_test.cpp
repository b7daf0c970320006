#include "core/time.h"

#include <gtest/gtest.h>

namespace qianda::core {
using namespace std::chrono_literals;

TEST(ParseDate, AcceptsTheFormsPeopleWrite) {
  for (const char* text : {"2026-01-31", "2026/1/31", "2026.1.31", "20260131", "2026年1月31日", "2026年01月31日"}) {
    ASSERT_TRUE(parseDate(text)) << text;
    EXPECT_EQ(isoDate(*parseDate(text)), "2026-01-31");
  }
}

TEST(ParseDate, IsNotMisledByEightOctetsWithSeparators) {
  for (const char* text : {"2026/1/1", "2026-1-1", "2026.1.1", "20260101"}) {
    ASSERT_TRUE(parseDate(text)) << text;
    EXPECT_EQ(isoDate(*parseDate(text)), "2026-01-01");
  }
}

TEST(ParseDate, RefusesDaysThatDoNotExistAndOtherText) {
  for (const char* text :
       {"2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1", "2026/1-1", "2026年1月", "", "x"}) {
    EXPECT_FALSE(parseDate(text)) << text;
  }
}

TEST(AddMonths, ClampsToTheLastDay) {
  EXPECT_EQ(isoDate(addMonths(2024y / 1 / 31, 1)), "2024-02-29");
  EXPECT_EQ(isoDate(addMonths(2023y / 1 / 31, 1)), "2023-02-28");
  EXPECT_EQ(isoDate(addMonths(2024y / 11 / 15, 3)), "2025-02-15");
}

TEST(ChinaDate, TurnsAtSixteenHoursUtc) {
  const Instant before = std::chrono::sys_days(2025y / 12 / 31) + 15h + 59min + 59s;
  EXPECT_EQ(isoDate(chinaDate(before)), "2025-12-31");
  EXPECT_EQ(isoDate(chinaDate(before + 1s)), "2026-01-01");
  EXPECT_EQ(pdfDate(before + 1s), "D:20260101000000+08'00'");
  EXPECT_EQ(isoInstant(before + 1s), "2026-01-01T00:00:00+08:00");
}

}  // namespace qianda::core
