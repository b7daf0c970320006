// A roster that is an Excel workbook (.xlsx), as the CSV that templates/roster.h reads: the first visible sheet, or the
// one that is named; its first row that has anything is the header. Rows stream; memory holds the workbook's shared
// texts and four octets a row. A formula counts by its last result. What a person does not see but a machine would read
// (hidden rows), or sees and a machine would not (merged cells), is a fault with the name of its cell; so is everything
// templates/xlsx/cell_text.h cannot say for certain. Empty rows are passed over.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "templates/fault.h"

namespace qianda::templates {

inline constexpr std::size_t kMostRosterRows = 200'000;

struct XlsxRoster {
  std::string sheet;
  std::uint32_t headerRow = 0;
  std::vector<std::uint32_t> rows;  // of the sheet, by data row
  std::vector<Fault> faults;        // of all severities, with their cells
};

// Writes UTF-8 with every cell quoted. Throws kInvalidInput when the file is no workbook, damaged, encrypted, larger
// than its bounds (templates/xlsx/package.h) or has no such sheet.
XlsxRoster convertXlsx(const std::filesystem::path& file, std::ostream& csv, const std::string& sheet = {});

// Whether the octets begin like a workbook of any kind, also one that convertXlsx refuses by name.
bool looksLikeWorkbook(std::string_view octets);

// The cells of faults that were found in the CSV.
void nameCells(const XlsxRoster& roster, std::vector<Fault>& faults);

}  // namespace qianda::templates
