// The postal queue at work in one process, on both databases, with a Redis and without one.
#include <filesystem>
#include <mutex>
#include <random>

#include "delivery/queue/work_index.h"
#include "tests/integration/delivery/queue_bench.h"
#include "tests/support/port_redis.h"
#include "tests/support/redis.h"

namespace qianda::delivery {
namespace {

using storage::RedisAddress;
using storage::RedisConnection;
using storage::Transaction;
using testing::HasSubstr;

class QueueWorkersTest : public testing::TestWithParam<std::tuple<test::DatabaseKind, bool>> {
 protected:
  QueueWorkersTest() {
    if (std::get<1>(GetParam())) server.emplace();
    effects.create();
  }
  std::optional<RedisAddress> address() const {
    if (!server) return std::nullopt;
    return storage::parseRedisAddress(server->address());
  }
  RedisConnection link() const { return {*address(), 5s}; }
  std::unique_ptr<PostalQueue> start(std::map<std::string, TaskHandler> handlers, QueueOptions options) {
    return std::make_unique<PostalQueue>(*database, address(), std::move(handlers), std::move(options));
  }
  // Streams and sets of the index hold nothing; what was there was ended.
  std::int64_t indexed(int shards) {
    if (!server) return 0;
    WorkIndex index(*address(), "qianda:post", shards, 5s);
    std::int64_t all = 0;
    for (int shard = 0; shard < shards; ++shard) {
      const auto figures = index.figures(shard);
      all += figures.length + figures.pending + figures.later;
    }
    return all;
  }
  test::TestDatabase database{std::get<0>(GetParam())};
  std::optional<test::PrivateRedis> server;
  Effects effects{*database};
};
std::string nameOfKind(const testing::TestParamInfo<std::tuple<test::DatabaseKind, bool>>& info) {
  return std::string(std::get<0>(info.param) == test::DatabaseKind::kSqlite ? "sqlite" : "postgres") +
         (std::get<1>(info.param) ? "_redis" : "_alone");
}
INSTANTIATE_TEST_SUITE_P(Kinds, QueueWorkersTest,
                         testing::Values(std::tuple{test::DatabaseKind::kSqlite, false},
                                         std::tuple{test::DatabaseKind::kSqlite, true},
                                         std::tuple{test::DatabaseKind::kPostgres, true}),
                         nameOfKind);

TEST_P(QueueWorkersTest, EveryTaskIsDoneOnceAndLeavesNothingBehind) {
  const auto queue = start({{"order", effects.handler()}}, quickOptions());
  effects.enqueueMany(300, "P");
  queue->wake();
  for (int i = 0; i < 30; ++i) {
    effects.enqueue("Q" + std::to_string(i));
    queue->wake();
  }
  await("all effects", [&] { return effects.count() == 330; });
  await("an empty index", [&] { return indexed(4) == 0; });
  EXPECT_EQ(effects.distinct(), 330);
  EXPECT_EQ(effects.open(), 0);
  await("figures", [&] { return queue->health().ready == 0; });
  const QueueHealth health = queue->health();
  EXPECT_TRUE(health.isWell()) << testing::PrintToString(health.faults);
  EXPECT_EQ(health.lostEntries, 0u);
  EXPECT_EQ(health.fenced, 0u);
  EXPECT_EQ(health.shards.size(), server ? 4u : 0u);
}

TEST_P(QueueWorkersTest, WhatFailsIsTriedAgainAndBuriedAtLastAndReplayed) {
  std::atomic<int> calls = 0;
  std::atomic<bool> isWell = false;
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    ++calls;
    if (isWell) return {TaskEnd::How::kDone, "", {}, {}};
    if (task.attempts % 2 == 0) throw std::runtime_error("no answer");
    return {TaskEnd::How::kAgain, "refused for now", {}, {}};
  };
  const auto queue = start({{"order", handler}}, quickOptions());
  const std::string id = effects.enqueue("P1");
  await("its end", [&] { return effects.dead() == 1; });
  EXPECT_EQ(calls, 4);
  const auto dead = database->looked<std::vector<DeadTask>>([](Transaction& t) { return listDeadTasks(t); });
  EXPECT_THAT(dead.at(0).reason, HasSubstr("given up after 4 attempts: no answer"));
  await("its figure", [&] { return queue->health().dead == 1; });
  isWell = true;
  EXPECT_TRUE(database->written<bool>([&](Transaction& t) { return replayTask(t, id, core::now()); }));
  queue->wake();
  await("the replay", [&] { return effects.dead() == 0 && effects.open() == 0; });
  EXPECT_EQ(calls, 5);
}

TEST_P(QueueWorkersTest, ATaskThatLooksAgainLaterIsNoFailure) {
  std::atomic<int> calls = 0;
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    EXPECT_EQ(task.attempts, 1);
    if (++calls == 12) return {TaskEnd::How::kDone, "", {}, {}};
    return {TaskEnd::How::kAgain, "", core::now() + 10ms, {}};
  };
  const auto queue = start({{"track", handler}}, quickOptions());
  effects.enqueue("P1", "track");
  await("twelve looks", [&] { return effects.open() == 0; });
  EXPECT_EQ(calls, 12);
  EXPECT_EQ(effects.dead(), 0);
}

