#include "contracts/evidence/report_html.h"

namespace qianda::contracts {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "<br>";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string cell(const char* tag, const ReportCell& one) {
  static constexpr const char* kClasses[] = {"", " class=good", " class=doubt", " class=bad"};
  return std::string("<") + tag + kClasses[static_cast<std::size_t>(one.tone)] + ">" + escaped(one.text) + "</" + tag +
         ">";
}

std::string table(const ReportTable& one) {
  std::string out = one.caption.empty() ? "" : "<h4>" + escaped(one.caption) + "</h4>\n";
  int all = 0;
  for (const ReportTable::Column& column : one.columns) all += column.share;
  out += "<table><colgroup>";
  for (const ReportTable::Column& column : one.columns)
    out += "<col style=\"width:" + std::to_string(column.share * 100 / all) + "%\">";
  out += "</colgroup>\n";
  const bool isFacts = one.columns.front().heading.empty();
  if (!isFacts) {
    out += "<tr>";
    for (const ReportTable::Column& column : one.columns) out += cell("th", {column.heading});
    out += "</tr>\n";
  }
  for (const std::vector<ReportCell>& row : one.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) out += cell(isFacts && i == 0 ? "th" : "td", row[i]);
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

constexpr const char* kStyle =
    "body{font:15px/1.6 \"Noto Serif CJK SC\",serif;max-width:54em;margin:2em auto;padding:0 1em;color:#111}"
    "h1{text-align:center;line-height:1.3}h1 small{font-size:.5em;font-weight:400;display:block}"
    "h2{border-bottom:2px solid #111;padding-bottom:.2em;margin-top:1.8em}h3{margin:1.6em 0 .4em}"
    "h4{margin:1em 0 .2em;font-weight:600}table{border-collapse:collapse;table-layout:fixed;width:100%;margin:.4em 0}"
    "th,td{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{background:#f4f4f2;font-weight:600}.good{color:#0a6b2d}.doubt{color:#8a5a00}.bad{color:#b00020;font-weight:600}"
    "p.good,p.doubt,p.bad{border-left:.35em "
    "solid;padding-left:.6em;font-size:1.1em;font-weight:600}footer{color:#444;font-size:.86em;margin-top:2em}@page{"
    "size:A4;margin:18mm}"
    "@media "
    "print{body{margin:0;max-width:none;font-size:10pt}h2,h3,h4{page-break-after:avoid}tr{page-break-inside:avoid}}";

}  // namespace

std::string htmlOf(const Report& report) {
  std::string out = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>" + escaped(report.title) +
                    " " + escaped(report.titleEn) + "</title><style>" + kStyle + "</style>\n<h1>" +
                    escaped(report.title) + "<small>" + escaped(report.titleEn) + "</small></h1>\n";
  for (const ReportSection& section : report.sections) {
    const std::string tag = "h" + std::to_string(section.depth) + ">";
    out += "<" + tag + escaped(section.heading) + "</" + tag + "\n";
    if (!section.headline.text.empty()) out += cell("p", section.headline) + "\n";
    for (const ReportTable& one : section.tables) out += table(one);
  }
  out += "<footer>\n";
  for (const std::string& note : report.notes) out += "<p>" + escaped(note) + "</p>\n";
  return out + "</footer></html>\n";
}

}  // namespace qianda::contracts
