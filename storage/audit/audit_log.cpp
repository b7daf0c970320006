#include "storage/audit/audit_log.h"

#include "core/error.h"
#include "storage/audit/hash_tree.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

const std::string kNoHash(64, '0');

Values rowOf(const AuditEntry& entry, std::int64_t seq, const std::string& hash) {
  return {entry.stream,  seq, entry.at.time_since_epoch().count(), entry.type, entry.actor, entry.peer, entry.device,
          entry.details, hash};
}

constexpr std::string_view kInsertEntry =
    "INSERT INTO audit_entries (stream, seq, at_ms, type, actor, peer, device, details, hash) VALUES";

constexpr std::size_t kColumns = 9;

// The rows and the stream's new head; on PostgreSQL in one statement, as each costs a round trip there.
void keepEntries(Transaction& transaction, const std::vector<Values>& rows, const std::string& head,
                 const std::string& stream) {
  if (transaction.dialect() == Dialect::kSqlite) {
    transaction.insertAll(kInsertEntry, kColumns, rows);
    transaction.execute("UPDATE audit_streams SET head = $1 WHERE stream = $2", {head, stream});
    return;
  }
  Values values;
  const auto next = [&](const Value& value) {
    values.push_back(value);
    return "$" + std::to_string(values.size());
  };
  std::string sql = "WITH kept AS (" + std::string(kInsertEntry);
  for (const Values& row : rows) {
    sql += values.empty() ? " (" : "), (";
    for (std::size_t i = 0; i < row.size(); ++i) sql += (i == 0 ? "" : ", ") + next(row[i]);
  }
  sql += ")) UPDATE audit_streams SET head = " + next(head);
  sql += " WHERE stream = " + next(stream);
  transaction.execute(sql, values);
}

}  // namespace

std::string auditHash(const AuditEntry& entry, std::int64_t seq, const std::string& previous) {
  std::string text;
  for (const std::string& part : {std::string("qianda-audit-1"), entry.stream, std::to_string(seq),
                                  std::to_string(entry.at.time_since_epoch().count()), entry.type, entry.actor,
                                  entry.peer, entry.device, entry.details, previous}) {
    appendNetstring(text, part);
  }
  return sm3Hex(text);
}

void appendAudit(Transaction& transaction, const AuditEntry& entry) { appendAudit(transaction, std::vector{entry}); }

void appendAudit(Transaction& transaction, const std::vector<AuditEntry>& entries) {
  if (entries.empty()) return;
  const AuditEntry& first = entries.front();
  const auto count = static_cast<std::int64_t>(entries.size());
  // Counting first takes the stream's lock: others who append wait here for their turn.
  const Rows counted = transaction.query(
      "INSERT INTO audit_streams (stream, organisation, length, head, anchored_length) VALUES ($1, $2, $3, $4, 0) "
      "ON CONFLICT (stream) DO UPDATE SET length = audit_streams.length + excluded.length "
      "RETURNING length, head, organisation",
      {first.stream, first.organisation, count, kNoHash});
  const Row& stream = counted.at(0);
  std::int64_t seq = stream.number(0) - count;
  std::string hash = stream.text(1);
  std::vector<Values> rows;
  for (const AuditEntry& entry : entries) {
    if (entry.stream != first.stream) throw Error(ErrorCode::kSystem, "audit entries of two streams at once");
    if (stream.text(2) != entry.organisation) {
      throw Error(ErrorCode::kSystem, "audit stream " + entry.stream + " belongs to another organisation");
    }
    hash = auditHash(entry, ++seq, hash);
    rows.push_back(rowOf(entry, seq, hash));
  }
  keepEntries(transaction, rows, hash, first.stream);
}

void startAuditStreams(Transaction& transaction, const std::vector<AuditEntry>& entries) {
  std::vector<Values> streams, rows;
  streams.reserve(entries.size());
  rows.reserve(entries.size());
  for (const AuditEntry& entry : entries) {
    const std::string hash = auditHash(entry, 1, kNoHash);
    streams.push_back({entry.stream, entry.organisation, std::int64_t{1}, hash, std::int64_t{0}});
    rows.push_back(rowOf(entry, 1, hash));
  }
  transaction.insertAll("INSERT INTO audit_streams (stream, organisation, length, head, anchored_length) VALUES", 5,
                        streams);
  transaction.insertAll(kInsertEntry, kColumns, rows);
}

}  // namespace qianda::storage