TEST_P(QueueWorkersTest, DelayedTasksWaitForTheirTimeByTheQueuesClock) {
  std::atomic<std::int64_t> clock = 1'800'000'000'000;
  QueueOptions options = quickOptions();
  options.clock = [&] { return core::Instant(std::chrono::milliseconds(clock)); };
  const auto queue = start({{"order", effects.handler()}}, options);
  effects.enqueueMany(50, "later", options.clock() + 1h);
  effects.enqueueMany(5, "now", options.clock());
  queue->wake();
  await("what is due", [&] { return effects.count() == 5; });
  await("figures", [&] { return queue->health().delayed == 50; });
  EXPECT_EQ(effects.count(), 5);
  // One is wanted sooner.
  effects.enqueue("later7", "order", options.clock());
  queue->wake();
  await("the one brought forward", [&] { return effects.count() == 6; });
  clock += 3600 * 1000;
  queue->wake();
  await("the rest", [&] { return effects.count() == 55; });
  EXPECT_EQ(effects.distinct(), 55);
}

TEST_P(QueueWorkersTest, OrdersStopWhenThePartnerFailsAndTrackingGoesOn) {
  std::atomic<std::int64_t> clock = 1'800'000'000'000;
  std::atomic<int> orders = 0;
  std::atomic<bool> isPartnerWell = false;
  QueueOptions options = quickOptions();
  options.clock = [&] { return core::Instant(std::chrono::milliseconds(clock)); };
  options.backoff = std::vector<std::chrono::milliseconds>(10, 1ms);
  options.threads = 2;
  const TaskHandler order = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    ++orders;
    if (!isPartnerWell) return {TaskEnd::How::kAgain, "no answer", {}, TaskEnd::Partner::kFailed};
    effects.effect(task);
    return {TaskEnd::How::kFinished, "", {}, TaskEnd::Partner::kAnswered};
  };
  const auto queue = start({{"order", order}, {"track", effects.handler()}}, options);
  effects.enqueueMany(40, "P");
  queue->wake();
  await("the breaker", [&] {
    const auto breakers = queue->health().breakers;
    return !breakers.empty() && breakers[0].state == BreakerHealth::State::kOpen;
  });
  await("calls to end",
        [&] { return effects.number("SELECT COUNT(*) FROM postal_tasks WHERE state = 'running'") == 0; });
  const int before = orders;
  EXPECT_LE(before, 7);
  for (int i = 0; i < 10; ++i) effects.enqueue("P" + std::to_string(i), "track");
  queue->wake();
  await("tracking", [&] { return effects.count() == 10; });
  EXPECT_LE(orders, before + 1) << "the other worker may have begun before the breaker opened";
  isPartnerWell = true;
  for (int i = 0; i < 100 && effects.count() < 50; ++i) {
    clock += 31 * 1000;  // the probe
    queue->wake();
    std::this_thread::sleep_for(300ms);
  }
  EXPECT_EQ(effects.count(), 50);
  EXPECT_EQ(effects.distinct(), 50);
  EXPECT_EQ(effects.dead(), 0);
}

