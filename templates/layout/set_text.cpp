#include "templates/layout/set_text.h"

namespace qianda::templates::layout {
namespace {

// Texts kept of one paragraph; a paragraph that fills this without many hits holds values of one person each.
constexpr std::size_t kMostKept = 64;

bool isWorthwhile(std::uint32_t hits, std::uint32_t misses) { return misses < kMostKept || hits > 4 * misses; }

}  // namespace

void TextCache::begin() { lentCount_ = 0; }

SetText* TextCache::find(const Program& program, const Record& record) {
  key_.clear();
  if (!program.isRepeatable) return nullptr;
  Kept& kept = kept_[&program];
  if (!isWorthwhile(kept.hits, kept.misses)) return nullptr;
  for (std::size_t field : program.reads) {
    const Value& value = record.values[field];
    key_ += value.present ? '+' : '-';
    key_ += value.text;
    key_ += '\0';
  }
  const auto found = kept.texts.find(key_);
  if (found == kept.texts.end()) {
    ++kept.misses;
    return nullptr;
  }
  ++kept.hits;
  return found->second.get();
}

SetText& TextCache::add(const Program& program) {
  if (!key_.empty()) {
    Kept& kept = kept_[&program];
    if (kept.texts.size() < kMostKept) {
      auto& text = kept.texts[key_];
      text = std::make_unique<SetText>();
      text->isShared = true;
      return *text;
    }
  }
  if (lentCount_ == lent_.size()) lent_.push_back(std::make_unique<SetText>());
  SetText& text = *lent_[lentCount_++];
  text.glyphs.clear();
  text.lines.clear();
  text.uses.clear();
  text.content.clear();
  return text;
}

}  // namespace qianda::templates::layout
