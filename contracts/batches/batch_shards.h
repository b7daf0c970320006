// The parts of a batch that are worked on apart, so that several nodes make a large one together: a number of rows
// each, one work "batch" each, one runner at a time. How they change is one transaction's work, refused (kConflict) to
// a runner that was overtaken. The batch is over when its last shard is; its end is the worst of theirs: "stopped",
// "cancelled", "complete". Functions on a Transaction.
#pragma once

#include <string>
#include <utility>

#include "contracts/batches/batch_record.h"
#include "storage/work/work_queue.h"

namespace qianda::contracts {

inline constexpr std::int64_t kShardRows = 20'000;

struct BatchShard {
  std::string batch;
  std::int64_t number = 1, firstRow = 1, lastRow = 0;
  std::string runner;
  std::string state = "accepted", reason;
  bool isOver = false;
  std::int64_t rows() const { return lastRow - firstRow + 1; }
};

// The work's subject: of the first shard the batch's id, of the others "ID/2", "ID/3", ...
std::string subjectOf(const std::string& batch, std::int64_t shard);
std::pair<std::string, std::int64_t> shardOfSubject(const std::string& subject);

// The shards of an accepted batch and the work for each.
void insertShards(storage::Transaction& transaction, const BatchRecord& batch, std::int64_t rowsEach,
                  core::Instant now);
// Work for those that are not over, whatever they wait for.
void wakeShards(storage::Transaction& transaction, const std::string& batch, core::Instant now);

// The lease's holder takes its shard: "running", as is the batch. One that is over stays as it is. Throws kNotFound.
BatchShard takeShard(storage::Transaction& transaction, const storage::Lease& lease, core::Instant now);
bool isRunner(storage::Transaction& transaction, const BatchShard& shard);
// Also keeps others from taking it until the transaction ends.
void requireRunner(storage::Transaction& transaction, const BatchShard& shard);
// Waits for an outside service.
void suspendShard(storage::Transaction& transaction, const BatchShard& shard, const std::string& state,
                  const std::string& reason, core::Instant now);
// The shard is over and its lease ends; after the last one the batch is, see endBatch. The batch's state as it is then.
std::string endShard(storage::Transaction& transaction, const BatchShard& shard, const storage::Lease& lease,
                     const std::string& state, const std::string& reason, core::Instant now);

}  // namespace qianda::contracts