// R13: no storm, whatever waits.
TEST_P(QueueWorkersTest, CallsToAPartnerStayBelowItsCap) {
  constexpr int kTasks = 120, kPerSecond = 50, kBurst = 15;
  std::atomic<std::int64_t> clock = 1'800'000'000'000;
  std::atomic<int> calls = 0;
  QueueOptions options = quickOptions();
  options.clock = [&] { return core::Instant(std::chrono::milliseconds(clock)); };
  options.ratePerSecond = {{"post", kPerSecond}};
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    ++calls;
    effects.effect(task);
    return {TaskEnd::How::kFinished, "", {}, TaskEnd::Partner::kAnswered};
  };
  const auto queue = start({{"order", handler}}, options);
  effects.enqueueMany(kTasks, "P");
  queue->wake();
  await("the first calls", [&] { return calls > 0; });
  for (int passed = 0; effects.count() < kTasks; passed += 100) {
    ASSERT_LT(passed, 100'000);
    EXPECT_LE(calls, kBurst + kPerSecond * passed / 1000);
    std::this_thread::sleep_for(40ms);
    EXPECT_LE(calls, kBurst + kPerSecond * passed / 1000);
    clock += 100;
    queue->wake();
  }
  EXPECT_EQ(calls, kTasks);
  EXPECT_EQ(effects.distinct(), kTasks);
}

TEST_P(QueueWorkersTest, AKindNobodyKnowsHereWaitsAndHoldsUpNobody) {
  const auto queue = start({{"order", effects.handler()}}, quickOptions());
  effects.enqueue("P1", "of a newer version");
  effects.enqueue("P1", "order", core::now());
  queue->wake();
  await("the other", [&] { return effects.count() == 1; });
  EXPECT_EQ(effects.open(), 1);
  EXPECT_EQ(effects.dead(), 0);
}

// R15: two nodes with eight workers, shards that move between them, leases that run out while a worker sleeps.
TEST_P(QueueWorkersTest, TasksOfAParcelRunOneAfterTheOtherInTheirOrder) {
  std::mutex mutex;
  std::set<std::string> busy;
  std::atomic<int> overlaps = 0;
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    {
      const std::lock_guard lock(mutex);
      if (!busy.insert(task.parcel).second) ++overlaps;
    }
    effects.effect(task);
    {
      const std::lock_guard lock(mutex);
      busy.erase(task.parcel);
    }
    return {TaskEnd::How::kFinished, "", {}, {}};
  };
  std::map<std::string, TaskHandler> handlers;
  const std::vector<std::string> kinds{"k0", "k1", "k2", "k3"};
  for (const std::string& kind : kinds) handlers[kind] = handler;
  const core::Instant before = core::now() - 1h;
  constexpr int kParcels = 40;
  database->write([&](Transaction& t) {
    for (int parcel = 0; parcel < kParcels; ++parcel) {
      for (std::size_t k = kinds.size(); k-- > 0;) {
        enqueueTask(t, {kinds[k], "P" + std::to_string(parcel), "post", before + std::chrono::milliseconds(k)},
                    core::now());
      }
    }
  });
  QueueOptions options = quickOptions();
  options.node = "one";
  auto one = start(handlers, options);
  options.node = "two";
  for (int i = 0; i < 4; ++i) {
    const auto two = start(handlers, options);
    await("some of it", [&] { return effects.count() >= (i + 1) * kParcels * 4 / 5; });
  }
  await("all", [&] { return effects.count() == kParcels * 4; });
  one.reset();
  EXPECT_EQ(overlaps, 0);
  EXPECT_EQ(effects.distinct(), kParcels * 4);
  EXPECT_EQ(effects.number("SELECT COUNT(*) FROM effects WHERE kind <> 'k' || place"), 0);
}

