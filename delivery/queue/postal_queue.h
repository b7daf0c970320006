// The queue of what must be done at the postal partner. A task is a row written in the transaction that made it
// necessary (outbox): SQL is the truth. Redis Streams carry its id to one worker at a time; they may be lost whole and
// are filled again from SQL. Tasks of one parcel run one after the other (shard by parcel, one active consumer a
// shard); a worker that was thought dead and wakes finds the row's version changed (fencing) and its transaction
// refused. Only ids and numbers go to Redis, never names. Functions on a Transaction, any thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::delivery {

struct NewPostalTask {
  std::string kind;     // "order", "label", "query", "track", "cancel", "inquiry": one open task of a kind a parcel
  std::string parcel;   // id; decides the shard
  std::string partner;  // name; decides the breaker and the rate
  core::Instant due{};
};

// A task in a worker's hands.
struct PostalTask {
  std::string id, kind, parcel, partner;
  std::int64_t version = 0;   // of the row: the fence
  std::int64_t attempts = 0;  // with this one, since it last went well
  core::Instant leaseUntil{};
};

// Writes the outbox row; the task exists when the transaction commits. Asking again for an open task of the same kind
// and parcel brings its due time forward; while it runs, it runs once more afterwards. Returns its id.
std::string enqueueTask(storage::Transaction& transaction, const NewPostalTask& task, core::Instant now);

// Each ends the worker's hold in the transaction with its effect; throws kConflict when the row's version is another.
// A task postponed without a reason went well (it looks again later): its attempts begin anew.
void finishTask(storage::Transaction& transaction, const PostalTask& task, core::Instant now);
void postponeTask(storage::Transaction& transaction, const PostalTask& task, core::Instant due,
                  const std::string& reason, core::Instant now);
void buryTask(storage::Transaction& transaction, const PostalTask& task, const std::string& reason, core::Instant now);
// Open tasks of the parcel end (it was cancelled or is final), the running ones when their worker gives them back (so a
// handler may drop the tasks of its own parcel and then finish); returns how many.
std::uint64_t dropTasks(storage::Transaction& transaction, const std::string& parcel, core::Instant now);

// A dead task is open again, due now, and merges into an open one of its kind and parcel. False when there is no such
// dead task.
bool replayTask(storage::Transaction& transaction, const std::string& id, core::Instant now);

struct DeadTask {
  std::string id, kind, parcel, partner, reason;
  std::int64_t attempts = 0;
  core::Instant at{};
};
std::vector<DeadTask> listDeadTasks(storage::Transaction& transaction, const std::string& after = {},
                                    std::size_t limit = 100);

struct QueueCount {
  std::int64_t ready = 0, delayed = 0, running = 0, dead = 0;
  std::int64_t oldestDueMs = 0;  // of the ready ones; 0: none
};
std::map<std::string, QueueCount> countTasks(storage::Transaction& transaction, core::Instant now);  // by kind

}  // namespace qianda::delivery
