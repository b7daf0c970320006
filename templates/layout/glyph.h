// The smallest thing that is set: one glyph, gap, box or anchor of a line. Eight octets, copied freely.
// Advances are in 1/1000 em of the paragraph's type size.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace qianda::templates::layout {

// Which font resource a glyph's code belongs to. The static fonts are shared by all documents of a template; the field
// fonts are the document's own and hold only what the static ones lack.
enum class Slot : std::uint8_t {
  kRegular,
  kBold,
  kBoxes,
  kFieldRegular,
  kFieldBold,
  kFallbackA,
  kFallbackB,
  kGap,
  kAnchor
};
inline constexpr std::size_t kFontSlots = 7;

enum GlyphFlag : std::uint8_t {
  kMayBreakBefore = 1,
  kSpace = 2,  // vanishes at the end of a line
  kUnderlined = 4,
  kForcedBreak = 8,  // the line ends behind it
  kEmptyRightHalf = 16,
  kOfValue = 32,  // part of a field's value
};

struct Glyph {
  std::uint16_t code = 0;  // CID, box code, or index of an anchor
  std::uint16_t advance = 0;
  Slot slot = Slot::kRegular;
  std::uint8_t flags = 0;
  std::uint8_t breakClass = 0;
};

struct Line {
  std::uint32_t first = 0, count = 0;  // into the paragraph's glyphs
  std::int32_t indent = 0;             // 1/1000 em
  std::int32_t width = 0;              // natural, without trailing spaces
  std::int32_t room = 0;               // what it may fill
  bool justified = false;
  bool splitsValue = false;  // begins within a value: no page break before it
};

// Greedy line breaking (as formal Chinese documents are set): the last opportunity before the text overflows; closing
// punctuation may overflow by its empty half; a run without any opportunity breaks where it must. Appends to `lines`.
struct LineBox {
  std::int32_t room = 0;  // width of a full line, 1/1000 em
  std::int32_t firstIndent = 0;
  std::int32_t indent = 0;  // of all lines
  bool justify = true;
};
void breakLines(const std::vector<Glyph>& glyphs, std::size_t begin, std::size_t end, const LineBox& box,
                std::vector<Line>& lines);

}  // namespace qianda::templates::layout
