#include "contracts/evidence/report_pdf.h"

#include <set>

#include "core/error.h"
#include "core/text.h"
#include "templates/typesetter.h"

namespace qianda::contracts {
namespace {

using templates::FieldType;
using templates::Record;
using templates::Value;

// The template and, in the order of its fields, what fills it.
struct Source {
  std::string fields, body;
  Record record;
};

std::string nextField(const Source& source) { return "f" + std::to_string(source.record.values.size()); }

// A text of the report as a field.
void addText(Source& source, const std::string& before, const std::string& text, const char* filters = "|plain") {
  const std::string name = nextField(source);
  source.fields += "  " + name + ": {type: text, label: " + name + "}\n";
  source.body += before + "{{" + name + filters + "}}\n\n";
  Value value;
  value.present = true;
  value.text = text;
  source.record.values.push_back(std::move(value));
}

void addTable(Source& source, const ReportTable& table) {
  if (!table.caption.empty()) addText(source, "{{noindent}}{{keep}}", table.caption, "|plain|bold");
  const std::string name = nextField(source);
  std::string columns, headings = "|", rule = "|", cells = "|";
  const bool isFacts = table.columns.front().heading.empty();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string column = "c" + std::to_string(i);
    columns += (i ? ", " : "") + column + ": " + column;
    headings += table.columns[i].heading + "|";
    rule += ":--|";
    cells += "{{" + name + "." + column + "|blank:" + std::to_string(table.columns[i].share) +
             (isFacts && i == 0 ? "|bold" : "") + "}}|";
  }
  source.fields += "  " + name + ": {type: list, label: " + name + ", columns: {" + columns + "}}\n";
  source.body += headings + "\n" + rule + "\n" + cells + "\n\n";
  Value value;
  value.present = true;
  for (const std::vector<ReportCell>& row : table.rows) {
    std::vector<std::string>& filled = value.rows.emplace_back();
    for (const ReportCell& cell : row) filled.push_back(cell.text);
  }
  source.record.values.push_back(std::move(value));
}

Source sourceOf(const Report& report) {
  Source source;
  source.body = "# " + report.title + "\n\n{{center}}" + report.titleEn + "\n\n";
  for (const ReportSection& section : report.sections) {
    const bool isNextFile =
        section.depth == 2 && &section != &report.sections.front() && !section.headline.text.empty();
    if (isNextFile) source.body += "{{page_break}}\n\n";
    addText(source, "## ", section.heading);
    if (!section.headline.text.empty()) addText(source, "{{noindent}}{{keep}}", section.headline.text, "|plain|bold");
    for (const ReportTable& table : section.tables) addTable(source, table);
  }
  source.body += "---\n\n";
  for (const std::string& note : report.notes) source.body += "{{small}}{{noindent}}" + note + "\n\n";
  return source;
}

std::shared_ptr<const templates::Template> compileReport(const Report& report, const Source& source) {
  const std::string text = "---\nid: " + report.id + "\nversion: 1.0.0\ntitle: " + report.title +
                           "\ntitle_en: " + report.titleEn +
                           "\nlaw: none\npage: {size: A4, top: 24mm, bottom: 20mm, left: 21mm, right: 21mm}\n"
                           "font_size: 9pt\nfields:\n" +
                           source.fields + "---\n\n" + source.body;
  const templates::Compilation compilation = templates::compile(text, report.id);
  if (compilation.compiled) return compilation.compiled;
  std::string faults;
  for (const auto& one : compilation.diagnostics) faults += " " + std::to_string(one.line) + ": " + one.message;
  throw core::Error(core::ErrorCode::kSystem, "the report's template does not compile:" + faults);
}

template <typename Change>
void eachText(Record& record, Change change) {
  for (Value& value : record.values) {
    change(value.text);
    for (auto& row : value.rows) {
      for (std::string& cell : row) change(cell);
    }
  }
}

// Characters that no font has are named instead.
void nameMissingGlyphs(const templates::FrozenTemplate& frozen, Record& record) {
  std::set<char32_t> used, missing;
  eachText(record, [&](const std::string& text) {
    for (std::size_t offset = 0; offset < text.size();) used.insert(core::nextCodePoint(text, offset));
  });
  for (const char32_t c : used) {
    Record probe;
    probe.values.resize(1);  // the first field is a text
    probe.values[0].present = true;
    probe.values[0].text = core::encodeUtf8({&c, 1});
    std::vector<templates::Fault> faults;
    frozen.checkGlyphs(probe, faults);
    if (!faults.empty()) missing.insert(c);
  }
  if (missing.empty()) return;
  eachText(record, [&](std::string& text) {
    std::string out;
    for (std::size_t offset = 0; offset < text.size();) {
      const char32_t c = core::nextCodePoint(text, offset);
      out += missing.contains(c) ? "[" + core::codePointName(c) + "]" : core::encodeUtf8({&c, 1});
    }
    text = std::move(out);
  });
}

}  // namespace

std::string pdfOf(const Report& report, core::Instant at) {
  Source source = sourceOf(report);
  const auto frozen =
      std::make_shared<templates::FrozenTemplate>(compileReport(report, source), templates::FreezeOptions{});
  nameMissingGlyphs(*frozen, source.record);
  templates::CharacterSet characters;
  characters.add(source.record);
  templates::Composer composer(frozen, std::make_shared<templates::FieldFonts>(frozen, characters));
  templates::Composition composition;
  composer.compose(source.record, {core::DocumentId::random(), at, {}}, composition);
  return frozen->prefix() + composition.tail;
}

}  // namespace qianda::contracts