// R15: a worker that sleeps longer than anybody vouches for it wakes too late and is refused.
TEST_P(QueueWorkersTest, AWorkerThatWakesTooLateChangesNothing) {
  QueueOptions options = quickOptions();
  options.handlerLimit = 100ms;
  options.lease = 600ms;
  options.backoff = std::vector<std::chrono::milliseconds>(10, 1ms);
  std::atomic<int> calls = 0;
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    if (++calls == 1) {
      await("another worker to do it", [&] { return effects.count() == 1; });
    }
    effects.effect(task);
    return {TaskEnd::How::kFinished, "", {}, {}};
  };
  const auto queue = start({{"order", handler}}, options);
  effects.enqueue("P1");
  queue->wake();
  await("both calls", [&] { return calls >= 2 && queue->health().fenced == 1; });
  EXPECT_EQ(effects.count(), 1);
  EXPECT_EQ(effects.open(), 0);
}

// A call that hangs takes one worker with it, not its shards.
TEST_P(QueueWorkersTest, WhatAHangingWorkerHeldIsDoneByTheOthers) {
  QueueOptions options = quickOptions();
  options.handlerLimit = 100ms;
  options.lease = 600ms;
  options.threads = 3;
  std::atomic<bool> hangs = true;
  std::atomic<int> hanging = 0;
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    if (task.parcel == "hangs" && hanging++ == 0) {
      while (hangs) std::this_thread::sleep_for(5ms);
    }
    effects.effect(task);
    return {TaskEnd::How::kFinished, "", {}, {}};
  };
  const auto queue = start({{"order", handler}}, options);
  if (server) await("Redis", [&] { return queue->health().isRedisUp; });
  effects.enqueue("hangs", "order", core::now() - 1h);
  effects.enqueueMany(60, "P", core::now() - 1min);
  queue->wake();
  await("all of it", [&] { return effects.count() == 61; });
  hangs = false;
  queue->stop();
  EXPECT_EQ(effects.distinct(), 61);
  EXPECT_EQ(effects.open(), 0);
}

// R23.
TEST_P(QueueWorkersTest, AStopUnderLoadLosesNothingAndCountsNothing) {
  QueueOptions options = quickOptions();
  std::atomic<int> interrupted = 0;
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>& stopping) -> TaskEnd {
    std::this_thread::sleep_for(2ms);
    if (stopping) {
      ++interrupted;
      return {TaskEnd::How::kAgain, "", core::now(), {}};
    }
    effects.effect(task);
    return {TaskEnd::How::kFinished, "", {}, {}};
  };
  effects.enqueueMany(400, "P");
  for (int done : {20, 80, 160}) {
    const auto queue = start({{"order", handler}}, options);
    await("some of it", [&] { return effects.count() >= done; });
    queue->stop();
    EXPECT_EQ(effects.number("SELECT COUNT(*) FROM postal_tasks WHERE state = 'running' OR deliveries > 0"), 0);
    EXPECT_EQ(effects.count() + effects.open(), 400);
    queue->stop();
  }
  const auto queue = start({{"order", handler}}, options);
  await("the rest", [&] { return effects.count() == 400; });
  EXPECT_EQ(effects.distinct(), 400);
  EXPECT_EQ(queue->health().fenced, 0u);
}

// R22: a call that hangs makes its worker deaf, and the health says so.
TEST_P(QueueWorkersTest, AWorkerThatHangsIsToldAsDeaf) {
  QueueOptions options = quickOptions();
  options.handlerLimit = 50ms;
  options.deafAfter = 1500ms;
  options.block = 50ms;
  std::atomic<bool> hangs = true;
  const TaskHandler handler = [&](const PostalTask&, const std::atomic<bool>&) -> TaskEnd {
    while (hangs) std::this_thread::sleep_for(5ms);
    return {TaskEnd::How::kDone, "", {}, {}};
  };
  const auto queue = start({{"order", handler}}, options);
  await("health", [&] { return queue->health().isWell(); });
  effects.enqueue("P1");
  queue->wake();
  await("deafness", [&] { return queue->health().deaf >= 1; });
  EXPECT_THAT(queue->health().faults, testing::Contains(HasSubstr("worker")));
  hangs = false;
  await("health again", [&] { return queue->health().isWell(); });
}

