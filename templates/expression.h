// Conditions of a template: `term_type == fixed and not task_description`, over the fields of one record.
// A bare field is true when present (a boolean: when true). Comparisons: == != < <= > >=; the right side is a choice
// value, a number, a date (2026-01-31) or a quoted text; with an absent value only != holds. Choices, booleans and
// texts know == and != only. Compiled once, evaluated without allocation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace qianda::templates {

struct FieldSpec;
struct Record;

struct Expression {
  enum class Op : std::uint8_t {
    kPresent,
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kNot,
    kAnd,
    kOr
  };
  struct Node {
    Op op;
    std::size_t field = 0;  // comparisons and kPresent
    bool asText = false;    // compare Value::text with `text`, else Value::number with `number`
    std::int64_t number = 0;
    std::string text;
  };
  std::vector<Node> nodes;  // reverse Polish order

  bool holds(const Record& record) const;
  // Indices of the fields it reads.
  std::vector<std::size_t> fields() const;
};

struct ExpressionError {
  std::size_t offset;  // octets into the source
  std::string message;
};

// `fields` must already hold every field the source may name.
std::variant<Expression, ExpressionError> parseExpression(std::string_view source,
                                                          const std::vector<FieldSpec>& fields);

}  // namespace qianda::templates
