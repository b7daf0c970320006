// Reads PDF syntax (ISO 32000-1 7.2, 7.3) from octets that may be hostile: every read is bounded, nesting is limited,
// and what is not an object is a value (nullopt), not an exception.
#pragma once

#include <optional>
#include <string_view>

#include "signing/pdf/object.h"

namespace qianda::signing::pdf {

class Parser {
 public:
  explicit Parser(std::string_view text, std::size_t position = 0) : text_(text), position_(position) {}

  std::size_t position() const { return position_; }
  void skipSpace();  // white space and comments
  bool atEnd() const { return position_ >= text_.size(); }
  // Whether this keyword stands here as a whole token; consumes it.
  bool take(std::string_view keyword);
  std::optional<std::uint64_t> takeUnsigned();

  // Any object but a stream. Inside a content of its own ("12 0 R" is a reference).
  std::optional<Object> object() { return value(0); }

  // "12 0 obj ... " up to and without "endobj"; a stream's octets are not delimited yet: dataBegin is set, dataEnd 0.
  struct Indirect {
    Reference reference;
    Object object;
    std::size_t end = 0;  // behind the object, at "endobj" or at the stream's data
  };
  std::optional<Indirect> indirect();

 private:
  std::optional<Object> value(int depth);
  std::optional<Object> number();
  std::optional<Object> literalString();
  std::optional<Object> hexString();
  std::optional<Object> name();
  std::optional<Object> arrayAt(int depth);
  std::optional<Object> dictionaryAt(int depth);
  unsigned char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? static_cast<unsigned char>(text_[position_ + ahead]) : 0;
  }

  std::string_view text_;
  std::size_t position_;
};

bool isWhiteSpace(unsigned char c);

}  // namespace qianda::signing::pdf