class QueueRedisTest : public test::OnBothDatabases {
 protected:
  QueueRedisTest() { effects.create(); }
  RedisAddress address() const { return storage::parseRedisAddress(server.address()); }
  RedisConnection link() const { return {address(), 5s}; }
  // Every entry of the index, in streams and sets.
  std::multiset<std::string> entries(int shards) {
    std::multiset<std::string> all;
    RedisConnection redis = link();
    WorkIndex index(address(), "qianda:post", shards, 5s);
    for (int shard = 0; shard < shards; ++shard) {
      for (const auto& entry : redis.command({"XRANGE", index.stream(shard), "-", "+"}).list) {
        all.insert(entry.list[1].list[1].text);
      }
      for (const auto& text : redis.command({"ZRANGE", index.later(shard), "0", "-1"}).list) all.insert(text.text);
    }
    return all;
  }
  std::multiset<std::string> rows() {
    std::multiset<std::string> all;
    database->read([&](Transaction& t) {
      for (const auto& row : t.query("SELECT id, version FROM postal_tasks WHERE state = 'ready'")) {
        all.insert(entryText(row.text(0), row.number(1)));
      }
    });
    return all;
  }
  test::PrivateRedis server;
  Effects effects{*database};
};
INSTANTIATE_TEST_SUITE_P(Databases, QueueRedisTest, test::bothDatabases(), test::databaseName);

// R3.
TEST_P(QueueRedisTest, AnIndexLostWholeIsFilledAgainFromSql) {
  const int soon = 200, open = GetParam() == test::DatabaseKind::kSqlite ? 10000 : 2500;
  std::atomic<std::int64_t> clock = 1'800'000'000'000;
  QueueOptions options = quickOptions();
  options.clock = [&] { return core::Instant(std::chrono::milliseconds(clock)); };
  options.threads = 8;
  PostalQueue queue(*database, address(), {{"order", effects.handler()}}, options);
  effects.enqueueMany(soon, "P", options.clock() + 1h);
  effects.enqueueMany(open - soon, "later", options.clock() + 24h);
  queue.wake();
  const auto isWhole = [&] {
    try {
      return entries(4) == rows();
    } catch (const core::Error&) {
      return false;
    }
  };
  await("the index", isWhole);
  const std::uint64_t refills = queue.health().refills;
  link().command({"FLUSHALL"});
  await("another filling", [&] { return queue.health().refills > refills; });
  await("the index after FLUSHALL", isWhole);
  server.lose();
  effects.enqueueMany(100, "while it is away", options.clock() + 1h);
  queue.wake();
  server.start();
  await("the index in an empty server", isWhole);
  clock += 2 * 3600 * 1000;
  queue.wake();
  await("some of it", [&] { return effects.count() > soon / 4; });
  link().command({"FLUSHALL"});
  await("all of it", [&] { return effects.count() == soon + 100; });
  EXPECT_EQ(effects.distinct(), soon + 100);
  EXPECT_EQ(effects.open(), open - soon);
  EXPECT_EQ(effects.dead(), 0);
  await("the rest of the index", isWhole);
  EXPECT_EQ(queue.health().lostEntries, 0u);
}

TEST_P(QueueRedisTest, EntriesThatRedisForgotAloneAreFoundBySweeping) {
  std::atomic<std::int64_t> clock = 1'800'000'000'000;
  QueueOptions options = quickOptions();
  options.clock = [&] { return core::Instant(std::chrono::milliseconds(clock)); };
  PostalQueue queue(*database, address(), {{"order", effects.handler()}}, options);
  effects.enqueueMany(200, "P", options.clock() + 1h);
  queue.wake();
  await("the index", [&] { return entries(4) == rows(); });
  WorkIndex index(address(), "qianda:post", 4, 5s);
  const std::uint64_t refills = queue.health().refills;
  for (int shard = 0; shard < 4; ++shard) {  // an older copy of it came back
    index.redis().command({"ZREMRANGEBYRANK", index.later(shard), "0", "9"});
  }
  await("another filling", [&] { return queue.health().refills == refills + 4; });
  await("the index", [&] { return entries(4) == rows(); });
}

