// The schema, as numbered files (storage/sql/migrations/NNNN_name.sql) that are applied forward, each in one
// transaction with its entry in schema_migrations. Both databases run the same text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/sql/connection.h"

namespace qianda::storage {

struct Migration {
  std::int64_t number = 0;
  std::string name, sql;
};

// Those of this program, in order.
const std::vector<Migration>& migrations();
// Applies what is missing; throws kUnsupported when the database knows one that this program does not.
void migrate(Connection& connection);
// The highest number applied; 0 for an empty database.
std::int64_t schemaVersion(Connection& connection);

}  // namespace qianda::storage
