#include "core/digest.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"
#include "storage/backup/backup.h"

namespace qianda::storage {
namespace {

using core::Error;

constexpr std::int64_t kPage = 500;

// "" when the document is what its row says, or gone when its envelope was erased.
std::string problemOf(DocumentStore& documents, const Row& row) {
  const auto id = core::DocumentId::parse(row.text(2));
  if (!id) return "names no document";
  const std::string erasure = row.findText(5).value_or("");
  try {
    const std::string octets = documents.read(*id);
    if (erasure == "erased") return "its envelope was erased, but its document can be read";
    if (static_cast<std::int64_t>(octets.size()) != row.number(4)) return "its document has another length";
    if (core::sha256Hex(octets) != row.text(3)) return "its document has another SHA-256";
  } catch (const Error& error) {
    if (!erasure.empty() && saysErased(error)) return "";
    return error.what();
  }
  return "";
}

void checkRevisions(Database& database, DocumentStore& documents, ConsistencyReport& report) {
  std::string envelope;
  std::int64_t number = 0;
  for (;;) {
    const Rows page = database.looked<Rows>([&](Transaction& transaction) {
      return transaction.query(
          "SELECT envelope, number, document, sha256, size, (SELECT state FROM erasures WHERE erasures.envelope = "
          "envelope_revisions.envelope) FROM envelope_revisions WHERE envelope > $1 OR (envelope = $2 AND number > $3) "
          "ORDER BY envelope, number LIMIT $4",
          {envelope, envelope, number, kPage});
    });
    for (const Row& row : page) {
      envelope = row.text(0);
      number = row.number(1);
      ++report.revisions;
      const std::string problem = problemOf(documents, row);
      if (!problem.empty()) {
        report.problems.push_back({"envelope " + envelope + " revision " + std::to_string(number), problem});
      }
    }
    if (page.size() < static_cast<std::size_t>(kPage)) return;
  }
}

std::string problemOf(Transaction& transaction, const Row& stream, std::uint64_t& entries) {
  std::string previous(64, '0');
  std::int64_t expected = 0;
  for (const Row& row : transaction.query(
           "SELECT seq, at_ms, type, actor, peer, device, details, hash FROM audit_entries WHERE stream = "
           "$1 ORDER BY seq",
           {stream.text(0)})) {
    const AuditEntry entry{stream.text(0), stream.text(1), core::Instant{std::chrono::milliseconds(row.number(1))},
                           row.text(2),    row.text(3),    row.text(4),
                           row.text(5),    row.text(6)};
    ++entries;
    if (row.number(0) != ++expected) return "entry " + std::to_string(expected) + " is missing";
    if (auditHash(entry, expected, previous) != row.text(7))
      return "entry " + std::to_string(expected) + " was changed";
    previous = row.text(7);
  }
  if (expected != stream.number(2)) return "its last entries are missing";
  return previous == stream.text(3) ? "" : "its head is not its last entry";
}

void checkAudit(Database& database, ConsistencyReport& report) {
  std::string last;
  for (;;) {
    std::size_t found = 0;
    // One transaction a page: streams and entries as of one moment.
    database.read([&](Transaction& transaction) {
      const Rows page = transaction.query(
          "SELECT stream, organisation, length, head FROM audit_streams WHERE stream > $1 ORDER BY stream LIMIT $2",
          {last, kPage});
      for (const Row& stream : page) {
        last = stream.text(0);
        const std::string problem = problemOf(transaction, stream, report.auditEntries);
        if (!problem.empty()) report.problems.push_back({"audit stream " + last, problem});
      }
      found = page.size();
    });
    if (found < static_cast<std::size_t>(kPage)) return;
  }
}

}  // namespace

ConsistencyReport checkConsistency(Database& database, DocumentStore& documents) {
  ConsistencyReport report;
  checkRevisions(database, documents, report);
  checkAudit(database, report);
  return report;
}

}  // namespace qianda::storage
