#include "storage/work/work_queue.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"

namespace qianda::storage {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::messageOf;

class WorkQueueTest : public test::OnBothDatabases {
 protected:
  void enqueue(const std::string& subject, core::Instant due, const std::string& kind = "mail") {
    database->write([&](Transaction& t) { enqueueWork(t, {kind, subject, "{}", due}, t0); });
  }
  std::vector<Lease> lease(core::Instant now, std::size_t limit = 10) {
    return leaseWork(*database, {"mail"}, now, 10s, limit);
  }
  void finish(const Lease& taken) {
    database->write([&](Transaction& t) { finishWork(t, taken, t0 + 1s); });
  }
  const core::Instant t0{1'800'000'000'000ms};
};
INSTANTIATE_TEST_SUITE_P(Databases, WorkQueueTest, test::bothDatabases(), test::databaseName);

TEST_P(WorkQueueTest, GivesWhatIsDueOldestFirstToOneAtATime) {
  enqueue("late", t0 + 5s);
  enqueue("second", t0);
  enqueue("first", t0 - 1s);
  enqueue("other", t0 - 9s, "fax");
  const auto leases = lease(t0);
  ASSERT_EQ(leases.size(), 2u);
  EXPECT_EQ(leases[0].subject, "first");
  EXPECT_EQ(leases[1].subject, "second");
  EXPECT_TRUE(lease(t0).empty());
  finish(leases[0]);
  finish(leases[1]);
  EXPECT_TRUE(lease(t0 + 1s).empty());
  EXPECT_EQ(lease(t0 + 5s).size(), 1u);
}

TEST_P(WorkQueueTest, AnExpiredLeaseGoesToAnotherAndTheFirstComesTooLate) {
  enqueue("a", t0);
  const auto first = lease(t0);
  const auto second = lease(t0 + 10s);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].attempts, 2);
  messageOf([&] { finish(first[0]); }, ErrorCode::kConflict);
  Lease stale = first[0];
  EXPECT_FALSE(renewLease(*database, stale, t0 + 11s, 10s));
  Lease live = second[0];
  EXPECT_TRUE(renewLease(*database, live, t0 + 11s, 10s));
  EXPECT_TRUE(lease(t0 + 20s).empty());
  finish(live);
  EXPECT_TRUE(lease(t0 + 99s).empty());
}

TEST_P(WorkQueueTest, AskedForAgainWhileItRunsItRunsOnceMore) {
  enqueue("a", t0);
  const auto first = lease(t0);
  enqueue("a", t0);
  enqueue("a", t0);
  EXPECT_TRUE(lease(t0).empty());
  finish(first[0]);
  const auto second = lease(t0 + 1s);
  ASSERT_EQ(second.size(), 1u);
  finish(second[0]);
  EXPECT_TRUE(lease(t0 + 99s).empty());
}

TEST_P(WorkQueueTest, PostponedComesBackAndBuriedStaysUntilRevived) {
  enqueue("a", t0);
  auto taken = lease(t0);
  database->write([&](Transaction& t) { postponeWork(t, taken[0], t0 + 60s, "no answer"); });
  EXPECT_TRUE(lease(t0 + 59s).empty());
  taken = lease(t0 + 60s);
  ASSERT_EQ(taken.size(), 1u);
  database->write([&](Transaction& t) { buryWork(t, taken[0], "refused"); });
  EXPECT_TRUE(lease(t0 + 999s).empty());
  database->read([&](Transaction& t) { EXPECT_EQ(countWork(t, t0).at("mail").dead, 1); });
  const bool revived = database->written<bool>([&](Transaction& t) { return reviveWork(t, "mail", "a", t0 + 999s); });
  EXPECT_TRUE(revived);
  EXPECT_EQ(lease(t0 + 999s).size(), 1u);
}

TEST_P(WorkQueueTest, OnePieceIsTakenByWhoAskedForItUnlessAnotherHasIt) {
  enqueue("a", t0 + 60s);
  enqueue("b", t0);
  const auto mine = leaseSubject(*database, "mail", "a", t0, 10s);
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->attempts, 1);
  EXPECT_FALSE(leaseSubject(*database, "mail", "a", t0 + 5s, 10s));
  EXPECT_FALSE(leaseSubject(*database, "mail", "c", t0, 10s));
  EXPECT_EQ(lease(t0).size(), 1u);
  const auto another = leaseSubject(*database, "mail", "a", t0 + 10s, 10s);
  ASSERT_TRUE(another);
  messageOf([&] { finish(*mine); }, ErrorCode::kConflict);
  finish(*another);
  EXPECT_FALSE(leaseSubject(*database, "mail", "a", t0 + 99s, 10s));
}

TEST_P(WorkQueueTest, ManyWorkersTakeEachPieceOnce) {
  constexpr int kPieces = 120;
  database->write([&](Transaction& t) {
    for (int i = 0; i < kPieces; ++i) enqueueWork(t, {"mail", std::to_string(i), "", t0}, t0);
  });
  std::mutex mutex;
  std::multiset<std::string> done;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (auto leases = lease(t0, 5); !leases.empty(); leases = lease(t0, 5)) {
        for (const Lease& taken : leases) {
          finish(taken);
          const std::lock_guard lock(mutex);
          done.insert(taken.subject);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done.size(), static_cast<std::size_t>(kPieces));
  for (int i = 0; i < kPieces; ++i) EXPECT_EQ(done.count(std::to_string(i)), 1u);
}

}  // namespace
}  // namespace qianda::storage
