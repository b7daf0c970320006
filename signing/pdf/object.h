// PDF objects as values (ISO 32000-1 7.3), with the octets of the file they were read from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianda::signing::pdf {

struct Reference {
  std::uint32_t number = 0;
  std::uint32_t generation = 0;
  bool operator==(const Reference&) const = default;
};

class Object;
using Array = std::vector<Object>;
using Dictionary =
    std::vector<std::pair<std::string, Object>>;  // in the order of the file; the first of doubled keys counts

class Object {
 public:
  enum class Type : std::uint8_t {
    kNull,
    kBoolean,
    kInteger,
    kReal,
    kString,
    kName,
    kArray,
    kDictionary,
    kStream,
    kReference
  };

  Type type = Type::kNull;
  std::int64_t integer = 0;  // integer, boolean
  double real = 0;
  std::string text;  // decoded string, or name without its slash
  Reference reference;
  std::shared_ptr<const Array> array;
  std::shared_ptr<const Dictionary> dictionary;  // of a dictionary or stream
  std::size_t begin = 0, end = 0;                // extent in the text it was parsed from
  std::size_t dataBegin = 0, dataEnd = 0;        // a stream's raw octets

  bool is(Type wanted) const { return type == wanted; }
  bool isNumber() const { return type == Type::kInteger || type == Type::kReal; }
  double number() const { return type == Type::kInteger ? static_cast<double>(integer) : real; }
  bool hasDictionary() const { return dictionary != nullptr; }
  // The entry, or a null object. Not resolved.
  const Object& operator[](std::string_view key) const;
  bool isName(std::string_view name) const { return type == Type::kName && text == name; }
};

// Same structure and values; extents do not count. Streams compare by dictionary only.
bool equal(const Object& a, const Object& b);

// "12 0 R", "/Name", "<< ... >>" ...: PDF syntax that parses back to an equal object. Streams cannot be written.
void write(const Object& object, std::string& out);

}  // namespace qianda::signing::pdf
