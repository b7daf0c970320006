#include "templates/expression.h"

#include <algorithm>
#include <array>

#include "core/time.h"
#include "templates/cell_text.h"
#include "templates/field.h"
#include "templates/field_value.h"

namespace qianda::templates {
namespace {

constexpr std::size_t kDeepest = 24;    // nesting; a level leaves at most two truth values waiting
constexpr std::size_t kLongest = 1024;  // nodes

bool compare(Expression::Op op, std::int64_t left, std::int64_t right) {
  switch (op) {
    case Expression::Op::kEqual:
      return left == right;
    case Expression::Op::kNotEqual:
      return left != right;
    case Expression::Op::kLess:
      return left < right;
    case Expression::Op::kLessEqual:
      return left <= right;
    case Expression::Op::kGreater:
      return left > right;
    default:
      return left >= right;
  }
}

std::string quoted(std::string_view text) { return std::string("\"").append(text).append("\""); }

enum class TokenKind { kEnd, kWord, kQuoted, kOperator, kOpen, kClose };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t offset = 0;
  std::string_view text;  // a quoted text without its quotes
  Expression::Op op = Expression::Op::kPresent;
};

struct OperatorName {
  std::string_view text;
  Expression::Op op;
};
constexpr std::array<OperatorName, 6> kOperators{{{"==", Expression::Op::kEqual},
                                                  {"!=", Expression::Op::kNotEqual},
                                                  {"<=", Expression::Op::kLessEqual},
                                                  {">=", Expression::Op::kGreaterEqual},
                                                  {"<", Expression::Op::kLess},
                                                  {">", Expression::Op::kGreater}}};

class Parser {
 public:
  Parser(std::string_view source, const std::vector<FieldSpec>& fields) : source_(source), fields_(fields) {
    advance();
  }

  std::variant<Expression, ExpressionError> parse() {
    if (token_.kind == TokenKind::kEnd && !error_) fail("the expression is empty");
    parseOr(0);
    if (!error_ && token_.kind != TokenKind::kEnd) fail("expected \"and\", \"or\" or the end, found " + shown());
    if (error_) return *error_;
    return std::move(expression_);
  }

 private:
  void fail(std::string message) {
    if (!error_) error_ = ExpressionError{token_.offset, std::move(message)};
    token_ = {};
    at_ = source_.size();
  }

  std::string shown() const { return token_.kind == TokenKind::kEnd ? "the end" : quoted(token_.text); }

  void advance() {
    while (at_ < source_.size() && std::string_view(" \t\r\n").find(source_[at_]) != std::string_view::npos) ++at_;
    token_ = {TokenKind::kEnd, at_, {}, {}};
    if (at_ == source_.size()) return;
    const char c = source_[at_];
    if (c == '(' || c == ')') return take(c == '(' ? TokenKind::kOpen : TokenKind::kClose, 1);
    if (c == '"' || c == '\'') return takeQuoted(c);
    for (const OperatorName& candidate : kOperators) {
      if (!source_.substr(at_).starts_with(candidate.text)) continue;
      take(TokenKind::kOperator, candidate.text.size());
      token_.op = candidate.op;
      return;
    }
    const std::size_t end = std::min(source_.find_first_of(" \t\r\n()=!<>\"'", at_), source_.size());
    if (end > at_) return take(TokenKind::kWord, end - at_);
    take(TokenKind::kOperator, 1);
    fail(quoted(source_.substr(token_.offset, 1)) + " is not an operator (use == != < <= > >=)");
  }

  void take(TokenKind kind, std::size_t length) {
    token_.kind = kind;
    token_.text = source_.substr(at_, length);
    at_ += length;
  }

  void takeQuoted(char quote) {
    const std::size_t end = source_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return fail("the quoted text is not closed");
    token_.kind = TokenKind::kQuoted;
    token_.text = source_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
  }

  bool isKeyword(std::string_view word) const { return token_.kind == TokenKind::kWord && token_.text == word; }

  void emit(Expression::Node node) {
    if (expression_.nodes.size() >= kLongest) return fail("the expression is too long");
    expression_.nodes.push_back(std::move(node));
  }

  void parseOr(std::size_t depth) {
    parseAnd(depth);
    while (!error_ && isKeyword("or")) {
      advance();
      parseAnd(depth);
      emit({Expression::Op::kOr, 0, false, 0, {}});
    }
  }

  void parseAnd(std::size_t depth) {
    parseNot(depth);
    while (!error_ && isKeyword("and")) {
      advance();
      parseNot(depth);
      emit({Expression::Op::kAnd, 0, false, 0, {}});
    }
  }

