// The SQL side of the postal queue: tasks, their fences and what the index of work is filled from.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/queue/task_rows.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"

namespace qianda::delivery {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using storage::Transaction;
using test::messageOf;
using testing::HasSubstr;

class QueueRowsTest : public test::OnBothDatabases {
 protected:
  std::string enqueue(const std::string& parcel, core::Instant due, const std::string& kind = "order") {
    return database->written<std::string>([&](Transaction& t) {
      return enqueueTask(t, {kind, parcel, "post", due}, t0);
    });
  }
  std::optional<TaskLook> look(const std::string& id) {
    return database->looked<std::optional<TaskLook>>([&](Transaction& t) { return findTask(t, id); });
  }
  std::optional<PostalTask> take(const std::string& id, core::Instant at) {
    return database->written<std::optional<PostalTask>>([&](Transaction& t) {
      return takeTask(t, *findTask(t, id), {{"order", "track"}, {}, at}, "one", at + 30s);
    });
  }
  std::vector<IndexRow> unsent() {
    return database->looked<std::vector<IndexRow>>([&](Transaction& t) { return unsentRows(t, 1000); });
  }
  void finish(const PostalTask& task) {
    database->write([&](Transaction& t) { finishTask(t, task, t0); });
  }
  QueueCount count() {
    QueueCount sum;
    database->read([&](Transaction& t) {
      for (const auto& [kind, of] : countTasks(t, t0)) {
        sum.ready += of.ready, sum.delayed += of.delayed, sum.running += of.running, sum.dead += of.dead;
      }
    });
    return sum;
  }
  const core::Instant t0{1'800'000'000'000ms};
};
INSTANTIATE_TEST_SUITE_P(Databases, QueueRowsTest, test::bothDatabases(), test::databaseName);

TEST_P(QueueRowsTest, OneOpenTaskOfAKindAParcelAndAnEarlierWishCountsOnce) {
  const std::string id = enqueue("P1", t0 + 1h);
  database->write([&](Transaction& t) { markSent(t, unsentRows(t, 10), t0); });
  EXPECT_TRUE(unsent().empty());
  EXPECT_EQ(enqueue("P1", t0 + 2h), id);
  EXPECT_TRUE(unsent().empty()) << "a later wish changes nothing";
  EXPECT_EQ(enqueue("P1", t0 + 1min), id);
  ASSERT_EQ(unsent().size(), 1u) << "the index must hear of an earlier one";
  EXPECT_EQ(unsent()[0].dueMs, (t0 + 1min).time_since_epoch().count());
  EXPECT_NE(enqueue("P1", t0, "track"), id);
  EXPECT_EQ(count().ready + count().delayed, 2);
}

TEST_P(QueueRowsTest, ATaskExistsOnlyWhenItsTransactionCommits) {
  messageOf(
      [&] {
        database->write([&](Transaction& t) {
          enqueueTask(t, {"order", "P1", "post", t0}, t0);
          throw core::Error(ErrorCode::kConflict, "no");
        });
      },
      ErrorCode::kConflict);
  EXPECT_EQ(count().ready, 0);
}

TEST_P(QueueRowsTest, TheHolderOfAnOldVersionIsRefusedWhateverItWants) {
  const std::string id = enqueue("P1", t0);
  const auto first = take(id, t0);
  ASSERT_TRUE(first);
  EXPECT_EQ(database->written<std::uint64_t>([&](Transaction& t) { return releaseExpired(t, t0 + 29s); }), 0u);
  EXPECT_EQ(database->written<std::uint64_t>([&](Transaction& t) { return releaseExpired(t, t0 + 30s); }), 1u);
  const auto second = take(id, t0 + 31s);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->attempts, 2);
  EXPECT_EQ(look(id)->deliveries, 2);
  const auto late = [&](auto end) {
    return messageOf([&] { database->write([&](Transaction& t) { end(t); }); }, ErrorCode::kConflict);
  };
  EXPECT_THAT(late([&](Transaction& t) { finishTask(t, *first, t0); }), HasSubstr(id));
  late([&](Transaction& t) { postponeTask(t, *first, t0, "x", t0); });
  late([&](Transaction& t) { buryTask(t, *first, "x", t0); });
  EXPECT_FALSE(database->written<bool>([&](Transaction& t) { return renewTask(t, *first, t0 + 1h); }));
  EXPECT_TRUE(database->written<bool>([&](Transaction& t) { return renewTask(t, *second, t0 + 1h); }));
  finish(*second);
  late([&](Transaction& t) { finishTask(t, *second, t0); });
  EXPECT_FALSE(look(id));
}

