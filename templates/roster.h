// Rosters: CSV (RFC 4180; comma, or tab or semicolon if the header has no comma), UTF-8 with or without BOM, or
// GB18030. The header names fields by name or Chinese (or English) label. Reading streams: memory does not grow with
// the rows.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "templates/fault.h"
#include "templates/field.h"
#include "templates/template.h"

namespace qianda::templates {

// One record of the file, split but not yet typed.
struct RosterRow {
  std::uint64_t row = 0;           // 1-based data row
  std::uint64_t line = 0;          // 1-based line of the file where it starts
  std::vector<std::string> cells;  // UTF-8
};

class RosterReader {
 public:
  // Reads the header; faults of the file (encoding, unknown or doubled or missing columns) are in `faults()`.
  RosterReader(std::shared_ptr<const Template> form, const std::filesystem::path& file);
  ~RosterReader();
  RosterReader(const RosterReader&) = delete;
  RosterReader& operator=(const RosterReader&) = delete;

  const std::vector<Fault>& faults() const;
  const std::vector<std::string>& headers() const;  // as written
  // False at the end. A row that is malformed as CSV is returned as far as it was read and adds to `faults()`.
  bool next(RosterRow& row);

  // Types every cell of a row and checks required, bounds, formats and conditions; thread-safe. All faults are
  // appended.
  Record parse(const RosterRow& row, std::vector<Fault>& faults) const;

  // 1-based CSV column of a field, 0 if the roster has none.
  std::size_t columnOf(std::size_t field) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Types a map of field name -> text (preview data, API rows); row 0 in its faults.
Record parseValues(const Template& form, const std::vector<std::pair<std::string, std::string>>& values,
                   std::vector<Fault>& faults);

}  // namespace qianda::templates
