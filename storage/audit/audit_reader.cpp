#include "storage/audit/audit_reader.h"

#include <algorithm>

namespace qianda::storage {
namespace {

constexpr std::int64_t kPage = 1000;

AuditRecord recordOf(const std::string& stream, const Row& row) {
  AuditRecord record;
  record.stream = stream;
  record.seq = row.number(0);
  record.at = core::Instant{std::chrono::milliseconds(row.number(1))};
  record.type = row.text(2);
  record.actor = row.text(3);
  record.peer = row.text(4);
  record.device = row.text(5);
  record.details = row.text(6);
  record.hash = row.text(7);
  return record;
}

}  // namespace

std::vector<StreamHead> listStreams(Transaction& transaction, const std::string& organisation) {
  std::vector<StreamHead> streams;
  for (const Row& row :
       transaction.query("SELECT stream, length, head FROM audit_streams WHERE organisation = $1", {organisation})) {
    streams.push_back({row.text(0), row.number(1), row.text(2)});
  }
  // Not by the database: its collation may be another.
  std::sort(streams.begin(), streams.end(), [](const auto& a, const auto& b) { return a.stream < b.stream; });
  return streams;
}

std::optional<StreamHead> findStream(Transaction& transaction, const std::string& stream) {
  const auto row = transaction.findRow("SELECT length, head FROM audit_streams WHERE stream = $1", {stream});
  if (!row) return std::nullopt;
  return StreamHead{stream, row->number(0), row->text(1)};
}

void forEachEntry(Transaction& transaction, const std::string& stream,
                  const std::function<void(const AuditRecord&)>& visit) {
  for (std::int64_t after = INT64_MIN;;) {
    const Rows rows = transaction.query(
        "SELECT seq, at_ms, type, actor, peer, device, details, hash FROM audit_entries WHERE stream = $1 AND seq > $2 "
        "ORDER BY seq LIMIT $3",
        {stream, after, kPage});
    for (const Row& row : rows) visit(recordOf(stream, row));
    if (static_cast<std::int64_t>(rows.size()) < kPage) return;
    after = rows.back().number(0);
  }
}

}  // namespace qianda::storage
