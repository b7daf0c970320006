// JSON values (RFC 8259) with members in the order they were set, so that what is written is stable. parseJson() is
// strict: one value, UTF-8, no duplicate names, no NUL, at most kJsonDepth levels; integers that fit 64 bits are exact.
// Any other number keeps its double. Plain values, no threads of their own. To read a request's body: fields.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/exchange.h"

namespace qianda::server {

inline constexpr std::size_t kJsonDepth = 32;

class Json {
 public:
  enum class Kind { kNull, kBoolean, kInteger, kDouble, kText, kArray, kObject };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : kind_(Kind::kBoolean), integer_(value) {}
  Json(int value) : kind_(Kind::kInteger), integer_(value) {}
  Json(std::int64_t value) : kind_(Kind::kInteger), integer_(value) {}
  Json(std::uint64_t value);  // throws kInvalidInput above 2^63 - 1
  Json(double value) : kind_(Kind::kDouble), double_(value) {}
  Json(std::string value) : kind_(Kind::kText), text_(std::move(value)) {}
  Json(std::string_view value) : Json(std::string(value)) {}
  Json(const char* value) : Json(std::string(value)) {}
  template <typename T>
  Json(const std::optional<T>& value) : Json(value ? Json(*value) : Json()) {}
  static Json object(std::vector<Member> members = {});
  static Json array(std::vector<Json> items = {});

  Json& set(std::string name, Json value);     // appends; a name that is there gets the new value
  Json& append(std::string name, Json value);  // without looking for the name
  Json& push(Json item);

  Kind kind() const { return kind_; }
  bool isNull() const { return kind_ == Kind::kNull; }
  bool boolean() const { return integer_ != 0; }
  std::int64_t integer() const { return integer_; }
  double number() const { return kind_ == Kind::kInteger ? static_cast<double>(integer_) : double_; }
  const std::string& text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }
  const Json* find(std::string_view name) const;  // member of an object, or null

  std::string dump() const;  // without white space

 private:
  Kind kind_ = Kind::kNull;
  std::int64_t integer_ = 0;
  double double_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

// Throws Problem 400 "json_malformed", which says where.
Json parseJson(std::string_view text);

Response answerJson(const Json& body, int status = 200);

}  // namespace qianda::server