// R16.
TEST_P(QueueRedisTest, MemoryIsFlatAfterManyTasksAndNothingPendingIsEverLost) {
  QueueOptions options = quickOptions();
  PostalQueue queue(*database, address(), {{"order", effects.handler()}}, options);
  RedisConnection redis = link();
  std::vector<std::int64_t> keys;
  for (int round = 1; round <= 3; ++round) {
    effects.enqueueMany(80, "P" + std::to_string(round) + "-");
    queue.wake();
    await("a round", [&] { return effects.count() == 80 * round; });
    await("an empty index", [&] { return entries(4).empty(); });
    keys.push_back(redis.command({"DBSIZE"}).integer);
  }
  EXPECT_LE(keys.back(), 4 * 3 + 1);  // stream, mark and lease of each shard, and the nodes
  WorkIndex index(address(), "qianda:post", 4, 5s);
  for (int shard = 0; shard < 4; ++shard) {
    EXPECT_EQ(index.figures(shard).length, 0);
    EXPECT_EQ(index.figures(shard).pending, 0);
    EXPECT_TRUE(index.claim(shard, "judge", 0ms).deleted.empty());
  }
  EXPECT_EQ(queue.health().lostEntries, 0u);
}

// R19: what Redis wrote down holds ids and versions only.
TEST_P(QueueRedisTest, NothingPersonalIsEverToldToRedis) {
  const std::vector<std::string> secrets{"张三丰", "13800138000", "中国邮政某支局", "李四代收"};
  std::atomic<int> calls = 0;
  const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
    if (++calls <= 3) throw std::runtime_error("refused: " + secrets[3] + " " + secrets[1]);
    effects.effect(task);
    return {TaskEnd::How::kFinished, "", {}, {}};
  };
  std::string id;
  {
    PostalQueue queue(*database, address(), {{"order", handler}}, quickOptions());
    id = database->written<std::string>([&](Transaction& t) {
      return enqueueTask(t, {"order", secrets[0] + secrets[1], secrets[2], core::now() + 100ms}, core::now());
    });
    queue.wake();
    await("its end", [&] { return effects.count() == 1; });
  }
  std::string written;
  const auto folder = std::filesystem::path(address().socket).parent_path();
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) written += core::readFile(file.path());
  }
  EXPECT_THAT(written, HasSubstr(id)) << "the search itself would find something";
  for (const std::string& secret : secrets) EXPECT_THAT(written, testing::Not(HasSubstr(secret)));
}

// R24: what is no entry of ours, or of a task that is gone, goes away and stops nobody.
TEST_P(QueueRedisTest, ForeignAndStaleEntriesAreRemoved) {
  PostalQueue queue(*database, address(), {{"order", effects.handler()}}, quickOptions());
  await("Redis", [&] { return queue.health().isRedisUp; });
  WorkIndex index(address(), "qianda:post", 4, 5s);
  for (int shard = 0; shard < 4; ++shard) {
    storage::addToStream(index.redis(), index.stream(shard),
                         {"", "garbage", "01M8AJYWA004QF751YMXMP9MSF 1", "x 99999999999999999999", "x -1 y"});
    index.redis().command({"XADD", index.stream(shard), "*", "other", "a", "fields", "b"});
  }
  const std::string id = effects.enqueue("P1");
  for (int shard = 0; shard < 4; ++shard) {
    storage::addToStream(index.redis(), index.stream(shard), {entryText(id, 1), entryText(id, 7), entryText(id, 1)});
  }
  queue.wake();
  await("the one that is real", [&] { return effects.count() == 1; });
  await("an empty index", [&] { return entries(4).empty(); });
  EXPECT_EQ(effects.count(), 1);
  EXPECT_TRUE(queue.health().isWell());
}

