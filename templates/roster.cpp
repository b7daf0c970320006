#include "templates/roster.h"

#include <algorithm>
#include <unordered_map>

#include "core/text.h"
#include "templates/cell_text.h"
#include "templates/csv.h"
#include "templates/record_reader.h"
#include "templates/text_file.h"

namespace qianda::templates {
namespace {

constexpr std::size_t kAmbiguous = Template::npos - 1;

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

std::string_view withoutStar(std::string_view text) {
  for (std::string_view star : {"*", "＊"}) {
    if (text.starts_with(star)) text.remove_prefix(star.size());
    if (text.ends_with(star)) text.remove_suffix(star.size());
  }
  return core::trim(text);
}

// 月工资（元） -> 月工资
std::string_view withoutUnit(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kBrackets[]{
      {"(", ")"}, {"（", "）"}, {"[", "]"}, {"【", "】"}, {"〔", "〕"}};
  for (const auto& [open, close] : kBrackets) {
    const std::size_t at = text.rfind(open);
    if (text.ends_with(close) && at != std::string_view::npos && at > 0) return core::trim(text.substr(0, at));
  }
  return text;
}

// Headers people may write, lower case -> field.
using HeaderIndex = std::unordered_map<std::string, std::size_t>;

HeaderIndex indexHeaders(const Template& form) {
  HeaderIndex index;
  const auto add = [&index](std::string_view text, std::size_t field) {
    if (text.empty()) return;
    const auto [entry, isNew] = index.emplace(lowered(std::string(text)), field);
    if (!isNew && entry->second != field) entry->second = kAmbiguous;
  };
  for (std::size_t i = 0; i < form.fields.size(); ++i) {
    add(withoutStar(form.fields[i].labelZh), i);
    add(withoutStar(form.fields[i].labelEn), i);
  }
  for (std::size_t i = 0; i < form.fields.size(); ++i) index[form.fields[i].name] = i;
  HeaderIndex bare;
  for (std::size_t i = 0; i < form.fields.size(); ++i) {
    const FieldSpec& spec = form.fields[i];
    for (std::string_view label : {withoutUnit(withoutStar(spec.labelZh)), withoutUnit(withoutStar(spec.labelEn))}) {
      const auto [entry, isNew] = bare.emplace(lowered(std::string(label)), i);
      if (!isNew && entry->second != i) entry->second = kAmbiguous;
    }
  }
  bare.erase("");
  index.merge(bare);  // an exact label wins over one without its unit
  return index;
}

std::size_t findHeader(const HeaderIndex& index, std::string_view header) {
  const std::string_view text = withoutStar(core::trim(header));
  for (std::string_view candidate : {text, withoutUnit(text), withoutStar(withoutUnit(text))}) {
    const auto entry = index.find(lowered(std::string(candidate)));
    if (entry != index.end()) return entry->second;
  }
  return Template::npos;
}

// The first line outside quotes decides: a comma, else a tab, else a semicolon.
char delimiterOf(std::string_view head) {
  bool isQuoted = false, hasTab = false, hasSemicolon = false;
  for (char c : head) {
    if (c == '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (c == '\n') break;
    if (c == ',') return ',';
    hasTab = hasTab || c == '\t';
    hasSemicolon = hasSemicolon || c == ';';
  }
  return hasTab ? '\t' : hasSemicolon ? ';' : ',';
}

Fault fileFault(std::size_t column, std::string field, std::string rule, std::string zh, std::string en) {
  Fault fault;
  fault.column = column;
  fault.field = std::move(field);
  fault.rule = std::move(rule);
  fault.messageZh = std::move(zh);
  fault.messageEn = std::move(en);
  return fault;
}

bool isBlank(std::string_view cell) { return cellText(cell).empty(); }

}  // namespace

struct RosterReader::State {
  State(std::shared_ptr<const Template> which, const std::filesystem::path& path)
      : form(std::move(which)),
        reader(*form),
        file(path),
        first(file.nextChunk()),
        csv([this] { return nextChunk(); }, delimiterOf(first)) {}

  std::string_view nextChunk() { return isFirst ? (isFirst = false, first) : file.nextChunk(); }
  void readHeader();
  void placeColumn(const HeaderIndex& index, std::size_t column, const std::string& header);
  void addCsvFaults(std::uint64_t inRow);

