#include "server/http/fields.h"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/id.h"
#include "core/text.h"

namespace qianda::server {
namespace {

constexpr std::size_t kMostPlaces = 100;

// RFC 6901 3: "~" and "/" are escaped.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

bool isControl(char32_t point) { return point < 0x20 || (point >= 0x7f && point < 0xa0); }

const Json kEmptyObject = Json::object();

}  // namespace

struct Fields::Node {
  const Json* object;
  std::string pointer;
  std::set<std::string, std::less<>> read;
};

struct Fields::Body {
  Json root;
  std::deque<Node> nodes;  // addresses stay
  std::vector<ProblemPlace> faults;
};

Fields::Fields(Json object, std::string pointer) : body_(std::make_shared<Body>()) {
  body_->root = std::move(object);
  const bool fits = body_->root.kind() == Json::Kind::kObject;
  body_->nodes.push_back({fits ? &body_->root : &kEmptyObject, std::move(pointer), {}});
  node_ = &body_->nodes.back();
  if (!fits)
    throw Problem(422, "body_invalid", "an object is expected", {{node_->pointer, "", "", "type", "no object"}});
}

Fields::Fields(const Request& request)
    : Fields([&] {
        if (request.mediaType != "application/json") {
          throw Problem(415, "media_type", "the body must be application/json");
        }
        return parseJson(request.body);
      }()) {}

void Fields::note(std::string at, const std::string& code, const std::string& message) {
  body_->faults.push_back({std::move(at), "", "", code, message});
}

std::string Fields::pointer(const std::string& name) const {
  return name.empty() ? node_->pointer : node_->pointer + "/" + escaped(name);
}

bool Fields::has(const std::string& name) const {
  const Json* value = node_->object->find(name);
  return value && !value->isNull();
}

void Fields::fault(const std::string& name, const std::string& code, const std::string& message) {
  note(pointer(name), code, message);
}

bool Fields::hasFaults() const { return !body_->faults.empty(); }

const Json* Fields::take(const std::string& name, bool required) {
  node_->read.insert(name);
  const Json* value = node_->object->find(name);
  if (value && !value->isNull()) return value;
  if (required) fault(name, "missing", "is required");
  return nullptr;
}

const Json* Fields::takeKind(const std::string& name, Json::Kind kind, const char* kindName, bool required) {
  const Json* value = take(name, required);
  if (!value || value->kind() == kind) return value;
  fault(name, "type", fmt::format("must be {}", kindName));
  return nullptr;
}

std::optional<std::string> Fields::readText(const std::string& at, const Json& value, const TextRule& rule) {
  const std::u32string points = core::decodeUtf8(value.text()).value_or(std::u32string());
  const std::size_t faults = body_->faults.size();
  if (points.size() < rule.least) {
    note(at, "too_short", fmt::format("has {} characters, at least {} are needed", points.size(), rule.least));
  }
  if (points.size() > rule.most) {
    note(at, "too_long", fmt::format("has {} characters, at most {} are allowed", points.size(), rule.most));
  }
  for (const char32_t point : points) {
    if (!isControl(point) || (rule.lines && (point == '\n' || point == '\r' || point == '\t'))) continue;
    note(at, "format", "has the control character " + core::codePointName(point));
    break;
  }
  if (rule.trimmed && core::trim(value.text()).size() != value.text().size()) {
    note(at, "format", "has white space at an end");
  }
  return faults == body_->faults.size() ? std::optional(value.text()) : std::nullopt;
}

std::optional<std::string> Fields::textMember(const std::string& name, const TextRule& rule, bool required) {
  const Json* value = takeKind(name, Json::Kind::kText, "a text", required);
  return value ? readText(pointer(name), *value, rule) : std::nullopt;
}

std::string Fields::text(const std::string& name, TextRule rule) { return textMember(name, rule, true).value_or(""); }

std::optional<std::string> Fields::findText(const std::string& name, TextRule rule) {
  return textMember(name, rule, false);
}

std::optional<std::int64_t> Fields::integerMember(const std::string& name, std::int64_t least, std::int64_t most,
                                                  bool required) {
  const Json* value = takeKind(name, Json::Kind::kInteger, "an integer", required);
  if (!value) return std::nullopt;
  if (value->integer() < least) {
    fault(name, "too_small", fmt::format("must be at least {}", least));
  } else if (value->integer() > most) {
    fault(name, "too_large", fmt::format("must be at most {}", most));
  } else {
    return value->integer();
  }
  return std::nullopt;
}

std::int64_t Fields::integer(const std::string& name, std::int64_t least, std::int64_t most) {
  return integerMember(name, least, most, true).value_or(0);
}

std::optional<std::int64_t> Fields::findInteger(const std::string& name, std::int64_t least, std::int64_t most) {
  return integerMember(name, least, most, false);
}

bool Fields::boolean(const std::string& name) {
  const Json* value = takeKind(name, Json::Kind::kBoolean, "true or false", true);
  return value && value->boolean();
}

std::optional<bool> Fields::findBoolean(const std::string& name) {
  const Json* value = takeKind(name, Json::Kind::kBoolean, "true or false", false);
  return value ? std::optional(value->boolean()) : std::nullopt;
}

std::optional<std::string> Fields::choiceMember(const std::string& name, const std::vector<std::string>& choices,
                                                bool required) {
  const Json* value = takeKind(name, Json::Kind::kText, "a text", required);
  if (!value) return std::nullopt;
  if (std::find(choices.begin(), choices.end(), value->text()) != choices.end()) return value->text();
  fault(name, "choice", fmt::format("must be one of {}", fmt::join(choices, ", ")));
  return std::nullopt;
}

std::string Fields::choice(const std::string& name, const std::vector<std::string>& choices) {
  return choiceMember(name, choices, true).value_or("");
}

std::optional<std::string> Fields::findChoice(const std::string& name, const std::vector<std::string>& choices) {
  return choiceMember(name, choices, false);
}

std::optional<std::string> Fields::idMember(const std::string& name, bool required) {
  const Json* value = takeKind(name, Json::Kind::kText, "a text", required);
  if (!value) return std::nullopt;
  if (const auto parsed = core::DocumentId::parse(value->text())) return parsed->text();
  fault(name, "format", "is not an identifier of 26 characters");
  return std::nullopt;
}

std::string Fields::id(const std::string& name) { return idMember(name, true).value_or(""); }

std::optional<std::string> Fields::findId(const std::string& name) { return idMember(name, false); }

Fields Fields::child(const Json& object, std::string at) {
  body_->nodes.push_back({&object, std::move(at), {}});
  return Fields(body_, &body_->nodes.back());
}

Fields Fields::object(const std::string& name) {
  const Json* value = takeKind(name, Json::Kind::kObject, "an object", true);
  if (value) return child(*value, pointer(name));
  // An empty object with its own list of faults: that its members are missing, too, tells nothing new.
  Fields absent(Json::object(), pointer(name));
  return absent;
}

std::optional<Fields> Fields::findObject(const std::string& name) {
  const Json* value = takeKind(name, Json::Kind::kObject, "an object", false);
  return value ? std::optional(child(*value, pointer(name))) : std::nullopt;
}

std::vector<Fields> Fields::objects(const std::string& name, std::size_t least, std::size_t most) {
  std::vector<Fields> all;
  const Json* value = takeKind(name, Json::Kind::kArray, "an array", least > 0);
  if (!value) return all;
  const std::size_t count = value->items().size();
  if (count < least) fault(name, "too_few", fmt::format("has {} items, at least {} are needed", count, least));
  if (count > most) {
    fault(name, "too_many", fmt::format("has {} items, at most {} are allowed", count, most));
    return all;
  }
  for (std::size_t index = 0; index < count; ++index) {
    const std::string at = pointer(name) + "/" + std::to_string(index);
    if (value->items()[index].kind() == Json::Kind::kObject) {
      all.push_back(child(value->items()[index], at));
    } else {
      note(at, "type", "must be an object");
    }
  }
  return all;
}

std::vector<std::string> Fields::texts(const std::string& name, std::size_t least, std::size_t most, TextRule rule) {
  std::vector<std::string> all;
  const Json* value = takeKind(name, Json::Kind::kArray, "an array", least > 0);
  if (!value) return all;
  const std::size_t count = value->items().size();
  if (count < least) fault(name, "too_few", fmt::format("has {} items, at least {} are needed", count, least));
  if (count > most) {
    fault(name, "too_many", fmt::format("has {} items, at most {} are allowed", count, most));
    return all;
  }
  for (std::size_t index = 0; index < count; ++index) {
    const std::string at = pointer(name) + "/" + std::to_string(index);
    if (value->items()[index].kind() != Json::Kind::kText) {
      note(at, "type", "must be a text");
    } else if (auto text = readText(at, value->items()[index], rule)) {
      all.push_back(std::move(*text));
    }
  }
  return all;
}

Json Fields::json(const std::string& name) {
  const Json* value = take(name, false);
  return value ? *value : Json();
}

void Fields::finish() {
  for (const Node& node : body_->nodes) {
    for (const Json::Member& member : node.object->members()) {
      if (!node.read.contains(member.first)) {
        note(node.pointer + "/" + escaped(member.first), "unknown_field", "is not known here");
      }
    }
  }
  if (body_->faults.empty()) return;
  std::vector<ProblemPlace> places = body_->faults;
  const std::size_t count = places.size();
  if (count > kMostPlaces) places.resize(kMostPlaces);
  std::string detail = count == 1 ? "one field is wrong" : fmt::format("{} fields are wrong", count);
  if (count > kMostPlaces) detail += fmt::format("; the first {} are listed", kMostPlaces);
  throw Problem(422, "body_invalid", detail, std::move(places));
}

}  // namespace qianda::server
