#include "templates/xlsx/writer.h"

#include <utility>

#include <xlsxwriter.h>

#include "core/error.h"
#include "core/text.h"
#include "templates/record_reader.h"

namespace qianda::templates {
namespace {

using core::Error;
using core::ErrorCode;

constexpr lxw_row_t kTemplateRows = 10'000;  // that have the pick lists
constexpr std::size_t kLongestPick = 255;    // characters of an inline list in a workbook

void check(lxw_error error, const std::filesystem::path& file) {
  if (error == LXW_NO_ERROR) return;
  const bool isLong = error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED;
  throw Error(isLong ? ErrorCode::kInvalidInput : ErrorCode::kSystem,
              "cannot write " + file.string() + ": " + lxw_strerror(error));
}

// What Excel refuses in a file: control characters other than tab and line breaks.
std::string cleaned(std::string text) {
  std::erase_if(text,
                [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r'; });
  return text;
}

lxw_col_t columnOf(std::size_t index) { return static_cast<lxw_col_t>(index); }

}  // namespace

struct XlsxTable::State {
  std::filesystem::path file;
  lxw_workbook* book = nullptr;
  lxw_worksheet* sheet = nullptr;
  lxw_format *bold = nullptr, *red = nullptr;
  lxw_row_t row = 0;

  void write(const std::vector<std::string>& cells, lxw_format* format) {
    if (row >= LXW_ROW_MAX) throw Error(ErrorCode::kUnsupported, file.string() + ": a work sheet has 1,048,576 rows");
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      check(worksheet_write_string(sheet, row, columnOf(i), cleaned(cells[i]).c_str(), format), file);
    }
    ++row;
  }
};

XlsxTable::XlsxTable(std::filesystem::path file, const std::string& sheet, const std::vector<std::string>& header,
                     const std::vector<int>& widths)
    : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  state_->book = workbook_new_opt(state_->file.c_str(), &options);
  if (!state_->book) throw Error(ErrorCode::kSystem, "cannot write " + state_->file.string());
  state_->sheet = workbook_add_worksheet(state_->book, sheet.c_str());
  if (!state_->sheet) throw Error(ErrorCode::kInvalidInput, "no sheet can be named " + sheet);
  state_->bold = workbook_add_format(state_->book);
  format_set_bold(state_->bold);
  state_->red = workbook_add_format(state_->book);
  format_set_font_color(state_->red, LXW_COLOR_RED);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    worksheet_set_column(state_->sheet, columnOf(i), columnOf(i), widths[i], nullptr);
  }
  worksheet_freeze_panes(state_->sheet, 1, 0);
  state_->write(header, state_->bold);
}

XlsxTable::~XlsxTable() {
  if (state_->book) lxw_workbook_free(state_->book);
}

void XlsxTable::add(const std::vector<std::string>& cells, bool isFaulty) {
  state_->write(cells, isFaulty ? state_->red : nullptr);
}

void XlsxTable::finish() { check(workbook_close(std::exchange(state_->book, nullptr)), state_->file); }

namespace {

struct TypeWords {
  const char *zh, *en;
};

TypeWords wordsOf(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return {"一行文字", "a line of text"};
    case FieldType::kMultiline:
      return {"文字，可换行", "text, with line breaks"};
    case FieldType::kInteger:
      return {"整数", "a whole number"};
    case FieldType::kDecimal:
      return {"数字，最多四位小数", "a number, at most four decimals"};
    case FieldType::kMoney:
      return {"金额（元），最多两位小数", "yuan, at most two decimals"};
    case FieldType::kDate:
      return {"日期，如 2026-01-31", "a date such as 2026-01-31"};
    case FieldType::kPeriod:
      return {"起止日期，如 2026-01-01~2026-12-31", "a period such as 2026-01-01~2026-12-31"};
    case FieldType::kChoice:
      return {"从列表中选择", "one of the list"};
    case FieldType::kBoolean:
      return {"是 或 否", "是 (yes) or 否 (no)"};
    case FieldType::kIdCard:
      return {"证件号码，请用文本格式", "an ID number, as text"};
    case FieldType::kUscc:
      return {"统一社会信用代码（18 位）", "a unified social credit code (18 characters)"};
    case FieldType::kPhone:
      return {"电话号码，请用文本格式", "a phone number, as text"};
    case FieldType::kAddress:
      return {"地址", "an address"};
    case FieldType::kList:
      return {"列表", "a list"};
  }
  return {"", ""};
}

std::string headerOf(const FieldSpec& spec) {
  const bool isStarred = spec.required && !spec.condition && !spec.defaultText;
  return std::string(labelZh(spec)) + (isStarred ? "*" : "");
}

