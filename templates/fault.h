// What is wrong with a person's input, as values: a Diagnostic points into a template source, a Fault into a roster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace qianda::templates {

// line and column are 1-based; column counts code points.
struct Diagnostic {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;  // English, one sentence
};

enum class Severity { kBlock, kWarn, kInform };  // only kBlock stops the row

struct Fault {
  std::uint64_t row = 0;   // 1-based data row (the header is not counted); 0 for the file as a whole
  std::size_t column = 0;  // 1-based CSV column; 0 where no single column is at fault
  std::string cell;        // of a workbook: "B7"; empty for CSV
  std::string field;       // field name, or the header text of an unknown column; may be empty
  std::string value;       // what was found, as given
  std::string rule;  // "format", "required", "bounds", "condition", "glyph", "csv", or a law rule id such as "LC12"
  Severity severity = Severity::kBlock;
  std::string article;   // 劳动合同法 19, for law rules
  std::string computed;  // e.g. "7 months"
  std::string limit;     // e.g. "6 months"
  std::string messageZh;
  std::string messageEn;
};

inline bool isBlocking(const Fault& fault) { return fault.severity == Severity::kBlock; }

}  // namespace qianda::templates
