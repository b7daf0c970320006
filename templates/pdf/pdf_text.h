// PDF syntax written straight into a string (ISO 32000-1 7.3): numbers with at most two decimals, strings, references.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "templates/layout/glyph.h"

namespace qianda::templates::pdf {

inline void putInteger(std::string& out, std::int64_t value) {
  char digits[24];
  char* at = digits + sizeof digits;
  std::uint64_t magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  do {
    *--at = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (value < 0) *--at = '-';
  out.append(at, digits + sizeof digits);
}

// Hundredths of a unit, without trailing zeros: 7200 -> 72, 50 -> 0.5, -1225 -> -12.25.
inline void putHundredths(std::string& out, std::int64_t hundredths) {
  char digits[24];
  char* const end = digits + sizeof digits;
  char* at = end;
  std::uint64_t magnitude =
      hundredths < 0 ? 0 - static_cast<std::uint64_t>(hundredths) : static_cast<std::uint64_t>(hundredths);
  const auto rest = static_cast<unsigned>(magnitude % 100);
  magnitude /= 100;
  if (rest != 0) {
    if (rest % 10 != 0) *--at = static_cast<char>('0' + rest % 10);
    *--at = static_cast<char>('0' + rest / 10);
    *--at = '.';
  }
  do {
    *--at = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (hundredths < 0) *--at = '-';
  out.append(at, end);
}

inline void putNumber(std::string& out, double value) { putHundredths(out, std::llround(value * 100)); }

// "12 0 R"
inline void putReference(std::string& out, std::uint32_t object) {
  putInteger(out, object);
  out += " 0 R";
}

// One octet inside a literal string.
inline void putStringOctet(std::string& out, std::uint8_t octet) {
  if (octet == '(' || octet == ')' || octet == '\\') {
    out.push_back('\\');
    out.push_back(static_cast<char>(octet));
  } else if (octet == '\r') {
    out += "\\r";
  } else {
    out.push_back(static_cast<char>(octet));
  }
}

// A text string object: ASCII as a literal, anything else as UTF-16BE hexadecimal with a byte-order mark (7.9.2.2).
void putTextString(std::string& out, std::string_view utf8);
void putHex(std::string& out, std::string_view octets);

// UTF-16BE hexadecimal digits of one code point, as ToUnicode wants them.
void putUtf16Hex(std::string& out, char32_t codePoint);

// XML character data (XMP): & < > escaped.
void putXml(std::string& out, std::string_view utf8);

}  // namespace qianda::templates::pdf
