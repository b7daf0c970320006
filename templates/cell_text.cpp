#include "templates/cell_text.h"

#include <algorithm>

#include "core/text.h"

namespace qianda::templates {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAsciiAlnum(char c) { return isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

bool isRefused(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return true;
  if (c < 0x200B) return false;
  return c <= 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFD) || (c & 0xFFFE) == 0xFFFE;
}

}  // namespace

std::string toHalfWidth(std::string_view text) {
  text = core::trim(text);
  std::string out;
  for (std::size_t offset = 0; offset < text.size();) {
    if (static_cast<unsigned char>(text[offset]) < 0x80) {
      out.push_back(text[offset++]);
      continue;
    }
    const char32_t c = core::nextCodePoint(text, offset);
    const bool fullWidth = c >= 0xFF01 && c <= 0xFF5E;
    core::appendUtf8(out, fullWidth ? c - 0xFEE0 : c == 0x3000 ? U' ' : c == 0x2212 ? U'-' : c);
  }
  return out;
}

std::string_view cellText(std::string_view text) {
  if (text.empty()) return text;
  // Most cells have no white space around: neither ASCII, nor what may be the first or last octet of a wide one.
  const auto first = static_cast<unsigned char>(text.front()), last = static_cast<unsigned char>(text.back());
  const bool isOpen = first <= ' ' || first == 0xC2 || first == 0xE3 || first == 0xEF;
  const bool isEnd = last <= ' ' || last == 0x80 || last == 0xA0 || last == 0xBF;
  if (isOpen || isEnd) text = core::trim(text);
  if (text.size() >= 3 && text.starts_with("=\"") && text.ends_with('"')) return text.substr(2, text.size() - 3);
  if (text.size() >= 2 && text[0] == '\'' && isDigit(text[1]) &&
      std::all_of(text.begin() + 1, text.end(), [](char c) { return isAsciiAlnum(c); })) {
    return text.substr(1);
  }
  return text;
}

bool isScientific(std::string_view text) {
  if (text.empty() || !isDigit(text[0])) return false;
  const std::size_t e = text.find_first_of("Ee");
  if (e == std::string_view::npos || e == 0 || e + 2 >= text.size() || text[e + 1] != '+') return false;
  const std::string_view mantissa = text.substr(0, e), exponent = text.substr(e + 2);
  return mantissa.find_first_not_of("0123456789.") == std::string_view::npos &&
         exponent.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::int64_t> parseFixed(std::string_view text, int scale) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : std::string_view{};
  if (whole.empty() || whole[0] == ',' || (point < text.size() && fraction.empty())) return std::nullopt;
  if (fraction.size() > static_cast<std::size_t>(scale)) return std::nullopt;
  constexpr std::int64_t kLargest = 10'000'000'000'000;  // leaves room for the arithmetic of the rules
  std::int64_t number = 0;
  const auto add = [&number](char c) {
    if (!isDigit(c) || number > kLargest / 10) return false;
    number = number * 10 + (c - '0');
    return true;
  };
  const bool grouped = whole.find(',') != std::string_view::npos;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const bool separator = grouped && (whole.size() - i) % 4 == 0;
    if (separator ? whole[i] != ',' : !add(whole[i])) return std::nullopt;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(scale); ++i) {
    if (!add(i < fraction.size() ? fraction[i] : '0')) return std::nullopt;
  }
  return negative ? -number : number;
}

std::string fixedText(std::int64_t number, int scale, int keep) {
  const std::uint64_t magnitude =
      number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  std::string digits = std::to_string(magnitude);
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  for (int place = scale; place > keep && digits.back() == '0'; --place) digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return number < 0 ? "-" + digits : digits;
}

TextScan scanText(std::string_view text, bool lineBreaks) {
  TextScan scan;
  const auto octet = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t offset = 0; offset < text.size(); ++scan.characters) {
    if (octet(offset) >= 0x20 && octet(offset) < 0x7F) {
      ++offset;
      continue;
    }
    if (octet(offset) >= 0xE4 && octet(offset) <= 0xE9 && offset + 3 <= text.size() &&
        (octet(offset + 1) & 0xC0) == 0x80 && (octet(offset + 2) & 0xC0) == 0x80) {
      offset += 3;
      continue;
    }
    const char32_t c = core::nextCodePoint(text, offset);
    if (isRefused(c) && !(lineBreaks && c == '\n') && scan.refused == 0) scan.refused = c == 0 ? U'\uFFFD' : c;
  }
  return scan;
}

}  // namespace qianda::templates
