#include "server/evidence/gather.h"

#include "contracts/ceremony/rules.h"
#include "contracts/evidence/snapshot.h"
#include "core/error.h"
#include "server/http/json.h"
#include "signing/keys/evp_key.h"
#include "storage/sql/instant.h"

namespace qianda::server {
namespace {

using contracts::EvidenceCase;
using storage::Row;
using storage::Transaction;

using storage::instantOf;

void readEnvelope(Transaction& transaction, EvidenceCase& evidence) {
  const auto row = transaction.findRow(
      "SELECT kind, template, template_version, title, level, state, created_ms FROM envelopes WHERE organisation = $1 "
      "AND id = $2",
      {evidence.organisation, evidence.envelope});
  if (!row) throw core::Error(core::ErrorCode::kNotFound, "no such envelope");
  evidence.kind = row->text(0);
  evidence.templateId = row->text(1);
  evidence.templateVersion = row->text(2);
  evidence.title = row->text(3);
  evidence.level = row->text(4);
  evidence.state = row->text(5);
  evidence.createdAt = instantOf(row->number(6));
}

void readParties(Transaction& transaction, EvidenceCase& evidence) {
  for (const Row& row : transaction.query("SELECT name, kind, state, display_name, id_number, phone, stage, revision, "
                                          "organisation FROM envelope_parties WHERE envelope = $1 ORDER BY stage, name",
                                          {evidence.envelope})) {
    evidence.parties.push_back({row.text(0), row.text(1), row.text(2), row.text(3),
                                maskedNumber(row.findText(4).value_or("")), maskedNumber(row.findText(5).value_or("")),
                                row.number(6), row.number(7)});
    if (row.findText(8) == evidence.organisation) evidence.organisationName = row.text(3);
  }
}

// The text a worker acknowledged, when it is still the one whose hash was written down then.
void addNotices(EvidenceCase& evidence) {
  const contracts::CeremonyText& text = contracts::preSigningNotice();
  const std::string hash = core::toHex(signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(text.zh)));
  for (const storage::AuditRecord& entry : evidence.entries) {
    if (entry.type != "party.notice_acknowledged") continue;
    const Json details = parseJson(entry.details);
    const Json* sha256 = details.find("sha256");
    if (!sha256 || sha256->text() != hash) continue;
    evidence.notices.push_back({text.version, text.zh});
    return;
  }
}

std::vector<core::DocumentId> readRevisions(Transaction& transaction, EvidenceCase& evidence) {
  std::vector<core::DocumentId> documents;
  for (const Row& row : transaction.query(
           "SELECT number, document, sha256, what, party, at_ms FROM envelope_revisions WHERE envelope = $1 ORDER BY "
           "number",
           {evidence.envelope})) {
    const auto document = core::DocumentId::parse(row.text(1));
    if (!document)
      throw core::Error(core::ErrorCode::kCorrupt, "a revision of " + evidence.envelope + " has no document");
    documents.push_back(*document);
    evidence.revisions.push_back({row.number(0), "", row.text(2), row.text(3), row.text(4), instantOf(row.number(5))});
  }
  return documents;
}

}  // namespace

std::string maskedNumber(const std::string& number) {
  constexpr std::size_t kShown = 4;
  if (number.size() <= 2 * kShown) return std::string(number.size(), '*');
  return number.substr(0, kShown) + std::string(number.size() - 2 * kShown, '*') +
         number.substr(number.size() - kShown);
}

EvidenceCase gatherEvidence(storage::Database& database, storage::DocumentStore& documents,
                            const std::string& organisation, const std::string& envelope) {
  EvidenceCase evidence;
  std::vector<core::DocumentId> revisions;
  database.read([&](Transaction& transaction) {
    evidence = {};
    evidence.organisation = organisation;
    evidence.envelope = envelope;
    readEnvelope(transaction, evidence);
    readParties(transaction, evidence);
    revisions = readRevisions(transaction, evidence);
    contracts::gatherAudit(transaction, evidence);
    if (auto snapshot = contracts::findSnapshot(transaction, envelope)) {
      evidence.snapshot = std::move(snapshot->fields);
      evidence.ruleCheck = std::move(snapshot->ruleCheck);
    }
  });
  addNotices(evidence);
  for (std::size_t i = 0; i < revisions.size(); ++i) evidence.revisions[i].octets = documents.read(revisions[i]);
  return evidence;
}

}  // namespace qianda::server
