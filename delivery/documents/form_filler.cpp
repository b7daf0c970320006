#include "delivery/documents/form_filler.h"

#include "core/text.h"
#include "templates/cell_text.h"
#include "templates/template.h"

namespace qianda::delivery {
namespace {

using templates::Fault;
using templates::FieldSpec;
using templates::FieldType;

struct Form {
  std::shared_ptr<const templates::Template> form;
  templates::RecordReader reader;
};

const Form& formOf(std::string_view id) {
  static const std::map<std::string, Form, std::less<>> forms = [] {
    std::map<std::string, Form, std::less<>> made;
    for (const auto& form : templates::courtTemplates()) {
      made.emplace(form->id, Form{form, templates::RecordReader(*form)});
    }
    return made;
  }();
  return forms.at(templates::getCourtTemplate(id)->id);
}

// "-|-|-": one row that the reader accepts in place of the true ones.
std::string placeholder(const FieldSpec& spec) {
  std::string row;
  for (std::size_t i = 0; i < spec.columns.size(); ++i) row += i ? "|-" : "-";
  return row;
}

void setTable(const FieldSpec& spec, const TableRows& rows, templates::Value& value, std::vector<Fault>& faults) {
  value.rows = rows;
  value.text.clear();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows[row].size(); ++column) {
      const std::string& cell = rows[row][column];
      value.text += (column ? "|" : row ? ";" : "") + cell;
      const templates::TextScan scan = templates::scanText(cell, false);
      if (scan.refused == 0) continue;
      const std::string where = std::to_string(row + 1), name = core::codePointName(scan.refused);
      faults.push_back(blockingFault(spec.name, cell, "format",
                                     spec.labelZh + "：第 " + where + " 行含有控制字符 " + name + "。",
                                     spec.labelEn + " has in row " + where + " the control character " + name + "."));
    }
  }
}

// The reader words its faults for rosters of contracts.
void reword(const templates::Template& form, Fault& fault) {
  fault.article.clear();
  if (fault.rule != "condition") return;
  const FieldSpec& spec = form.fields[form.findField(fault.field)];
  fault.messageZh = std::string(templates::labelZh(spec)) + "：按其他各项不适用，不写入文书。";
  fault.messageEn = std::string(templates::labelEn(spec)) + " does not apply here and is left out.";
}

// 24-hour HH:MM.
bool isHour(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  return text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4) &&
         text.substr(0, 2) <= "23" && text.substr(3) <= "59";
}

// Paragraphs after the first are indented like it.
std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "　　";
  }
  return out;
}

}  // namespace

Fault blockingFault(std::string field, std::string value, std::string rule, std::string zh, std::string en) {
  Fault fault;
  fault.field = std::move(field);
  fault.value = std::move(value);
  fault.rule = std::move(rule);
  fault.messageZh = std::move(zh);
  fault.messageEn = std::move(en);
  return fault;
}

templates::Record fillForm(std::string_view templateId, const FormContents& contents, std::vector<Fault>& faults) {
  const Form& form = formOf(templateId);
  std::vector<std::string> texts(form.form->fields.size());
  std::vector<templates::FieldCell> cells(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const FieldSpec& spec = form.form->fields[i];
    if (spec.type == FieldType::kList) {
      const auto table = contents.tables.find(spec.name);
      if (table != contents.tables.end() && !table->second.empty()) texts[i] = placeholder(spec);
    } else if (const auto text = contents.texts.find(spec.name); text != contents.texts.end()) {
      texts[i] = text->second;
    }
    cells[i].text = texts[i];
  }
  const std::size_t first = faults.size();
  templates::Record record = form.reader.read(0, cells, faults);
  for (std::size_t i = first; i < faults.size(); ++i) reword(*form.form, faults[i]);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const FieldSpec& spec = form.form->fields[i];
    templates::Value& value = record.values[i];
    if (!value.present) continue;
    if (spec.type == FieldType::kList) setTable(spec, contents.tables.find(spec.name)->second, value, faults);
    if (spec.type == FieldType::kMultiline) value.text = indented(value.text);
    if (spec.name.ends_with("_time") && !isHour(value.text)) {
      faults.push_back(blockingFault(spec.name, value.text, "format", spec.labelZh + "：应写作 09:30（二十四小时制）。",
                                     spec.labelEn + " is written like 09:30, in 24 hours."));
    }
  }
  return record;
}

}  // namespace qianda::delivery
