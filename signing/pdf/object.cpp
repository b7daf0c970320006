#include "signing/pdf/object.h"

#include <cstdio>

namespace qianda::signing::pdf {
namespace {

const Object kNullObject;

bool isRegular(unsigned char c) {
  return c > 0x20 && c < 0x7F && std::string_view("()<>[]{}/%#").find(static_cast<char>(c)) == std::string_view::npos;
}

void writeHex(std::string_view octets, std::string& out) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (unsigned char octet : octets) {
    out.push_back(kDigits[octet >> 4]);
    out.push_back(kDigits[octet & 15]);
  }
}

void writeName(std::string_view name, std::string& out) {
  out.push_back('/');
  for (char c : name) {
    if (isRegular(static_cast<unsigned char>(c))) {
      out.push_back(c);
    } else {
      out.push_back('#');
      writeHex({&c, 1}, out);
    }
  }
}

}  // namespace

const Object& Object::operator[](std::string_view key) const {
  if (dictionary) {
    for (const auto& [name, value] : *dictionary) {
      if (name == key) return value;
    }
  }
  return kNullObject;
}

bool equal(const Object& a, const Object& b) {
  if (a.type != b.type) {
    return a.isNumber() && b.isNumber() && a.number() == b.number();
  }
  switch (a.type) {
    case Object::Type::kNull:
      return true;
    case Object::Type::kBoolean:
    case Object::Type::kInteger:
      return a.integer == b.integer;
    case Object::Type::kReal:
      return a.real == b.real;
    case Object::Type::kString:
    case Object::Type::kName:
      return a.text == b.text;
    case Object::Type::kReference:
      return a.reference == b.reference;
    case Object::Type::kArray:
      if (a.array->size() != b.array->size()) return false;
      for (std::size_t i = 0; i < a.array->size(); ++i) {
        if (!equal((*a.array)[i], (*b.array)[i])) return false;
      }
      return true;
    default:
      if (a.dictionary->size() != b.dictionary->size()) return false;
      for (const auto& [key, value] : *a.dictionary) {
        if (!equal(value, b[key])) return false;
      }
      return true;
  }
}

void write(const Object& object, std::string& out) {
  switch (object.type) {
    case Object::Type::kBoolean:
      out += object.integer ? "true" : "false";
      break;
    case Object::Type::kInteger:
      out += std::to_string(object.integer);
      break;
    case Object::Type::kReal: {
      char text[64];
      std::snprintf(text, sizeof text, "%.6f", object.real);
      out += text;
      break;
    }
    case Object::Type::kString:
      out.push_back('<');
      writeHex(object.text, out);
      out.push_back('>');
      break;
    case Object::Type::kName:
      writeName(object.text, out);
      break;
    case Object::Type::kReference:
      out += std::to_string(object.reference.number) + " " + std::to_string(object.reference.generation) + " R";
      break;
    case Object::Type::kArray:
      out.push_back('[');
      for (const Object& element : *object.array) {
        write(element, out);
        out.push_back(' ');
      }
      out.push_back(']');
      break;
    case Object::Type::kDictionary:
      out += "<<";
      for (const auto& [key, value] : *object.dictionary) {
        writeName(key, out);
        out.push_back(' ');
        write(value, out);
      }
      out += ">>";
      break;
    default:
      out += "null";
  }
}

}  // namespace qianda::signing::pdf
