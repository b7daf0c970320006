// Reads fields of the data files in this folder and names file, line and field of what is wrong: a missing or unknown
// field, a text where a list is expected, a day that does not exist. Throws core::Error kInvalidInput. Any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <yaml-cpp/yaml.h>

#include "core/time.h"

namespace qianda::delivery {

class YamlFields {
 public:
  explicit YamlFields(std::string file) : file_(std::move(file)) {}

  YAML::Node load(std::string_view yaml) const;  // a map
  void checkKeys(const YAML::Node& map, const std::set<std::string>& known) const;
  std::string text(const YAML::Node& map, const char* field) const;  // not empty
  int number(const YAML::Node& map, const char* field) const;
  bool flag(const YAML::Node& map, const char* field) const;
  core::Date date(const YAML::Node& map, const char* field) const;
  core::Date dateOf(const YAML::Node& value, const char* field) const;
  YAML::Node list(const YAML::Node& map, const char* field) const;
  [[noreturn]] void fail(const YAML::Node& node, const std::string& field, const std::string& what) const;

 private:
  YAML::Node require(const YAML::Node& map, const char* field) const;
  std::string file_;
};

// The text of a file of this folder, as it was when the program was built.
std::string_view embeddedRule(std::string_view name);

}  // namespace qianda::delivery
