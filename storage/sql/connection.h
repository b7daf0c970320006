// One connection to one of the two databases: what Database pools. Implementations own the C library's handle. A
// statement's failure is thrown as core::Error, or as LostRace when running the whole transaction again may help.
// Belongs to one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "storage/sql/database.h"

namespace qianda::storage {

struct LostRace {  // never leaves the room
  std::string reason;
};

class Connection : public Transaction {
 public:
  // A reading one sees one state of the database and changes nothing.
  virtual void begin(bool writing) = 0;
  // Throws LostRace when it was rolled back for certain, kUnavailable when nobody knows.
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  virtual bool isBroken() const = 0;  // never used again then
  // Several statements without values (a migration).
  virtual void runScript(const std::string& sql) = 0;
  // Outside a transaction: see Database::forget.
  virtual void forget() = 0;
  // Until the transaction ends, no other process migrates.
  virtual void lockMigrations() = 0;
};

std::unique_ptr<Connection> connectSqlite(const std::string& file, const DatabaseOptions& options);
std::unique_ptr<Connection> connectPostgres(const std::string& address);

}  // namespace qianda::storage
