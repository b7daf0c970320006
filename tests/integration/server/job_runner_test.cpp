#include "server/jobs/job_runner.h"

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/database.h"

namespace qianda::server {
namespace {

using namespace std::chrono_literals;

class JobRunnerTest : public test::OnBothDatabases {
 protected:
  void enqueue(const std::string& subject) {
    database->write([&](storage::Transaction& t) {
      storage::enqueueWork(t, {"job", subject, "", core::now()}, core::now());
    });
  }
  storage::WorkCount count() {
    return database->looked<storage::WorkCount>([](storage::Transaction& t) {
      auto counts = storage::countWork(t, core::now());
      return counts["job"];
    });
  }
  template <typename Condition>
  static void waitUntil(Condition&& condition) {
    for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
    ASSERT_TRUE(condition());
  }
  void note(const std::string& subject) {
    const std::lock_guard guard(mutex);
    seen.insert(subject);
  }
  std::size_t times(const std::string& subject) {
    const std::lock_guard guard(mutex);
    return seen.count(subject);
  }
  std::size_t all() {
    const std::lock_guard guard(mutex);
    return seen.size();
  }
  std::mutex mutex;
  std::multiset<std::string> seen;
};
INSTANTIATE_TEST_SUITE_P(Databases, JobRunnerTest, test::bothDatabases(), test::databaseName);

TEST_P(JobRunnerTest, TwoRunnersDoEachPieceOnce) {
  const JobKind kind{"job", [&](const Job& job) {
                       note(job.lease.subject);
                       return JobEnd{};
                     }};
  storage::Database other(database.address());
  for (int i = 0; i < 40; ++i) enqueue(std::to_string(i));
  JobRunner first(*database, {kind}, {.poll = 20ms});
  JobRunner second(other, {kind}, {.poll = 20ms});
  waitUntil([&] { return count().ready + count().leased == 0; });
  first.stop();
  second.stop();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(times(std::to_string(i)), 1u) << i;
}

TEST_P(JobRunnerTest, WhatThrowsComesAgainAndInTheEndIsDead) {
  std::atomic<int> faults{0};
  JobRunnerOptions options{.poll = 20ms};
  options.onFault = [&](const auto&, const auto&, const auto&) { ++faults; };
  JobRunner runner(*database,
                   {{"job",
                     [&](const Job& job) -> JobEnd {
                       note(job.lease.subject);
                       throw std::runtime_error("broken");
                     },
                     2}},
                   options);
  enqueue("a");
  runner.wake();
  waitUntil([&] { return count().dead == 1; });
  EXPECT_EQ(times("a"), 2u);
  EXPECT_EQ(faults, 2);
  database->read([](storage::Transaction& t) {
    EXPECT_EQ(t.findRow("SELECT last_error FROM work WHERE subject = 'a'")->text(0), "broken");
  });
}

TEST_P(JobRunnerTest, AnOutageNeverKillsWork) {
  JobRunner runner(*database,
                   {{"job",
                     [&](const Job& job) -> JobEnd {
                       note(job.lease.subject);
                       if (times("a") < 3) throw core::Error(core::ErrorCode::kUnavailable, "no answer");
                       return {};
                     },
                     1}},
                   {.poll = 20ms});
  enqueue("a");
  waitUntil([&] { return times("a") == 3 && count().ready + count().leased == 0; });
  EXPECT_EQ(count().dead, 0);
}

TEST_P(JobRunnerTest, LongWorkKeepsItsLeaseAndALostOneIsTold) {
  std::atomic<bool> release{false}, told{false};
  const JobKind kind{"job", [&](const Job& job) -> JobEnd {
                       note(job.lease.subject);
                       while (!release && !job.stopping) std::this_thread::sleep_for(5ms);
                       told = job.stopping.load();
                       return {};
                     }};
  JobRunner first(*database, {kind}, {.poll = 20ms, .lease = 2000ms});
  JobRunner second(*database, {kind}, {.poll = 20ms, .lease = 2000ms});
  enqueue("a");
  waitUntil([&] { return times("a") == 1; });
  std::this_thread::sleep_for(3000ms);  // far longer than the lease
  EXPECT_EQ(times("a"), 1u);
  database->write([](storage::Transaction& t) { t.execute("UPDATE work SET lease_token = 'stolen'"); });
  waitUntil([&] { return told.load(); });
  release = true;
  waitUntil([&] { return times("a") == 2 && count().ready + count().leased == 0; });  // by whom it fell to next
}

TEST_P(JobRunnerTest, StoppingEndsWhatRunsAndLeavesTheRest) {
  for (int i = 0; i < 10; ++i) enqueue(std::to_string(i));
  {
    JobRunner runner(*database,
                     {{"job",
                       [&](const Job& job) -> JobEnd {
                         note(job.lease.subject);
                         while (!job.stopping) std::this_thread::sleep_for(1ms);
                         return {JobEnd::How::kPostponed, core::now(), "stopped"};
                       }}},
                     {.poll = 20ms});
    waitUntil([&] { return all() == 2; });
  }
  EXPECT_EQ(all(), 2u);
  EXPECT_EQ(count().ready, 10);
}

TEST(JobPause, GrowsUpToFiveMinutes) {
  for (int attempt = 1; attempt < 40; ++attempt) {
    const auto pause = pauseAfter(attempt);
    EXPECT_GE(pause, attempt < 9 ? std::chrono::milliseconds(1000LL << (attempt - 1)) : 256s) << attempt;
    EXPECT_LE(pause, 375s);
  }
}

}  // namespace
}  // namespace qianda::server
