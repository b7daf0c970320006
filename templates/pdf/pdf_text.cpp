#include "templates/pdf/pdf_text.h"

#include <algorithm>

#include "core/text.h"

namespace qianda::templates::pdf {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

void putUnit(std::string& out, unsigned unit) {
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHexDigits[unit >> shift & 15]);
}

}  // namespace

void putUtf16Hex(std::string& out, char32_t c) {
  if (c >= 0x10000) {
    putUnit(out, 0xD800 + ((static_cast<unsigned>(c) - 0x10000) >> 10));
    putUnit(out, 0xDC00 + ((static_cast<unsigned>(c) - 0x10000) & 0x3FF));
  } else {
    putUnit(out, static_cast<unsigned>(c));
  }
}

void putTextString(std::string& out, std::string_view utf8) {
  if (std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= ' ' && c < 0x7F; })) {
    out.push_back('(');
    for (char c : utf8) putStringOctet(out, static_cast<std::uint8_t>(c));
    out.push_back(')');
    return;
  }
  out += "<FEFF";
  for (std::size_t offset = 0; offset < utf8.size();) putUtf16Hex(out, core::nextCodePoint(utf8, offset));
  out.push_back('>');
}

void putHex(std::string& out, std::string_view octets) {
  for (unsigned char octet : octets) {
    out.push_back(kHexDigits[octet >> 4]);
    out.push_back(kHexDigits[octet & 15]);
  }
}

void putXml(std::string& out, std::string_view utf8) {
  for (char c : utf8) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out.push_back(c);
    }
  }
}

}  // namespace qianda::templates::pdf