// Leases are advice: what an earlier node left pending is done by the next one.
TEST_P(QueueRedisTest, WhatADeadNodeReadIsTakenOver) {
  effects.enqueueMany(40, "P");
  QueueOptions options = quickOptions();
  {
    WorkIndex dead(address(), "qianda:post", 4, 5s);
    dead.fill(*database, {0, 1, 2, 3}, core::now());
    EXPECT_FALSE(dead.read({0, 1, 2, 3}, "dead", 10ms).empty());
  }
  PostalQueue queue(*database, address(), {{"order", effects.handler()}}, options);
  await("all", [&] { return effects.count() == 40; });
  await("an empty index", [&] { return entries(4).empty(); });
  EXPECT_EQ(queue.health().refills, 0u);
  EXPECT_EQ(effects.distinct(), 40);
}

TEST_P(QueueRedisTest, ShardsHeldByADeadNodeKeepNobodyWaiting) {
  WorkIndex index(address(), "qianda:post", 4, 5s);
  index.fill(*database, {0, 1, 2, 3}, core::now());
  for (int shard = 0; shard < 4; ++shard) {
    EXPECT_TRUE(storage::takeLease(index.redis(), index.lease(shard), "dead", 1h));
  }
  PostalQueue queue(*database, address(), {{"order", effects.handler()}}, quickOptions());
  await("Redis", [&] { return queue.health().isRedisUp; });
  effects.enqueueMany(40, "P");
  queue.wake();
  await("all", [&] { return effects.count() == 40; });
  EXPECT_TRUE(queue.health().shards.empty());
  for (int shard = 0; shard < 4; ++shard) storage::releaseLease(index.redis(), index.lease(shard), "dead");
  await("the shards", [&] { return queue.health().shards.size() == 4; });
  await("an empty index", [&] { return entries(4).empty(); });
  EXPECT_EQ(effects.distinct(), 40);
}

TEST_P(QueueRedisTest, AnotherNumberOfShardsFillsTheIndexAnew) {
  std::atomic<std::int64_t> clock = 1'800'000'000'000;
  QueueOptions options = quickOptions();
  options.clock = [&] { return core::Instant(std::chrono::milliseconds(clock)); };
  effects.enqueueMany(60, "P", options.clock() + 1h);
  for (const int shards : {6, 2, 5}) {
    options.shards = shards;
    PostalQueue queue(*database, address(), {{"order", effects.handler()}}, options);
    await("the index", [&] { return queue.health().isRedisUp && entries(6) == rows(); });
  }
}

TEST(QueueClusterTest, ShardsLieOnTheNodesOfACluster) {
  test::TestDatabase database(test::DatabaseKind::kSqlite);
  Effects effects(*database);
  effects.create();
  const test::RedisCluster cluster;
  const RedisAddress address = storage::parseRedisAddress(cluster.address());
  QueueOptions options = quickOptions();
  options.shards = 12;
  PostalQueue queue(*database, address, {{"order", effects.handler()}}, options);
  await("the cluster", [&] { return queue.health().isRedisUp; });
  effects.enqueueMany(100, "P");
  effects.enqueueMany(50, "soon", core::now() + 300ms);
  queue.wake();
  await("all", [&] { return effects.count() == 150; });
  EXPECT_EQ(effects.distinct(), 150);
  for (const auto& node : cluster.nodes) {
    EXPECT_GT(node->ask({"DBSIZE"}).integer, 0);
    node->ask({"FLUSHALL"});
  }
  effects.enqueueMany(50, "after");
  queue.wake();
  await("what is after", [&] { return effects.count() == 200; });
  await("another filling", [&] { return queue.health().refills == 24 && queue.health().isWell(); });
  EXPECT_EQ(queue.health().shards.size(), 12u);
  WorkIndex index(address, "qianda:post", 12, 5s);
  for (int shard = 0; shard < 12; ++shard) {
    await("an empty index", [&] { return index.figures(shard).length == 0; });
  }
}

}  // namespace
}  // namespace qianda::delivery
