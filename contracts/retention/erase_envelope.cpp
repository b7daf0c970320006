#include "contracts/retention/erase_envelope.h"

#include <algorithm>

#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "contracts/retention/erasure_statement.h"
#include "contracts/retention/erasures.h"
#include "core/base64.h"
#include "core/digest.h"
#include "core/error.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Lease;
using storage::Row;
using storage::Transaction;

constexpr std::chrono::hours kNoticeAgain{1};

using storage::instantOf;
using storage::msOf;

// The approved order that waits to erase it.
std::optional<ErasureOrder> findOrder(Transaction& transaction, const Envelope& envelope) {
  const auto row = transaction.findRow(
      "SELECT order_id FROM erasure_items JOIN erasure_orders ON erasure_orders.id = order_id WHERE envelope = $1 AND "
      "erasure_items.state = 'waiting' AND erasure_orders.state = 'approved'",
      {envelope.id});
  if (!row) return std::nullopt;
  return getErasureOrder(transaction, envelope.organisation, row->text(0));
}

void endItem(Transaction& transaction, const std::string& order, const std::string& envelope, const std::string& state,
             const std::string& reason, core::Instant now) {
  transaction.execute(
      "UPDATE erasure_items SET state = $1, reason = $2, changed_ms = $3 WHERE order_id = $4 AND envelope = $5",
      {state, reason, msOf(now), order, envelope});
  transaction.execute(
      "UPDATE erasure_orders SET state = 'done' WHERE id = $1 AND state = 'approved' AND NOT EXISTS (SELECT 1 FROM "
      "erasure_items WHERE order_id = $2 AND state = 'waiting')",
      {order, order});
}

struct Told {
  std::vector<ToldPerson> persons;
  core::Instant until;  // the last of them has time until then; 1970: somebody was not told yet
};

// Every person who signed, and when they were told of this order.
Told whoWasTold(Transaction& transaction, const Envelope& envelope, const ErasureOrder& order,
                std::chrono::milliseconds notice) {
  Told told{{}, order.decidedAt.value_or(core::Instant{})};
  if (envelope.state != EnvelopeState::kCompleted) return told;
  bool isMissing = false;
  for (const Party& party : envelope.parties) {
    if (party.kind != PartyKind::kPerson || party.state != PartyState::kSigned) continue;
    const auto row = transaction.findRow(
        "SELECT MIN(sent_ms) FROM notices WHERE envelope = $1 AND party = $2 AND kind = $3 AND sent_ms >= $4",
        {envelope.id, party.name, std::string(kErasureNotice), msOf(*order.decidedAt)});
    if (!row || row->isNull(0)) {
      isMissing = true;
      continue;
    }
    told.persons.push_back({party.name, instantOf(row->number(0))});
    told.until = std::max(told.until, told.persons.back().at + notice);
  }
  if (isMissing) told.until = {};
  return told;
}

// What is to be erased, and what is said of it; nothing when the lease is ended.
std::optional<ErasureFacts> begin(RetentionServices& services, const Lease& lease) {
  std::optional<ErasureFacts> facts;
  services.envelopes.database.write([&](Transaction& transaction) {
    facts.reset();
    const core::Instant now = services.envelopes.clock();
    const Envelope envelope = lockEnvelope(transaction, lease.subject);
    const std::optional<Erasure> begun = findErasure(transaction, envelope.id);
    const std::optional<ErasureOrder> order = findOrder(transaction, envelope);
    if (!order || (begun && begun->state == "erased")) {
      storage::finishWork(transaction, lease, now);
      return;
    }
    const RetentionState state = retentionOf(transaction, envelope);
    const Told told = whoWasTold(transaction, envelope, *order, services.envelopes.policy.erasureNotice);
    if (!begun) {
      const std::string reason = keepReason(state, core::chinaDate(now));
      if (!reason.empty()) {
        endItem(transaction, order->id, envelope.id, "refused", reason, now);
        recordPrivately(transaction, envelope, kSystem, "envelope.erasure_refused",
                        jsonOf({{"order", order->id}, {"reason", reason}}), now);
        storage::finishWork(transaction, lease, now);
        return;
      }
      if (told.until == core::Instant{} || told.until > now) {
        storage::postponeWork(transaction, lease, std::max(told.until, now + kNoticeAgain),
                              told.until == core::Instant{}
                                  ? "not everybody was told yet"
                                  : "they may fetch their copy until " + core::isoInstant(told.until));
        return;
      }
      transaction.insertAll(
          "INSERT INTO erasures (envelope, organisation, order_id, state, begun_ms, erased_ms, statement, signature) "
          "VALUES",
          8,
          {{envelope.id, envelope.organisation, order->id, std::string("erasing"), msOf(now), std::int64_t{0},
            std::string(), std::string()}});
    }
    facts = ErasureFacts{envelope, listRevisions(transaction, envelope.id), state, *order, told.persons, 0};
  });
  return facts;
}