std::vector<std::string> picksOf(const FieldSpec& spec) {
  if (spec.type == FieldType::kBoolean) return {"是", "否"};
  std::vector<std::string> picks;
  for (const Choice& choice : spec.choices) picks.push_back(choice.labelZh.empty() ? choice.value : choice.labelZh);
  return picks;
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

// Choices too long for a list in the cell itself stand in column `column` of the explaining sheet.
void addPicks(lxw_worksheet* sheet, lxw_worksheet* lists, std::size_t field, std::vector<std::string> picks,
              lxw_col_t& column, const std::filesystem::path& file) {
  std::vector<char*> items;
  for (std::string& pick : picks) items.push_back(pick.data());
  items.push_back(nullptr);
  lxw_data_validation validation{};
  std::string range;
  const auto characters = core::decodeUtf8(joined(picks, ","));
  if (characters && characters->size() <= kLongestPick) {
    validation.validate = LXW_VALIDATION_TYPE_LIST;
    validation.value_list = items.data();
  } else {
    for (std::size_t i = 0; i < picks.size(); ++i) {
      check(worksheet_write_string(lists, static_cast<lxw_row_t>(i), column, picks[i].c_str(), nullptr), file);
    }
    char first[LXW_MAX_CELL_NAME_LENGTH], last[LXW_MAX_CELL_NAME_LENGTH];
    lxw_rowcol_to_cell_abs(first, 0, column, 1, 1);
    lxw_rowcol_to_cell_abs(last, static_cast<lxw_row_t>(picks.size() - 1), column, 1, 1);
    range = std::string("='选项'!") + first + ":" + last;
    validation.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
    validation.value_formula = range.data();
    ++column;
  }
  std::string title = "请从列表中选择";
  validation.error_title = title.data();
  check(worksheet_data_validation_range(sheet, 1, columnOf(field), kTemplateRows, columnOf(field), &validation), file);
}

void explain(lxw_worksheet* sheet, lxw_format* bold, const Template& form, const std::filesystem::path& file) {
  const std::vector<std::string> header{"列名", "字段", "必填", "格式", "选项", "条件", "示例", "English"};
  std::vector<std::vector<std::string>> rows{header};
  for (const FieldSpec& spec : form.fields) {
    const TypeWords words = wordsOf(spec.type);
    const std::string need = !spec.required     ? "选填"
                             : spec.condition   ? "符合条件时必填"
                             : spec.defaultText ? "可留空，默认 " + *spec.defaultText
                                                : "必填";
    std::string bounds;
    if (spec.minimum) bounds += "，最小 " + *spec.minimum;
    if (spec.maximum) bounds += "，最大 " + *spec.maximum;
    rows.push_back({std::string(labelZh(spec)), spec.name, need, words.zh + bounds, joined(picksOf(spec), "、"),
                    spec.condition ? "按本行其他各项" : "", spec.example,
                    std::string(labelEn(spec)) + ": " + words.en});
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < rows[row].size(); ++i) {
      check(worksheet_write_string(sheet, static_cast<lxw_row_t>(row), columnOf(i), cleaned(rows[row][i]).c_str(),
                                   row == 0 ? bold : nullptr),
            file);
    }
  }
  worksheet_set_column(sheet, 0, 7, 24, nullptr);
}

}  // namespace

void writeRosterTemplate(const Template& form, const std::filesystem::path& file) {
  lxw_workbook* book = workbook_new(file.c_str());
  if (!book) throw Error(ErrorCode::kSystem, "cannot write " + file.string());
  try {
    lxw_worksheet* sheet = workbook_add_worksheet(book, "花名册");
    lxw_worksheet* help = workbook_add_worksheet(book, "填写说明");
    lxw_worksheet* lists = workbook_add_worksheet(book, "选项");
    worksheet_hide(lists);
    lxw_format* bold = workbook_add_format(book);
    format_set_bold(bold);
    lxw_format* text = workbook_add_format(book);
    format_set_num_format(text, "@");
    lxw_col_t listColumn = 0;
    for (std::size_t i = 0; i < form.fields.size(); ++i) {
      const FieldSpec& spec = form.fields[i];
      worksheet_set_column(sheet, columnOf(i), columnOf(i), 18, text);
      check(worksheet_write_string(sheet, 0, columnOf(i), headerOf(spec).c_str(), bold), file);
      const auto picks = picksOf(spec);
      if (!picks.empty()) addPicks(sheet, lists, i, picks, listColumn, file);
    }
    worksheet_freeze_panes(sheet, 1, 0);
    explain(help, bold, form, file);
  } catch (...) {
    lxw_workbook_free(book);
    throw;
  }
  check(workbook_close(book), file);
}

std::string rosterTemplateCsv(const Template& form) {
  std::vector<std::string> header;
  for (const FieldSpec& spec : form.fields) header.push_back(headerOf(spec));
  return "\xEF\xBB\xBF" + csvRecord(header);
}

std::string csvRecord(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    const bool isFormula = !cell.empty() && std::string_view("=+@\t\r").find(cell.front()) != std::string_view::npos;
    const bool isQuoted = isFormula || cell.find_first_of(",\"\r\n;\t") != std::string::npos;
    if (isQuoted) line += '"';
    if (isFormula) line += '\'';
    for (const char c : cell) {
      if (c == '"') line += '"';
      line += c;
    }
    if (isQuoted) line += '"';
  }
  return line + "\r\n";
}

}  // namespace qianda::templates
