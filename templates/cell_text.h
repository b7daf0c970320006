// The text of roster cells below the level of types: full-width forms, what Excel does to numbers, fixed-point numbers,
// characters that have no place in a contract. All text is UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qianda::templates {

// Full-width ASCII (U+FF01..U+FF5E), U+3000 and the minus sign as ASCII; without white space around.
std::string toHalfWidth(std::string_view text);
// What a cell says: without white space around, and without the forms ="123" and '123, by which people keep Excel from
// turning long numbers into floating point.
std::string_view cellText(std::string_view text);
// 4.40106E+17: what is left of a long number that Excel did turn into floating point.
bool isScientific(std::string_view text);

// `scale` decimals at most, as an integer: "8,500.5" with scale 2 gives 850050. Separators must group by three.
std::optional<std::int64_t> parseFixed(std::string_view text, int scale);
// Without trailing zeros beyond `keep` decimals: fixedText(85000, 4, 0) is "8.5".
std::string fixedText(std::int64_t number, int scale, int keep);

struct TextScan {
  std::size_t characters = 0;
  char32_t refused = 0;  // the first control, bidirectional or zero-width character; U+FFFD for lost text
};
TextScan scanText(std::string_view text, bool lineBreaks);

}  // namespace qianda::templates
