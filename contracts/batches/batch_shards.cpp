#include "contracts/batches/batch_shards.h"

#include <algorithm>
#include <charconv>

#include "contracts/batches/batch_end.h"
#include "core/error.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using core::Instant;
using storage::Transaction;

using storage::msOf;

BatchShard getShard(Transaction& transaction, const std::string& batch, std::int64_t number) {
  const auto row = transaction.findRow(
      "SELECT first_row, last_row, runner, state, reason, finished_ms FROM batch_shards WHERE batch = $1 AND number = "
      "$2",
      {batch, number});
  if (!row) throw Error(ErrorCode::kNotFound, "no shard " + subjectOf(batch, number));
  return {batch, number, row->number(0), row->number(1), row->text(2), row->text(3), row->text(4), row->number(5) != 0};
}

// How a batch ends whose shards ended so, and why.
std::pair<std::string, std::string> endOf(Transaction& transaction, const std::string& batch) {
  for (const char* state : {"stopped", "cancelled"}) {
    const auto row = transaction.findRow(
        "SELECT reason FROM batch_shards WHERE batch = $1 AND state = $2 ORDER BY number LIMIT 1", {batch, state});
    if (row) return {state, row->text(0)};
  }
  return {"complete", ""};
}

}  // namespace

std::string subjectOf(const std::string& batch, std::int64_t shard) {
  return shard == 1 ? batch : batch + "/" + std::to_string(shard);
}

std::pair<std::string, std::int64_t> shardOfSubject(const std::string& subject) {
  const std::size_t slash = subject.find('/');
  if (slash == subject.npos) return {subject, 1};
  std::int64_t number = 0;
  std::from_chars(subject.data() + slash + 1, subject.data() + subject.size(), number);
  return {subject.substr(0, slash), number};
}

void insertShards(Transaction& transaction, const BatchRecord& batch, std::int64_t rowsEach, Instant now) {
  std::vector<storage::Values> rows;
  for (std::int64_t first = 1; first <= batch.rows; first += rowsEach) {
    const auto number = static_cast<std::int64_t>(rows.size()) + 1;
    rows.push_back({batch.id, number, first, std::min(batch.rows, first + rowsEach - 1), std::string(),
                    std::string("accepted"), std::string(), std::int64_t{0}});
    storage::enqueueWork(transaction, {"batch", subjectOf(batch.id, number), "", now}, now);
  }
  transaction.insertAll(
      "INSERT INTO batch_shards (batch, number, first_row, last_row, runner, state, reason, finished_ms) VALUES", 8,
      rows);
}

void wakeShards(Transaction& transaction, const std::string& batch, Instant now) {
  for (const storage::Row& row :
       transaction.query("SELECT number FROM batch_shards WHERE batch = $1 AND finished_ms = 0", {batch})) {
    storage::enqueueWork(transaction, {"batch", subjectOf(batch, row.number(0)), "", now}, now);
  }
}

BatchShard takeShard(Transaction& transaction, const storage::Lease& lease, Instant now) {
  const auto [batch, number] = shardOfSubject(lease.subject);
  const bool isTaken = transaction.execute(
                           "UPDATE batch_shards SET runner = $1, state = 'running', reason = '' WHERE batch = $2 AND "
                           "number = $3 AND finished_ms = 0",
                           {lease.token, batch, number}) == 1;
  if (isTaken) {
    transaction.execute(
        "UPDATE batches SET state = 'running', reason = '', revision = revision + 1, changed_ms = $1 WHERE id = $2 AND "
        "finished_ms = 0",
        {msOf(now), batch});
  }
  return getShard(transaction, batch, number);
}

bool isRunner(Transaction& transaction, const BatchShard& shard) {
  const BatchShard now = getShard(transaction, shard.batch, shard.number);
  return now.runner == shard.runner && !now.isOver;
}

void requireRunner(Transaction& transaction, const BatchShard& shard) {
  if (transaction.execute("UPDATE batch_shards SET runner = $1 WHERE batch = $2 AND number = $3 AND runner = $4 AND "
                          "finished_ms = 0",
                          {shard.runner, shard.batch, shard.number, shard.runner}) != 1) {
    throw Error(ErrorCode::kConflict,
                "batch " + subjectOf(shard.batch, shard.number) + " has another runner now, or is over");
  }
}

void suspendShard(Transaction& transaction, const BatchShard& shard, const std::string& state,
                  const std::string& reason, Instant now) {
  requireRunner(transaction, shard);
  transaction.execute("UPDATE batch_shards SET state = $1, reason = $2 WHERE batch = $3 AND number = $4",
                      {state, reason, shard.batch, shard.number});
  transaction.execute(
      "UPDATE batches SET state = $1, reason = $2, revision = revision + 1, changed_ms = $3 WHERE id = $4 AND "
      "finished_ms = 0",
      {state, reason, msOf(now), shard.batch});
}

std::string endShard(Transaction& transaction, const BatchShard& shard, const storage::Lease& lease,
                     const std::string& state, const std::string& reason, Instant now) {
  requireRunner(transaction, shard);
  transaction.execute(
      "UPDATE batch_shards SET state = $1, reason = $2, finished_ms = $3 WHERE batch = $4 AND number = "
      "$5",
      {state, reason, msOf(now), shard.batch, shard.number});
  // The lock of this row: of two shards that end at once the second sees the first.
  transaction.execute("UPDATE batches SET changed_ms = $1 WHERE id = $2 AND finished_ms = 0", {msOf(now), shard.batch});
  if (!transaction.findRow("SELECT 1 FROM batch_shards WHERE batch = $1 AND finished_ms = 0 LIMIT 1", {shard.batch})) {
    const auto [end, why] = endOf(transaction, shard.batch);
    endBatch(transaction, loadBatch(transaction, shard.batch), end, why, now);
  }
  storage::finishWork(transaction, lease, now);
  return loadBatch(transaction, shard.batch).state;
}

}  // namespace qianda::contracts