TEST_P(QueueRowsTest, OfAParcelOneRunsAtATimeAndAVersionIsTakenOnce) {
  const std::string order = enqueue("P1", t0 - 1s), track = enqueue("P1", t0, "track"), other = enqueue("P2", t0);
  const TaskLook seen = *look(order);
  ASSERT_TRUE(take(order, t0));
  EXPECT_FALSE(database->written<std::optional<PostalTask>>([&](Transaction& t) {
    return takeTask(t, seen, {{"order"}, {}, t0}, "two", t0 + 30s);
  }));
  EXPECT_FALSE(take(track, t0));
  EXPECT_TRUE(take(other, t0));
  // The index itself refuses, where the question above would have missed a race.
  messageOf(
      [&] {
        database->write(
            [&](Transaction& t) { t.execute("UPDATE postal_tasks SET state = 'running' WHERE id = $1", {track}); });
      },
      ErrorCode::kConflict);
}

TEST_P(QueueRowsTest, TheEarlierTaskOfAParcelComesFirstUnlessNobodyMayCallIt) {
  const std::string order = enqueue("P1", t0 - 1s), track = enqueue("P1", t0, "track");
  const auto takeTrack = [&](const Callable& callable) {
    return database->written<std::optional<PostalTask>>(
        [&](Transaction& t) { return takeTask(t, *findTask(t, track), callable, "one", t0 + 30s); });
  };
  EXPECT_FALSE(takeTrack({{"order", "track"}, {}, t0}));
  EXPECT_FALSE(takeTrack({{"order", "track"}, {{"order", "other"}}, t0}));
  EXPECT_TRUE(takeTrack({{"order", "track"}, {{"order", "post"}}, t0})) << "orders stop, tracking goes on";
}

TEST_P(QueueRowsTest, ManyWhoTakeTheSameTaskAreOneAfterAll) {
  const std::string id = enqueue("P1", t0);
  const TaskLook seen = *look(id);
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      database->write([&](Transaction& t) {
        if (takeTask(t, seen, {{"order"}, {}, t0}, "w", t0 + 30s)) ++taken;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1);
}

TEST_P(QueueRowsTest, WhatIsAskedForWhileItRunsRunsOnceMore) {
  const std::string id = enqueue("P1", t0);
  const auto task = take(id, t0);
  EXPECT_EQ(enqueue("P1", t0 + 5s), id);
  EXPECT_EQ(enqueue("P1", t0 + 9s), id);
  finish(*task);
  ASSERT_TRUE(look(id));
  EXPECT_EQ(look(id)->state, "ready");
  EXPECT_EQ(look(id)->dueMs, (t0 + 5s).time_since_epoch().count());
  EXPECT_EQ(look(id)->deliveries, 0);
  EXPECT_EQ(look(id)->task.attempts, 0);
  finish(*take(id, t0 + 6s));
  EXPECT_FALSE(look(id));
}

TEST_P(QueueRowsTest, AHandlerMayDropTheTasksOfItsParcelAndFinish) {
  const std::string order = enqueue("P1", t0), track = enqueue("P1", t0 + 1s, "track");
  enqueue("P2", t0);
  const auto task = take(order, t0);
  database->write([&](Transaction& t) {
    EXPECT_EQ(dropTasks(t, "P1", t0), 2u);
    finishTask(t, *task, t0);
  });
  EXPECT_FALSE(look(order));
  EXPECT_FALSE(look(track));
  EXPECT_EQ(count().ready, 1);
  const std::string again = enqueue("P1", t0);
  const auto held = take(again, t0);
  database->write([&](Transaction& t) { dropTasks(t, "P1", t0); });
  database->write([&](Transaction& t) { postponeTask(t, *held, t0 + 1h, "no answer", t0); });
  EXPECT_FALSE(look(again)) << "dropped is dropped, whatever its worker says later";
  const std::string third = enqueue("P1", t0);
  take(third, t0);
  database->write([&](Transaction& t) { dropTasks(t, "P1", t0); });
  database->write([&](Transaction& t) { releaseExpired(t, t0 + 1h); });
  EXPECT_FALSE(look(third));
}

TEST_P(QueueRowsTest, APostponedTaskIsSentAgainAndCountsOnlyWhatFailed) {
  const std::string id = enqueue("P1", t0);
  auto task = take(id, t0);
  database->write([&](Transaction& t) { postponeTask(t, *task, t0 + 5s, "no answer", t0); });
  EXPECT_EQ(look(id)->task.attempts, 1);
  EXPECT_EQ(look(id)->deliveries, 0);
  ASSERT_EQ(unsent().size(), 1u);
  EXPECT_EQ(unsent()[0].version, task->version + 1);
  task = take(id, t0 + 5s);
  EXPECT_EQ(task->attempts, 2);
  database->write([&](Transaction& t) { postponeTask(t, *task, t0 + 1h, "", t0); });
  EXPECT_EQ(look(id)->task.attempts, 0);
}

TEST_P(QueueRowsTest, AMarkDoesNotHideARowThatChangedMeanwhile) {
  const std::string id = enqueue("P1", t0);
  const auto rows = unsent();
  const auto task = take(id, t0);
  database->write([&](Transaction& t) { postponeTask(t, *task, t0, "again", t0); });
  database->write([&](Transaction& t) { markSent(t, rows, t0); });
  EXPECT_EQ(unsent().size(), 1u);
  database->write([&](Transaction& t) { markSent(t, unsentRows(t, 10), t0); });
  EXPECT_TRUE(unsent().empty());
}

TEST_P(QueueRowsTest, DeadTasksAreListedAndReplayed) {
  const std::string id = enqueue("P1", t0), other = enqueue("P2", t0);
  database->write([&](Transaction& t) {
    buryTask(t, *takeTask(t, *findTask(t, id), {{"order"}, {}, t0}, "w", t0), "refused", t0 + 1s);
  });
  database->write([&](Transaction& t) { buryReadyTask(t, *findTask(t, other), "killed 5 workers", t0); });
  EXPECT_EQ(count().dead, 2);
  const auto dead = database->looked<std::vector<DeadTask>>([&](Transaction& t) { return listDeadTasks(t, "", 1); });
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].reason, dead[0].id == id ? "refused" : "killed 5 workers");
  const auto replay = [&](const std::string& which) {
    return database->written<bool>([&](Transaction& t) { return replayTask(t, which, t0 + 1min); });
  };
  EXPECT_TRUE(replay(id));
  EXPECT_FALSE(replay(id));
  EXPECT_FALSE(replay("none"));
  EXPECT_EQ(look(id)->state, "ready");
  EXPECT_EQ(look(id)->deliveries, 0);
  // A new one of its kind exists: they become one.
  const std::string open = enqueue("P2", t0 + 1h);
  EXPECT_NE(open, other);
  EXPECT_TRUE(replay(other));
  EXPECT_FALSE(look(other));
  EXPECT_EQ(look(open)->dueMs, (t0 + 1min).time_since_epoch().count());
  EXPECT_EQ(count().dead, 0);
}

