// Typing of one roster cell. A FieldReader is a FieldSpec made ready once (bounds and default typed, labels indexed);
// it is immutable and shared by threads. The accepted spellings are those of docs/template-language.md; full-width
// digits and letters are read as ASCII wherever the type is not free text; Excel's text forms ="123" and '123 are
// unwrapped. Limits where the template sets none: text and address 200 characters, multiline 2000, list 100 rows, dates
// 1900-2199, money 0 to 9,999,999,999.99 yuan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "templates/field.h"

namespace qianda::templates {

// What is wrong with a cell, without naming the field.
struct CellFault {
  std::string rule;  // "format", "bounds", "choice", "encoding", "identity"
  std::string limit;
  std::string zh, en;  // predicates: "不是有效日期", "is not a date"
};

class FieldReader {
 public:
  // Throws kInvalidInput if a bound or the default is not of the field's type. `spec` must outlive the reader.
  FieldReader(const FieldSpec& spec, core::Date today);

  // `anyDocument` lets an id_card field hold another kind of document's number.
  std::optional<CellFault> read(std::string_view cell, Value& value, bool anyDocument = false) const;
  const FieldSpec& spec() const { return *spec_; }
  const std::optional<Value>& defaultValue() const { return default_; }

 private:
  std::optional<CellFault> readText(std::string_view cell, Value& value) const;
  std::optional<CellFault> readNumber(std::string_view cell, Value& value) const;
  std::optional<CellFault> readDate(std::string_view cell, Value& value) const;
  std::optional<CellFault> readPeriod(std::string_view cell, Value& value) const;
  std::optional<CellFault> readChoice(std::string_view cell, Value& value) const;
  std::optional<CellFault> readBoolean(std::string_view cell, Value& value) const;
  std::optional<CellFault> readIdCard(std::string_view cell, Value& value, bool anyDocument) const;
  std::optional<CellFault> readUscc(std::string_view cell, Value& value) const;
  std::optional<CellFault> readPhone(std::string_view cell, Value& value) const;
  std::optional<CellFault> readList(std::string_view cell, Value& value) const;
  std::optional<CellFault> checkBounds(std::int64_t number) const;
  std::optional<std::int64_t> readBound(const std::optional<std::string>& text) const;

  const FieldSpec* spec_;
  core::Date today_;
  std::optional<std::int64_t> minimum_, maximum_;
  std::string limit_;  // "1 to 31", shown in faults
  std::optional<Value> default_;
};

// The index of the choice whose value or label (English: whatever its case) is `text`.
std::optional<std::size_t> findChoice(const FieldSpec& spec, std::string_view text);
// Index of the field of that name, or npos.
std::size_t indexOfField(const std::vector<FieldSpec>& fields, std::string_view name);

}  // namespace qianda::templates
