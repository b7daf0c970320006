// Workbooks out: tables of any length in constant memory (libxlsxwriter), and the roster template a person fills in.
// Everything is written as text, so that Excel neither rounds an ID number nor runs a formula that came in a name. One
// thread; throws kSystem when the file cannot be written, kInvalidInput for a text longer than a cell holds.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "templates/template.h"

namespace qianda::templates {

class XlsxTable {
 public:
  // `widths` in characters, by column.
  XlsxTable(std::filesystem::path file, const std::string& sheet, const std::vector<std::string>& header,
            const std::vector<int>& widths = {});
  ~XlsxTable();  // drops what was not finished
  XlsxTable(const XlsxTable&) = delete;
  XlsxTable& operator=(const XlsxTable&) = delete;

  // Cells of a faulty row are shown in red.
  void add(const std::vector<std::string>& cells, bool isFaulty = false);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sheet 花名册 with the template's columns (required ones with a star, choices to pick from), sheet 填写说明 that
// explains each of them, and an example row there. Filled in, convertXlsx reads it.
void writeRosterTemplate(const Template& form, const std::filesystem::path& file);
// The same header as CSV, with a byte order mark.
std::string rosterTemplateCsv(const Template& form);

// One record of CSV (RFC 4180) with its line end. A cell that a spreadsheet would run as a formula gets an apostrophe
// in front, which our own reader takes off again.
std::string csvRecord(const std::vector<std::string>& cells);

}  // namespace qianda::templates
