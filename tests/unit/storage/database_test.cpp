#include "storage/sql/database.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "storage/sql/migrations.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"

namespace qianda::storage {
namespace {

using core::ErrorCode;
using test::messageOf;

class DatabaseTest : public test::OnBothDatabases {
 protected:
  DatabaseTest() {
    database->write([](Transaction& t) {
      t.execute("CREATE TABLE things (id TEXT PRIMARY KEY, count BIGINT NOT NULL, note TEXT)");
    });
  }
  std::int64_t countOf(const std::string& id) {
    return database->looked<std::int64_t>(
        [&](Transaction& t) { return t.findRow("SELECT count FROM things WHERE id = $1", {id})->number(0); });
  }
  void insert(const std::string& id, std::int64_t count) {
    database->write([&](Transaction& t) {
      t.execute("INSERT INTO things (id, count, note) VALUES ($1, $2, $3)", {id, count, Value()});
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Databases, DatabaseTest, test::bothDatabases(), test::databaseName);

TEST_P(DatabaseTest, ValuesComeBackAsTheyWentIn) {
  const std::string text = "珠海 𠮷 'quoted' \"double\" $1 ; -- \\ \n\t";
  database->write([&](Transaction& t) {
    t.execute("INSERT INTO things (id, count, note) VALUES ($1, $2, $3)",
              {text, std::int64_t{-9223372036854775807}, ""});
    t.execute("INSERT INTO things (id, count, note) VALUES ($1, $2, $3)",
              {"b", std::int64_t{9223372036854775807}, Value()});
  });
  database->read([&](Transaction& t) {
    const Rows rows = t.query("SELECT id, count, note FROM things ORDER BY count");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].text(0), text);
    EXPECT_EQ(rows[0].number(1), -9223372036854775807);
    EXPECT_EQ(rows[0].findText(2), "");
    EXPECT_EQ(rows[1].number(1), 9223372036854775807);
    EXPECT_TRUE(rows[1].isNull(2));
    EXPECT_EQ(t.query("SELECT COUNT(*), SUM(1), MAX(note) FROM things")[0].number(1), 2);
    messageOf([&] { (void)rows[0].number(0); }, ErrorCode::kCorrupt);
  });
}

TEST_P(DatabaseTest, WhatThrowsLeavesNothing) {
  EXPECT_THROW(database->write([](Transaction& t) {
    t.execute("INSERT INTO things (id, count) VALUES ($1, $2)", {"a", std::int64_t{1}});
    throw std::runtime_error("stop");
  }),
               std::runtime_error);
  database->read([](Transaction& t) { EXPECT_TRUE(t.query("SELECT id FROM things").empty()); });
}

TEST_P(DatabaseTest, ABrokenConstraintIsAConflictAndEndsTheTransaction) {
  insert("a", 1);
  messageOf([&] { insert("a", 2); }, ErrorCode::kConflict);
  // Going on after it must not commit the rest.
  EXPECT_THROW(database->write([](Transaction& t) {
    try {
      t.execute("INSERT INTO things (id, count) VALUES ($1, $2)", {"a", std::int64_t{3}});
    } catch (const core::Error&) {
    }
    t.execute("INSERT INTO things (id, count) VALUES ($1, $2)", {"z", std::int64_t{3}});
  }),
               core::Error);
  // Swallowing it must not look like success either.
  EXPECT_THROW(database->write([](Transaction& t) {
    t.execute("INSERT INTO things (id, count) VALUES ($1, $2)", {"y", std::int64_t{3}});
    try {
      t.execute("INSERT INTO things (id, count) VALUES ($1, $2)", {"a", std::int64_t{3}});
    } catch (const core::Error&) {
    }
  }),
               core::Error);
  database->read([](Transaction& t) { EXPECT_EQ(t.query("SELECT id FROM things").size(), 1u); });
  insert("b", 1);  // the connection is as good as before
}

TEST_P(DatabaseTest, ReadersChangeNothing) {
  EXPECT_THROW(database->read([](Transaction& t) { t.execute("INSERT INTO things (id, count) VALUES ('a', 1)"); }),
               core::Error);
  database->read([](Transaction& t) { EXPECT_TRUE(t.query("SELECT id FROM things").empty()); });
}

TEST_P(DatabaseTest, AReaderSeesOneState) {
  insert("a", 1);
  database->read([&](Transaction& t) {
    EXPECT_EQ(t.findRow("SELECT count FROM things")->number(0), 1);
    std::thread([&] { database->write([](Transaction& w) { w.execute("UPDATE things SET count = 2"); }); }).join();
    EXPECT_EQ(t.findRow("SELECT count FROM things")->number(0), 1);
  });
  EXPECT_EQ(countOf("a"), 2);
}

TEST_P(DatabaseTest, ManyWritersLoseNothing) {
  insert("a", 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 25; ++n) {
        database->write([](Transaction& t) { t.execute("UPDATE things SET count = count + 1 WHERE id = $1", {"a"}); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(countOf("a"), 200);
}

TEST_P(DatabaseTest, ADeadlockIsRunAgain) {
  insert("a", 0);
  insert("b", 0);
  std::atomic<int> arrived{0};
  auto addBoth = [&](const std::string& first, const std::string& second) {
    database->write([&](Transaction& t) {
      t.execute("UPDATE things SET count = count + 1 WHERE id = $1", {first});
      if (GetParam() == test::DatabaseKind::kPostgres) {
        ++arrived;
        while (arrived < 2) std::this_thread::yield();
      }
      t.execute("UPDATE things SET count = count + 1 WHERE id = $1", {second});
    });
  };
  std::thread other([&] { addBoth("b", "a"); });
  addBoth("a", "b");
  other.join();
  EXPECT_EQ(countOf("a"), 2);
  EXPECT_EQ(countOf("b"), 2);
  if (GetParam() == test::DatabaseKind::kPostgres) {
    EXPECT_GE(arrived, 3);  // one of them came twice
  }
}

TEST_P(DatabaseTest, ManyRowsGoInAtOnceAndExistingOnesStay) {
  insert("5", -1);
  std::vector<Values> rows;
  for (std::int64_t i = 0; i < 1000; ++i) rows.push_back({std::to_string(i), i, "n"});
  messageOf(
      [&] {
        database->write([&](Transaction& t) { t.insertAll("INSERT INTO things (id, count, note) VALUES", 3, rows); });
      },
      ErrorCode::kConflict);
  const auto inserted = database->written<std::uint64_t>(
      [&](Transaction& t) { return t.insertAll("INSERT INTO things (id, count, note) VALUES", 3, rows, true); });
  EXPECT_EQ(inserted, 999u);
  EXPECT_EQ(countOf("5"), -1);
  EXPECT_EQ(countOf("999"), 999);
}

TEST_P(DatabaseTest, WrongStatementsNameThemselves) {
  try {
    database->read([](Transaction& t) { t.query("SELECT nothing FROM nowhere"); });
    FAIL();
  } catch (const core::Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("nowhere"));
  }
  EXPECT_THROW(database->read([](Transaction& t) { t.query("SELECT id FROM things WHERE id = $1"); }), core::Error);
}

TEST_P(DatabaseTest, AStatementOftenRunSeesTheTableAsItIsNow) {
  database->write([](Transaction& t) {
    t.execute("CREATE TABLE shape (id TEXT)");
    t.execute("INSERT INTO shape (id) VALUES ($1)", {std::string("a")});
  });
  const auto columns = [&] {
    return database->looked<std::size_t>([](Transaction& t) { return t.findRow("SELECT * FROM shape")->size(); });
  };
  for (int i = 0; i < 8; ++i) EXPECT_EQ(columns(), 1u);
  Database(database.address()).write([](Transaction& t) { t.execute("ALTER TABLE shape ADD COLUMN more TEXT"); });
  EXPECT_EQ(columns(), 2u);
}

TEST_P(DatabaseTest, ManyDifferentStatementsAreRunAllTheSame) {
  for (int round = 0; round < 3; ++round) {
    for (std::int64_t i = 0; i < 700; i += 7) {
      database->read([&](Transaction& t) {
        for (std::int64_t n = i; n < i + 7; ++n) {
          EXPECT_EQ(t.findRow("SELECT " + std::to_string(n) + " + $1", {std::int64_t{1}})->number(0), n + 1);
        }
      });
    }
  }
}

TEST_P(DatabaseTest, AllMigrationsAreAppliedOnceAndANewerDatabaseIsRefused) {
  Database again(database.address());
  EXPECT_EQ(again.schemaVersion(), migrations().back().number);
  database->read(
      [](Transaction& t) { EXPECT_EQ(t.query("SELECT number FROM schema_migrations").size(), migrations().size()); });
  database->write([](Transaction& t) { t.execute("INSERT INTO schema_migrations VALUES (9999, 'later', 0)"); });
  messageOf([&] { Database newer(database.address()); }, ErrorCode::kUnsupported);
}

TEST_P(DatabaseTest, ProcessesThatStartTogetherMigrateOnce) {
  test::TestDatabase empty(GetParam(), {.migrate = false});
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) threads.emplace_back([&] { Database one(empty.address()); });
  for (std::thread& thread : threads) thread.join();
  empty->read(
      [](Transaction& t) { EXPECT_EQ(t.query("SELECT number FROM schema_migrations").size(), migrations().size()); });
}

TEST(DatabaseAddress, IsRefusedWhenItIsNone) {
  messageOf([] { Database none("oracle://x"); }, ErrorCode::kUsage);
  messageOf([] { Database none("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"); }, ErrorCode::kUnavailable);
  messageOf([] { Database none("sqlite:/nonexistent/folder/x.sqlite"); }, ErrorCode::kUnavailable);
}

TEST(PostgresDatabase, GoesOnAfterItsConnectionsWereCut) {
  test::TestDatabase database(test::DatabaseKind::kPostgres);
  database->read([](Transaction& t) { t.query("SELECT 1"); });
  Database other(database.address());
  other.write([](Transaction& t) {
    t.query(
        "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        "pg_backend_pid()");
  });
  database->write([](Transaction& t) { t.execute("CREATE TABLE later (id TEXT)"); });
  database->read([](Transaction& t) { EXPECT_TRUE(t.query("SELECT id FROM later").empty()); });
}

TEST(PostgresDatabase, RefusesACharacterItCannotHold) {
  test::TestDatabase database(test::DatabaseKind::kPostgres);
  messageOf([&] { database->read([](Transaction& t) { t.query("SELECT $1::text", {std::string("a\0b", 3)}); }); },
            ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace qianda::storage
