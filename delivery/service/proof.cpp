#include "delivery/service/proof.h"

#include <algorithm>

#include "core/digest.h"
#include "core/error.h"
#include "core/json_text.h"
#include "delivery/cases/case_columns.h"
#include "delivery/cases/case_store.h"
#include "delivery/documents/court_documents.h"
#include "delivery/post/parcel_store.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using core::jsonOf;
using storage::Row;
using storage::Transaction;

template <typename Key>
using Words = std::pair<Key, std::string_view>;

template <typename Key, std::size_t N>
std::string wordOf(const Words<Key> (&words)[N], Key key) {
  for (const auto& [one, word] : words) {
    if (one == key) return std::string(word);
  }
  throw Error(ErrorCode::kSystem, "a word of the report of service is missing");
}

constexpr Words<ServiceMethod> kMethods[] = {
    {ServiceMethod::kDirect, "直接送达"},       {ServiceMethod::kLien, "留置送达"},
    {ServiceMethod::kElectronic, "电子送达"},   {ServiceMethod::kEntrusted, "委托送达"},
    {ServiceMethod::kPostal, "邮寄送达"},       {ServiceMethod::kForwarded, "转交送达"},
    {ServiceMethod::kPublicNotice, "公告送达"}, {ServiceMethod::kCollection, "通知领取"}};

constexpr Words<EvidenceKind> kEvidence[] = {{EvidenceKind::kReturnReceipt, "送达回证签收"},
                                             {EvidenceKind::kSystemSent, "系统显示发送成功"},
                                             {EvidenceKind::kRead, "已读回执"},
                                             {EvidenceKind::kReplied, "回复或据此行事"},
                                             {EvidenceKind::kArrivalProof, "受送达人证明到达时间"},
                                             {EvidenceKind::kWitness, "见证人签名"},
                                             {EvidenceKind::kPhoto, "拍照"},
                                             {EvidenceKind::kVideo, "录像"},
                                             {EvidenceKind::kNote, "工作人员说明"},
                                             {EvidenceKind::kRefusal, "拒绝接收或签收"},
                                             {EvidenceKind::kLeft, "留置或张贴"},
                                             {EvidenceKind::kReceiptImage, "返单影像"},
                                             {EvidenceKind::kReceiptUnreadable, "返单影像无法辨认"},
                                             {EvidenceKind::kContentsMismatch, "内件不符，当场提出"},
                                             {EvidenceKind::kContentsReturned, "内件不符，三日内退回"},
                                             {EvidenceKind::kNoticePosted, "公告刊登或张贴"},
                                             {EvidenceKind::kSendFailed, "电子发送失败"}};

constexpr Words<MailEventKind> kEvents[] = {{MailEventKind::kOrdered, "下单"},
                                            {MailEventKind::kPrinted, "打印"},
                                            {MailEventKind::kPosted, "收寄"},
                                            {MailEventKind::kDeparted, "离开处理中心"},
                                            {MailEventKind::kArrived, "到达处理中心"},
                                            {MailEventKind::kAtOffice, "到达投递机构"},
                                            {MailEventKind::kOut, "投递"},
                                            {MailEventKind::kFailed, "未妥投"},
                                            {MailEventKind::kPickupHeld, "待自取"},
                                            {MailEventKind::kSigned, "妥投"},
                                            {MailEventKind::kReturning, "退回"},
                                            {MailEventKind::kReturned, "退回妥投"},
                                            {MailEventKind::kLost, "丢失或毁损"},
                                            {MailEventKind::kChanged, "改址或改期"},
                                            {MailEventKind::kCancelled, "撤单"},
                                            {MailEventKind::kWithdrawn, "撤销前一轨迹"},
                                            {MailEventKind::kIgnored, "运输环节"},
                                            {MailEventKind::kUnknown, "未知轨迹"}};

constexpr Words<RecordState> kStates[] = {{RecordState::kOpen, "尚未送达"},
                                          {RecordState::kTrying, "送达中"},
                                          {RecordState::kServed, "已送达"},
                                          {RecordState::kDeemed, "视为送达"},
                                          {RecordState::kIneffective, "送达未成"},
                                          {RecordState::kContested, "有异议，待认定"},
                                          {RecordState::kVoid, "作废"}};

