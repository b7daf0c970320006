// What a cell of a work sheet says, as the text a person reads there: numbers without what floating point added, dates
// in ISO 8601, zeros in front where the format shows them (ECMA-376 part 1, 18.3.1, 18.17.4). What Excel has destroyed
// (numbers of more than 15 digits) or cannot say (errors, dates that never were) is a reason, never another text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "templates/xlsx/workbook.h"

namespace qianda::templates::xlsx {

struct CellReason {
  std::string zh, en;  // what follows "Cell B7 "
};

struct RawCell {
  std::string_view type;  // the attribute t: "n", "s", "str", "inlineStr", "b", "e", "d"; "" is "n"
  std::uint32_t style = 0;
  std::string_view value;  // of v, or the text of is
  bool hasFormula = false;
};

// The text into `text`.
std::optional<CellReason> readCell(const RawCell& cell, const Workbook& workbook, std::string& text);

// "B7" for column 2, row 7.
std::string cellName(std::size_t column, std::uint32_t row);
// 1-based column of "B7" or "B", 0 for something else; `row` gets 7 or 0.
std::size_t columnOfCell(std::string_view reference, std::uint32_t& row);

}  // namespace qianda::templates::xlsx
