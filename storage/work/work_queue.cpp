#include "storage/work/work_queue.h"

#include "core/error.h"
#include "core/id.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

std::int64_t milliseconds(core::Instant instant) { return instant.time_since_epoch().count(); }

void requireLease(std::uint64_t changed, const Lease& lease) {
  if (changed == 0) {
    throw Error(ErrorCode::kConflict, "the lease of " + lease.kind + " " + lease.subject + " was lost");
  }
}

std::string placeholders(std::size_t first, std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "$" : ", $") + std::to_string(first + i);
  return list;
}

}  // namespace

void enqueueWork(Transaction& transaction, const NewWork& work, core::Instant now) {
  transaction.execute(
      "INSERT INTO work (id, kind, subject, payload, state, generation, due_ms, lease_until_ms, attempts, last_error, "
      "created_ms) VALUES ($1, $2, $3, $4, 'ready', 1, $5, 0, 0, '', $6) "
      "ON CONFLICT (kind, subject) DO UPDATE SET payload = excluded.payload, state = 'ready', "
      "generation = work.generation + 1, due_ms = CASE WHEN excluded.due_ms < work.due_ms THEN excluded.due_ms "
      "ELSE work.due_ms END, attempts = CASE WHEN work.state = 'dead' THEN 0 ELSE work.attempts END",
      {core::DocumentId::at(now).text(), work.kind, work.subject, work.payload, milliseconds(work.due),
       milliseconds(now)});
}

std::vector<Lease> leaseWork(Database& database, const std::vector<std::string>& kinds, core::Instant now,
                             std::chrono::milliseconds duration, std::size_t limit) {
  std::vector<Lease> leases;
  if (kinds.empty() || limit == 0) return leases;
  const std::string due = "state = 'ready' AND kind IN (" + placeholders(1, kinds.size()) + ") AND due_ms <= $" +
                          std::to_string(kinds.size() + 1) + " AND lease_until_ms <= $" +
                          std::to_string(kinds.size() + 2);
  Values values(kinds.begin(), kinds.end());
  values.emplace_back(milliseconds(now));
  values.emplace_back(milliseconds(now));
  // Looking first costs no writer its turn while there is nothing to do.
  const bool any = database.looked<bool>([&](Transaction& look) {
    return look.findRow("SELECT 1 FROM work WHERE " + due + " LIMIT 1", values).has_value();
  });
  if (!any) return leases;
  values.emplace_back(static_cast<std::int64_t>(limit));
  database.write([&](Transaction& transaction) {
    leases.clear();
    const Rows rows =
        transaction.query("SELECT id, kind, subject, payload, generation, attempts FROM work WHERE " + due +
                              " ORDER BY due_ms, id LIMIT $" + std::to_string(kinds.size() + 3) +
                              (transaction.dialect() == Dialect::kPostgres ? " FOR UPDATE SKIP LOCKED" : ""),
                          values);
    for (const Row& row : rows) {
      Lease lease{row.text(0),   row.text(1),       row.text(2),   row.text(3), core::DocumentId::random().text(),
                  row.number(4), row.number(5) + 1, now + duration};
      transaction.execute("UPDATE work SET lease_token = $1, lease_until_ms = $2, attempts = $3 WHERE id = $4",
                          {lease.token, milliseconds(lease.until), lease.attempts, lease.id});
      leases.push_back(std::move(lease));
    }
  });
  return leases;
}

std::optional<Lease> leaseSubject(Database& database, const std::string& kind, const std::string& subject,
                                  core::Instant now, std::chrono::milliseconds duration) {
  std::optional<Lease> lease;
  database.write([&](Transaction& transaction) {
    lease.reset();
    const std::string token = core::DocumentId::random().text();
    const Rows rows = transaction.query(
        "UPDATE work SET lease_token = $1, lease_until_ms = $2, attempts = attempts + 1 WHERE kind = $3 AND subject = "
        "$4 AND state = 'ready' AND lease_until_ms <= $5 RETURNING id, payload, generation, attempts",
        {token, milliseconds(now + duration), kind, subject, milliseconds(now)});
    if (rows.empty()) return;
    const Row& row = rows.front();
    lease = Lease{row.text(0), kind, subject, row.text(1), token, row.number(2), row.number(3), now + duration};
  });
  return lease;
}

bool renewLease(Database& database, Lease& lease, core::Instant now, std::chrono::milliseconds duration) {
  std::uint64_t changed = 0;
  database.write([&](Transaction& transaction) {
    changed = transaction.execute("UPDATE work SET lease_until_ms = $1 WHERE id = $2 AND lease_token = $3",
                                  {milliseconds(now + duration), lease.id, lease.token});
  });
  if (changed > 0) lease.until = now + duration;
  return changed > 0;
}

void finishWork(Transaction& transaction, const Lease& lease, core::Instant now) {
  if (transaction.execute("DELETE FROM work WHERE id = $1 AND lease_token = $2 AND generation = $3",
                          {lease.id, lease.token, lease.generation}) > 0) {
    return;
  }
  // Asked for again while it ran.
  requireLease(transaction.execute(
                   "UPDATE work SET lease_token = NULL, lease_until_ms = 0, attempts = 0, due_ms = $1 WHERE id = $2 "
                   "AND lease_token = $3",
                   {milliseconds(now), lease.id, lease.token}),
               lease);
}

void postponeWork(Transaction& transaction, const Lease& lease, core::Instant due, const std::string& reason) {
  requireLease(transaction.execute(
                   "UPDATE work SET lease_token = NULL, lease_until_ms = 0, due_ms = $1, last_error = $2 WHERE id = $3 "
                   "AND lease_token = $4",
                   {milliseconds(due), reason, lease.id, lease.token}),
               lease);
}

void buryWork(Transaction& transaction, const Lease& lease, const std::string& reason) {
  requireLease(
      transaction.execute("UPDATE work SET state = 'dead', lease_token = NULL, lease_until_ms = 0, last_error = $1 "
                          "WHERE id = $2 AND lease_token = $3",
                          {reason, lease.id, lease.token}),
      lease);
}

bool reviveWork(Transaction& transaction, const std::string& kind, const std::string& subject, core::Instant now) {
  return transaction.execute(
             "UPDATE work SET state = 'ready', attempts = 0, due_ms = $1 WHERE kind = $2 AND subject = $3 AND "
             "state = 'dead'",
             {milliseconds(now), kind, subject}) > 0;
}

std::map<std::string, WorkCount> countWork(Transaction& transaction, core::Instant now) {
  std::map<std::string, WorkCount> counts;
  for (const Row& row :
       transaction.query("SELECT kind, SUM(CASE WHEN state = 'ready' AND lease_until_ms <= $1 THEN 1 ELSE 0 END), "
                         "SUM(CASE WHEN state = 'ready' AND lease_until_ms > $2 THEN 1 ELSE 0 END), "
                         "SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), "
                         "COALESCE(MIN(CASE WHEN state = 'ready' AND lease_until_ms <= $3 THEN due_ms END), 0) "
                         "FROM work GROUP BY kind",
                         {milliseconds(now), milliseconds(now), milliseconds(now)})) {
    counts[row.text(0)] = {row.number(1), row.number(2), row.number(3), row.number(4)};
  }
  return counts;
}

}  // namespace qianda::storage
