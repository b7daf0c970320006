#include "storage/catalogue_schema.h"

#include <string>
#include <vector>

#include "core/error.h"

namespace qianda::storage {
namespace {

using namespace Poco::Data::Keywords;
using core::Error;
using core::ErrorCode;

using Statements = std::vector<std::string>;

const std::vector<Statements>& versions() {
  static const std::vector<Statements> kVersions{
      {
          "CREATE TABLE batches (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
          " idempotency_key TEXT NOT NULL UNIQUE, request_digest TEXT NOT NULL, template_id TEXT NOT NULL,"
          " template_version TEXT NOT NULL, rows INTEGER NOT NULL,"
          " state TEXT NOT NULL CHECK (state IN ('running', 'complete')), created_ms INTEGER NOT NULL)",
          "CREATE TABLE segments (number INTEGER PRIMARY KEY, committed INTEGER NOT NULL,"
          " checked_size INTEGER NOT NULL DEFAULT 0, checked_ns INTEGER NOT NULL DEFAULT 0)",
          "CREATE TABLE prefixes (key INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE,"
          " segment INTEGER NOT NULL REFERENCES segments, offset INTEGER NOT NULL, length INTEGER NOT NULL)",
          "CREATE TABLE documents (batch INTEGER NOT NULL REFERENCES batches, row INTEGER NOT NULL,"
          " id BLOB NOT NULL UNIQUE, segment INTEGER NOT NULL REFERENCES segments, offset INTEGER NOT NULL,"
          " length INTEGER NOT NULL, prefix INTEGER NOT NULL REFERENCES prefixes, created_ms INTEGER NOT NULL,"
          " PRIMARY KEY (batch, row)) WITHOUT ROWID",
      },
      {
          "ALTER TABLE batches ADD COLUMN level TEXT NOT NULL DEFAULT 'B-B'",
          "CREATE TABLE waiting (batch INTEGER PRIMARY KEY REFERENCES batches,"
          " state TEXT NOT NULL CHECK (state IN ('pending_timestamp', 'pending_revocation')), reason TEXT NOT NULL,"
          " since_ms INTEGER NOT NULL)",
      },
      {
          // 0: there; 1: to be overwritten, no more to be read; 2: overwritten.
          "ALTER TABLE documents ADD COLUMN erased INTEGER NOT NULL DEFAULT 0",
          "ALTER TABLE prefixes ADD COLUMN erased INTEGER NOT NULL DEFAULT 0",
          "CREATE INDEX documents_erasing ON documents (id) WHERE erased = 1",
          "CREATE TABLE continuations (document BLOB PRIMARY KEY, continues BLOB NOT NULL) WITHOUT ROWID",
          "CREATE INDEX continuations_of ON continuations (continues, document)",
      },
  };
  return kVersions;
}

std::size_t storedVersion(Poco::Data::Session& session) {
  Poco::Int64 tables = 0, version = 0;
  session << "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'", into(tables), now;
  if (tables > 0) session << "SELECT version FROM schema_version", into(version), now;
  return static_cast<std::size_t>(version);
}

}  // namespace

void bringUpToDate(Poco::Data::Session& session, bool readOnly) {
  const std::size_t known = versions().size();
  const std::size_t stored = storedVersion(session);
  if (stored > known) {
    throw Error(ErrorCode::kUnsupported, "the catalogue has schema version " + std::to_string(stored) +
                                             ", this program knows " + std::to_string(known) + ": use a newer program");
  }
  if (stored < known && readOnly) {
    throw Error(ErrorCode::kUnsupported, "the catalogue has the older schema version " + std::to_string(stored) +
                                             ": open it for writing once to bring it up to date");
  }
  for (std::size_t version = stored; version < known; ++version) {
    session << "BEGIN IMMEDIATE", now;
    try {
      if (version == 0) {
        session << "CREATE TABLE schema_version (version INTEGER NOT NULL)", now;
        session << "INSERT INTO schema_version VALUES (0)", now;
      }
      for (const std::string& statement : versions()[version]) session << statement, now;
      session << "UPDATE schema_version SET version = ?", bind(static_cast<Poco::Int64>(version + 1)), now;
      session << "COMMIT", now;
    } catch (...) {
      session << "ROLLBACK", now;
      throw;
    }
  }
}

}  // namespace qianda::storage
