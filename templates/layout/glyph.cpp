#include "templates/layout/glyph.h"

#include <algorithm>

namespace qianda::templates::layout {
namespace {

constexpr std::int32_t kHalfEm = 500;

Line makeLine(const std::vector<Glyph>& glyphs, std::size_t first, std::size_t end, std::int32_t indent,
              std::int32_t room, bool justified) {
  Line line;
  line.first = static_cast<std::uint32_t>(first);
  std::size_t last = end;
  while (last > first && (glyphs[last - 1].flags & (kSpace | kForcedBreak)) &&
         !(glyphs[last - 1].flags & kUnderlined)) {
    --last;
  }
  line.count = static_cast<std::uint32_t>(last - first);
  line.indent = indent;
  line.room = room;
  for (std::size_t i = first; i < last; ++i) line.width += glyphs[i].advance;
  if (last > first && line.width > room && (glyphs[last - 1].flags & kEmptyRightHalf)) line.width -= kHalfEm;
  line.justified = justified;
  line.splitsValue = first > 0 && (glyphs[first].flags & kOfValue) && (glyphs[first - 1].flags & kOfValue);
  return line;
}

}  // namespace

void breakLines(const std::vector<Glyph>& glyphs, std::size_t begin, std::size_t end, const LineBox& box,
                std::vector<Line>& lines) {
  std::size_t first = begin;
  bool opening = true;
  do {
    const std::int32_t indent = box.indent + (opening ? box.firstIndent : 0);
    const std::int32_t room = std::max(box.room - indent, 1000);
    opening = false;
    std::int32_t width = 0;
    std::size_t opportunity = first;
    std::size_t at = first;
    bool forced = false;
    for (; at < end; ++at) {
      const Glyph& glyph = glyphs[at];
      if (at > first && (glyph.flags & kMayBreakBefore)) opportunity = at;
      width += glyph.advance;
      if (glyph.flags & kForcedBreak) {
        forced = true;
        ++at;
        break;
      }
      const std::int32_t allowed = room + (glyph.flags & kEmptyRightHalf ? kHalfEm : 0);
      if (width > allowed && !(glyph.flags & kSpace) && at > first) break;
    }
    std::size_t next = at;
    if (at < end && !forced) next = opportunity > first ? opportunity : at;
    lines.push_back(makeLine(glyphs, first, next, indent, room, box.justify && !forced && next < end));
    first = next;
  } while (first < end);
}

}  // namespace qianda::templates::layout
