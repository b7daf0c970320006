// The text of one paragraph or cell, set: glyphs and lines, and, once it was shown whole, its page content. What
// repeats from document to document is kept in a TextCache (one per thread): a paragraph whose values were seen before
// is not set, broken or written again.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "templates/field.h"
#include "templates/layout/glyph.h"
#include "templates/layout/program.h"

namespace qianda::templates::layout {

// A glyph of a field font that a text uses.
struct FieldUse {
  Slot slot = Slot::kFieldRegular;
  std::uint16_t code = 0;
  char32_t codePoint = 0;
};

struct SetText {
  std::vector<Glyph> glyphs;
  std::vector<Line> lines;
  std::vector<FieldUse> uses;
  std::string content;    // page operators with the origin at the text's top left corner; empty until rendered
  bool isShared = false;  // kept for other documents: worth rendering
};

class TextCache {
 public:
  // Starts a document: texts handed out before are no longer valid.
  void begin();
  // The text of this program for this record if it was kept; else null and `key` names it for keep().
  SetText* find(const Program& program, const Record& record);
  // An empty text: kept under the last find()'s key when that is worthwhile, else lent until the next begin().
  SetText& add(const Program& program);

 private:
  struct Kept {
    std::unordered_map<std::string, std::unique_ptr<SetText>> texts;
    std::uint32_t hits = 0, misses = 0;
  };
  std::unordered_map<const Program*, Kept> kept_;
  std::vector<std::unique_ptr<SetText>> lent_;
  std::size_t lentCount_ = 0;
  std::string key_;
};

}  // namespace qianda::templates::layout