  std::shared_ptr<const Template> form;
  RecordReader reader;
  TextFile file;
  std::string_view first;
  std::vector<std::string> headers;
  bool isFirst = true;
  CsvReader csv;
  std::vector<CsvFault> csvFaults;
  std::vector<Fault> faults;
  std::vector<FieldCell> cells;  // by field: its column, and whether its absence is reported
  std::size_t columns = 0;
  std::uint64_t row = 0;
};

void RosterReader::State::addCsvFaults(std::uint64_t inRow) {
  for (CsvFault& found : csvFaults) {
    faults.push_back(fileFault(found.column, {}, "csv", std::move(found.zh), std::move(found.en)));
    faults.back().row = inRow;
  }
  csvFaults.clear();
}

void RosterReader::State::placeColumn(const HeaderIndex& index, std::size_t column, const std::string& header) {
  const std::string number = std::to_string(column);
  if (isBlank(header)) {
    faults.push_back(
        fileFault(column, {}, "header", "第 " + number + " 列没有列名。", "Column " + number + " has no header."));
    return;
  }
  const std::size_t field = findHeader(index, header);
  Fault fault = fileFault(column, header, "column", {}, {});
  fault.value = header;
  if (field == Template::npos) {
    fault.messageZh = "第 " + number + " 列“" + header + "”不是本模板的字段。";
    fault.messageEn = "Column " + number + " \"" + header + "\" is not a field of this template.";
  } else if (field == kAmbiguous) {
    fault.rule = "header";
    fault.messageZh = "第 " + number + " 列“" + header + "”对应多个字段，请改用字段名。";
    fault.messageEn = "Column " + number + " \"" + header + "\" is the label of several fields; use the field's name.";
  } else if (cells[field].column != 0) {
    const std::string before = std::to_string(cells[field].column);
    fault.field = form->fields[field].name;
    fault.messageZh = "第 " + number + " 列与第 " + before + " 列重复（" + header + "）。";
    fault.messageEn = "Column " + number + " \"" + header + "\" repeats column " + before + ".";
  } else {
    cells[field].column = column;
    return;
  }
  faults.push_back(std::move(fault));
}

void RosterReader::State::readHeader() {
  cells.resize(form->fields.size());
  if (file.fault()) {
    faults.push_back(fileFault(0, {}, "encoding", file.fault()->zh, file.fault()->en));
    return;
  }
  std::uint64_t line = 0;
  if (!csv.next(headers, line, csvFaults)) {
    faults.push_back(
        fileFault(0, {}, "header", "文件是空的，没有标题行。", "The file is empty: it has no header row."));
    return;
  }
  addCsvFaults(0);
  columns = headers.size();
  const HeaderIndex index = indexHeaders(*form);
  for (std::size_t i = 0; i < headers.size(); ++i) placeColumn(index, i + 1, headers[i]);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const FieldSpec& spec = form->fields[i];
    if (cells[i].column != 0 || !spec.required || spec.condition || spec.defaultText) continue;
    cells[i].isReported = true;
    const std::string zh(labelZh(spec)), en(labelEn(spec));
    faults.push_back(fileFault(0, spec.name, "column", "缺少必填列“" + zh + "”。",
                               "The required column \"" + spec.name + "\" (" + en + ") is missing."));
  }
}

RosterReader::RosterReader(std::shared_ptr<const Template> form, const std::filesystem::path& file)
    : state_(std::make_unique<State>(std::move(form), file)) {
  state_->readHeader();
}

RosterReader::~RosterReader() = default;

const std::vector<Fault>& RosterReader::faults() const { return state_->faults; }
const std::vector<std::string>& RosterReader::headers() const { return state_->headers; }

bool RosterReader::next(RosterRow& row) {
  if (state_->columns == 0) return false;
  const bool isRow = state_->csv.next(row.cells, row.line, state_->csvFaults);
  if (isRow) row.row = ++state_->row;
  state_->addCsvFaults(state_->row);
  return isRow;
}

Record RosterReader::parse(const RosterRow& row, std::vector<Fault>& faults) const {
  Record record;
  record.row = row.row;
  record.values.resize(state_->cells.size());
  const bool isEmpty = std::all_of(row.cells.begin(), row.cells.end(), isBlank);
  if (row.cells.size() != state_->columns || isEmpty) {
    const std::string line = std::to_string(row.line), found = std::to_string(row.cells.size());
    const std::string wanted = std::to_string(state_->columns);
    Fault fault = fileFault(0, {}, "csv", {}, {});
    fault.row = row.row;
    fault.computed = found;
    fault.limit = wanted;
    fault.messageZh = isEmpty ? "第 " + line + " 行没有任何内容，请删除该行。"
                              : "第 " + line + " 行有 " + found + " 格，标题行有 " + wanted + " 列。";
    fault.messageEn = isEmpty ? "Line " + line + " has no value at all; delete it."
                              : "Line " + line + " has " + found + " cells, the header " + wanted + ".";
    faults.push_back(std::move(fault));
    return record;
  }
  std::vector<FieldCell> cells = state_->cells;
  for (FieldCell& cell : cells) {
    if (cell.column != 0) cell.text = row.cells[cell.column - 1];
  }
  return state_->reader.read(row.row, cells, faults);
}

std::size_t RosterReader::columnOf(std::size_t field) const {
  return field < state_->cells.size() ? state_->cells[field].column : 0;
}

Record parseValues(const Template& form, const std::vector<std::pair<std::string, std::string>>& values,
                   std::vector<Fault>& faults) {
  std::vector<FieldCell> cells(form.fields.size());
  for (const auto& [name, text] : values) {
    const std::size_t field = indexOfField(form.fields, name);
    if (field != Template::npos) {
      cells[field].text = text;
      continue;
    }
    Fault fault = fileFault(0, name, "column", "“" + name + "”不是本模板的字段。",
                            "\"" + name + "\" is not a field of this template.");
    fault.value = text;
    faults.push_back(std::move(fault));
  }
  return RecordReader(form).read(0, cells, faults);
}

}  // namespace qianda::templates
