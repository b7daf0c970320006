// Templates built by hand for the tests of rosters and law: plain structs, no compiler involved.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "templates/expression.h"
#include "templates/field_value.h"
#include "templates/roster.h"
#include "templates/template.h"

namespace qianda::templates::test {

struct FieldLine {
  std::string name;
  FieldType type;
  std::string labelZh = {}, labelEn = {};
  std::string condition = {};
  bool required = true;
  std::string minimum = {}, maximum = {}, defaultText = {}, unit = {}, idType = {};
  std::vector<Choice> choices = {};
};

std::shared_ptr<Template> makeForm(LawProfile law, const std::vector<FieldLine>& lines);

std::shared_ptr<Template> generalForm();
std::shared_ptr<Template> dispatchForm();
std::shared_ptr<Template> partTimeForm();

// A file that goes away with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content, std::string_view suffix = ".csv");
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct ReadRoster {
  std::vector<Record> records;
  std::vector<Fault> faults;  // of the file, then of the rows
};
ReadRoster readRoster(const std::shared_ptr<const Template>& form, std::string_view content);

// "row:column field rule", one a fault.
std::vector<std::string> outline(const std::vector<Fault>& faults);

}  // namespace qianda::templates::test
