#include "contracts/envelope/create_envelopes.h"

#include <algorithm>

#include "contracts/envelope/details.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"
#include "storage/outbox/outbox.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Value;
using storage::Values;

std::string placeOf(const NewEnvelope& envelope) {
  return envelope.batch.empty() ? "envelope " + envelope.document.text() : "row " + std::to_string(envelope.row);
}

[[noreturn]] void refuse(const NewEnvelope& envelope, const std::string& reason) {
  throw Error(ErrorCode::kInvalidInput, placeOf(envelope) + ": " + reason);
}

void check(const NewEnvelope& envelope) {
  if (envelope.kind != "labour_contract" && envelope.kind != "document") {
    refuse(envelope, "kind is labour_contract or document, not \"" + envelope.kind + "\"");
  }
  if (envelope.kind == "labour_contract" && envelope.templateId.empty()) {
    refuse(envelope, "a labour contract is made from a template; an uploaded file is a document");
  }
  if (envelope.level != "B-T" && envelope.level != "B-LT" && envelope.level != "B-LTA") {
    refuse(envelope, "level is B-T, B-LT or B-LTA, not \"" + envelope.level + "\"");
  }
  bool isOpen = false;
  for (std::size_t i = 0; i < envelope.parties.size(); ++i) {
    const NewParty& party = envelope.parties[i];
    const std::string name = "party \"" + party.field + "\"";
    if (party.field.empty() || party.field.find_first_of(".:") != std::string::npos) {
      refuse(envelope, name + " has no field, or one with '.' or ':' in its name");
    }
    if (party.stage < 1) refuse(envelope, name + ": stages count from 1");
    if (party.displayName.empty()) refuse(envelope, name + " has no name");
    if (party.kind == PartyKind::kPerson && !party.hasSigned && (party.idNumber.empty() || party.phone.empty())) {
      refuse(envelope, name + " needs an identity number and a phone number");
    }
    if (party.kind == PartyKind::kOrganisation && !party.hasSigned &&
        (party.organisation.empty() || party.seal.empty())) {
      refuse(envelope, name + " needs an organisation and a seal");
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (envelope.parties[k].field == party.field) refuse(envelope, name + " appears twice");
    }
    isOpen = isOpen || !party.hasSigned;
  }
  if (!isOpen) refuse(envelope, "nobody is left to sign");
}

Value textOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }

struct Collected {
  std::vector<Values> envelopes, parties, revisions;
  std::vector<storage::AuditEntry> audit;
  std::vector<storage::OutboxEvent> events;
};

void collect(Collected& all, const NewEnvelope& envelope, core::Instant now) {
  const std::string id = envelope.document.text();
  const std::int64_t at = now.time_since_epoch().count();
  all.envelopes.push_back({id, envelope.organisation, textOrNull(envelope.batch),
                           envelope.batch.empty() ? Value() : Value(envelope.row), envelope.kind, envelope.templateId,
                           envelope.templateVersion, envelope.title, envelope.level,
                           std::string(nameOf(EnvelopeState::kDraft)), std::int64_t{0}, std::int64_t{1}, std::string(),
                           envelope.createdBy, at, at, envelope.expires.time_since_epoch().count()});
  std::string signedBy;
  for (const NewParty& party : envelope.parties) {
    const PartyState state = party.hasSigned ? PartyState::kSigned : PartyState::kWaiting;
    all.parties.push_back({id, party.field, party.field, std::string(nameOf(party.kind)), party.stage,
                           std::string(nameOf(state)), party.displayName, textOrNull(party.idNumber),
                           textOrNull(party.phone), textOrNull(party.organisation), textOrNull(party.seal),
                           std::int64_t{party.hasSigned ? 1 : 0}, at});
    if (party.hasSigned) signedBy += (signedBy.empty() ? "" : " ") + party.field;
  }
  all.revisions.push_back({id, std::int64_t{1}, id, envelope.sha256, envelope.size,
                           std::string(signedBy.empty() ? "created" : "sealed"), signedBy, at});
  const std::string details = jsonOf({{"title", envelope.title},
                                      {"template", envelope.templateId},
                                      {"batch", envelope.batch},
                                      {"row", envelope.row},
                                      {"revision", std::int64_t{1}},
                                      {"sha256", envelope.sha256},
                                      {"signed_by", signedBy}});
  all.audit.push_back(
      {"envelope:" + id, envelope.organisation, now, "envelope.created", envelope.createdBy, "", "", details});
  all.events.push_back({envelope.organisation, id, "envelope.created", details});
}

}  // namespace

void createEnvelopes(storage::Transaction& transaction, const std::vector<NewEnvelope>& envelopes, core::Instant now) {
  Collected all;
  for (const NewEnvelope& envelope : envelopes) {
    check(envelope);
    collect(all, envelope, now);
  }
  transaction.insertAll(
      "INSERT INTO envelopes (id, organisation, batch, batch_row, kind, template, template_version, title, level, "
      "state, stage, revision, reason, created_by, created_ms, changed_ms, expires_ms) VALUES",
      17, all.envelopes);
  transaction.insertAll(
      "INSERT INTO envelope_parties (envelope, name, field, kind, stage, state, display_name, id_number, phone, "
      "organisation, seal, revision, changed_ms) VALUES",
      13, all.parties);
  transaction.insertAll(
      "INSERT INTO envelope_revisions (envelope, number, document, sha256, size, what, party, at_ms) VALUES", 8,
      all.revisions);
  storage::startAuditStreams(transaction, all.audit);
  storage::publishFirst(transaction, all.events, now);
}

}  // namespace qianda::contracts
