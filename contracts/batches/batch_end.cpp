#include "contracts/batches/batch_end.h"

#include "contracts/envelope/details.h"
#include "contracts/seals/seal_grants.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"
#include "storage/outbox/outbox.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using core::Instant;
using storage::Transaction;

std::int64_t msOf(Instant instant) { return instant.time_since_epoch().count(); }

void requireRunner(std::uint64_t changed, const std::string& batch) {
  if (changed != 1) throw Error(ErrorCode::kConflict, "batch " + batch + " has another runner now, or is over");
}

}  // namespace

BatchRecord loadBatch(Transaction& transaction, const std::string& id) {
  const auto row = transaction.findRow("SELECT organisation FROM batches WHERE id = $1", {id});
  if (!row) throw Error(ErrorCode::kNotFound, "no batch " + id);
  return getBatch(transaction, row->text(0), id);
}

BatchRecord takeBatch(Transaction& transaction, const storage::Lease& lease, Instant now) {
  transaction.execute(
      "UPDATE batches SET runner = $1, state = 'running', reason = '', revision = revision + 1, changed_ms = $2 WHERE "
      "id = $3 AND finished_ms = 0",
      {lease.token, msOf(now), lease.subject});
  return loadBatch(transaction, lease.subject);
}

void suspend(Transaction& transaction, const BatchRecord& batch, const storage::Lease& lease, const std::string& state,
             const std::string& reason, Instant now) {
  requireRunner(transaction.execute("UPDATE batches SET state = $1, reason = $2, revision = revision + 1, changed_ms = "
                                    "$3 WHERE id = $4 AND runner = $5 AND finished_ms = 0",
                                    {state, reason, msOf(now), batch.id, lease.token}),
                batch.id);
}

void endBatch(Transaction& transaction, const BatchRecord& batch, const std::string& state, const std::string& reason,
              Instant now) {
  if (transaction.execute("UPDATE batches SET state = $1, reason = $2, revision = revision + 1, changed_ms = $3, "
                          "finished_ms = $4 WHERE id = $5 AND finished_ms = 0",
                          {state, reason, msOf(now), msOf(now), batch.id}) != 1) {
    return;
  }
  if (!batch.reservation.empty()) releaseSeal(transaction, batch.reservation);
  transaction.execute("DELETE FROM batch_roster WHERE batch = $1", {batch.id});
  const BatchRecord ended = loadBatch(transaction, batch.id);
  const std::string details = jsonOf({{"batch", batch.id},
                                      {"state", state},
                                      {"rows", ended.rows},
                                      {"made", ended.made},
                                      {"failed", ended.failed},
                                      {"reason", reason}});
  storage::appendAudit(transaction, {"organisation:" + batch.organisation, batch.organisation, now, "batch." + state,
                                     "system", "", "", details});
  storage::publish(transaction, {batch.organisation, batch.id, "batch." + state, details}, now);
  // What was made is a contract: its parties hear of it, whatever became of the others.
  if (ended.made > 0) storage::enqueueWork(transaction, {"send_batch", batch.id, batch.createdBy, now}, now);
}

void finish(Transaction& transaction, const BatchRecord& batch, const storage::Lease& lease, const std::string& state,
            const std::string& reason, Instant now) {
  requireRunner(
      transaction.execute("UPDATE batches SET changed_ms = $1 WHERE id = $2 AND runner = $3 AND finished_ms = 0",
                          {msOf(now), batch.id, lease.token}),
      batch.id);
  endBatch(transaction, batch, state, reason, now);
  storage::finishWork(transaction, lease, now);
}

}  // namespace qianda::contracts
