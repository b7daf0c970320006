// The rows of postal tasks as the queue's own threads see them: what must go to the index of work, who may take a task,
// whose hold ran out. A task changes hands by one UPDATE that names the version it was seen in; the version it gets is
// the fence of its holder. Of a parcel one task runs at a time (a unique index says so). Functions on a Transaction.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "delivery/queue/postal_queue.h"

namespace qianda::delivery {

inline constexpr std::int64_t kSlots = 4096;
std::int64_t slotOf(const std::string& parcel);

// A ready row, as much of it as the index holds.
struct IndexRow {
  std::string id;
  std::int64_t version = 0, slot = 0, dueMs = 0;
};
// Ready rows that were never sent in their version, the earliest due first.
std::vector<IndexRow> unsentRows(storage::Transaction& transaction, std::size_t limit);
// Those of them that still have this version are marked as sent.
void markSent(storage::Transaction& transaction, const std::vector<IndexRow>& rows, core::Instant now);
// Ready rows in the order of their ids, a page after `after`.
std::vector<IndexRow> readyRows(storage::Transaction& transaction, const std::string& after, std::size_t limit);
// Ready rows due before `dueBefore` that were sent before `sentBefore` and that nobody took.
std::vector<IndexRow> forgottenRows(storage::Transaction& transaction, core::Instant dueBefore,
                                    core::Instant sentBefore, std::size_t limit);

// How many ready rows of each slot the index should hold.
std::map<std::int64_t, std::int64_t> sentBySlot(storage::Transaction& transaction);

struct TaskLook {
  PostalTask task;  // version as it stands, not held
  std::string state;
  std::int64_t dueMs = 0, deliveries = 0, slot = 0;
};
std::optional<TaskLook> findTask(storage::Transaction& transaction, const std::string& id);
// What a worker may call at a moment: tasks due by then, of kinds it has handlers for, without the closed pairs (kind,
// partner). Those others do not hold up the later tasks of their parcel.
struct Callable {
  std::vector<std::string> kinds;
  std::set<std::pair<std::string, std::string>> closed;
  core::Instant now{};
};
// The earliest due of them, after `skip` others, whose parcel has none running and none due earlier.
std::optional<TaskLook> findDueTask(storage::Transaction& transaction, const Callable& callable, std::int64_t skip);

// Counts the attempt and the delivery. Nothing when the row changed since, or another task of its parcel runs or comes
// first.
std::optional<PostalTask> takeTask(storage::Transaction& transaction, const TaskLook& look, const Callable& callable,
                                   const std::string& owner, core::Instant until);
// A ready task that its worker never gave back too often.
void buryReadyTask(storage::Transaction& transaction, const TaskLook& look, const std::string& reason,
                   core::Instant now);
// False when it was lost.
bool renewTask(storage::Transaction& transaction, const PostalTask& task, core::Instant until);
// Tasks whose holder was silent too long are ready again (or gone, when they were dropped), in a new version.
bool hasExpired(storage::Transaction& transaction, core::Instant now);
std::uint64_t releaseExpired(storage::Transaction& transaction, core::Instant now);

}  // namespace qianda::delivery