TEST_P(QueueRowsTest, ADueTaskIsFoundOldestFirstWithoutClosedPartnersAndBusyParcels) {
  const auto due = [&](std::set<std::pair<std::string, std::string>> closed = {}) {
    return database->looked<std::optional<TaskLook>>([&](Transaction& t) {
      return findDueTask(t, {{"order", "track"}, closed, t0}, 0);
    });
  };
  enqueue("P9", t0 - 1h, "unknown kind");
  const std::string late = enqueue("P1", t0), first = enqueue("P2", t0 - 1s);
  const std::string track = enqueue("P2", t0, "track");
  enqueue("P3", t0 + 1ms);
  EXPECT_EQ(due()->task.id, first);
  EXPECT_EQ(due({{"order", "post"}})->task.id, track);
  EXPECT_FALSE(due({{"order", "post"}, {"track", "post"}}));
  take(first, t0);
  EXPECT_EQ(due()->task.id, late);
  take(late, t0);
  EXPECT_FALSE(due());
}

TEST_P(QueueRowsTest, TheIndexIsFilledFromReadyRowsPageByPage) {
  for (int i = 0; i < 25; ++i) enqueue("P" + std::to_string(i), t0 + std::chrono::seconds(i));
  take(enqueue("Q", t0), t0);
  std::vector<IndexRow> all;
  for (std::string after;;) {
    const auto page = database->looked<std::vector<IndexRow>>([&](Transaction& t) { return readyRows(t, after, 10); });
    if (page.empty()) break;
    all.insert(all.end(), page.begin(), page.end());
    after = page.back().id;
  }
  EXPECT_EQ(all.size(), 25u);
  for (const IndexRow& row : all) EXPECT_TRUE(row.slot >= 0 && row.slot < kSlots);
  database->write([&](Transaction& t) { markSent(t, all, t0); });
  const auto forgotten = [&](core::Instant due, core::Instant sent) {
    return database->looked<std::vector<IndexRow>>([&](Transaction& t) { return forgottenRows(t, due, sent, 100); })
        .size();
  };
  EXPECT_EQ(forgotten(t0 + 10s, t0), 0u);
  EXPECT_EQ(forgotten(t0 + 10s, t0 + 1ms), 10u);
}

}  // namespace
}  // namespace qianda::delivery
