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

void appendAudit(Transaction& transaction, const AuditEntry& entry) {
  transaction.execute(
      "INSERT INTO audit_streams (stream, organisation, length, head, anchored_length) VALUES ($1, $2, 0, $3, 0) "
      "ON CONFLICT (stream) DO NOTHING",
      {entry.stream, entry.organisation, kNoHash});
  // Counting first takes the stream's lock: others who append wait here for their turn.
  const Rows rows = transaction.query(
      "UPDATE audit_streams SET length = length + 1 WHERE stream = $1 RETURNING length, head, organisation",
      {entry.stream});
  const Row& stream = rows.at(0);
  if (stream.text(2) != entry.organisation) {
    throw Error(ErrorCode::kSystem, "audit stream " + entry.stream + " belongs to another organisation");
  }
  const std::string hash = auditHash(entry, stream.number(0), stream.text(1));
  transaction.insertAll(kInsertEntry, 9, {rowOf(entry, stream.number(0), hash)});
  transaction.execute("UPDATE audit_streams SET head = $1 WHERE stream = $2", {hash, entry.stream});
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
  transaction.insertAll(kInsertEntry, 9, rows);
}

}  // namespace qianda::storage
