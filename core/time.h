// Dates and instants. Civil dates are std::chrono::year_month_day; the legal day of this house is China Standard Time
// (UTC+8, no daylight saving). Month arithmetic follows 民法典 202 and LAW rules: a term of whole months runs from its
// start to the day before the same day number, or to the month's last day where that number does not exist.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qianda::core {

using Date = std::chrono::year_month_day;
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

Instant now();
// The civil date in China at that instant.
Date chinaDate(Instant instant);

// Days since 1970-01-01, and back.
std::int64_t toDays(Date date);
Date fromDays(std::int64_t days);

// Accepts 2026-01-31, 2026/1/31, 2026.1.31, 20260131 and 2026年1月31日; nullopt for anything else or no such day.
std::optional<Date> parseDate(std::string_view text);
std::string isoDate(Date date);      // 2026-01-31
std::string chineseDate(Date date);  // 2026年1月31日
// "2026-01-31T08:00:00+08:00"
std::string isoInstant(Instant instant);
// PDF 32000-1 7.9.4: D:20260131080000+08'00'
std::string pdfDate(Instant instant);

// The same day number `months` later, clamped to the month's last day (31 Jan + 1 month = 28 or 29 Feb).
Date addMonths(Date date, int months);

}  // namespace qianda::core
