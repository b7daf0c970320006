#include "delivery/queue/postal_queue.h"

#include "core/error.h"
#include "core/id.h"
#include "delivery/queue/task_rows.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {

using core::Error;
using core::ErrorCode;
using storage::instantOf;
using storage::msOf;
using storage::Transaction;

namespace {

std::int64_t askedMs(core::Instant due) { return std::max<std::int64_t>(1, msOf(due)); }

[[noreturn]] void refuseLate(const PostalTask& task) {
  throw Error(ErrorCode::kConflict, "postal task " + task.id + " is no longer held in version " +
                                        std::to_string(task.version) + ": another took it, or it ended");
}

// What was asked about a task while it ran: a time, dropped, or nothing. Locks the row.
std::int64_t askedWhileRunning(Transaction& transaction, const PostalTask& task) {
  const auto row = transaction.findRow(
      std::string("SELECT asked_ms FROM postal_tasks WHERE id = $1 AND version = $2 AND state = 'running'") +
          (transaction.dialect() == storage::Dialect::kPostgres ? " FOR UPDATE" : ""),
      {task.id, task.version});
  if (!row) refuseLate(task);
  return row->number(0);
}

void remove(Transaction& transaction, const PostalTask& task) {
  if (transaction.execute("DELETE FROM postal_tasks WHERE id = $1 AND version = $2", {task.id, task.version}) == 0) {
    refuseLate(task);
  }
}

struct Return {
  std::string state;
  std::int64_t dueMs, attempts;
  const std::string& reason;
};

void giveBack(Transaction& transaction, const PostalTask& task, const Return& back, core::Instant now) {
  if (transaction.execute(
          "UPDATE postal_tasks SET state = $1, version = version + 1, due_ms = $2, sent_ms = 0, asked_ms = 0, "
          "lease_owner = '', lease_until_ms = 0, attempts = $3, deliveries = 0, last_error = $4, changed_ms = $5 "
          "WHERE id = $6 AND version = $7 AND state = 'running'",
          {back.state, back.dueMs, back.attempts, back.reason, msOf(now), task.id, task.version}) == 0) {
    refuseLate(task);
  }
}

}  // namespace

std::string enqueueTask(Transaction& transaction, const NewPostalTask& task, core::Instant now) {
  if (task.kind.empty() || task.parcel.empty()) {
    throw Error(ErrorCode::kInvalidInput, "a postal task needs a kind and a parcel");
  }
  const storage::Rows rows = transaction.query(
      "INSERT INTO postal_tasks (id, kind, parcel, partner, slot, state, version, due_ms, sent_ms, asked_ms, "
      "lease_owner, lease_until_ms, attempts, deliveries, last_error, created_ms, changed_ms) "
      "VALUES ($1, $2, $3, $4, $5, 'ready', 1, $6, 0, 0, '', 0, 0, 0, '', $7, $8) "
      "ON CONFLICT (parcel, kind) WHERE state <> 'dead' DO UPDATE SET "
      "sent_ms = CASE WHEN postal_tasks.state = 'ready' AND excluded.due_ms < postal_tasks.due_ms THEN 0 "
      "ELSE postal_tasks.sent_ms END, "
      "due_ms = CASE WHEN postal_tasks.state = 'ready' AND excluded.due_ms < postal_tasks.due_ms THEN excluded.due_ms "
      "ELSE postal_tasks.due_ms END, "
      "asked_ms = CASE WHEN postal_tasks.state <> 'running' THEN 0 "
      "WHEN postal_tasks.asked_ms > 0 AND postal_tasks.asked_ms < $9 THEN postal_tasks.asked_ms ELSE $10 END "
      "RETURNING id",
      {core::DocumentId::at(now).text(), task.kind, task.parcel, task.partner, slotOf(task.parcel), msOf(task.due),
       msOf(now), msOf(now), askedMs(task.due), askedMs(task.due)});
  return rows.at(0).text(0);
}

