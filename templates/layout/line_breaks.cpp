#include "templates/layout/line_breaks.h"

#include <array>
#include <memory>
#include <string>

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/error.h"

namespace qianda::templates::layout {
namespace {

constexpr std::size_t kClasses = U_LB_COUNT;

// Quotation marks are ambiguous in UAX #14 (class QU); in Chinese text they open and close.
char32_t tailored(char32_t c) {
  if (c == U'“' || c == U'‘') return U'「';
  if (c == U'”') return U'」';
  return c;
}

std::vector<bool> icuBreaks(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  // Iterators are not thread-safe: one for each thread.
  thread_local const std::unique_ptr<icu::BreakIterator> iterator(
      icu::BreakIterator::createLineInstance(icu::Locale("zh@lb=strict"), status));
  if (!iterator) throw core::Error(core::ErrorCode::kSystem, "ICU has no line breaker");
  icu::UnicodeString units;
  std::vector<std::size_t> characterAt;  // UTF-16 unit -> character
  for (std::size_t i = 0; i < text.size(); ++i) {
    units.append(static_cast<UChar32>(tailored(text[i])));
    characterAt.resize(static_cast<std::size_t>(units.length()), i);
  }
  std::vector<bool> breaks(text.size());
  iterator->setText(units);
  for (std::int32_t at = iterator->first(); at != icu::BreakIterator::DONE; at = iterator->next()) {
    if (at > 0 && at < units.length()) breaks[characterAt[static_cast<std::size_t>(at)]] = true;
  }
  return breaks;
}

struct ClassTable {
  std::vector<BreakClass> basic;  // of the basic plane
  std::array<std::array<bool, kClasses>, kClasses> mayBreak{};

  ClassTable() : basic(0x10000) {
    std::array<char32_t, kClasses> example{};
    for (char32_t c = 0x20; c < basic.size(); ++c) {
      basic[c] = static_cast<BreakClass>(u_getIntPropertyValue(static_cast<UChar32>(tailored(c)), UCHAR_LINE_BREAK));
      const bool isSurrogate = c >= 0xD800 && c <= 0xDFFF;
      if (example[basic[c]] == 0 && !isSurrogate && tailored(c) == c) example[basic[c]] = c;
    }
    for (std::size_t left = 0; left < kClasses; ++left) {
      for (std::size_t right = 0; right < kClasses; ++right) {
        const char32_t pair[] = {example[left], example[right]};
        mayBreak[left][right] = pair[0] && pair[1] && icuBreaks({pair, 2})[1];
      }
    }
  }
};

const ClassTable& table() {
  static const ClassTable classes;
  return classes;
}

}  // namespace

BreakClass breakClassOf(char32_t codePoint) {
  const ClassTable& classes = table();
  if (codePoint < classes.basic.size()) return classes.basic[codePoint];
  return static_cast<BreakClass>(u_getIntPropertyValue(static_cast<UChar32>(codePoint), UCHAR_LINE_BREAK));
}

bool mayBreakBetween(BreakClass left, BreakClass right) { return table().mayBreak[left][right]; }

std::vector<bool> breaksOf(std::u32string_view text) { return icuBreaks(text); }

bool hasEmptyRightHalf(char32_t c) {
  switch (c) {
    case U'，':
    case U'。':
    case U'、':
    case U'；':
    case U'：':
    case U'）':
    case U'》':
    case U'”':
    case U'〉':
    case U'」':
    case U'』':
    case U'】':
    case U'〕':
    case U'！':
    case U'？':
      return true;
    default:
      return false;
  }
}

}  // namespace qianda::templates::layout
