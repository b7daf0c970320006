#include "delivery/service/electronic.h"

#include "core/digest.h"
#include "core/error.h"
#include "core/id.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Row;
using storage::Transaction;

bool isOnFile(Transaction& t, const std::string& attempt, EvidenceKind kind) {
  return t
      .findRow("SELECT 1 FROM service_evidence WHERE attempt = $1 AND kind = $2", {attempt, std::string(nameOf(kind))})
      .has_value();
}

NewEvidence evidenceOf(const std::string& attempt, EvidenceKind kind, core::Instant at, const std::string& text) {
  NewEvidence evidence;
  evidence.attempt = attempt;
  evidence.kind = kind;
  evidence.at = at;
  evidence.text = text;
  return evidence;
}

}  // namespace

std::optional<ElectronicMessage> findElectronicMessage(Transaction& t, const std::string& attempt) {
  const auto row = t.findRow(
      "SELECT r.id, r.organisation, r.party, c.court, c.number, p.name, a.recipient, a.kind, a.value FROM "
      "service_attempts s JOIN service_records r ON r.id = s.record JOIN cases c ON c.id = r.case_id JOIN case_parties "
      "p ON p.id = r.party JOIN case_addresses a ON a.id = s.address WHERE s.id = $1 AND s.is_withdrawn = 0",
      {attempt});
  if (!row || isOnFile(t, attempt, EvidenceKind::kSystemSent) || isOnFile(t, attempt, EvidenceKind::kSendFailed)) {
    return std::nullopt;
  }
  ElectronicMessage message{row->text(0), row->text(1), row->text(2),
                            row->text(3), row->text(4), row->text(6).empty() ? row->text(5) : row->text(6),
                            row->text(7), row->text(8), ""};
  for (const Row& document : t.query("SELECT d.title FROM service_documents s JOIN court_documents d ON d.id = "
                                     "s.document WHERE s.record = $1 ORDER BY s.position",
                                     {message.record})) {
    message.titles += (message.titles.empty() ? "" : "、") + document.text(0);
  }
  return message;
}

std::string drawServiceLink(Transaction& t, const std::string& attempt, core::Instant now) {
  const std::string secret = core::DocumentId::random().text() + core::DocumentId::random().text();
  t.insertAll("INSERT INTO service_links (secret_sha256, attempt, created_ms) VALUES", 3,
              {{core::sha256Hex(secret), attempt, storage::msOf(now)}});
  return secret;
}

void noteSent(Transaction& t, const ElectronicMessage& message, const std::string& attempt, const std::string& receipt,
              core::Instant sentAt, core::Instant now) {
  if (isOnFile(t, attempt, EvidenceKind::kSystemSent)) return;
  addEvidence(t, {message.organisation, "system", "", ""}, message.record,
              evidenceOf(attempt, EvidenceKind::kSystemSent, sentAt, receipt), now);
}

void noteSendFailed(Transaction& t, const ElectronicMessage& message, const std::string& attempt,
                    const std::string& reason, core::Instant now) {
  if (isOnFile(t, attempt, EvidenceKind::kSendFailed)) return;
  addEvidence(t, {message.organisation, "system", "", ""}, message.record,
              evidenceOf(attempt, EvidenceKind::kSendFailed, now, reason), now);
}

OpenedService openServiceLink(Transaction& t, const std::string& secret) {
  const auto row = t.findRow(
      "SELECT r.id, r.organisation, s.id, c.court, c.number, p.name FROM service_links l JOIN service_attempts s ON "
      "s.id = l.attempt JOIN service_records r ON r.id = s.record JOIN cases c ON c.id = r.case_id JOIN case_parties p "
      "ON p.id = r.party WHERE l.secret_sha256 = $1",
      {core::sha256Hex(secret)});
  if (!row) throw Error(ErrorCode::kNotFound, "this link opens nothing");
  OpenedService opened{row->text(0), row->text(1), row->text(2), row->text(3), row->text(4), row->text(5), {}};
  for (const Row& document :
       t.query("SELECT d.id, d.title, d.sha256 FROM service_documents s JOIN court_documents d ON "
               "d.id = s.document WHERE s.record = $1 ORDER BY s.position",
               {opened.record})) {
    opened.documents.push_back({document.text(0), document.text(1), document.text(2)});
  }
  return opened;
}

void noteRead(Transaction& t, const OpenedService& opened, const std::string& peer, const std::string& device,
              core::Instant now) {
  if (isOnFile(t, opened.attempt, EvidenceKind::kRead)) return;
  addEvidence(t, {opened.organisation, "recipient", peer, device}, opened.record,
              evidenceOf(opened.attempt, EvidenceKind::kRead, now, device), now);
}

}  // namespace qianda::delivery
