// Finds a text such as 甲方（盖章） on the pages of a PDF, for placing a seal by keyword. The letters' places come from
// `pdftotext -bbox-layout` (poppler-utils), run as a child process on a temporary file under a time limit. Spaces do
// not count, nor does the width of letters (（ finds (, Kangxi radicals find ideographs: NFKC), so that what the eye
// sees is what is found; a keyword may begin and end within words but must stand on one line.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signing/pades/placement.h"

namespace qianda::cli {

struct KeywordQuery {
  std::string keyword;
  std::optional<std::size_t> page = {};  // 0-based; none = all pages
  std::size_t occurrence = 1;            // the nth in reading order; 0 = all
  std::chrono::milliseconds timeLimit{20'000};
  std::string program = "pdftotext";
};

struct KeywordPlace {
  std::size_t page = 0;  // 0-based
  signing::SeenBox box;  // mm as the reader sees the page
};

// One place, or all when `occurrence` is 0. Throws kInvalidInput for an empty keyword or a file that cannot be read,
// kNotFound when the keyword is not there (often enough: the message says how often and on how many pages it was
// searched), kUnavailable when the time is up, kSystem when the program cannot be run.
std::vector<KeywordPlace> findKeyword(std::string_view pdf, const KeywordQuery& query);

}  // namespace qianda::cli