std::string standingOf(const std::string& role) {
  return role == "applicant" ? "申请人" : role == "respondent" ? "被申请人" : "第三人";
}

std::string placeOf(Transaction& t, const std::string& address) {
  if (address.empty()) return "";
  const auto row =
      t.findRow("SELECT kind, province, city, district, street, value FROM case_addresses WHERE id = $1", {address});
  if (!row) return "";
  if (row->text(0) != "postal") return row->text(5);
  // Of a municipality province and city have one name.
  const std::string city = row->text(1) == row->text(2) ? "" : row->text(2);
  return row->text(1) + city + row->text(3) + row->text(4);
}

std::vector<ReportedEvent> eventsOf(Transaction& t, const Parcel& parcel) {
  std::vector<ReportedEvent> events;
  for (const MailEvent& event : listEvents(t, parcel)) {
    if (event.kind == MailEventKind::kIgnored) continue;
    events.push_back({event.opTime, wordOf(kEvents, event.kind), event.officeName,
                      event.opDesc.empty() ? event.signerName : event.opDesc});
  }
  return events;
}

ReportedAttempt attemptOf(Transaction& t, const AttemptFacts& facts, const std::string& address,
                          const RecordRuling& ruling, const std::vector<Parcel>& parcels) {
  ReportedAttempt told;
  told.number = facts.number;
  told.method = wordOf(kMethods, facts.method);
  told.address = placeOf(t, address);
  told.begunAt = facts.startedAt;
  for (const Parcel& parcel : parcels) {
    if (parcel.attempt != facts.id) continue;
    told.waybill = parcel.waybill;
    told.events = eventsOf(t, parcel);
  }
  for (const EvidenceFacts& one : facts.evidence) {
    const auto row = t.findRow("SELECT sha256 FROM service_evidence WHERE id = $1", {one.id});
    told.evidence.push_back({wordOf(kEvidence, one.kind), one.at, row ? row->text(0) : ""});
  }
  for (const AttemptRuling& one : ruling.attempts) {
    if (one.attempt == facts.id) told.result = one.ending.empty() ? one.reasonZh : one.ending + " " + one.reasonZh;
  }
  return told;
}

void noteDecision(const RecordFacts& facts, ServiceReportSheet& report) {
  for (const DecisionFacts& one : facts.decisions) {
    if (one.decision != HumanDecision::kConfirm && one.decision != HumanDecision::kUphold) continue;
    report.confirmedBy = one.by;
    report.confirmedAt = one.at;
  }
}

void fillSigning(const AttemptFacts& attempt, ServiceReceiptSheet& receipt) {
  if (attempt.parcel && attempt.parcel->signedAt) {
    receipt.receivedAt = attempt.parcel->signedAt;
    receipt.signer = attempt.parcel->signerName;
  }
  for (const EvidenceFacts& one : attempt.evidence) {
    if (one.kind == EvidenceKind::kReturnReceipt) receipt.receivedAt = one.at;
    if (one.kind == EvidenceKind::kWitness) receipt.witnesses += (receipt.witnesses.empty() ? "" : "、") + one.text;
  }
}

}  // namespace

