// Group commit on both databases: everybody's piece once, faults for those who made them.
#include "storage/sql/group_writer.h"

#include <atomic>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;
using test::messageOf;

class GroupWriterTest : public test::OnBothDatabases {
 protected:
  GroupWriterTest() {
    database->write(
        [](Transaction& t) { t.execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL)"); });
  }
  static void note(Transaction& t, std::int64_t id) {
    t.execute("INSERT INTO notes (id, text) VALUES ($1, $2)", {id, std::string("x")});
  }
  std::int64_t count() {
    return database->looked<std::int64_t>(
        [](Transaction& t) { return t.findRow("SELECT COUNT(*) FROM notes")->number(0); });
  }
  // Each thread does `work` for its numbers, all beginning together.
  static void inParallel(int threads, const std::function<void(int)>& work) {
    std::latch ready(threads);
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        ready.arrive_and_wait();
        work(i);
      });
    }
    for (std::thread& thread : running) thread.join();
  }
};
INSTANTIATE_TEST_SUITE_P(Databases, GroupWriterTest, test::bothDatabases(), test::databaseName);

TEST_P(GroupWriterTest, PiecesOfManyCallersShareCommits) {
  GroupWriter writer(*database, {.most = 256, .lanes = 1});
  inParallel(32, [&](int thread) {
    for (int i = 0; i < 20; ++i) {
      const std::int64_t id = thread * 1000 + i;
      writer.write([&](Transaction& t) { note(t, id); });
      // Committed when it returns: another connection sees it.
      EXPECT_TRUE(database->looked<bool>(
          [&](Transaction& t) { return t.findRow("SELECT 1 FROM notes WHERE id = $1", {id}).has_value(); }));
    }
  });
  EXPECT_EQ(count(), 640);
  EXPECT_EQ(writer.figures().pieces, 640u);
  EXPECT_LT(writer.figures().commits, 640u);
}

TEST_P(GroupWriterTest, AFaultyPieceFailsForItsCallerAlone) {
  GroupWriter writer(*database);
  database->write([](Transaction& t) { note(t, 0); });
  std::atomic<int> faults = 0;
  inParallel(24, [&](int thread) {
    for (int i = 1; i <= 12; ++i) {
      const std::int64_t id = thread * 1000 + i;
      if (i % 3 == 0) {  // against what is stored already
        messageOf([&] { writer.write([&](Transaction& t) { note(t, id), note(t, 0); }); }, ErrorCode::kConflict);
        ++faults;
      } else if (i % 3 == 1) {  // its own exception, after it wrote
        EXPECT_THROW(writer.write([&](Transaction& t) {
          note(t, id);
          throw std::out_of_range("mine");
        }),
                     std::out_of_range);
        ++faults;
      } else {
        writer.write([&](Transaction& t) { note(t, id); });
      }
    }
  });
  EXPECT_EQ(faults, 24 * 8);
  EXPECT_EQ(count(), 1 + 24 * 4);
}

TEST_P(GroupWriterTest, TwoWhoWantTheSameAreToldApart) {
  GroupWriter writer(*database);
  std::atomic<int> won = 0, lost = 0;
  inParallel(16, [&](int) {
    for (std::int64_t id = 1; id <= 10; ++id) {
      try {
        writer.write([&](Transaction& t) { note(t, id); });
        ++won;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kConflict) << error.what();
        ++lost;
      }
    }
  });
  EXPECT_EQ(won, 10);
  EXPECT_EQ(lost, 150);
  EXPECT_EQ(count(), 10);
}

TEST_P(GroupWriterTest, ResultsComeBackAndTheLastRunCounts) {
  GroupWriter writer(*database);
  inParallel(8, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      const std::int64_t id = thread * 100 + i;
      EXPECT_EQ(writer.written<std::int64_t>([&](Transaction& t) {
        note(t, id);
        return id;
      }),
                id);
    }
  });
  EXPECT_EQ(count(), 80);
}

}  // namespace
}  // namespace qianda::storage
