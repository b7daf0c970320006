#include "contracts/envelope/envelope.h"

#include <algorithm>

#include "core/error.h"
#include "storage/audit/audit_log.h"
#include "storage/outbox/outbox.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Row;
using storage::Transaction;
using storage::Values;

constexpr std::string_view kColumns =
    "SELECT id, organisation, batch, batch_row, kind, template, template_version, title, level, state, stage, "
    "revision, "
    "reason, created_by, created_ms, changed_ms, expires_ms FROM envelopes ";

using storage::instantOf;

Envelope envelopeOf(const Row& row) {
  Envelope envelope;
  envelope.id = row.text(0);
  envelope.organisation = row.text(1);
  envelope.batch = row.findText(2).value_or("");
  envelope.row = row.findNumber(3).value_or(0);
  envelope.kind = row.text(4);
  envelope.templateId = row.text(5);
  envelope.templateVersion = row.text(6);
  envelope.title = row.text(7);
  envelope.level = row.text(8);
  envelope.state = envelopeStateNamed(row.text(9));
  envelope.stage = row.number(10);
  envelope.revision = row.number(11);
  envelope.reason = row.text(12);
  envelope.createdBy = row.text(13);
  envelope.created = instantOf(row.number(14));
  envelope.changed = instantOf(row.number(15));
  envelope.expires = instantOf(row.number(16));
  return envelope;
}

void readParties(Transaction& transaction, Envelope& envelope) {
  for (const Row& row :
       transaction.query("SELECT name, field, kind, stage, state, display_name, id_number, phone, organisation, seal, "
                         "revision, changed_ms FROM envelope_parties WHERE envelope = $1 ORDER BY stage, name",
                         {envelope.id})) {
    envelope.parties.push_back({row.text(0), row.text(1), partyKindNamed(row.text(2)), row.number(3),
                                partyStateNamed(row.text(4)), row.text(5), row.findText(6).value_or(""),
                                row.findText(7).value_or(""), row.findText(8).value_or(""),
                                row.findText(9).value_or(""), row.number(10), instantOf(row.number(11))});
  }
}

std::optional<Envelope> find(Transaction& transaction, const std::string& id, const std::string& suffix) {
  const auto row = transaction.findRow(std::string(kColumns) + "WHERE id = $1" + suffix, {id});
  if (!row) return std::nullopt;
  Envelope envelope = envelopeOf(*row);
  readParties(transaction, envelope);
  return envelope;
}

[[noreturn]] void throwMissing(const std::string& id) {
  throw Error(ErrorCode::kNotFound, "there is no envelope " + id);
}

Revision revisionOf(const Row& row) {
  const auto document = core::DocumentId::parse(row.text(1));
  if (!document) throw Error(ErrorCode::kCorrupt, "revision without a document: " + row.text(1));
  return {row.number(0), *document, row.text(2), row.number(3), row.text(4), row.text(5), instantOf(row.number(6))};
}

constexpr std::string_view kRevisions =
    "SELECT number, document, sha256, size, what, party, at_ms FROM envelope_revisions WHERE envelope = $1 ";

}  // namespace

const Party* Envelope::findParty(const std::string& name) const {
  const auto at = std::find_if(parties.begin(), parties.end(), [&](const Party& party) { return party.name == name; });
  return at == parties.end() ? nullptr : &*at;
}

const Party& Envelope::getParty(const std::string& name) const {
  const Party* party = findParty(name);
  if (!party) throw Error(ErrorCode::kNotFound, "envelope " + id + " has no party \"" + name + "\"");
  return *party;
}

std::string partyId(const std::string& envelope, const std::string& name) { return envelope + "." + name; }

std::pair<std::string, std::string> splitPartyId(const std::string& id) {
  const std::size_t dot = id.find('.');
  if (dot == std::string::npos) throw Error(ErrorCode::kNotFound, "there is no party " + id);
  return {id.substr(0, dot), id.substr(dot + 1)};
}

std::optional<Envelope> findEnvelope(Transaction& transaction, const std::string& id) {
  return find(transaction, id, "");
}

Envelope getEnvelope(Transaction& transaction, const std::string& id) {
  auto found = find(transaction, id, "");
  if (!found) throwMissing(id);
  return std::move(*found);
}

Envelope lockEnvelope(Transaction& transaction, const std::string& id) {
  auto found = find(transaction, id, transaction.dialect() == storage::Dialect::kPostgres ? " FOR UPDATE" : "");
  if (!found) throwMissing(id);
  return std::move(*found);
}

