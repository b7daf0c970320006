#include "server/http/json.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.h"

namespace qianda::server {
namespace {

void appendText(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void appendValue(std::string& out, const Json& value) {
  switch (value.kind()) {
    case Json::Kind::kNull:
      out += "null";
      return;
    case Json::Kind::kBoolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Json::Kind::kInteger:
      out += std::to_string(value.integer());
      return;
    case Json::Kind::kDouble:
      out += std::isfinite(value.number()) ? fmt::format("{}", value.number()) : "null";
      return;
    case Json::Kind::kText:
      appendText(out, value.text());
      return;
    case Json::Kind::kArray:
      out += '[';
      for (const Json& item : value.items()) {
        if (&item != &value.items().front()) out += ',';
        appendValue(out, item);
      }
      out += ']';
      return;
    case Json::Kind::kObject:
      out += '{';
      for (const Json::Member& member : value.members()) {
        if (&member != &value.members().front()) out += ',';
        appendText(out, member.first);
        out += ':';
        appendValue(out, member.second);
      }
      out += '}';
      return;
  }
}

}  // namespace

Json::Json(std::uint64_t value) : kind_(Kind::kInteger), integer_(static_cast<std::int64_t>(value)) {
  if (integer_ < 0) throw core::Error(core::ErrorCode::kInvalidInput, "a number is above 2^63 - 1");
}

Json Json::object(std::vector<Member> members) {
  Json made;
  made.kind_ = Kind::kObject;
  made.members_ = std::move(members);
  return made;
}

Json Json::array(std::vector<Json> items) {
  Json made;
  made.kind_ = Kind::kArray;
  made.items_ = std::move(items);
  return made;
}

Json& Json::set(std::string name, Json value) {
  kind_ = Kind::kObject;
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.first == name; });
  if (found == members_.end()) {
    members_.emplace_back(std::move(name), std::move(value));
  } else {
    found->second = std::move(value);
  }
  return *this;
}

Json& Json::append(std::string name, Json value) {
  kind_ = Kind::kObject;
  members_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Json& Json::push(Json item) {
  kind_ = Kind::kArray;
  items_.push_back(std::move(item));
  return *this;
}

const Json* Json::find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

std::string Json::dump() const {
  std::string out;
  appendValue(out, *this);
  return out;
}

Response answerJson(const Json& body, int status) {
  Response response;
  response.status = status;
  response.mediaType = "application/json";
  response.body = body.dump() + "\n";
  return response;
}

}  // namespace qianda::server