// All documents the envelope ever had, also what a crash left that no revision names. Returns how many.
std::size_t eraseDocuments(storage::DocumentStore& documents, const std::vector<Revision>& revisions) {
  std::vector<core::DocumentId> ids;
  const auto add = [&](const core::DocumentId& id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  for (const Revision& revision : revisions) {
    add(revision.document);
    for (const core::DocumentId& id : documents.listContinuations(revision.document)) add(id);
  }
  documents.erase(ids);
  return ids.size();
}

void end(RetentionServices& services, const Lease& lease, const ErasureFacts& facts, const std::string& statement,
         const std::string& signature, core::Instant erased) {
  services.envelopes.database.write([&](Transaction& transaction) {
    const Envelope envelope = lockEnvelope(transaction, facts.envelope.id);
    // Another process may have been faster; its proof counts.
    if (transaction.execute("UPDATE erasures SET state = 'erased', erased_ms = $1, statement = $2, signature = $3 "
                            "WHERE envelope = $4 AND state = 'erasing'",
                            {msOf(erased), statement, signature, envelope.id}) == 1) {
      erasePersonalData(transaction, envelope);
      endItem(transaction, facts.order.id, envelope.id, "erased", "", erased);
      record(transaction, envelope, kSystem, "envelope.erased",
             jsonOf({{"order", facts.order.id},
                     {"ordered_by", facts.order.proposedBy},
                     {"approved_by", facts.order.decidedBy},
                     {"class", facts.state.rule.name},
                     {"documents", static_cast<std::int64_t>(facts.documents)},
                     {"statement_sha256", core::sha256Hex(statement)}}),
             erased);
    }
    storage::finishWork(transaction, lease, services.envelopes.clock());
  });
  services.envelopes.database.forget();
}

}  // namespace

void erasePersonalData(Transaction& transaction, const Envelope& envelope) {
  const std::string& id = envelope.id;
  for (const Party& party : envelope.parties) {
    // A session of the person alone in it shows nothing any more.
    if (party.idNumber.empty()) continue;
    transaction.execute(
        "DELETE FROM worker_accesses WHERE id_number = $1 AND NOT EXISTS (SELECT 1 FROM envelope_parties WHERE "
        "id_number = $2 AND envelope <> $3)",
        {party.idNumber, party.idNumber, id});
  }
  transaction.execute(
      "UPDATE envelope_parties SET display_name = '', id_number = NULL, phone = NULL WHERE envelope = $1 AND kind = "
      "'person'",
      {id});
  transaction.execute("UPDATE envelopes SET title = '', reason = '' WHERE id = $1", {id});
  transaction.execute("UPDATE batch_rows SET name = '', reason = '' WHERE envelope = $1", {id});
  transaction.execute("UPDATE outbox_events SET data = '{}' WHERE subject = $1", {id});
  for (const char* table : {"evidence_snapshots", "ceremonies", "signing_links", "notices"}) {
    transaction.execute("DELETE FROM " + std::string(table) + " WHERE envelope = $1", {id});
  }
  // Subjects of parties: "<envelope>.<name>...".
  transaction.execute("DELETE FROM one_time_codes WHERE subject LIKE $1", {id + ".%"});
  transaction.execute("DELETE FROM attempt_counts WHERE subject LIKE $1", {id + ".%"});
  transaction.execute("DELETE FROM work WHERE subject LIKE $1", {id + ".%"});
}

void eraseEnvelope(RetentionServices& services, const Lease& lease) {
  std::optional<ErasureFacts> facts = begin(services, lease);
  if (!facts) return;
  services.envelopes.atStep("erasing");
  facts->documents = eraseDocuments(services.envelopes.documents, facts->revisions);
  services.envelopes.atStep("erased");
  const core::Instant erased = services.envelopes.clock();
  const std::string statement = erasureStatement(*facts, services.node, erased);
  const std::string signature = core::toBase64(services.sign(statement));
  end(services, lease, *facts, statement, signature, erased);
}

}  // namespace qianda::contracts
