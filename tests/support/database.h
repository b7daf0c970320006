// Databases for tests, one of each kind, empty and of the test's own: a SQLite file in a temporary folder, and a
// database in the PostgreSQL that scripts/private_postgres.sh starts once for all tests of a build folder (CTest stops
// it).
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/id.h"
#include "storage/sql/database.h"
#include "storage/sql/migrations.h"
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
      runPsql("CREATE DATABASE " + name_ + (options.migrate ? " TEMPLATE " + migratedTemplate() : ""));
      address_ = addressOf(name_);
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
  std::string runPsql(const std::string& sql) {
    const Output done = run({"psql", "-X", "-q", "-A", "-t", "-d", server_, "-c", sql});
    if (done.status != 0) throw std::runtime_error(done.err);
    return done.out;
  }
  std::string addressOf(const std::string& database) const {
    return server_.substr(0, server_.find(" dbname=")) + " dbname=" + database;
  }
  struct Lock {
    Lock() : file(::open(QIANDA_POSTGRES_FOLDER ".template", O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
      if (file < 0 || ::flock(file, LOCK_EX) != 0) throw std::runtime_error("cannot lock the template database");
    }
    ~Lock() { ::close(file); }
    const int file;
  };
  // A database with the schema of this program, made by the first test that needs it: a copy takes a fraction of the
  // time of all migrations.
  std::string migratedTemplate() {
    std::string all;
    for (const storage::Migration& migration : storage::migrations()) all += migration.sql;
    const std::string name = "schema_" + core::sha256Hex(all).substr(0, 16);
    const Lock lock;
    if (runPsql("SELECT 1 FROM pg_database WHERE datname = '" + name + "'").empty()) {
      runPsql("DROP DATABASE IF EXISTS unfinished WITH (FORCE)");
      runPsql("CREATE DATABASE unfinished");
      storage::Database(addressOf("unfinished"));
      runPsql("ALTER DATABASE unfinished RENAME TO " + name);
    }
    return name;
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
