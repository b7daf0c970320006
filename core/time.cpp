#include "core/time.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace qianda::core {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;

constexpr std::chrono::hours kChinaOffset{8};

struct Clock {
  Date date;
  int hour, minute, second;
};

Clock chinaClock(Instant instant) {
  const auto local = instant + kChinaOffset;
  const auto days = std::chrono::floor<std::chrono::days>(local);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(local - days).count();
  return {Date(days), static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
          static_cast<int>(seconds % 60)};
}

std::string print(const char* format, auto... values) {
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<std::size_t>(length)};
}

int yearOf(Date date) { return static_cast<int>(date.year()); }
unsigned monthOf(Date date) { return static_cast<unsigned>(date.month()); }
unsigned dayOf(Date date) { return static_cast<unsigned>(date.day()); }

std::optional<Date> makeDate(int y, int m, int d) {
  const Date date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
  if (y < 1 || y > 9999 || !date.ok()) return std::nullopt;
  return date;
}

}  // namespace

Instant now() { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
Date chinaDate(Instant instant) { return chinaClock(instant).date; }
std::int64_t toDays(Date date) { return sys_days(date).time_since_epoch().count(); }
Date fromDays(std::int64_t days) { return sys_days(std::chrono::days(days)); }

std::optional<Date> parseDate(std::string_view text) {
  // A date is three runs of digits with the same kind of separator, or eight digits.
  auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() == 8 && std::all_of(text.begin(), text.end(), isDigit)) {
    int value = 0;
    for (char c : text) value = value * 10 + (c - '0');
    return makeDate(value / 10000, value / 100 % 100, value % 100);
  }
  static constexpr std::array<std::array<std::string_view, 3>, 4> kSeparators{
      {{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}}};
  for (const auto& separators : kSeparators) {
    std::string_view rest = text;
    std::array<int, 3> numbers{};
    bool matches = true;
    for (std::size_t part = 0; part < 3 && matches; ++part) {
      std::size_t digits = 0;
      while (digits < rest.size() && digits < 4 && isDigit(rest[digits])) {
        numbers[part] = numbers[part] * 10 + (rest[digits++] - '0');
      }
      matches = digits >= 1 && (part == 0 ? digits == 4 : digits <= 2);
      rest.remove_prefix(digits);
      matches = matches && rest.substr(0, separators[part].size()) == separators[part];
      if (matches) rest.remove_prefix(separators[part].size());
    }
    if (matches && rest.empty()) return makeDate(numbers[0], numbers[1], numbers[2]);
  }
  return std::nullopt;
}

std::string isoDate(Date date) { return print("%04d-%02u-%02u", yearOf(date), monthOf(date), dayOf(date)); }
std::string chineseDate(Date date) { return print("%d年%u月%u日", yearOf(date), monthOf(date), dayOf(date)); }

std::string isoInstant(Instant instant) {
  const Clock clock = chinaClock(instant);
  return print("%04d-%02u-%02uT%02d:%02d:%02d+08:00", yearOf(clock.date), monthOf(clock.date), dayOf(clock.date),
               clock.hour, clock.minute, clock.second);
}

std::string pdfDate(Instant instant) {
  const Clock clock = chinaClock(instant);
  return print("D:%04d%02u%02u%02d%02d%02d+08'00'", yearOf(clock.date), monthOf(clock.date), dayOf(clock.date),
               clock.hour, clock.minute, clock.second);
}

Date addMonths(Date date, int months) {
  const Date moved = date + std::chrono::months(months);
  return moved.ok() ? moved : Date(moved.year() / moved.month() / std::chrono::last);
}

}  // namespace qianda::core
