// UTF-8 text. Everything inside the house is UTF-8; GB18030 exists only at the edge (fromGb18030).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace qianda::core {

// Code points of well-formed UTF-8; nullopt for ill-formed input (overlong, surrogate, truncated: Unicode 15 D92).
std::optional<std::u32string> decodeUtf8(std::string_view text);
// Offset of the first ill-formed octet, or npos.
std::size_t findInvalidUtf8(std::string_view text);
void appendUtf8(std::string& out, char32_t codePoint);
std::string encodeUtf8(std::u32string_view text);

// Decodes one code point at text[offset] and advances offset; U+FFFD for ill-formed octets (advances by one).
char32_t nextCodePoint(std::string_view text, std::size_t& offset) noexcept;

// GB 18030-2005 as ICU 72 maps it; nullopt if any sequence is illegal or unassigned.
std::optional<std::string> fromGb18030(std::string_view text);

// Without leading and trailing white space, U+3000 and U+FEFF included.
std::string_view trim(std::string_view text);

// "U+20BB7"
std::string codePointName(char32_t codePoint);

}  // namespace qianda::core
