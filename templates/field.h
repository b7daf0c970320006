// The declared fields of a template and the typed values of one row. A FieldSpec is immutable after compilation and
// shared by threads; a Record belongs to one row and one thread. Record::values is indexed like the template's fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "templates/expression.h"

namespace qianda::templates {

enum class FieldType {
  kText,
  kMultiline,
  kInteger,
  kDecimal,
  kMoney,
  kDate,
  kPeriod,
  kChoice,
  kBoolean,
  kIdCard,
  kUscc,
  kPhone,
  kAddress,
  kList
};

struct Choice {
  std::string value;    // what a program writes: "fixed"
  std::string labelZh;  // what a person reads, also accepted in a roster: "固定期限"
  std::string labelEn;
};

struct ListColumn {
  std::string name, labelZh, labelEn;
};

struct FieldSpec {
  std::string name;  // [a-z][a-z0-9_]*
  std::string labelZh, labelEn;
  FieldType type = FieldType::kText;
  bool required = true;  // where `condition` holds (or there is none)
  std::optional<Expression>
      condition;  // the field applies only where this holds; elsewhere its value is left out, with a warning
  std::optional<std::string> defaultText;
  std::optional<std::string> minimum, maximum;  // as written: number, money or date by type; text: characters
  std::string unit;                             // shown after a number in messages
  double blankEm = 0;                           // least width of the underlined blank, in em; 0 = by type
  std::string idTypeField;      // id_card only: a choice field; unless it says "resident_id", any document number goes
  std::vector<Choice> choices;  // choice only
  std::vector<ListColumn> columns;  // list only
  std::string example;              // used by previews and sample rosters
};

// Lengths of money are fen (1/100 yuan), of decimals 1/10000; dates are days since 1970-01-01.
struct Value {
  bool present = false;
  std::string text;  // canonical text: 2026-01-31, 8500.00, the choice's value, the trimmed text
  std::int64_t number =
      0;                 // integer; decimal x 10000; money in fen; date or period start in days; choice index; boolean
  std::int64_t end = 0;  // period end in days (inclusive)
  std::vector<std::vector<std::string>> rows;  // list: rows of cells in the order of the columns
};

struct Record {
  std::uint64_t row = 0;  // 1-based data row in the roster
  std::vector<Value> values;
};

inline constexpr std::int64_t kDecimalScale = 10000;

}  // namespace qianda::templates
