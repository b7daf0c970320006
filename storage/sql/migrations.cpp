#include "storage/sql/migrations.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/time.h"

namespace qianda::storage {

std::vector<std::pair<std::string_view, std::string_view>> embeddedMigrations();

namespace {

using core::Error;
using core::ErrorCode;

std::set<std::int64_t> applied(Connection& connection) {
  std::set<std::int64_t> numbers;
  for (const Row& row : connection.query("SELECT number FROM schema_migrations")) numbers.insert(row.number(0));
  return numbers;
}

// Runs `work` in a transaction of its own, in which nobody else migrates.
template <typename Work>
void exclusively(Connection& connection, Work&& work) {
  connection.begin(true);
  try {
    connection.lockMigrations();
    work();
    connection.commit();
  } catch (...) {
    connection.rollback();
    throw;
  }
}

void apply(Connection& connection, const Migration& migration) {
  exclusively(connection, [&] {
    if (applied(connection).contains(migration.number)) return;  // another process was faster
    connection.runScript(migration.sql);
    connection.execute("INSERT INTO schema_migrations (number, name, applied_ms) VALUES ($1, $2, $3)",
                       {migration.number, migration.name, core::now().time_since_epoch().count()});
  });
}

}  // namespace

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> all = [] {
    std::vector<Migration> read;
    for (const auto& [file, sql] : embeddedMigrations()) {
      read.push_back(
          {std::stoll(std::string(file.substr(0, 4))), std::string(file.substr(5, file.size() - 9)), std::string(sql)});
    }
    std::sort(read.begin(), read.end(), [](const Migration& a, const Migration& b) { return a.number < b.number; });
    return read;
  }();
  return all;
}

void migrate(Connection& connection) {
  exclusively(connection, [&] {
    connection.runScript(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        "number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_ms BIGINT NOT NULL)");
  });
  std::set<std::int64_t> known;
  for (const Migration& migration : migrations()) known.insert(migration.number);
  connection.begin(false);
  const std::set<std::int64_t> there = applied(connection);
  connection.rollback();
  for (const std::int64_t number : there) {
    if (!known.contains(number)) {
      throw Error(ErrorCode::kUnsupported, "the database has schema " + std::to_string(number) +
                                               ", which this program does not know: a newer one made it");
    }
  }
  for (const Migration& migration : migrations()) {
    if (!there.contains(migration.number)) apply(connection, migration);
  }
}

std::int64_t schemaVersion(Connection& connection) {
  return connection.query("SELECT COALESCE(MAX(number), 0) FROM schema_migrations").at(0).number(0);
}

}  // namespace qianda::storage
