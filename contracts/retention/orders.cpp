#include "contracts/retention/orders.h"

#include "contracts/envelope/details.h"
#include "contracts/envelope/lifecycle.h"
#include "contracts/retention/erasures.h"
#include "core/error.h"
#include "core/id.h"
#include "storage/audit/audit_log.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Row;
using storage::Transaction;

constexpr const char* kColumns =
    "SELECT id, organisation, ground, state, proposed_by, proposed_ms, decided_by, decided_ms, reason FROM "
    "erasure_orders ";

using storage::msOf;

ErasureOrder orderOf(const Row& row) {
  ErasureOrder order;
  order.id = row.text(0);
  order.organisation = row.text(1);
  order.ground = row.text(2);
  order.state = row.text(3);
  order.proposedBy = row.text(4);
  order.proposedAt = core::Instant(std::chrono::milliseconds(row.number(5)));
  order.decidedBy = row.text(6);
  if (row.number(7) > 0) order.decidedAt = core::Instant(std::chrono::milliseconds(row.number(7)));
  order.reason = row.text(8);
  return order;
}

void note(Transaction& transaction, const Actor& actor, const std::string& type, const std::string& details,
          core::Instant now) {
  storage::appendAudit(transaction, {"organisation:" + actor.organisation, actor.organisation, now, type, actor.name,
                                     actor.peer, actor.device, details});
}

// The order's state once: its row is the lock of who decides.
void moveOrder(Transaction& transaction, const Actor& actor, const ErasureOrder& order, const std::string& state,
               const std::string& reason, core::Instant now) {
  if (transaction.execute(
          "UPDATE erasure_orders SET state = $1, decided_by = $2, decided_ms = $3, reason = $4 WHERE id "
          "= $5 AND state = $6",
          {state, actor.name, msOf(now), reason, order.id, order.state}) == 0) {
    throw Error(ErrorCode::kConflict, "order " + order.id + " has just been decided");
  }
}

}  // namespace

std::string proposeErasure(Transaction& transaction, const Actor& actor, const std::vector<std::string>& envelopes,
                           const std::string& ground, core::Instant now) {
  if (envelopes.empty() || envelopes.size() > kMostErasedAtOnce) {
    throw Error(ErrorCode::kInvalidInput, "an order names 1 to " + std::to_string(kMostErasedAtOnce) + " envelopes");
  }
  const std::string id = core::DocumentId::at(now).text();
  std::vector<storage::Values> items;
  for (const std::string& envelope : envelopes) {
    const Envelope locked = lockForRetention(transaction, actor.organisation, envelope);
    const std::string reason = keepReason(retentionOf(transaction, locked), core::chinaDate(now));
    if (!reason.empty()) throw Error(ErrorCode::kConflict, "envelope " + envelope + " must be kept: " + reason);
    if (const auto open = transaction.findRow(
            "SELECT order_id FROM erasure_items WHERE envelope = $1 AND state = 'waiting'", {envelope})) {
      throw Error(ErrorCode::kConflict, "envelope " + envelope + " is in order " + open->text(0) + " already");
    }
    items.push_back({id, envelope, std::string("waiting"), std::string(), msOf(now)});
  }
  transaction.insertAll(
      "INSERT INTO erasure_orders (id, organisation, ground, state, proposed_by, proposed_ms, decided_by, decided_ms, "
      "reason) VALUES",
      9,
      {{id, actor.organisation, ground, std::string("proposed"), actor.name, msOf(now), std::string(), std::int64_t{0},
        std::string()}});
  transaction.insertAll("INSERT INTO erasure_items (order_id, envelope, state, reason, changed_ms) VALUES", 5, items);
  note(transaction, actor, "retention.erasure_proposed",
       jsonOf({{"order", id}, {"envelopes", static_cast<std::int64_t>(items.size())}, {"ground", ground}}), now);
  return id;
}

void approveErasure(Transaction& transaction, const Actor& actor, const std::string& id, core::Instant now) {
  const ErasureOrder order = getErasureOrder(transaction, actor.organisation, id);
  if (order.proposedBy == actor.name) {
    throw Error(ErrorCode::kConflict, "order " + id + " must be approved by another person than who proposed it");
  }
  if (order.state != "proposed") {
    throw Error(ErrorCode::kConflict, "order " + id + " is " + order.state + ": nothing is left to decide");
  }
  moveOrder(transaction, actor, order, "approved", "", now);
  for (const ErasureItem& item : order.items) {
    const Envelope envelope = lockEnvelope(transaction, item.envelope);
    if (envelope.state == EnvelopeState::kCompleted) notifyPersons(transaction, envelope, kErasureNotice, now);
    storage::enqueueWork(transaction, {kEraseWork, item.envelope, "", now}, now);
    recordPrivately(transaction, envelope, actor, "envelope.erasure_ordered",
                    jsonOf({{"order", id}, {"proposed_by", order.proposedBy}}), now);
  }
  note(transaction, actor, "retention.erasure_approved", jsonOf({{"order", id}}), now);
}

void rejectErasure(Transaction& transaction, const Actor& actor, const std::string& id, const std::string& reason,
                   core::Instant now) {
  const ErasureOrder order = getErasureOrder(transaction, actor.organisation, id);
  const bool isOpen = order.state == "proposed" || order.state == "approved";
  if (!isOpen) throw Error(ErrorCode::kConflict, "order " + id + " is " + order.state);
  for (const ErasureItem& item : order.items) {
    lockEnvelope(transaction, item.envelope);
    if (findErasure(transaction, item.envelope)) {
      throw Error(ErrorCode::kConflict, "the erasure of envelope " + item.envelope + " has begun");
    }
  }
  moveOrder(transaction, actor, order, "rejected", reason, now);
  transaction.execute(
      "UPDATE erasure_items SET state = 'dropped', changed_ms = $1 WHERE order_id = $2 AND state = "
      "'waiting'",
      {msOf(now), id});
  note(transaction, actor, "retention.erasure_rejected", jsonOf({{"order", id}, {"reason", reason}}), now);
}

ErasureOrder getErasureOrder(Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto row =
      transaction.findRow(std::string(kColumns) + "WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) throw Error(ErrorCode::kNotFound, "there is no order " + id, "there is no such order");
  ErasureOrder order = orderOf(*row);
  for (const Row& item : transaction.query(
           "SELECT envelope, state, reason FROM erasure_items WHERE order_id = $1 ORDER BY envelope", {id})) {
    order.items.push_back({item.text(0), item.text(1), item.text(2)});
  }
  return order;
}

std::vector<ErasureOrder> listErasureOrders(Transaction& transaction, const std::string& organisation,
                                            const std::string& after, std::size_t limit) {
  std::vector<ErasureOrder> orders;
  for (const Row& row :
       transaction.query(std::string(kColumns) + "WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
                         {organisation, after, static_cast<std::int64_t>(limit)})) {
    orders.push_back(orderOf(row));
  }
  return orders;
}

}  // namespace qianda::contracts
