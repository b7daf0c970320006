// Runs a Program for one record: static glyphs are copied, values become glyphs with their blanks and underlines.
// Belongs to one thread; collects which field glyphs the document uses.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "templates/field.h"
#include "templates/layout/charset.h"
#include "templates/layout/program.h"
#include "templates/layout/set_text.h"
#include "templates/template.h"

namespace qianda::templates::layout {

// The glyphs of one field font that a document uses, each once.
class GlyphUse {
 public:
  GlyphUse() : seenIn_(0x10000) {}
  void clear() { ++document_, used_.clear(); }
  void add(std::uint16_t code, char32_t codePoint) {
    if (seenIn_[code] == document_) return;
    seenIn_[code] = document_;
    used_.emplace_back(code, codePoint);
  }
  // Sorted by code by the caller when it needs to be.
  std::vector<std::pair<std::uint16_t, char32_t>>& used() { return used_; }

 private:
  std::vector<std::uint32_t> seenIn_;
  std::uint32_t document_ = 1;
  std::vector<std::pair<std::uint16_t, char32_t>> used_;
};

// An anchor glyph's code is its index here.
struct Anchor {
  Inline::Kind kind;
  std::size_t party;
};

// What is known about the document besides its record.
struct DocumentFacts {
  std::string id;                  // 26 characters
  std::string url;                 // verification address
  std::string sealingDate;         // 2026年11月23日, shown where a sealing party's date goes
  const std::vector<bool>* seals;  // per party: seals now
};

class Setter {
 public:
  // The glyph ids of fallback characters are those of the batch's small fallback faces (A and B; null when unused).
  using Fallbacks = std::array<const fonts::FontFace*, 2>;
  Setter(const Template& form, const Charset& charset, const Fallbacks& fallbacks)
      : form_(form), charset_(charset), fallbacks_(fallbacks) {}

  void begin(const Record& record, const DocumentFacts& facts);
  // Sets the program's glyphs. `entry`: the current row of a list, for {{list.column}}.
  void run(const Program& program, std::size_t entry, SetText& text);
  // A text set for another document is shown again: its field glyphs are this document's too.
  void reuse(const SetText& text) {
    for (const FieldUse& one : text.uses) use(one.slot).add(one.code, one.codePoint);
  }

  GlyphUse& use(Slot slot) {
    return use_[static_cast<std::size_t>(slot) - static_cast<std::size_t>(Slot::kFieldRegular)];
  }
  const std::vector<Anchor>& anchors() const { return anchors_; }
  const Record& record() const { return *record_; }

 private:
  void appendStatic(const Program& program, const Step& step, std::vector<Glyph>& out) const;
  void appendText(std::string_view text, bool bold, std::uint8_t flags, std::vector<Glyph>& out);
  void appendValue(const Step& step, std::vector<Glyph>& out);
  void appendAnchor(const Step& step, std::vector<Glyph>& out);
  Glyph glyphOf(char32_t codePoint, bool bold);
  void appendGap(std::int32_t advance, std::uint8_t flags, std::vector<Glyph>& out) const;

  const Template& form_;
  const Charset& charset_;
  Fallbacks fallbacks_;
  const Record* record_ = nullptr;
  const DocumentFacts* facts_ = nullptr;
  std::array<GlyphUse, 4> use_;
  std::vector<Anchor> anchors_;
  std::vector<FieldUse>* uses_ = nullptr;  // of the text being set
  std::string text_;
};

}  // namespace qianda::templates::layout
