// A copy of everything a service keeps (its database, the documents in segment files, keys and certificates of its data
// folder), made while it runs, and put back somewhere else. The database is copied first: what its copy names was
// durable in the document store before. Then the catalogue, then the segments up to the ends that the catalogue's copy
// knows. A manifest names every file with its length and SHA-256; a backup without one is not finished. PostgreSQL is
// copied by pg_dump and put back by pg_restore, which must be installed. Documents kept in S3 are not in the backup,
// but checked; their bucket has its own copies (versioning, replication).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/document_store.h"
#include "storage/sql/database.h"

namespace qianda::storage {

struct BackupPlace {
  std::filesystem::path dataFolder;
  std::string database;     // its address
  bool hasSegments = true;  // documents are in dataFolder/documents
};

struct BackupReport {
  std::uint64_t files = 0, octets = 0;
  std::int64_t schema = 0;
  std::string made;  // ISO 8601
};

// `out` does not exist yet. Throws kConflict when it does, kUnavailable when the database or pg_dump fails.
BackupReport backUp(const BackupPlace& from, const std::filesystem::path& out);
// Every file of the manifest is there, unchanged, and none beside; throws kCorrupt naming the first that is not,
// kNotFound when there is no finished backup.
BackupReport checkBackup(const std::filesystem::path& backup);
// Checks the backup and puts it into an empty or missing data folder and, if the backup is of PostgreSQL, an empty
// database. Throws kConflict when there is something already.
BackupReport restoreBackup(const std::filesystem::path& backup, const BackupPlace& to);

struct Inconsistency {
  std::string subject;  // "envelope <id> revision 2", "audit stream envelope:<id>"
  std::string problem;
};
struct ConsistencyReport {
  std::uint64_t revisions = 0, auditEntries = 0;
  std::vector<Inconsistency> problems;
};
// Every revision's document is readable with the length and hash the database names, or not at all when its envelope
// was erased; every audit stream is a chain as long as it says. May run beside a working service.
ConsistencyReport checkConsistency(Database& database, DocumentStore& documents);

}  // namespace qianda::storage
