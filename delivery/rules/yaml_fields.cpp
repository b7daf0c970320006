#include "delivery/rules/yaml_fields.h"

#include <charconv>
#include <utility>
#include <vector>

#include "core/error.h"

namespace qianda::delivery {

std::vector<std::pair<std::string_view, std::string_view>> embeddedRules();

namespace {

[[noreturn]] void failAt(const std::string& file, const YAML::Mark& mark, const std::string& what) {
  const int line = mark.is_null() ? 1 : mark.line + 1;
  throw core::Error(core::ErrorCode::kInvalidInput, file + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

YAML::Node YamlFields::load(std::string_view yaml) const {
  try {
    YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap()) failAt(file_, root.Mark(), "must be a map of fields");
    return root;
  } catch (const YAML::Exception& error) {
    failAt(file_, error.mark, "YAML: " + error.msg);
  }
}

void YamlFields::fail(const YAML::Node& node, const std::string& field, const std::string& what) const {
  failAt(file_, node.IsDefined() ? node.Mark() : YAML::Mark::null_mark(), field + " " + what);
}

void YamlFields::checkKeys(const YAML::Node& map, const std::set<std::string>& known) const {
  if (!map.IsMap()) fail(map, "this entry", "must be a map of fields");
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (!known.contains(key)) fail(entry.first, "\"" + key + "\"", "is no field here");
    if (!seen.insert(key).second) fail(entry.first, key, "appears twice");
  }
}

YAML::Node YamlFields::require(const YAML::Node& map, const char* field) const {
  YAML::Node value = map[field];
  if (!value.IsDefined() || value.IsNull()) fail(map, field, "is missing");
  return value;
}

std::string YamlFields::text(const YAML::Node& map, const char* field) const {
  const YAML::Node value = require(map, field);
  if (!value.IsScalar() || value.Scalar().empty()) fail(value, field, "must be a text");
  return value.Scalar();
}

int YamlFields::number(const YAML::Node& map, const char* field) const {
  const std::string value = text(map, field);
  int result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc() || end != value.data() + value.size()) fail(map[field], field, "must be a whole number");
  return result;
}

bool YamlFields::flag(const YAML::Node& map, const char* field) const {
  const std::string value = text(map, field);
  if (value != "true" && value != "false") fail(map[field], field, "must be true or false");
  return value == "true";
}

core::Date YamlFields::date(const YAML::Node& map, const char* field) const {
  return dateOf(require(map, field), field);
}

core::Date YamlFields::dateOf(const YAML::Node& value, const char* field) const {
  const std::optional<core::Date> date = value.IsScalar() ? core::parseDate(value.Scalar()) : std::nullopt;
  if (!date || core::isoDate(*date) != value.Scalar()) fail(value, field, "must be a day like 2026-01-31");
  return *date;
}

YAML::Node YamlFields::list(const YAML::Node& map, const char* field) const {
  const YAML::Node value = require(map, field);
  if (!value.IsSequence()) fail(value, field, "must be a list");
  return value;
}

std::string_view embeddedRule(std::string_view name) {
  for (const auto& [file, octets] : embeddedRules()) {
    if (file == name) return octets;
  }
  throw core::Error(core::ErrorCode::kNotFound, "no rule file " + std::string(name) + " was built in");
}

}  // namespace qianda::delivery