  void parseNot(std::size_t depth) {
    if (depth > kDeepest) return fail("the expression nests too deeply");
    if (isKeyword("not")) {
      advance();
      parseNot(depth + 1);
      return emit({Expression::Op::kNot, 0, false, 0, {}});
    }
    if (token_.kind != TokenKind::kOpen) return parseComparison();
    advance();
    parseOr(depth + 1);
    if (error_) return;
    if (token_.kind != TokenKind::kClose) return fail("expected \")\", found " + shown());
    advance();
  }

  void parseComparison() {
    if (error_) return;
    if (token_.kind != TokenKind::kWord) return fail("expected a field name, found " + shown());
    if (isKeyword("and") || isKeyword("or")) return fail("expected a field name, found " + shown());
    const std::size_t field = indexOfField(fields_, token_.text);
    if (field == static_cast<std::size_t>(-1)) return fail("unknown field " + shown());
    advance();
    if (token_.kind != TokenKind::kOperator) {
      const bool boolean = fields_[field].type == FieldType::kBoolean;
      return emit({boolean ? Expression::Op::kEqual : Expression::Op::kPresent, field, false, 1, {}});
    }
    Expression::Node node{token_.op, field, false, 0, {}};
    advance();
    if (error_) return;
    if (token_.kind != TokenKind::kWord && token_.kind != TokenKind::kQuoted) {
      return fail("expected a value after the comparison, found " + shown());
    }
    if (!readOperand(fields_[field], node)) return;
    advance();
    emit(std::move(node));
  }

  bool readOperand(const FieldSpec& spec, Expression::Node& node) {
    const bool ordered = node.op != Expression::Op::kEqual && node.op != Expression::Op::kNotEqual;
    std::optional<std::int64_t> number;
    std::string expected;
    switch (spec.type) {
      case FieldType::kChoice:
        number = findChoice(spec, token_.text);
        expected = "a choice of " + spec.name;
        break;
      case FieldType::kInteger:
        number = parseFixed(token_.text, 0);
        expected = "an integer";
        break;
      case FieldType::kDecimal:
        number = parseFixed(token_.text, 4);
        expected = "a number";
        break;
      case FieldType::kMoney:
        number = parseFixed(token_.text, 2);
        expected = "an amount";
        break;
      case FieldType::kBoolean:
        if (token_.text == "true" || token_.text == "false") number = token_.text == "true";
        expected = "true or false";
        break;
      case FieldType::kDate:
        if (const auto date = core::parseDate(token_.text)) number = core::toDays(*date);
        expected = "a date such as 2026-01-31";
        break;
      case FieldType::kPeriod:
      case FieldType::kList:
        fail(spec.name + " can only be tested for presence");
        return false;
      default:
        node.asText = true;
        node.text = token_.text;
        if (token_.kind != TokenKind::kQuoted) expected = "a quoted text";
        if (token_.kind == TokenKind::kQuoted) number = 0;
    }
    if (!number) {
      fail(shown() + " is not " + expected);
      return false;
    }
    node.number = *number;
    if (!ordered || (!node.asText && spec.type != FieldType::kChoice && spec.type != FieldType::kBoolean)) return true;
    fail(spec.name + " can only be compared by == and !=");
    return false;
  }

  std::string_view source_;
  const std::vector<FieldSpec>& fields_;
  std::size_t at_ = 0;
  Token token_;
  Expression expression_;
  std::optional<ExpressionError> error_;
};

}  // namespace

bool Expression::holds(const Record& record) const {
  std::uint64_t stack = 0;  // the newest truth value is the lowest bit; the parser keeps the depth below 64
  for (const Node& node : nodes) {
    if (node.op == Op::kNot) {
      stack ^= 1;
    } else if (node.op == Op::kAnd || node.op == Op::kOr) {
      const std::uint64_t right = stack & 1;
      stack >>= 1;
      stack = node.op == Op::kAnd ? stack & (~std::uint64_t{1} | right) : stack | right;
    } else {
      const Value& value = record.values[node.field];
      bool truth = node.op == Op::kNotEqual;
      if (value.present && node.op == Op::kPresent) {
        truth = true;
      } else if (value.present) {
        truth = node.asText ? (value.text == node.text) == (node.op == Op::kEqual)
                            : compare(node.op, value.number, node.number);
      }
      stack = stack << 1 | static_cast<std::uint64_t>(truth);
    }
  }
  return stack & 1;
}

std::vector<std::size_t> Expression::fields() const {
  std::vector<std::size_t> indices;
  for (const Node& node : nodes) {
    if (node.op != Op::kNot && node.op != Op::kAnd && node.op != Op::kOr) indices.push_back(node.field);
  }
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  return indices;
}

std::variant<Expression, ExpressionError> parseExpression(std::string_view source,
                                                          const std::vector<FieldSpec>& fields) {
  return Parser(source, fields).parse();
}

}  // namespace qianda::templates
