// Databases for tests, one of each kind, empty and of the test's own: a SQLite file in a temporary folder, and a
// database in the PostgreSQL that scripts/private_postgres.sh starts once for all tests of a build folder (CTest stops
// it).
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/id.h"
#include "storage/sql/database.h"
#include "tests/support/process.h"

namespace qianda::test {

inline std::string postgresAddress() {
  const Output started = run({QIANDA_SOURCE_DIR "/scripts/private_postgres.sh", "start", QIANDA_POSTGRES_FOLDER});
  if (started.status != 0) throw std::runtime_error(started.err);
  return started.out.substr(0, started.out.find('\n'));
}

enum class DatabaseKind { kSqlite, kPostgres };

inline void PrintTo(DatabaseKind kind, std::ostream* out) {
  *out << (kind == DatabaseKind::kSqlite ? "sqlite" : "postgres");
}

// Gone with its contents at the end of its scope.
class TestDatabase {
 public:
  explicit TestDatabase(DatabaseKind kind, storage::DatabaseOptions options = {}) : kind_(kind) {
    if (kind == DatabaseKind::kSqlite) {
      address_ = "sqlite:" + (folder_ / "test.sqlite").string();
    } else {
      server_ = postgresAddress();
      name_ = "t" + core::DocumentId::random().text();
      std::transform(name_.begin(), name_.end(), name_.begin(), [](unsigned char c) { return std::tolower(c); });
      runPsql("CREATE DATABASE " + name_);
      address_ = server_.substr(0, server_.find(" dbname=")) + " dbname=" + name_;
    }
    database_ = std::make_unique<storage::Database>(address_, options);
  }
  ~TestDatabase() {
    database_.reset();
    if (kind_ == DatabaseKind::kPostgres) runPsql("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  storage::Database& operator*() { return *database_; }
  storage::Database* operator->() { return database_.get(); }
  const std::string& address() const { return address_; }

 private:
  void runPsql(const std::string& sql) {
    const Output done = run({"psql", "-X", "-q", "-d", server_, "-c", sql});
    if (done.status != 0) throw std::runtime_error(done.err);
  }

  DatabaseKind kind_;
  TempFolder folder_;
  std::string server_, name_, address_;
  std::unique_ptr<storage::Database> database_;
};

// A fixture whose tests run on both: INSTANTIATE_TEST_SUITE_P(Databases, MyTest, qianda::test::bothDatabases(),
// qianda::test::databaseName).
class OnBothDatabases : public testing::TestWithParam<DatabaseKind> {
 protected:
  TestDatabase database{GetParam()};
};
inline auto bothDatabases() { return testing::Values(DatabaseKind::kSqlite, DatabaseKind::kPostgres); }
inline std::string databaseName(const testing::TestParamInfo<DatabaseKind>& info) {
  return info.param == DatabaseKind::kSqlite ? "sqlite" : "postgres";
}

}  // namespace qianda::test
