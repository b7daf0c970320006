#include "core/text.h"

#include <vector>

#include <unicode/ucnv.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::core {
namespace {

// Length of the well-formed sequence at text[offset], 0 if ill-formed (Unicode 15, table 3-7).
std::size_t sequenceAt(std::string_view text, std::size_t offset, char32_t& codePoint) noexcept {
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(offset);
  if (lead < 0x80) {
    codePoint = lead;
    return 1;
  }
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || offset + length > text.size()) return 0;
  char32_t value = lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(offset + i) & 0xC0) != 0x80) return 0;
    value = value << 6 | (at(offset + i) & 0x3F);
  }
  if (length == 3 && (value < 0x800 || (value >= 0xD800 && value <= 0xDFFF))) return 0;
  if (length == 4 && (value < 0x10000 || value > 0x10FFFF)) return 0;
  codePoint = value;
  return length;
}

}  // namespace

std::size_t findInvalidUtf8(std::string_view text) {
  char32_t ignored = 0;
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t length = sequenceAt(text, offset, ignored);
    if (length == 0) return offset;
    offset += length;
  }
  return std::string_view::npos;
}

char32_t nextCodePoint(std::string_view text, std::size_t& offset) noexcept {
  char32_t codePoint = 0;
  const std::size_t length = sequenceAt(text, offset, codePoint);
  offset += length == 0 ? 1 : length;
  return length == 0 ? U'\uFFFD' : codePoint;
}

std::optional<std::u32string> decodeUtf8(std::string_view text) {
  if (findInvalidUtf8(text) != std::string_view::npos) return std::nullopt;
  std::u32string codePoints;
  codePoints.reserve(text.size());
  for (std::size_t offset = 0; offset < text.size();) codePoints.push_back(nextCodePoint(text, offset));
  return codePoints;
}

void appendUtf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

std::string encodeUtf8(std::u32string_view text) {
  std::string out;
  for (char32_t c : text) appendUtf8(out, c);
  return out;
}

std::optional<std::string> fromGb18030(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  Handle<UConverter, &ucnv_close> converter(ucnv_open("gb18030", &status));
  if (U_FAILURE(status)) throw Error(ErrorCode::kSystem, "ICU has no gb18030 converter");
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  std::vector<UChar> wide(text.size() + 1);
  const std::int32_t units = ucnv_toUChars(converter.get(), wide.data(), static_cast<std::int32_t>(wide.size()),
                                           text.data(), static_cast<std::int32_t>(text.size()), &status);
  if (U_FAILURE(status)) return std::nullopt;
  std::string out;
  for (std::int32_t i = 0; i < units; ++i) {
    char32_t c = wide[i];
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < units) c = 0x10000 + ((c - 0xD800) << 10) + (wide[++i] - 0xDC00);
    appendUtf8(out, c);
  }
  return out;
}

std::string_view trim(std::string_view text) {
  auto isSpace = [](char32_t c) { return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000 || c == 0xFEFF; };
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t next = begin;
    if (!isSpace(nextCodePoint(text, next))) break;
    begin = next;
  }
  std::size_t end = text.size();
  while (end > begin) {
    std::size_t last = end - 1;
    while (last > begin && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    std::size_t next = last;
    if (!isSpace(nextCodePoint(text, next))) break;
    end = last;
  }
  return text.substr(begin, end - begin);
}

std::string codePointName(char32_t codePoint) {
  char name[16];
  std::snprintf(name, sizeof name, "U+%04X", static_cast<unsigned>(codePoint));
  return name;
}

}  // namespace qianda::core
