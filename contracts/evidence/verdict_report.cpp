#include "contracts/evidence/verdict_report.h"

#include <filesystem>

#include "contracts/evidence/report_words.h"
#include "core/number_text.h"
#include "core/text.h"
#include "signing/keys/evp_key.h"
#include "signing/keys/x509.h"

namespace qianda::contracts {
namespace {

using signing::Indication;

// Characters that a reader does not see but that change what they see.
bool isSteering(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

// "2026-01-31T08:00:00+08:00" for people.
std::string timeText(const std::string& iso) {
  std::string text = shownText(iso);
  if (text.size() < 19 || text[10] != 'T') return text;
  text[10] = ' ';
  if (text.size() > 19 && (text[19] == '+' || text[19] == '-')) text.insert(19, " UTC");
  return text;
}

std::string both(const Words& words) { return std::string(words.zh) + " " + std::string(words.en); }

Tone toneOf(Indication indication) {
  return indication == Indication::kTotalPassed   ? Tone::kGood
         : indication == Indication::kTotalFailed ? Tone::kBad
                                                  : Tone::kDoubt;
}

std::string mark(Tone tone) { return tone == Tone::kGood ? "☑ " : tone == Tone::kBad ? "× " : "？ "; }

// ☑ 验证通过 TOTAL_PASSED / SUB_INDICATION
std::string verdictText(Indication indication, const std::string& subIndication) {
  const std::string text =
      mark(toneOf(indication)) + std::string(wordsOf(indication).zh) + " " + std::string(signing::nameOf(indication));
  return subIndication.empty() ? text : text + " / " + shownText(subIndication);
}

// A reason in both languages; `field` is the name it may begin with.
std::string reasonText(const std::string& reason, const std::string& subIndication, const std::string& field = {}) {
  std::string zh;
  if (!field.empty() && reason.starts_with(field + ": ")) {
    zh = chineseOf(reason.substr(field.size() + 2));
    if (!zh.empty()) zh = "（" + field + "）" + zh;
  } else {
    zh = chineseOf(reason);
  }
  if (zh.empty()) zh = explanationOf(subIndication).zh;
  return zh.empty() ? shownText(reason) : shownText(zh) + "\n" + shownText(reason);
}

ReportTable factTable() { return {"", {{"", 13}, {"", 34}}, {}}; }

void addFact(ReportTable& table, const char* label, std::string text, Tone tone = Tone::kPlain) {
  if (!text.empty()) table.rows.push_back({{label, Tone::kPlain}, {std::move(text), tone}});
}

template <typename Verdict>
void addVerdict(ReportSection& section, ReportTable& table, const Verdict& verdict, const std::string& field = {}) {
  const Tone tone = toneOf(verdict.indication);
  section.headline = {"结论 Verdict：" + verdictText(verdict.indication, verdict.subIndication), tone};
  const Words meaning = explanationOf(verdict.subIndication);
  if (!meaning.zh.empty()) addFact(table, "含义 Meaning", std::string(meaning.zh) + "\n" + std::string(meaning.en));
  if (!verdict.reason.empty())
    addFact(table, "原因 Reason", reasonText(verdict.reason, verdict.subIndication, field), tone);
}

ReportTable stampTable(const signing::FileVerdict& file, const signing::SignatureVerdict& signature) {
  ReportTable table{"时间戳 Timestamps (RFC 3161)",
                    {{"种类 Kind", 12}, {"时间 Time", 14}, {"时间戳机构 Authority", 18}, {"结论 Verdict", 20}},
                    {}};
  for (const signing::TimestampVerdict& stamp : file.timestamps) {
    const bool isDocument = stamp.kind == "document";
    if (!isDocument && stamp.field != signature.field) continue;
    std::string verdict = verdictText(stamp.indication, stamp.subIndication);
    if (!stamp.reason.empty()) verdict += "\n" + reasonText(stamp.reason, stamp.subIndication);
    table.rows.push_back({{(isDocument ? "文档时间戳 document\n" : "签名时间戳 signature\n") + shownText(stamp.field)},
                          {timeText(stamp.time)},
                          {shownText(stamp.authority) + "\n" + shownText(stamp.algorithm)},
                          {std::move(verdict), toneOf(stamp.indication)}});
  }
  return table;
}

ReportTable revocationTable(const signing::SignatureVerdict& signature) {
  ReportTable table{
      "证书状态 Revocation",
      {{"证书 Certificate", 20}, {"状态 Status", 12}, {"依据 Source", 12}, {"签发／下次更新 Issued / next", 20}},
      {}};
  for (const signing::RevocationVerdict& one : signature.revocations) {
    std::string status = both(revocationWords(one.status));
    if (!one.revokedAt.empty()) status += "\n" + timeText(one.revokedAt) + " " + shownText(one.reason);
    const Tone tone = one.status == "good" ? Tone::kGood : one.status == "revoked" ? Tone::kBad : Tone::kDoubt;
    table.rows.push_back(
        {{shownText(one.certificate) + "\n" + shownText(one.serialHex)},
         {std::move(status), tone},
         {one.kind.empty() ? "" : shownText(one.kind) + "（" + shownText(one.origin) + "）"},
         {timeText(one.thisUpdate) + (one.nextUpdate.empty() ? "" : "\n" + timeText(one.nextUpdate))}});
  }
  return table;
}

ReportTable changeTable(const signing::SignatureVerdict& signature) {
  ReportTable table{
      "签署后的变化 Changes after signing", {{"是否允许 Allowed", 14}, {"种类 Kind", 14}, {"内容 What", 36}}, {}};
  for (const signing::Change& change : signature.changes) {
    const Tone tone = change.isAllowed ? Tone::kGood : Tone::kBad;
    table.rows.push_back({{mark(tone) + (change.isAllowed ? "允许 allowed" : "不允许 forbidden"), tone},
                          {both(changeWords(change.kind))},
                          {reasonText(change.detail, "")}});
  }
  return table;
}

// 第（一）项 of "13(1)"
std::string itemName(const std::string& clause) {
  static constexpr const char* kNames[] = {"（一）", "（二）", "（三）", "（四）"};
  const std::size_t at = clause.find('(');
  const std::size_t item = at == std::string::npos ? 0 : static_cast<std::size_t>(clause[at + 1] - '0');
  return item >= 1 && item <= std::size(kNames) ? kNames[item - 1] : shownText(clause) + " ";
}

ReportTable lawTable(const signing::SignatureVerdict& signature) {
  ReportTable table{"《中华人民共和国电子签名法》第十三条 E-Signature Law, article 13",
                    {{"条件 Condition", 30}, {"结论 Answer", 13}, {"依据 Ground", 26}},
                    {}};
  for (const signing::LawTest& test : signature.law13) {
    const Tone tone = test.verdict == "PASSED" ? Tone::kGood : test.verdict == "FAILED" ? Tone::kBad : Tone::kDoubt;
    table.rows.push_back({{itemName(test.clause) + test.zh + "\n" + test.en},
                          {mark(tone) + both(lawWords(test.verdict)), tone},
                          {reasonText(test.reason, "")}});
  }
  return table;
}

ReportSection signatureSection(const signing::FileVerdict& file, const signing::SignatureVerdict& signature,
                               std::size_t number) {
  ReportSection section;
  section.depth = 3;
  section.heading = "签名 Signature " + std::to_string(number) + "　" + shownText(signature.field);
  ReportTable facts = factTable();
  addVerdict(section, facts, signature);
  addFact(facts, "签署人 Signer", shownText(signature.signer));
  addFact(facts, "单位 Organisation", shownText(signature.organisation));
  addFact(facts, "颁发机构 Issuer", shownText(signature.issuer));
  addFact(facts, "证书序列号 Serial", shownText(signature.serialHex));
  addFact(facts, "签名算法 Algorithm", shownText(signature.algorithm));
  const Words level = levelWords(signature.level);
  if (!signature.level.empty()) addFact(facts, "级别 Level", shownText(signature.level) + "\n" + both(level));
  addFact(facts, "声称的时间 Claimed time", timeText(signature.signedAt));
  addFact(facts, "证明的时间 Proven time",
          signature.bestSignatureTime.empty() ? "没有可信时间戳证明 no trusted timestamp proves one"
                                              : timeText(signature.bestSignatureTime));
  addFact(facts, "证书状态 Revocation", both(revocationWords(signature.revocation)));
  addFact(facts, "覆盖范围 Coverage",
          signature.coversWholeRevision ? "覆盖签署时的整个文件 the whole file as it was then"
                                        : "未覆盖签署时的整个文件 not the whole file as it was then");
  if (!signature.modificationLevel.empty())
    addFact(facts, "此后变化 Changed since", both(modificationWords(signature.modificationLevel)));
  section.tables.push_back(std::move(facts));
  for (ReportTable& table : std::vector{stampTable(file, signature), revocationTable(signature), changeTable(signature),
                                        lawTable(signature)}) {
    if (!table.rows.empty()) section.tables.push_back(std::move(table));
  }
  return section;
}

ReportSection fileSection(const JudgedFile& file, std::size_t number, std::size_t count) {
  ReportSection section;
  const std::string name = shownText(std::filesystem::path(file.name).filename().string());
  section.heading = "文件 File" + (count > 1 ? " " + std::to_string(number) : "") + "　" + name;
  ReportTable facts = factTable();
  std::string field = file.verdict.reason.substr(0, file.verdict.reason.find(": "));
  addVerdict(section, facts, file.verdict, field);
  addFact(facts, "文件名 File name", name);
  addFact(facts, "SHA-256", file.sha256);
  addFact(facts, "大小 Size", core::grouped(file.size) + " 字节 octets");
  addFact(facts, "签名／时间戳 Signatures / timestamps",
          std::to_string(file.verdict.signatures.size()) + " ／ " + std::to_string(file.verdict.timestamps.size()));
  const std::string level = lowestLevel(file.verdict);
  if (!level.empty()) addFact(facts, "最低级别 Lowest level", level);
  section.tables.push_back(std::move(facts));
  return section;
}

ReportSection basisSection(const ReportBasis& basis) {
  ReportSection section;
  section.heading = "验证依据 Basis of this verification";
  ReportTable facts = factTable();
  addFact(facts, "验证时间 Verified at", timeText(core::isoInstant(basis.verifiedAt)));
  addFact(facts, "验证程序 Verified by", "签达 Qianda");
  addFact(facts, "标准 Standards", "ETSI EN 319 102-1, EN 319 142-1 (PAdES), TS 119 312; RFC 3161, 5280, 5652, 6960");
  addFact(facts, "吊销信息 Revocation data",
          basis.revocationSource.empty() ? "仅使用文件自带的吊销信息 the files' own alone"
                                         : "文件自带的，以及" + shownText(basis.revocationSource) +
                                               "\nthe files' own and those of " + shownText(basis.revocationSourceEn));
  section.tables.push_back(std::move(facts));
  ReportTable anchors{"信任锚 Trust anchors", {{"根证书 Root", 15}, {"SHA-256", 40}}, {}};
  for (const core::Bytes& der : basis.anchors.certificates) {
    anchors.rows.push_back({{shownText(signing::textOf(X509_get_subject_name(signing::parseCertificate(der).get())))},
                            {core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, der))}});
  }
  if (anchors.rows.empty()) anchors.rows.push_back({{"没有 none", Tone::kDoubt}, {""}});
  section.tables.push_back(std::move(anchors));
  return section;
}

}  // namespace

