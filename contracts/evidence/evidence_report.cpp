#include "contracts/evidence/evidence_report.h"

#include <algorithm>

#include "contracts/evidence/event_words.h"
#include "contracts/evidence/report_words.h"
#include "core/number_text.h"
#include "core/text.h"

namespace qianda::contracts {
namespace {

using signing::Indication;
using storage::AuditRecord;

std::string timeText(core::Instant at) {
  std::string text = core::isoInstant(at);
  text[10] = ' ';
  return text.substr(0, 19);
}

Tone toneOf(Indication indication) {
  return indication == Indication::kTotalPassed   ? Tone::kGood
         : indication == Indication::kTotalFailed ? Tone::kBad
                                                  : Tone::kDoubt;
}

ReportTable facts() { return {"", {{"", 12}, {"", 36}}, {}}; }
void add(ReportTable& table, const std::string& label, const std::string& text, Tone tone = Tone::kPlain) {
  if (!text.empty()) table.rows.push_back({{label, Tone::kPlain}, {text, tone}});
}

std::string stateText(const std::string& state) {
  static constexpr std::pair<std::string_view, std::string_view> kStates[] = {{"draft", "草稿"},
                                                                              {"sent", "已发起"},
                                                                              {"viewed", "已查看"},
                                                                              {"signed", "部分签署"},
                                                                              {"completed", "已完成"},
                                                                              {"declined", "已拒签"},
                                                                              {"revoked", "已撤回"},
                                                                              {"expired", "已逾期"},
                                                                              {"pending_timestamp", "等待时间戳"},
                                                                              {"pending_revocation", "等待证书状态"},
                                                                              {"waiting", "等待"},
                                                                              {"invited", "已邀请"},
                                                                              {"identified", "已认证"},
                                                                              {"willing", "已确认意愿"},
                                                                              {"delegated", "已委托"}};
  for (const auto& [name, zh] : kStates) {
    if (name == state) return std::string(zh);
  }
  return state;
}

// "party:<envelope>.<name>" as the person's name.
std::string actorText(const EvidenceCase& evidence, const std::string& actor) {
  if (actor == "system") return "平台（自动）";
  const std::size_t dot = actor.rfind(actor.find('.') == std::string::npos ? ':' : '.');
  for (const EvidenceParty& party : evidence.parties) {
    if (actor.starts_with("party:") && dot != std::string::npos && actor.substr(dot + 1) == party.name)
      return party.displayName;
    // "<field>.<n>" after a delegation
    if (actor.starts_with("party:") && actor.ends_with("." + party.name)) return party.displayName;
  }
  if (actor.starts_with("user:")) return "用人单位经办人 " + actor.substr(5);
  if (actor.starts_with("api_key:")) return "用人单位系统 " + actor.substr(8);
  return actor;
}

std::string eventText(const std::string& type) {
  const EventWords* words = findEventWords(type);
  return words ? std::string(words->zh) : type;
}

ReportSection summary(const EvidenceCase& evidence, const JudgedFile& final) {
  ReportSection section;
  section.heading = "一、结论";
  const Tone tone = toneOf(final.verdict.indication);
  section.headline = {
      std::string(wordsOf(final.verdict.indication).zh) + "：" +
          (tone == Tone::kGood ? "最终文件上的全部电子签名有效，签署后内容未被改动。" : final.verdict.reason),
      tone};
  ReportTable table = facts();
  add(table, "文件名称", evidence.title);
  add(table, "文件编号", evidence.envelope);
  add(table, "用人单位", evidence.organisationName);
  add(table, "所用模板",
      evidence.templateId.empty() ? "" : evidence.templateId + "（版本 " + evidence.templateVersion + "）");
  add(table, "状态", stateText(evidence.state));
  add(table, "创建时间", timeText(evidence.createdAt) + "（本报告中的时间均为北京时间）");
  add(table, "最后版本",
      "第 " + std::to_string(evidence.revisions.back().number) + " 版，" +
          core::grouped(evidence.revisions.back().octets.size()) + " 字节，" + timeText(evidence.revisions.back().at));
  add(table, "SHA-256", evidence.revisions.back().sha256);
  add(table, "签名级别", evidence.level);
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection parties(const EvidenceCase& evidence) {
  ReportSection section;
  section.heading = "二、合同各方";
  ReportTable table{
      "",
      {{"名称", 16}, {"身份", 10}, {"证件号码（遮盖）", 16}, {"手机（遮盖）", 12}, {"签署顺序", 8}, {"状态", 8}},
      {}};
  for (const EvidenceParty& party : evidence.parties) {
    table.rows.push_back({{party.displayName},
                          {party.kind == "person" ? "自然人" : "单位"},
                          {party.idNumber},
                          {party.phone},
                          {"第 " + std::to_string(party.stage) + " 步"},
                          {party.state == "signed" ? "已签署" : stateText(party.state)}});
  }
  section.tables.push_back(std::move(table));
  return section;
}

ReportTable entriesOf(const EvidenceCase& evidence, const std::string& caption, EvidencePart part) {
  ReportTable table{
      caption, {{"序号", 4}, {"时间", 14}, {"事项", 16}, {"当事人", 12}, {"网络地址", 10}, {"记录", 24}}, {}};
  for (const AuditRecord& entry : evidence.entries) {
    const EventWords* words = findEventWords(entry.type);
    if ((words ? words->part : EvidencePart::kCourse) != part) continue;
    table.rows.push_back({{std::to_string(entry.seq)},
                          {timeText(entry.at)},
                          {eventText(entry.type)},
                          {actorText(evidence, entry.actor)},
                          {entry.peer},
                          {entry.details == "{}" ? "" : entry.details}});
  }
  return table;
}

void addEntries(ReportSection& section, const EvidenceCase& evidence, const std::string& caption, EvidencePart part,
                const char* none) {
  ReportTable table = entriesOf(evidence, caption, part);
  if (table.rows.empty()) {
    table = facts();
    add(table, caption, none, Tone::kDoubt);
  }
  section.tables.push_back(std::move(table));
}

ReportSection course(const EvidenceCase& evidence) {
  ReportSection section;
  section.heading = "三、订立过程";
  addEntries(section, evidence, "经过", EvidencePart::kCourse, "没有记录");
  addEntries(section, evidence, "签署前告知", EvidencePart::kNotice, "没有记录");
  addEntries(section, evidence, "身份认证", EvidencePart::kIdentity, "没有记录");
  addEntries(section, evidence, "阅读与意愿确认", EvidencePart::kWill, "没有记录");
  addEntries(section, evidence, "签名", EvidencePart::kSignature, "没有记录");
  addEntries(section, evidence, "通知、送达与下载", EvidencePart::kDelivery, "没有记录");
  return section;
}

ReportSection signatures(const JudgedFile& final) {
  ReportSection section;
  section.heading = "四、电子签名";
  for (const signing::SignatureVerdict& one : final.verdict.signatures) {
    ReportTable table = facts();
    table.caption = "签名域 " + one.field;
    add(table, "签署人", one.signer);
    add(table, "单位", one.organisation);
    add(table, "证书颁发机构", one.issuer);
    add(table, "证书序列号", one.serialHex);
    add(table, "算法", one.algorithm);
    add(table, "级别", one.level + "　" + std::string(levelWords(one.level).zh));
    add(table, "时间戳证明的时间", one.bestSignatureTime.empty() ? "没有可信时间戳" : one.bestSignatureTime);
    add(table, "证书状态", std::string(revocationWords(one.revocation).zh));
    add(table, "验证结论", std::string(wordsOf(one.indication).zh) + (one.reason.empty() ? "" : "：" + one.reason),
        toneOf(one.indication));
    for (const signing::LawTest& test : one.law13)
      add(table, "电子签名法" + test.clause, test.zh + "——" + std::string(lawWords(test.verdict).zh));
    section.tables.push_back(std::move(table));
  }
  return section;
}

ReportSection integrity(const EvidenceCase& evidence) {
  ReportSection section;
  section.heading = "五、文件各版本";
  ReportTable table{"", {{"版本", 5}, {"时间", 14}, {"产生原因", 10}, {"SHA-256", 34}}, {}};
  for (const EvidenceRevision& revision : evidence.revisions) {
    const std::string what = revision.what == "created"  ? "生成"
                             : revision.what == "sealed" ? "盖章"
                             : revision.what == "signed" ? "签名"
                                                         : revision.what;
    table.rows.push_back({{std::to_string(revision.number)}, {timeText(revision.at)}, {what}, {revision.sha256}});
  }
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection chain(const EvidenceCase& evidence) {
  ReportSection section;
  section.heading = "六、存证日志";
  ReportTable table = facts();
  add(table, "记录条数", std::to_string(evidence.head.length));
  add(table, "末条摘要（SM3）", evidence.head.head);
  add(table, "说明", "每条记录含前一条的 SM3 摘要；删除、改动、调换任何一条，其后的摘要即不相符。");
  section.tables.push_back(std::move(table));
  ReportTable anchors{
      "时间锚定（RFC 3161）", {{"锚号", 5}, {"锚定的记录数", 10}, {"锚定时间", 16}, {"可信时间戳", 12}}, {}};
  for (const EvidenceAnchor& one : evidence.anchors) {
    const bool isStamped = one.anchor.state == "stamped";
    anchors.rows.push_back(
        {{std::to_string(one.anchor.number)},
         {std::to_string(one.head.length)},
         {timeText(one.anchor.at)},
         {isStamped ? "已加盖" : "等待中：时间戳服务暂无应答", isStamped ? Tone::kGood : Tone::kDoubt}});
  }
  if (anchors.rows.empty()) anchors.rows.push_back({{"—"}, {"0"}, {"尚未到锚定时间"}, {"无", Tone::kDoubt}});
  section.tables.push_back(std::move(anchors));
  return section;
}

ReportSection law() {
  ReportSection section;
  section.heading = "七、对应的法律要求与证据文件";
  ReportTable table{"", {{"要求", 26}, {"依据", 16}, {"本证据包中的文件", 22}}, {}};
  static constexpr const char* kRows[][3] = {
      {"书面形式：能够有形地表现所载内容，可随时调取查用", "电子签名法 第四条", "contract.pdf"},
      {"原件：自最终形成时起内容保持完整、未被更改", "电子签名法 第五条",
       "contract.pdf、revisions/、verification.json"},
      {"保存：能够识别发件人、收件人以及发送、接收的时间", "电子签名法 第六条", "deliveries.json、audit.jsonl"},
      {"可靠的电子签名四项条件", "电子签名法 第十三条", "signatures/、verification.json"},
      {"签署前告知流程、操作、注意事项", "订立指引（人社厅发〔2021〕54号）", "notices/、notice.json"},
      {"身份真实、意愿真实，并留存核验记录", "订立指引", "identity.json、willingness.json"},
      {"可信时间戳", "订立指引", "signatures/、audit.jsonl"},
      {"内容由模板与所填字段生成，并经规则检查", "劳动合同法 第十七条", "snapshot.json、rule-check.json"},
      {"订立全过程证据完整、可追溯", "订立指引", "audit.jsonl（SM3 链，RFC 3161 锚定）"}};
  for (const auto& row : kRows) table.rows.push_back({{row[0]}, {row[1]}, {row[2]}});
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace

Report evidenceReport(const EvidenceCase& evidence, const JudgedFile& final, core::Instant madeAt,
                      const std::string& platform) {
  Report report;
  report.id = "evidence-report";
  report.title = "电子合同存证报告";
  report.titleEn = "Evidence report of an electronic contract";
  report.sections = {summary(evidence, final),
                     parties(evidence),
                     course(evidence),
                     signatures(final),
                     integrity(evidence),
                     chain(evidence),
                     law()};
  for (ReportSection& section : report.sections) {
    section.headline.text = shownText(section.headline.text);
    for (ReportTable& table : section.tables) {
      table.caption = shownText(table.caption);
      for (auto& row : table.rows) {
        for (ReportCell& cell : row) cell.text = shownText(cell.text);
      }
    }
  }
  report.notes = {
      "本报告由 " + platform + " 于 " + timeText(madeAt) +
          "出具并以电子签章签署，依据平台在订立过程中留存的记录与文件自动生成，不判断合同内容是否真实、合法。",
      "证据包内每个文件的名称、大小、SHA-256 与 SM3 摘要列于 manifest.json，并由平台签名（manifest.p7s）。"
      "任何人可用 openssl 或 qianda evidence verify 离线核验，步骤见 README.txt。"};
  return report;
}

}  // namespace qianda::contracts
