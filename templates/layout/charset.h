// Which glyph every character gets in the documents of one frozen template: from the static fonts when they hold it,
// else from the document's field fonts, else from the fallback faces. Immutable once frozen, thread-safe.
#pragma once

#include <array>
#include <unordered_map>
#include <vector>

#include "templates/fonts/font_face.h"
#include "templates/layout/glyph.h"
#include "templates/layout/program.h"

namespace qianda::templates::layout {

// Codes of the box font (a Type 3 font with drawn glyphs, since no text font has them).
inline constexpr std::uint16_t kBoxEmpty = 1, kBoxTicked = 2;

class Charset final : public StaticGlyphs {
 public:
  Charset();

  // Static text: the character joins the static font. A character that no face has throws kInvalidInput.
  Glyph glyphFor(char32_t codePoint, bool bold) override;
  // After the last static character: fixes which codes are static and prepares find().
  void freeze();

  // Run-time lookup. code 0 with slot kGap means that no face has the character.
  Glyph find(char32_t codePoint, bool bold) const {
    if (codePoint < kBasicPlane) return table_[bold][codePoint];
    return findSlowly(codePoint, bold);
  }
  static bool isMissing(const Glyph& glyph) { return glyph.slot == Slot::kGap; }

  // Code point of every CID of a static font (0 = not in it).
  const std::vector<char32_t>& staticCodes(bool bold) const { return staticCodes_[bold]; }

 private:
  static constexpr std::size_t kBasicPlane = 0x10000;
  Glyph findSlowly(char32_t codePoint, bool bold) const;

  std::array<std::vector<char32_t>, 2> staticCodes_;
  std::array<std::vector<Glyph>, 2> table_;
};

}  // namespace qianda::templates::layout
