#include "delivery/queue/task_rows.h"

#include "storage/sql/instant.h"

namespace qianda::delivery {

using storage::instantOf;
using storage::msOf;
using storage::Rows;
using storage::Transaction;
using storage::Values;

namespace {

constexpr std::string_view kLook =
    "SELECT id, kind, parcel, partner, version, attempts, lease_until_ms, state, due_ms, deliveries, slot "
    "FROM postal_tasks t WHERE ";
constexpr std::size_t kMarksPerStatement = 500;

TaskLook lookOf(const storage::Row& row) {
  TaskLook look;
  look.task = {
      row.text(0), row.text(1), row.text(2), row.text(3), row.number(4), row.number(5), instantOf(row.number(6))};
  look.state = row.text(7);
  look.dueMs = row.number(8);
  look.deliveries = row.number(9);
  look.slot = row.number(10);
  return look;
}

std::vector<IndexRow> indexRows(const Rows& rows) {
  std::vector<IndexRow> read;
  read.reserve(rows.size());
  for (const storage::Row& row : rows) read.push_back({row.text(0), row.number(1), row.number(2), row.number(3)});
  return read;
}

std::string next(Values& values, storage::Value value) {
  values.push_back(std::move(value));
  return "$" + std::to_string(values.size());
}

std::string callableRow(const std::string& row, const Callable& callable, Values& values) {
  std::string text = row + ".state = 'ready' AND " + row + ".due_ms <= " + next(values, msOf(callable.now)) + " AND " +
                     row + ".kind IN (";
  for (std::size_t i = 0; i < callable.kinds.size(); ++i)
    text += (i == 0 ? "" : ", ") + next(values, callable.kinds[i]);
  text += ")";
  for (const auto& [kind, partner] : callable.closed) {
    text += " AND NOT (" + row + ".kind = " + next(values, kind) + " AND " + row + ".partner = ";
    text += next(values, partner) + ")";
  }
  return text;
}

}  // namespace

std::int64_t slotOf(const std::string& parcel) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const unsigned char c : parcel) hash = (hash ^ c) * 1099511628211U;
  return static_cast<std::int64_t>((hash ^ (hash >> 32)) % kSlots);
}

std::vector<IndexRow> unsentRows(Transaction& transaction, std::size_t limit) {
  return indexRows(
      transaction.query("SELECT id, version, slot, due_ms FROM postal_tasks WHERE state = 'ready' AND sent_ms = 0 "
                        "ORDER BY due_ms, id LIMIT $1",
                        {static_cast<std::int64_t>(limit)}));
}

void markSent(Transaction& transaction, const std::vector<IndexRow>& rows, core::Instant now) {
  const std::int64_t sent = std::max<std::int64_t>(1, msOf(now));
  if (transaction.dialect() == storage::Dialect::kSqlite) {
    for (const IndexRow& row : rows) {
      transaction.execute("UPDATE postal_tasks SET sent_ms = $1 WHERE id = $2 AND version = $3",
                          {sent, row.id, row.version});
    }
    return;
  }
  for (std::size_t first = 0; first < rows.size(); first += kMarksPerStatement) {
    Values values{sent};
    std::string list;
    for (std::size_t i = first; i < std::min(rows.size(), first + kMarksPerStatement); ++i) {
      list += (list.empty() ? "(" : ", (") + next(values, rows[i].id) + ", ";
      list += next(values, rows[i].version) + ")";
    }
    transaction.execute("UPDATE postal_tasks t SET sent_ms = $1 FROM (VALUES " + list +
                            ") AS s (id, version) WHERE t.id = s.id AND t.version = s.version",
                        values);
  }
}

std::vector<IndexRow> readyRows(Transaction& transaction, const std::string& after, std::size_t limit) {
  return indexRows(transaction.query(
      "SELECT id, version, slot, due_ms FROM postal_tasks WHERE state = 'ready' AND id > $1 ORDER BY id LIMIT $2",
      {after, static_cast<std::int64_t>(limit)}));
}

std::vector<IndexRow> forgottenRows(Transaction& transaction, core::Instant dueBefore, core::Instant sentBefore,
                                    std::size_t limit) {
  return indexRows(transaction.query(
      "SELECT id, version, slot, due_ms FROM postal_tasks WHERE state = 'ready' AND due_ms < $1 AND sent_ms > 0 "
      "AND sent_ms < $2 ORDER BY due_ms, id LIMIT $3",
      {msOf(dueBefore), msOf(sentBefore), static_cast<std::int64_t>(limit)}));
}

