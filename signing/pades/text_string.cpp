#include "signing/pades/text_string.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace qianda::signing {
namespace {

void appendUtf16(std::string& hex, char16_t unit) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (int shift = 12; shift >= 0; shift -= 4) hex.push_back(kDigits[unit >> shift & 15]);
}

std::string literal(std::string_view ascii) {
  std::string text = "(";
  for (char c : ascii) {
    if (c == '(' || c == ')' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text + ")";
}

}  // namespace

std::string writeTextString(std::string_view utf8) {
  if (std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= ' ' && c <= '~'; })) return literal(utf8);
  const auto points = core::decodeUtf8(utf8);
  if (!points) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "ill-formed UTF-8 at octet " + std::to_string(core::findInvalidUtf8(utf8)) + " of a text");
  }
  std::string hex = "<FEFF";
  for (char32_t point : *points) {
    if (point >= 0x10000) {
      appendUtf16(hex, static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10)));
      appendUtf16(hex, static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FF)));
    } else {
      appendUtf16(hex, static_cast<char16_t>(point));
    }
  }
  return hex + ">";
}

}  // namespace qianda::signing
