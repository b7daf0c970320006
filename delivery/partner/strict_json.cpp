#include "delivery/partner/strict_json.h"

#include <set>

#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/JSON/Stringifier.h>

#include "core/error.h"
#include "core/text.h"

namespace qianda::delivery {
namespace {

using Poco::Dynamic::Var;

constexpr std::size_t kDepth = 16;

[[noreturn]] void refuse(const std::string& reason) {
  throw core::Error(core::ErrorCode::kInvalidInput, "JSON: " + reason);
}

class StrictHandler : public Poco::JSON::ParseHandler {
 public:
  StrictHandler() : Poco::JSON::ParseHandler(true) {}
  void startObject() override {
    names_.emplace_back();
    ParseHandler::startObject();
  }
  void endObject() override {
    names_.pop_back();
    ParseHandler::endObject();
  }
  void key(const std::string& name) override {
    if (!names_.back().insert(name).second) throw Poco::SyntaxException("the member \"" + name + "\" is there twice");
    ParseHandler::key(name);
  }

 private:
  std::vector<std::set<std::string>> names_;
};

// Poco cuts a text at a NUL.
bool hasNul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return true;
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 2)) {
    if (text.substr(at + 1, 5) == "u0000") return true;
  }
  return false;
}

// RFC 8259 7: Poco passes control characters in texts.
bool hasControl(std::string_view text) {
  bool isText = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (isText && c == '\\') {
      ++at;
    } else if (c == '"') {
      isText = !isText;
    } else if (isText && static_cast<unsigned char>(c) < 0x20) {
      return true;
    }
  }
  return false;
}

}  // namespace

Var parseStrictJson(std::string_view text) {
  if (const std::size_t at = core::findInvalidUtf8(text); at != std::string_view::npos) {
    refuse("not UTF-8 at octet " + std::to_string(at));
  }
  if (hasNul(text)) refuse("it holds a NUL");
  if (hasControl(text)) refuse("a control character within a text");
  Poco::JSON::Parser parser(new StrictHandler);
  parser.setDepth(kDepth);
  parser.setAllowComments(false);
  try {
    const Var value = parser.parse(std::string(text));
    if (value.type() != typeid(JsonObject) && value.type() != typeid(Poco::JSON::Array::Ptr)) {
      refuse("neither an object nor an array");
    }
    return value;
  } catch (const Poco::Exception& error) {
    refuse(error.message());
  }
}

JsonObject parseStrictObject(std::string_view text) {
  const Var value = parseStrictJson(text);
  if (value.type() != typeid(JsonObject)) refuse("not an object");
  return value.extract<JsonObject>();
}

std::vector<JsonObject> objectsOf(const Var& value, const std::string& what) {
  if (value.isEmpty()) return {};
  if (value.type() == typeid(JsonObject)) return {value.extract<JsonObject>()};
  if (value.type() != typeid(Poco::JSON::Array::Ptr)) refuse(what + " is neither an object nor a list of them");
  std::vector<JsonObject> objects;
  for (const Var& one : *value.extract<Poco::JSON::Array::Ptr>()) {
    if (one.type() != typeid(JsonObject)) refuse(what + " holds something that is no object");
    objects.push_back(one.extract<JsonObject>());
  }
  return objects;
}

std::string textAt(const Poco::JSON::Object& object, const std::string& member) {
  const Var value = object.get(member);
  if (value.isEmpty()) return {};
  if (value.isString()) return value.extract<std::string>();
  if (value.isInteger() && !value.isBoolean()) return value.convert<std::string>();
  refuse("\"" + member + "\" is not a text");
}

std::string requireText(const Poco::JSON::Object& object, const std::string& member) {
  std::string text = textAt(object, member);
  if (text.empty()) refuse("\"" + member + "\" is missing");
  return text;
}

bool flagAt(const Poco::JSON::Object& object, const std::string& member) {
  const Var value = object.get(member);
  if (value.isEmpty()) return false;
  if (!value.isBoolean()) refuse("\"" + member + "\" is neither true nor false");
  return value.extract<bool>();
}

JsonObject newObject() { return new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER); }

std::string writeJson(const Var& value) {
  std::ostringstream text;
  Poco::JSON::Stringifier::stringify(value, text);
  return text.str();
}

}  // namespace qianda::delivery
