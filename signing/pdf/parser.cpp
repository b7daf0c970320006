#include "signing/pdf/parser.h"

#include <charconv>

#include "signing/pdf/limits.h"

namespace qianda::signing::pdf {
namespace {

bool isDelimiter(unsigned char c) {
  return c != 0 && std::string_view("()<>[]{}/%").find(static_cast<char>(c)) != std::string_view::npos;
}
bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }

int hexDigit(unsigned char c) {
  if (isDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool isWhiteSpace(unsigned char c) { return c == 0 || c == 9 || c == 10 || c == 12 || c == 13 || c == 32; }

void Parser::skipSpace() {
  while (position_ < text_.size()) {
    const unsigned char c = peek();
    if (c == '%') {
      while (position_ < text_.size() && peek() != '\n' && peek() != '\r') ++position_;
    } else if (isWhiteSpace(c)) {
      ++position_;
    } else {
      return;
    }
  }
}

bool Parser::take(std::string_view keyword) {
  if (text_.substr(position_, keyword.size()) != keyword) return false;
  const std::size_t after = position_ + keyword.size();
  if (after < text_.size() && !isWhiteSpace(static_cast<unsigned char>(text_[after])) &&
      !isDelimiter(static_cast<unsigned char>(text_[after]))) {
    return false;
  }
  position_ = after;
  return true;
}

std::optional<std::uint64_t> Parser::takeUnsigned() {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text_.data() + position_, text_.data() + text_.size(), value);
  if (error != std::errc()) return std::nullopt;
  position_ = static_cast<std::size_t>(end - text_.data());
  return value;
}

std::optional<Object> Parser::value(int depth) {
  skipSpace();
  if (atEnd() || depth > kDeepestNesting) return std::nullopt;
  const std::size_t begin = position_;
  const unsigned char c = peek();
  std::optional<Object> result;
  if (c == '(') {
    result = literalString();
  } else if (c == '<') {
    result = peek(1) == '<' ? dictionaryAt(depth) : hexString();
  } else if (c == '/') {
    result = name();
  } else if (c == '[') {
    result = arrayAt(depth);
  } else if (isDigit(c) || c == '+' || c == '-' || c == '.') {
    result = number();
  } else if (take("true") || take("false")) {
    result.emplace();
    result->type = Object::Type::kBoolean;
    result->integer = c == 't';
  } else if (take("null")) {
    result.emplace();
  }
  if (result) {
    result->begin = begin;
    result->end = position_;
  }
  return result;
}

std::optional<Object> Parser::number() {
  const std::size_t start = position_;
  bool real = false, digits = false;
  std::size_t at = start;
  if (peek() == '+' || peek() == '-') ++at;
  for (; at < text_.size(); ++at) {
    const auto c = static_cast<unsigned char>(text_[at]);
    if (c == '.' && !real) {
      real = true;
    } else if (isDigit(c)) {
      digits = true;
    } else {
      break;
    }
  }
  if (!digits || at - start > 40) return std::nullopt;
  position_ = at;
  const char* first = text_.data() + start + (text_[start] == '+');
  Object object;
  if (real) {
    object.type = Object::Type::kReal;
    std::from_chars(first, text_.data() + at, object.real);
    return object;
  }
  object.type = Object::Type::kInteger;
  if (std::from_chars(first, text_.data() + at, object.integer).ec != std::errc()) return std::nullopt;
  // "12 0 R" is a reference.
  if (object.integer < 0 || object.integer > kLargestObjectNumber ||
      !isDigit(static_cast<unsigned char>(text_[start]))) {
    return object;
  }
  const std::size_t afterNumber = position_;
  skipSpace();
  if (isDigit(peek()) && position_ > afterNumber) {
    const std::optional<std::uint64_t> generation = takeUnsigned();
    const std::size_t beforeSpace = position_;
    skipSpace();
    if (generation && *generation <= 65535 && position_ > beforeSpace && take("R")) {
      object.type = Object::Type::kReference;
      object.reference = {static_cast<std::uint32_t>(object.integer), static_cast<std::uint32_t>(*generation)};
      return object;
    }
  }
  position_ = afterNumber;
  return object;
}

std::optional<Object> Parser::literalString() {
  Object object;
  object.type = Object::Type::kString;
  int open = 1;
  ++position_;
  while (position_ < text_.size()) {
    char c = text_[position_++];
    if (c == '(') ++open;
    if (c == ')' && --open == 0) return object;
    if (c != '\\') {
      object.text.push_back(c);
      continue;
    }
    if (position_ >= text_.size()) break;
    c = text_[position_++];
    static constexpr std::string_view kEscapes = "nrtbf";
    static constexpr std::string_view kMeanings = "\n\r\t\b\f";
    if (const std::size_t escape = kEscapes.find(c); escape != std::string_view::npos) {
      object.text.push_back(kMeanings[escape]);
    } else if (c >= '0' && c <= '7') {
      int octet = c - '0';
      for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; ++i) octet = octet * 8 + (text_[position_++] - '0');
      object.text.push_back(static_cast<char>(octet));
    } else if (c == '\r') {
      if (peek() == '\n') ++position_;
    } else if (c != '\n') {
      object.text.push_back(c);
    }
  }
  return std::nullopt;
}

std::optional<Object> Parser::hexString() {
  Object object;
  object.type = Object::Type::kString;
  int high = -1;
  for (++position_; position_ < text_.size(); ++position_) {
    const unsigned char c = peek();
    if (c == '>') {
      ++position_;
      if (high >= 0) object.text.push_back(static_cast<char>(high << 4));
      return object;
    }
    if (isWhiteSpace(c)) continue;
    const int digit = hexDigit(c);
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      object.text.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return std::nullopt;
}

std::optional<Object> Parser::name() {
  Object object;
  object.type = Object::Type::kName;
  for (++position_; position_ < text_.size() && !isWhiteSpace(peek()) && !isDelimiter(peek()); ++position_) {
    if (peek() == '#' && hexDigit(peek(1)) >= 0 && hexDigit(peek(2)) >= 0) {
      object.text.push_back(static_cast<char>(hexDigit(peek(1)) << 4 | hexDigit(peek(2))));
      position_ += 2;
    } else {
      object.text.push_back(text_[position_]);
    }
  }
  return object;
}

std::optional<Object> Parser::arrayAt(int depth) {
  auto elements = std::make_shared<Array>();
  ++position_;
  for (;;) {
    skipSpace();
    if (peek() == ']') break;
    std::optional<Object> element = value(depth + 1);
    if (!element) return std::nullopt;
    elements->push_back(std::move(*element));
  }
  ++position_;
  Object object;
  object.type = Object::Type::kArray;
  object.array = std::move(elements);
  return object;
}

std::optional<Object> Parser::dictionaryAt(int depth) {
  auto entries = std::make_shared<Dictionary>();
  position_ += 2;
  for (;;) {
    skipSpace();
    if (peek() == '>' && peek(1) == '>') break;
    if (peek() != '/') return std::nullopt;
    std::optional<Object> key = name();
    std::optional<Object> entry = value(depth + 1);
    if (!key || !entry) return std::nullopt;
    entries->emplace_back(std::move(key->text), std::move(*entry));
  }
  position_ += 2;
  Object object;
  object.type = Object::Type::kDictionary;
  object.dictionary = std::move(entries);
  return object;
}

std::optional<Parser::Indirect> Parser::indirect() {
  Indirect result;
  skipSpace();
  const std::size_t begin = position_;
  const std::optional<std::uint64_t> number = takeUnsigned();
  skipSpace();
  const std::optional<std::uint64_t> generation = takeUnsigned();
  skipSpace();
  if (!number || !generation || *number > kLargestObjectNumber || *generation > 65535) return std::nullopt;
  if (text_.substr(position_, 3) != "obj") return std::nullopt;
  position_ += 3;
  result.reference = {static_cast<std::uint32_t>(*number), static_cast<std::uint32_t>(*generation)};
  std::optional<Object> object = value(0);
  if (!object) return std::nullopt;
  result.object = std::move(*object);
  result.object.begin = begin;
  skipSpace();
  if (result.object.is(Object::Type::kDictionary) && text_.substr(position_, 6) == "stream") {
    position_ += 6;
    if (peek() == '\r') ++position_;
    if (peek() == '\n') ++position_;
    result.object.type = Object::Type::kStream;
    result.object.dataBegin = position_;
  }
  result.end = position_;
  return result;
}

}  // namespace qianda::signing::pdf
