// A paragraph (or cell, or heading) as a short program: static glyphs already looked up and broken, steps for what
// changes from document to document, forward jumps for conditions. Immutable, shared by threads.
#pragma once

#include <cstdint>
#include <vector>

#include "templates/body.h"
#include "templates/layout/glyph.h"

namespace qianda::templates::layout {

struct Step {
  enum class Kind : std::uint8_t {
    kGlyphs,      // static glyphs [first, first + count)
    kField,       // values[field], formatted
    kListColumn,  // column `choice` of the current entry of list `field`
    kBox,         // ticked when values[field].number == choice
    kAnchor,      // seal, signature or date of `party`
    kQr,
    kDocumentId,
    kDocumentUrl,
    kBreak,
    kUnless,  // go to step `target` unless `condition` holds
    kGo,      // go to step `target`
  };
  Kind kind = Kind::kGlyphs;
  bool bold = false;
  Inline::Kind anchor = Inline::Kind::kSeal;
  std::uint32_t first = 0, count = 0;
  std::size_t field = 0, choice = 0, party = 0, target = 0;
  FieldFormat format;
  Expression condition;
};

struct Program {
  std::vector<Step> steps;
  std::vector<Glyph> glyphs;
  bool isStatic = true;      // every document gets the same glyphs
  bool isRepeatable = true;  // the glyphs depend on `reads` alone: no anchor, number of the document or list entry
  std::vector<std::size_t> reads;  // fields, each once
  bool hasQr = false;
  bool hasSignature = false;  // a {{sign:}} anchor: its line is taller
  bool hasSeal = false;
};

// Looks up static characters; the typesetter's static fonts implement it.
class StaticGlyphs {
 public:
  virtual ~StaticGlyphs() = default;
  virtual Glyph glyphFor(char32_t codePoint, bool bold) = 0;
};

Program makeProgram(const std::vector<Inline>& inlines, StaticGlyphs& source);

}  // namespace qianda::templates::layout
