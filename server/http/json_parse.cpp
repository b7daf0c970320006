#include <algorithm>
#include <cmath>

#include <Poco/JSON/Handler.h>
#include <Poco/JSON/Parser.h>

#include "core/text.h"
#include "server/http/json.h"
#include "server/http/problem.h"

namespace qianda::server {
namespace {

// Builds the tree; Poco's own objects would keep the last of two equal names in silence.
class Builder : public Poco::JSON::Handler {
 public:
  Json take() { return std::move(root_); }

  void reset() override {}
  void startObject() override { open_.push_back({{}, Json::object()}); }
  void startArray() override { open_.push_back({{}, Json::array()}); }
  void endObject() override {
    checkNames(open_.back().value);
    close();
  }
  void endArray() override { close(); }
  void key(const std::string& name) override { open_.back().name = name; }
  void null() override { add(Json()); }
  void value(int number) override { add(Json(number)); }
  void value(unsigned number) override { add(Json(static_cast<std::int64_t>(number))); }
  void value(Poco::Int64 number) override { add(Json(static_cast<std::int64_t>(number))); }
  void value(Poco::UInt64 number) override { add(Json(static_cast<double>(number))); }
  void value(const std::string& text) override { add(Json(text)); }
  void value(double number) override {
    if (!std::isfinite(number)) throw Poco::SyntaxException("a number is out of range");
    add(Json(number));
  }
  void value(bool flag) override { add(Json(flag)); }

 private:
  struct Open {
    std::string name;  // of the member whose value comes next
    Json value;
  };

  static void checkNames(const Json& object) {
    std::vector<std::string_view> names;
    for (const Json::Member& member : object.members()) names.push_back(member.first);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) {
      throw Poco::SyntaxException("the member \"" + std::string(*twice) + "\" is there twice");
    }
  }
  void close() {
    Json done = std::move(open_.back().value);
    open_.pop_back();
    add(std::move(done));
  }
  void add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.kind() == Json::Kind::kArray) {
      open_.back().value.push(std::move(value));
    } else {
      open_.back().value.append(std::move(open_.back().name), std::move(value));
    }
  }

  std::vector<Open> open_;
  Json root_;
};

// Poco cuts a member's name at a NUL, so it is looked for before.
bool hasNul(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 2)) {
    if (text.substr(at + 1, 5) == "u0000") return true;
  }
  return false;
}

Problem malformed(const std::string& detail) {
  return Problem(400, "json_malformed", "the body is not JSON: " + detail);
}

}  // namespace

Json parseJson(std::string_view text) {
  if (const std::size_t offset = core::findInvalidUtf8(text); offset != std::string_view::npos) {
    throw malformed("it is not UTF-8 at octet " + std::to_string(offset));
  }
  if (hasNul(text)) throw malformed("a text has a NUL character");
  Poco::SharedPtr<Builder> builder(new Builder);
  Poco::JSON::Parser parser(builder);
  parser.setDepth(kJsonDepth);
  parser.setAllowComments(false);
  try {
    parser.parse(std::string(text));
  } catch (const Poco::Exception& error) {
    throw malformed(error.message());
  }
  return builder->take();
}

}  // namespace qianda::server
