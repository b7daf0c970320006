// How values of a case lie in columns. Pure functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"

namespace qianda::delivery {

std::string dayText(const std::optional<core::Date>& day);  // "" for nothing
std::optional<core::Date> dayOf(const std::string& text);   // nothing for ""
core::Date needDay(const std::string& text);                // throws kCorrupt
std::string linesOf(const std::vector<std::string>& items);
std::vector<std::string> itemsOf(const std::string& lines);
// A JSON object of texts.
std::string detailsText(const std::map<std::string, std::string>& details);
std::map<std::string, std::string> detailsOf(const std::string& json);  // throws kCorrupt

}  // namespace qianda::delivery
