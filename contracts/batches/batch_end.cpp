#include "contracts/batches/batch_end.h"

#include "contracts/envelope/details.h"
#include "contracts/seals/seal_grants.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"
#include "storage/outbox/outbox.h"
#include "storage/sql/instant.h"
#include "storage/work/work_queue.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using core::Instant;
using storage::Transaction;

using storage::msOf;

}  // namespace

BatchRecord loadBatch(Transaction& transaction, const std::string& id) {
  const auto row = transaction.findRow("SELECT organisation FROM batches WHERE id = $1", {id});
  if (!row) throw Error(ErrorCode::kNotFound, "no batch " + id);
  return getBatch(transaction, row->text(0), id);
}

void endBatch(Transaction& transaction, const BatchRecord& batch, const std::string& state, const std::string& reason,
              Instant now) {
  if (transaction.execute("UPDATE batches SET state = $1, reason = $2, revision = revision + 1, changed_ms = $3, "
                          "finished_ms = $4 WHERE id = $5 AND finished_ms = 0",
                          {state, reason, msOf(now), msOf(now), batch.id}) != 1) {
    return;
  }
  transaction.execute("UPDATE batch_shards SET finished_ms = $1 WHERE batch = $2 AND finished_ms = 0",
                      {msOf(now), batch.id});
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

}  // namespace qianda::contracts
