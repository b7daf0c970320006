// Any octets as a workbook, and as the XML of a sheet, of the styles and of the shared texts inside a good one: reading
// ends with a roster or an error, and what comes out is CSV with as many records as the roster says.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

#include "core/error.h"
#include "templates/csv.h"
#include "templates/xlsx/roster.h"
#include "tests/support/stored_zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("xlsx-fuzz-" + std::to_string(getpid()) + ".xlsx");
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string sheet =
      "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\" s=\"0\"><v>0</v></c></row><row><c "
      "s=\"1\"><v>45000.5</v></c>"
      "</row></sheetData></worksheet>";
  for (const std::string& file : {text, qianda::test::storedWorkbook(text), qianda::test::storedWorkbook(sheet, text),
                                  qianda::test::storedWorkbook(sheet, "", text)}) {
    std::ofstream(path, std::ios::binary) << file;
    try {
      std::ostringstream csv;
      const qianda::templates::XlsxRoster roster = qianda::templates::convertXlsx(path, csv);
      const std::string out = csv.str();
      bool isRead = false;
      qianda::templates::CsvReader reader([&] { return std::exchange(isRead, true) ? std::string_view() : out; }, ',');
      std::vector<qianda::templates::CsvFault> faults;
      std::vector<std::string> cells;
      std::size_t records = 0;
      for (std::uint64_t line = 0; reader.next(cells, line, faults);) ++records;
      if (records != roster.rows.size() + (roster.headerRow != 0)) std::abort();
    } catch (const qianda::core::Error&) {
    }
  }
  return 0;
}