std::map<std::int64_t, std::int64_t> sentBySlot(Transaction& transaction) {
  std::map<std::int64_t, std::int64_t> counts;
  for (const storage::Row& row : transaction.query(
           "SELECT slot, COUNT(*) FROM postal_tasks WHERE state = 'ready' AND sent_ms > 0 GROUP BY slot")) {
    counts[row.number(0)] = row.number(1);
  }
  return counts;
}

std::optional<TaskLook> findTask(Transaction& transaction, const std::string& id) {
  const auto row = transaction.findRow(std::string(kLook) + "id = $1", {id});
  if (!row) return std::nullopt;
  return lookOf(*row);
}

std::optional<TaskLook> findDueTask(Transaction& transaction, const Callable& callable, std::int64_t skip) {
  if (callable.kinds.empty()) return std::nullopt;
  Values values;
  std::string sql = std::string(kLook) + callableRow("t", callable, values);
  sql += " AND NOT EXISTS (SELECT 1 FROM postal_tasks o WHERE o.parcel = t.parcel AND o.state = 'running')";
  sql +=
      " AND NOT EXISTS (SELECT 1 FROM postal_tasks e WHERE e.parcel = t.parcel AND (e.due_ms < t.due_ms OR "
      "(e.due_ms = t.due_ms AND e.id < t.id)) AND ";
  sql += callableRow("e", callable, values) + ")";
  sql += " ORDER BY due_ms, id LIMIT 1 OFFSET " + next(values, skip);
  const auto row = transaction.findRow(sql, values);
  if (!row) return std::nullopt;
  return lookOf(*row);
}

std::optional<PostalTask> takeTask(Transaction& transaction, const TaskLook& look, const Callable& callable,
                                   const std::string& owner, core::Instant until) {
  Values values;
  std::string sql =
      "UPDATE postal_tasks SET state = 'running', version = version + 1, attempts = attempts + 1, "
      "deliveries = deliveries + 1, asked_ms = 0, lease_owner = " +
      next(values, owner);
  sql += ", lease_until_ms = " + next(values, msOf(until));
  sql += ", changed_ms = " + next(values, msOf(callable.now));
  sql += " WHERE id = " + next(values, look.task.id);
  sql += " AND version = " + next(values, look.task.version);
  sql += " AND state = 'ready' AND NOT EXISTS (SELECT 1 FROM postal_tasks o WHERE o.parcel = " +
         next(values, look.task.parcel) + " AND o.state = 'running')";
  sql += " AND NOT EXISTS (SELECT 1 FROM postal_tasks e WHERE e.parcel = " + next(values, look.task.parcel);
  sql += " AND (e.due_ms < " + next(values, look.dueMs) + " OR (e.due_ms = " + next(values, look.dueMs);
  sql += " AND e.id < " + next(values, look.task.id) + ")) AND ";
  sql += callableRow("e", callable, values) + ") RETURNING version, attempts";
  const Rows rows = transaction.query(sql, values);
  if (rows.empty()) return std::nullopt;
  PostalTask task = look.task;
  task.version = rows[0].number(0);
  task.attempts = rows[0].number(1);
  task.leaseUntil = until;
  return task;
}

void buryReadyTask(Transaction& transaction, const TaskLook& look, const std::string& reason, core::Instant now) {
  transaction.execute(
      "UPDATE postal_tasks SET state = 'dead', version = version + 1, last_error = $1, changed_ms = $2 "
      "WHERE id = $3 AND version = $4 AND state = 'ready'",
      {reason, msOf(now), look.task.id, look.task.version});
}

bool renewTask(Transaction& transaction, const PostalTask& task, core::Instant until) {
  return transaction.execute(
             "UPDATE postal_tasks SET lease_until_ms = $1 WHERE id = $2 AND version = $3 AND state = 'running'",
             {msOf(until), task.id, task.version}) > 0;
}

bool hasExpired(Transaction& transaction, core::Instant now) {
  return transaction
      .findRow("SELECT 1 FROM postal_tasks WHERE state = 'running' AND lease_until_ms <= $1 LIMIT 1", {msOf(now)})
      .has_value();
}

std::uint64_t releaseExpired(Transaction& transaction, core::Instant now) {
  const std::uint64_t gone = transaction.execute(
      "DELETE FROM postal_tasks WHERE state = 'running' AND lease_until_ms <= $1 AND asked_ms < 0", {msOf(now)});
  return gone + transaction.execute(
                    "UPDATE postal_tasks SET state = 'ready', version = version + 1, sent_ms = 0, "
                    "due_ms = CASE WHEN asked_ms > 0 AND asked_ms < due_ms THEN asked_ms ELSE due_ms END, "
                    "asked_ms = 0, lease_owner = '', changed_ms = $1 WHERE state = 'running' AND lease_until_ms <= $2",
                    {msOf(now), msOf(now)});
}

}  // namespace qianda::delivery