ProofSheets proofSheets(Transaction& t, const ServiceRecord& record, core::Instant asOf) {
  const CaseFile file = getCase(t, record.organisation, record.caseId);
  const auto party = std::find_if(file.parties.begin(), file.parties.end(),
                                  [&](const CaseParty& one) { return one.id == record.party; });
  if (party == file.parties.end()) throw Error(ErrorCode::kCorrupt, "record " + record.id + " is for nobody");
  const RecordFacts facts = factsOf(t, record, asOf);
  const ServiceLaw law = lawOf(t, record.organisation);
  const RecordRuling ruling = ruleOn(facts, law.rules, *law.calendar, asOf);
  ProofSheets sheets;
  ServiceReportSheet& report = sheets.report;
  report.head = {file.court, file.number, file.cause, party->name, standingOf(party->role), core::chinaDate(asOf)};
  report.recordId = record.id;
  report.state = wordOf(kStates, ruling.state);
  for (const Row& row : t.query("SELECT d.title, d.id, d.sha256, d.pages FROM service_documents s JOIN court_documents "
                                "d ON d.id = s.document WHERE s.record = $1 ORDER BY s.position",
                                {record.id})) {
    report.documents.push_back({row.text(0), row.text(1), row.text(2), static_cast<int>(row.number(3))});
  }
  const std::vector<Parcel> parcels = listParcelsOf(t, record.id);
  for (const AttemptFacts& one : facts.attempts) {
    report.attempts.push_back(attemptOf(t, one, one.address.id, ruling, parcels));
  }
  report.ending = ruling.ending;
  report.legalDate = ruling.legalDate;
  report.rule = ruling.rule;
  report.reason = ruling.reasonZh;
  noteDecision(facts, report);
  report.recalledRules = ruling.recalledRules;
  report.rulesVersion = ruling.rulesVersion;
  report.calendarVersion = ruling.calendarVersion;
  report.factsSha256 = core::sha256Hex(rulingJson(ruling));

  ServiceReceiptSheet& receipt = sheets.receipt;
  receipt.head = report.head;
  receipt.documents = report.documents;
  receipt.issuer = file.panel.empty() ? file.clerk : file.panel.front();
  receipt.server = file.clerk;
  receipt.remarks = report.ending + " " + report.reason;
  for (std::size_t i = 0; i < facts.attempts.size(); ++i) {
    if (facts.attempts[i].id != ruling.attempt) continue;
    receipt.method = report.attempts[i].method;
    receipt.place = report.attempts[i].address;
    const bool atTheCourt = facts.attempts[i].method == ServiceMethod::kCollection;
    if (receipt.place.empty()) receipt.place = atTheCourt ? file.court : "见送达报告";
    fillSigning(facts.attempts[i], receipt);
  }
  return sheets;
}

void makeProof(storage::Database& database, CourtPress& press, const storage::Lease& lease, core::Instant now) {
  const std::string& id = lease.subject;
  ServiceRecord record;
  core::Actor actor;
  std::string seal;
  ProofSheets sheets;
  database.read([&](Transaction& t) {
    const auto row = t.findRow(
        "SELECT r.organisation, d.seal, d.created_by FROM service_records r JOIN service_documents s ON s.record = "
        "r.id "
        "JOIN court_documents d ON d.id = s.document WHERE r.id = $1 ORDER BY s.position LIMIT 1",
        {id});
    if (!row) throw Error(ErrorCode::kNotFound, "there is no service record " + id);
    record = getRecord(t, row->text(0), id);
    actor = {row->text(0), row->text(2), "", ""};
    seal = row->text(1);
    sheets = proofSheets(t, record, now);
  });
  std::vector<templates::Fault> faults;
  const DocumentKind &report = getDocumentKind("service_report"), &receipt = getDocumentKind("return_receipt");
  const std::vector<PressItem> items = {
      {templates::getCourtTemplate(report.templateId), fillServiceReport(sheets.report, faults)},
      {templates::getCourtTemplate(receipt.templateId), fillReturnReceipt(sheets.receipt, faults)}};
  if (!faults.empty()) {
    throw Error(ErrorCode::kSystem, "the proof of record " + id + " cannot be filled: " + faults.front().messageEn);
  }
  const Pressed pressed = press.press(actor, seal, "proof:" + id, items, now);
  database.write([&](Transaction& t) {
    storage::finishWork(t, lease, now);
    pressed.settle(t);
    insertDocuments(t, actor, seal,
                    {{&report, record.caseId, record.step, record.party, &pressed.documents[0]},
                     {&receipt, record.caseId, record.step, record.party, &pressed.documents[1]}},
                    now);
    t.execute("UPDATE service_records SET proof = $1, receipt = $2, proof_version = $3 WHERE id = $4",
              {pressed.documents[0].id.text(), pressed.documents[1].id.text(), record.version, id});
    noteInService(t, {record.organisation, "system", "", ""}, id, "service.proof_made",
                  jsonOf({{"report", pressed.documents[0].id.text()},
                          {"report_sha256", pressed.documents[0].sha256},
                          {"receipt", pressed.documents[1].id.text()},
                          {"receipt_sha256", pressed.documents[1].sha256},
                          {"record_version", record.version}}),
                  now);
  });
}

}  // namespace qianda::delivery
