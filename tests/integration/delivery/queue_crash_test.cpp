// The postal queue in processes that die at every step: what was committed is done, exactly once where SQL can tell.
#include <random>

#include <signal.h>
#include <sys/wait.h>

#include "tests/integration/delivery/queue_bench.h"
#include "tests/support/redis.h"

namespace qianda::delivery {
namespace {

using storage::RedisAddress;

// A process of its own with a queue; `work` ends it by _exit.
pid_t spawn(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
    ::_exit(7);
  }
  ::_exit(8);
}

int statusOf(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

QueueOptions hastyOptions() {
  QueueOptions options = quickOptions();
  options.lease = 300ms;
  options.block = 100ms;
  options.backoff = std::vector<std::chrono::milliseconds>(10, 5ms);
  return options;
}

class QueueCrashTest : public testing::TestWithParam<std::tuple<test::DatabaseKind, bool>> {
 protected:
  QueueCrashTest() {
    if (std::get<1>(GetParam())) server.emplace();
    effects.create();
  }
  std::optional<RedisAddress> address() const {
    if (!server) return std::nullopt;
    return storage::parseRedisAddress(server->address());
  }
  test::TestDatabase database{std::get<0>(GetParam())};
  std::optional<test::PrivateRedis> server;
  Effects effects{*database};
};
std::string nameOfKind(const testing::TestParamInfo<std::tuple<test::DatabaseKind, bool>>& info) {
  return std::string(std::get<0>(info.param) == test::DatabaseKind::kSqlite ? "sqlite" : "postgres") +
         (std::get<1>(info.param) ? "_redis" : "_alone");
}
INSTANTIATE_TEST_SUITE_P(Kinds, QueueCrashTest, testing::Combine(test::bothDatabases(), testing::Bool()), nameOfKind);

// R1: tasks = effects, whatever step the process died at: before and after XADD, mark, take, call, end, XACK, or at a
// moment chosen from outside; now and then Redis dies, too, and comes back empty.
TEST_P(QueueCrashTest, ACommittedTaskIsDoneOnceWhereverItsProcessDies) {
  constexpr int kLives = 25, kTasks = 8;
  std::mt19937 random(20260101);
  int deaths = 0;
  for (int life = 0; life < kLives; ++life) {
    effects.enqueueMany(kTasks, "P" + std::to_string(life) + "-");
    const bool fromOutside = life % 4 == 3, isLast = life == kLives - 1;
    const int fatalStep = fromOutside || isLast ? 1 << 30 : 1 + static_cast<int>(random() % 40);
    const pid_t child = spawn([&] {
      storage::Database own(database.address(), {.migrate = false});
      Effects ownEffects(own);
      std::atomic<int> steps = 0;
      QueueOptions options = hastyOptions();
      options.mostDeliveries = 1000;
      options.onStep = [&](const char*) {
        if (++steps == fatalStep) ::_exit(9);
      };
      const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
        options.onStep("in the call");
        ownEffects.effect(task);
        return {TaskEnd::How::kFinished, "", {}, {}};
      };
      PostalQueue queue(own, address(), {{"order", handler}}, options);
      await("the last task", [&] { return ownEffects.open() == 0; });
      if (isLast) queue.stop();
      ::_exit(0);
    });
    if (fromOutside) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
      ::kill(child, SIGKILL);
    }
    const int status = statusOf(child);
    ASSERT_TRUE(status == 0 || status == 9 || status == 128 + SIGKILL) << status;
    deaths += status == 0 ? 0 : 1;
    if (server && life % 6 == 5) {
      server->lose();
      server->start();
    }
  }
  EXPECT_GT(deaths, kLives / 2);
  EXPECT_EQ(effects.count(), kLives * kTasks);
  EXPECT_EQ(effects.distinct(), kLives * kTasks);
  EXPECT_EQ(effects.open(), 0);
  EXPECT_EQ(effects.dead(), 0);
}

// R12: a payload that kills its process is buried after five deaths, and its neighbours live.
TEST_P(QueueCrashTest, APayloadThatKillsIsIsolatedAndItsNeighboursFinish) {
  effects.enqueue("poison", "order", core::now() - 1s);
  effects.enqueueMany(20, "P", core::now());
  int deaths = 0;
  while (effects.open() > 0) {
    ASSERT_LT(deaths, 6);
    const int status = statusOf(spawn([&] {
      storage::Database own(database.address(), {.migrate = false});
      Effects ownEffects(own);
      const TaskHandler handler = [&](const PostalTask& task, const std::atomic<bool>&) -> TaskEnd {
        std::this_thread::sleep_for(20ms);  // its neighbours are under way
        if (task.parcel == "poison") ::_exit(9);
        ownEffects.effect(task);
        return {TaskEnd::How::kFinished, "", {}, {}};
      };
      PostalQueue queue(own, address(), {{"order", handler}}, hastyOptions());
      await("the end", [&] { return ownEffects.open() == 0; });
      ::_exit(0);
    }));
    ASSERT_TRUE(status == 0 || status == 9) << status;
    deaths += status == 9 ? 1 : 0;
  }
  EXPECT_EQ(deaths, 5);
  EXPECT_EQ(effects.count(), 20);
  EXPECT_EQ(effects.distinct(), 20);
  const auto dead = database->looked<std::vector<DeadTask>>([](storage::Transaction& t) { return listDeadTasks(t); });
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].parcel, "poison");
  EXPECT_THAT(dead[0].reason, testing::HasSubstr("ended 5 times"));
}

}  // namespace
}  // namespace qianda::delivery
