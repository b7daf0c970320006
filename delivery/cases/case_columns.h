// How values of the delivery room lie in columns. Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/time.h"

namespace qianda::delivery {

// The word that `find` knows the text as; throws kCorrupt for a text that is none.
template <typename Word>
Word needWord(const std::string& text, std::optional<Word> (*find)(std::string_view)) {
  if (const auto word = find(text)) return *word;
  throw core::Error(core::ErrorCode::kCorrupt, "a column holds an unknown word: " + text);
}

std::string dayText(const std::optional<core::Date>& day);  // "" for nothing
std::optional<core::Date> dayOf(const std::string& text);   // nothing for ""
core::Date needDay(const std::string& text);                // throws kCorrupt
std::string linesOf(const std::vector<std::string>& items);
std::vector<std::string> itemsOf(const std::string& lines);
// A JSON object of texts.
std::string detailsText(const std::map<std::string, std::string>& details);
std::map<std::string, std::string> detailsOf(const std::string& json);  // throws kCorrupt

}  // namespace qianda::delivery
