// Where a line may break: Unicode UAX #14 as ICU implements it, tailored to mainland typesetting (“ ‘ open, ” closes).
// Static text is broken by ICU in full. Values are broken at run time by a table of pairs of line-breaking classes that
// is itself computed by ICU on first use: exact wherever UAX #14 needs no wider context than two characters.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace qianda::templates::layout {

using BreakClass = std::uint8_t;

BreakClass breakClassOf(char32_t codePoint);
// Whether a line may break between two neighbours of these classes.
bool mayBreakBetween(BreakClass left, BreakClass right);
// For every character whether a line may break before it (never before the first).
std::vector<bool> breaksOf(std::u32string_view text);

// Closing punctuation whose right half is empty: it may stand half outside at the end of a line.
bool hasEmptyRightHalf(char32_t codePoint);

}  // namespace qianda::templates::layout
