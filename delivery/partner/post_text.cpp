#include "delivery/partner/post_text.h"

#include <algorithm>

namespace qianda::delivery {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Digits where the form has '0', the same character elsewhere.
bool hasForm(std::string_view text, std::string_view form) {
  return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), [](char c, char wanted) {
           return wanted == '0' ? isDigit(c) : c == wanted;
         });
}

int number(std::string_view text) {
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

// "2026-03-02?09:00:00" of China.
std::optional<core::Instant> clockOf(std::string_view text) {
  const auto date = core::parseDate(text.substr(0, 10));
  const int hour = number(text.substr(11, 2)), minute = number(text.substr(14, 2)), second = number(text.substr(17, 2));
  if (!date || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return core::Instant(std::chrono::sys_days(*date)) + std::chrono::hours(hour - 8) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

std::string postTime(core::Instant instant) {
  std::string text = core::isoInstant(instant).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::optional<core::Instant> parsePostTime(std::string_view text) {
  return hasForm(text, "0000-00-00 00:00:00") ? clockOf(text) : std::nullopt;
}

std::optional<core::Instant> parseIsoInstant(std::string_view text) {
  if (hasForm(text, "0000-00-00T00:00:00+08:00")) return clockOf(text);
  if (!hasForm(text, "0000-00-00T00:00:00Z")) return std::nullopt;
  const auto china = clockOf(text);
  return china ? std::optional(*china + std::chrono::hours(8)) : std::nullopt;
}

}  // namespace qianda::delivery
