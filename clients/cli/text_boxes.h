// The words of a PDF with their places, by `pdftotext -bbox-layout`: millimetres have to wait, these are points from
// the upper left corner of the page as it is shown (CropBox and Rotate applied, UserUnit not).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::cli {

struct Word {
  double left = 0, top = 0, right = 0, bottom = 0;
  std::string text;
};
using WordLine = std::vector<Word>;  // in reading order
using WordPage = std::vector<WordLine>;

// Throws kInvalidInput when the program refuses the file (its words are passed on), kUnavailable when the time is up,
// kSystem when it cannot be run or its answer cannot be read.
std::vector<WordPage> readWords(std::string_view pdf, const std::string& program, std::chrono::milliseconds timeLimit);

// The program's XHTML. Throws kSystem when it is not well-formed or its numbers are none.
std::vector<WordPage> parseWords(const std::string& xhtml);

}  // namespace qianda::cli