std::vector<Revision> listRevisions(Transaction& transaction, const std::string& id) {
  std::vector<Revision> revisions;
  for (const Row& row : transaction.query(std::string(kRevisions) + "ORDER BY number", {id})) {
    revisions.push_back(revisionOf(row));
  }
  return revisions;
}

Revision newestRevision(Transaction& transaction, const Envelope& envelope) {
  const auto row = transaction.findRow(std::string(kRevisions) + "AND number = $2", {envelope.id, envelope.revision});
  if (!row) throw Error(ErrorCode::kCorrupt, "envelope " + envelope.id + " has lost its newest revision");
  return revisionOf(*row);
}

std::vector<Envelope> listEnvelopes(Transaction& transaction, const EnvelopeFilter& filter) {
  std::string where;
  Values values;
  const auto also = [&](const std::string& condition, const std::string& value) {
    if (value.empty()) return;
    values.emplace_back(value);
    where += (where.empty() ? "WHERE " : " AND ") + condition + std::to_string(values.size());
    if (condition.ends_with("(SELECT envelope FROM envelope_parties WHERE id_number = $")) where += ")";
  };
  also("organisation = $", filter.organisation);
  also("state = $", filter.state);
  also("batch = $", filter.batch);
  also("id IN (SELECT envelope FROM envelope_parties WHERE id_number = $", filter.person);
  also("id < $", filter.before);
  values.emplace_back(static_cast<std::int64_t>(filter.most));
  std::vector<Envelope> envelopes;
  for (const Row& row : transaction.query(
           std::string(kColumns) + where + " ORDER BY id DESC LIMIT $" + std::to_string(values.size()), values)) {
    envelopes.push_back(envelopeOf(row));
  }
  for (Envelope& envelope : envelopes) readParties(transaction, envelope);
  return envelopes;
}

void relate(Transaction& transaction, const Envelope& envelope, const Relation& relation) {
  if (relation.kind != "renewal" && relation.kind != "amendment" && relation.kind != "termination") {
    throw Error(ErrorCode::kInvalidInput,
                "a relation is a renewal, an amendment or a termination, not \"" + relation.kind + "\"");
  }
  if (relation.of == envelope.id) throw Error(ErrorCode::kInvalidInput, "an envelope has no relation to itself");
  const auto of = findEnvelope(transaction, relation.of);
  if (!of || of->organisation != envelope.organisation) throwMissing(relation.of);
  if (of->state != EnvelopeState::kCompleted) {
    throw Error(ErrorCode::kConflict, "envelope " + relation.of +
                                          " is not completed: there is no contract to which a " + relation.kind +
                                          " could belong");
  }
  transaction.insertAll("INSERT INTO envelope_relations (envelope, kind, of) VALUES", 3,
                        {{envelope.id, relation.kind, relation.of}});
}

std::vector<Relation> listRelations(Transaction& transaction, const std::string& envelope) {
  std::vector<Relation> relations;
  for (const Row& row : transaction.query(
           "SELECT envelope, kind, of FROM envelope_relations WHERE envelope = $1 OR of = $2 ORDER BY envelope, kind",
           {envelope, envelope})) {
    relations.push_back({row.text(0), row.text(1), row.text(2)});
  }
  return relations;
}

bool mayRead(const Envelope& envelope, const Party& party) {
  if (party.state == PartyState::kDelegated) return false;
  if (envelope.state == EnvelopeState::kCompleted) return true;
  if (isOver(envelope.state) || envelope.state == EnvelopeState::kDraft || party.stage > envelope.stage) return false;
  if (party.kind == PartyKind::kOrganisation) return party.state != PartyState::kWaiting;
  return party.state == PartyState::kIdentified || party.state == PartyState::kWilling ||
         party.state == PartyState::kSigned;
}

void recordPrivately(Transaction& transaction, const Envelope& envelope, const Actor& actor, const std::string& type,
                     const std::string& details, core::Instant now) {
  storage::appendAudit(transaction, {"envelope:" + envelope.id, envelope.organisation, now, type, actor.name,
                                     actor.peer, actor.device, details});
}

void record(Transaction& transaction, const Envelope& envelope, const Actor& actor, const std::string& type,
            const std::string& details, core::Instant now) {
  recordPrivately(transaction, envelope, actor, type, details, now);
  storage::publish(transaction, {envelope.organisation, envelope.id, type, details}, now);
}

}  // namespace qianda::contracts