void finishTask(Transaction& transaction, const PostalTask& task, core::Instant now) {
  if (transaction.execute(
          "DELETE FROM postal_tasks WHERE id = $1 AND version = $2 AND state = 'running' AND asked_ms <= 0",
          {task.id, task.version}) > 0) {
    return;
  }
  giveBack(transaction, task, {"ready", askedWhileRunning(transaction, task), 0, ""}, now);
}

void postponeTask(Transaction& transaction, const PostalTask& task, core::Instant due, const std::string& reason,
                  core::Instant now) {
  const std::int64_t asked = askedWhileRunning(transaction, task);
  if (asked < 0) return remove(transaction, task);
  const std::int64_t next = asked > 0 ? std::min(asked, msOf(due)) : msOf(due);
  giveBack(transaction, task, {"ready", next, reason.empty() ? 0 : task.attempts, reason}, now);
}

void buryTask(Transaction& transaction, const PostalTask& task, const std::string& reason, core::Instant now) {
  if (askedWhileRunning(transaction, task) < 0) return remove(transaction, task);
  giveBack(transaction, task, {"dead", msOf(now), task.attempts, reason}, now);
}

std::uint64_t dropTasks(Transaction& transaction, const std::string& parcel, core::Instant now) {
  const std::uint64_t removed =
      transaction.execute("DELETE FROM postal_tasks WHERE parcel = $1 AND state = 'ready'", {parcel});
  return removed + transaction.execute(
                       "UPDATE postal_tasks SET asked_ms = -1, changed_ms = $1 WHERE parcel = $2 AND state = 'running'",
                       {msOf(now), parcel});
}

bool replayTask(Transaction& transaction, const std::string& id, core::Instant now) {
  const auto dead =
      transaction.findRow("SELECT kind, parcel, partner FROM postal_tasks WHERE id = $1 AND state = 'dead'", {id});
  if (!dead) return false;
  const NewPostalTask again{dead->text(0), dead->text(1), dead->text(2), now};
  const bool isAlone = !transaction.findRow(
      "SELECT 1 FROM postal_tasks WHERE parcel = $1 AND kind = $2 AND state <> 'dead'", {again.parcel, again.kind});
  if (isAlone) {
    return transaction.execute(
               "UPDATE postal_tasks SET state = 'ready', version = version + 1, due_ms = $1, sent_ms = 0, "
               "attempts = 0, deliveries = 0, changed_ms = $2 WHERE id = $3 AND state = 'dead'",
               {msOf(now), msOf(now), id}) > 0;
  }
  if (transaction.execute("DELETE FROM postal_tasks WHERE id = $1 AND state = 'dead'", {id}) == 0) return false;
  enqueueTask(transaction, again, now);
  return true;
}

std::vector<DeadTask> listDeadTasks(Transaction& transaction, const std::string& after, std::size_t limit) {
  std::vector<DeadTask> dead;
  for (const storage::Row& row :
       transaction.query("SELECT id, kind, parcel, partner, last_error, attempts, changed_ms FROM postal_tasks "
                         "WHERE state = 'dead' AND id > $1 ORDER BY id LIMIT $2",
                         {after, static_cast<std::int64_t>(limit)})) {
    dead.push_back(
        {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.number(5), instantOf(row.number(6))});
  }
  return dead;
}

std::map<std::string, QueueCount> countTasks(Transaction& transaction, core::Instant now) {
  std::map<std::string, QueueCount> counts;
  for (const storage::Row& row : transaction.query(
           "SELECT kind, SUM(CASE WHEN state = 'ready' AND due_ms <= $1 THEN 1 ELSE 0 END), "
           "SUM(CASE WHEN state = 'ready' AND due_ms > $2 THEN 1 ELSE 0 END), "
           "SUM(CASE WHEN state = 'running' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), "
           "COALESCE(MIN(CASE WHEN state = 'ready' AND due_ms <= $3 THEN due_ms END), 0) "
           "FROM postal_tasks GROUP BY kind",
           {msOf(now), msOf(now), msOf(now)})) {
    counts[row.text(0)] = {row.number(1), row.number(2), row.number(3), row.number(4), row.number(5)};
  }
  return counts;
}

}  // namespace qianda::delivery
