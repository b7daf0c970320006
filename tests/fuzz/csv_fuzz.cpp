// Any octets as a roster: encoding detection, CSV splitting and typing end without a crash, and the records do not
// depend on how the octets are cut into chunks.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "templates/csv.h"
#include "templates/expression.h"
#include "templates/roster.h"

namespace {

using namespace qianda::templates;

struct Split {
  std::vector<std::vector<std::string>> rows;
  std::size_t faults = 0;
  bool operator==(const Split&) const = default;
};

Split split(std::string_view text, std::size_t chunk) {
  std::size_t at = 0;
  CsvReader reader(
      [&] {
        const std::string_view part = text.substr(at, chunk);
        at += part.size();
        return part;
      },
      ',');
  Split result;
  std::vector<CsvFault> faults;
  std::vector<std::string> cells;
  for (std::uint64_t line = 0; reader.next(cells, line, faults);) result.rows.push_back(cells);
  result.faults = faults.size();
  return result;
}

std::shared_ptr<const Template> makeForm() {
  auto form = std::make_shared<Template>();
  for (int type = 0; type <= static_cast<int>(FieldType::kList); ++type) {
    FieldSpec spec;
    spec.name = "f" + std::to_string(type);
    spec.labelZh = "列" + std::to_string(type);
    spec.type = static_cast<FieldType>(type);
    spec.choices = {{"a", "甲", "A"}, {"b", "乙", "B"}};
    spec.columns = {{"x", "某", "X"}, {"y", "某", "Y"}};
    spec.required = type % 2 == 0;
    form->fields.push_back(std::move(spec));
  }
  auto parsed = parseExpression("f7 == a or not f8", form->fields);
  form->fields[0].condition = std::get<Expression>(std::move(parsed));
  return form;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto form = makeForm();
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("csv-fuzz-" + std::to_string(getpid()) + ".csv");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t chunk = size == 0 ? 1 : 1 + data[0] % 16;
  if (split(text, size + 1) != split(text, chunk)) std::abort();

  std::string header;
  for (const FieldSpec& spec : form->fields) header += (header.empty() ? "" : ",") + spec.name;
  for (const std::string& content : {std::string(text), header + "\n" + std::string(text)}) {
    std::ofstream(path, std::ios::binary) << content;
    RosterReader reader(form, path);
    std::vector<Fault> faults;
    for (RosterRow row; reader.next(row);) reader.parse(row, faults);
  }
  (void)parseExpression(text, form->fields);
  return 0;
}