std::string shownText(std::string_view text) {
  const auto decoded = core::decodeUtf8(text);
  std::string out;
  if (!decoded) {
    for (const char c : text) {
      const auto octet = static_cast<unsigned char>(c);
      out += octet >= 0x20 && octet < 0x7F ? std::string(1, c) : "[" + core::toHex(core::viewOf({&c, 1})) + "]";
    }
    return out;
  }
  for (const char32_t c : *decoded) {
    out += isSteering(c) ? "[" + core::codePointName(c) + "]" : core::encodeUtf8({&c, 1});
  }
  return out;
}

std::string lowestLevel(const signing::FileVerdict& verdict) {
  std::string lowest;
  for (const signing::SignatureVerdict& signature : verdict.signatures) {
    const std::string& level = signature.level;
    if (lowest.empty() || level.size() < lowest.size() || (level.size() == lowest.size() && level < lowest))
      lowest = level;
  }
  return lowest;
}

Report makeReport(const std::vector<JudgedFile>& files, const ReportBasis& basis) {
  Report report;
  report.title = "电子签名验证报告";
  report.titleEn = "Electronic signature verification report";
  for (std::size_t i = 0; i < files.size(); ++i) {
    report.sections.push_back(fileSection(files[i], i + 1, files.size()));
    std::size_t number = 0;
    for (const signing::SignatureVerdict& signature : files[i].verdict.signatures)
      report.sections.push_back(signatureSection(files[i].verdict, signature, ++number));
  }
  report.sections.push_back(basisSection(basis));
  report.notes = {
      "结论用语依照 ETSI EN 319 102-1：TOTAL_PASSED 验证通过；INDETERMINATE 现有信息不足以判断；TOTAL_FAILED "
      "验证未通过。"
      "本报告只说明文件中的电子签名，不判断文件内容是否真实、合法。",
      "Verdicts in the terms of ETSI EN 319 102-1: TOTAL_PASSED, valid; INDETERMINATE, what is known is not enough; "
      "TOTAL_FAILED, not valid. This report speaks of the signatures in the files, not of the truth or lawfulness of "
      "what they say."};
  return report;
}

}  // namespace qianda::contracts
