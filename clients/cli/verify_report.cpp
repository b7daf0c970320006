#include "clients/cli/verify_report.h"

#include <filesystem>

namespace qianda::cli {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
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
      default:
        out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
  }
  return out;
}

std::string verdictText(signing::Indication indication) {
  static constexpr const char* kTexts[] = {"验证通过 TOTAL_PASSED", "无法确定 INDETERMINATE",
                                           "验证未通过 TOTAL_FAILED"};
  static constexpr const char* kClasses[] = {"good", "doubt", "bad"};
  const auto at = static_cast<std::size_t>(indication);
  return std::string("<b class=") + kClasses[at] + ">" + kTexts[at] + "</b>";
}

std::string row(const char* label, const std::string& html) {
  return html.empty() ? "" : std::string("<tr><th>") + label + "</th><td>" + html + "</td></tr>\n";
}

template <typename Indicated>
std::string summary(const Indicated& verdict) {
  std::string text = verdictText(verdict.indication);
  if (!verdict.subIndication.empty()) text += " / " + escaped(verdict.subIndication);
  return verdict.reason.empty() ? text : text + "<br>" + escaped(verdict.reason);
}

std::string signatureTable(const signing::SignatureVerdict& signature) {
  std::string out = "<h3>签名 Signature: " + escaped(signature.field) + "</h3>\n<table>\n";
  out += row("结论 Verdict", summary(signature)) + row("签署人 Signer", escaped(signature.signer)) +
         row("单位 Organisation", escaped(signature.organisation)) + row("颁发者 Issuer", escaped(signature.issuer)) +
         row("证书序列号 Serial", escaped(signature.serialHex)) + row("算法 Algorithm", escaped(signature.algorithm)) +
         row("级别 Level", escaped(signature.level)) + row("声称的签署时间 Claimed time", escaped(signature.signedAt)) +
         row("时间戳证明的时间 Proven time", escaped(signature.bestSignatureTime)) +
         row("吊销状态 Revocation", escaped(signature.revocation));
  std::string changes;
  for (const signing::Change& change : signature.changes) {
    changes += "<li>" + std::string(change.isAllowed ? "允许 allowed: " : "<b class=bad>不允许 forbidden:</b> ") +
               escaped(change.detail) + "</li>";
  }
  out += row("签署后的变化 Later changes", changes.empty() ? "" : "<ul>" + changes + "</ul>") + "</table>\n";
  out +=
      "<table><tr><th>《电子签名法》第十三条 E-Signature Law art. 13</th><th>结论 Verdict</th><th>依据 "
      "Ground</th></tr>\n";
  for (const signing::LawTest& test : signature.law13) {
    out += "<tr><td>" + escaped(test.clause) + " " + escaped(test.zh) + "<br><i>" + escaped(test.en) + "</i></td><td>" +
           escaped(test.verdict) + "</td><td>" + escaped(test.reason) + "</td></tr>\n";
  }
  return out + "</table>\n";
}

constexpr const char* kHead =
    "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>验证报告 Verification report</title><style>"
    "body{font:15px/1.6 \"Noto Serif CJK SC\",serif;max-width:52em;margin:2em auto;padding:0 1em;color:#111}"
    "table{border-collapse:collapse;width:100%;margin:.6em 0}th,td{border:1px solid #999;padding:.3em .6em;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f2f2f2;font-weight:600}"
    "table th:first-child{width:30%}ul{margin:0;padding-left:1.2em}.good{color:#0a6b2d}.doubt{color:#8a5a00}"
    ".bad{color:#b00020}@media print{body{margin:0}h2{page-break-after:avoid}table{page-break-inside:avoid}}"
    "</style>\n";

}  // namespace

std::string writeReport(const std::vector<std::string>& files, const std::vector<signing::FileVerdict>& verdicts,
                        core::Instant at) {
  std::string out =
      std::string(kHead) +
      "<h1>电子签名验证报告<br>Signature verification report</h1>\n<p>验证时间 Verified at: " + core::isoInstant(at) +
      "；术语 terms: ETSI EN 319 102-1</p>\n";
  for (std::size_t i = 0; i < files.size(); ++i) {
    const signing::FileVerdict& verdict = verdicts[i];
    out += "<h2>" + escaped(std::filesystem::path(files[i]).filename()) + "</h2>\n<p>" + summary(verdict) + "</p>\n";
    for (const signing::SignatureVerdict& signature : verdict.signatures) out += signatureTable(signature);
    if (verdict.timestamps.empty()) continue;
    out += "<table><tr><th>时间戳 Timestamp</th><th>时间 Time</th><th>机构 Authority</th><th>结论 Verdict</th></tr>\n";
    for (const signing::TimestampVerdict& stamp : verdict.timestamps) {
      out += "<tr><td>" + escaped(stamp.field) + " (" + stamp.kind + ")</td><td>" + escaped(stamp.time) + "</td><td>" +
             escaped(stamp.authority) + "</td><td>" + summary(stamp) + "</td></tr>\n";
    }
    out += "</table>\n";
  }
  return out;
}

}  // namespace qianda::cli
