// R14: what may befall Redis while the queue works. Tasks are accepted and done meanwhile (SQL is asked), and when
// Redis is well again it is used again without a restart.
#include <filesystem>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/integration/delivery/queue_bench.h"
#include "tests/support/redis.h"

namespace qianda::delivery {
namespace {

using storage::RedisAddress;
using storage::RedisConnection;
using testing::HasSubstr;

struct Fault {
  std::string name;
  std::string told;  // in the health's fault, or "": it may pass unnoticed
  std::function<void(test::PrivateRedis&)> begin, end;
};

RedisConnection link(const test::PrivateRedis& server) { return {storage::parseRedisAddress(server.address()), 5s}; }

std::filesystem::path folder(const test::PrivateRedis& server) {
  return std::filesystem::path(storage::parseRedisAddress(server.address()).socket).parent_path();
}

pid_t pidOf(const test::PrivateRedis& server) { return std::stoi(core::readFile(folder(server) / "pid")); }

void set(test::PrivateRedis& server, const std::string& name, const std::string& value) {
  link(server).command({"CONFIG", "SET", name, value});
}

std::vector<Fault> faults() {
  using Server = test::PrivateRedis;
  const auto nothing = [](Server&) {};
  return {
      {"killed", "redis", [](Server& s) { s.lose(); }, [](Server& s) { s.start(); }},
      {"stopped", "", [](Server& s) { ::kill(pidOf(s), SIGSTOP); }, [](Server& s) { ::kill(pidOf(s), SIGCONT); }},
      {"cut_links", "",
       [](Server& s) {
         link(s).command({"CLIENT", "KILL", "TYPE", "normal"});
       },
       nothing},
      {"paused", "",
       [](Server& s) {
         link(s).command({"CLIENT", "PAUSE", "2500", "ALL"});
       },
       nothing},
      {"password", "NOAUTH",
       [](Server& s) {
         set(s, "requirepass", "rotated");
         link(s).command({"AUTH", "rotated"});
         RedisAddress address = storage::parseRedisAddress(s.address());
         address.password = "rotated";
         RedisConnection(address, 5s).command({"CLIENT", "KILL", "TYPE", "normal"});
       },
       [](Server& s) {
         RedisAddress address = storage::parseRedisAddress(s.address());
         address.password = "rotated";
         RedisConnection(address, 5s).command({"CONFIG", "SET", "requirepass", ""});
       }},
      {"full", "OOM", [](Server& s) { set(s, "maxmemory", "1"); }, [](Server& s) { set(s, "maxmemory", "0"); }},
      {"replica", "READONLY",
       [](Server& s) {
         link(s).command({"REPLICAOF", "127.0.0.1", "1"});
       },
       [](Server& s) {
         link(s).command({"REPLICAOF", "NO", "ONE"});
       }},
      {"no_replicas", "NOREPLICAS", [](Server& s) { set(s, "min-replicas-to-write", "1"); },
       [](Server& s) { set(s, "min-replicas-to-write", "0"); }},
      {"disk", "MISCONF",
       [](Server& s) {
         std::filesystem::create_directory(folder(s) / "dump.rdb");  // where the file should go
         set(s, "save", "3600 1000000");
         link(s).command({"BGSAVE"});
       },
       [](Server& s) { set(s, "save", ""); }},
      {"flushed", "", [](Server& s) { link(s).command({"FLUSHALL"}); }, nothing},
      {"group_gone", "",
       [](Server& s) {
         for (int shard = 0; shard < 4; ++shard) {
           link(s).command({"XGROUP", "DESTROY", "{qianda:post:" + std::to_string(shard) + "}:work", "workers"});
         }
       },
       nothing},
      {"wrong_type", "",
       [](Server& s) {
         for (int shard = 0; shard < 4; ++shard) {
           link(s).command({"SET", "{qianda:post:" + std::to_string(shard) + "}:work", "text"});
         }
       },
       nothing},
  };
}

class QueueFaultsTest : public testing::TestWithParam<std::string> {
 protected:
  test::TestDatabase database{test::DatabaseKind::kSqlite};
  test::PrivateRedis server;
  Effects effects{*database};
};
std::vector<std::string> faultNames() {
  std::vector<std::string> names;
  for (const Fault& fault : faults()) names.push_back(fault.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Redis, QueueFaultsTest, testing::ValuesIn(faultNames()),
                         [](const auto& named) { return named.param; });

TEST_P(QueueFaultsTest, IntakeStaysUpAndWorkersRecoverByThemselves) {
  const auto all = faults();
  const Fault& fault = *std::find_if(all.begin(), all.end(), [](const Fault& one) { return one.name == GetParam(); });
  effects.create();
  QueueOptions options = quickOptions();
  std::atomic<int> told = 0;
  options.onFault = [&](const std::string&) { ++told; };
  PostalQueue queue(*database, storage::parseRedisAddress(server.address()), {{"order", effects.handler()}}, options);
  await("Redis", [&] { return queue.health().isRedisUp; });
  effects.enqueueMany(20, "before");
  queue.wake();
  await("what was before", [&] { return effects.count() == 20; });

  fault.begin(server);
  for (int i = 0; i < 20; ++i) {
    effects.enqueue("during" + std::to_string(i));
    queue.wake();
  }
  if (!fault.told.empty()) {
    await("the fault", [&] {
      const QueueHealth health = queue.health();
      return !health.isWell() && health.redisFault.find(fault.told) != std::string::npos;
    });
  }
  await("what is meanwhile", [&] { return effects.count() == 40; });
  fault.end(server);
  await("recovery", [&] { return queue.health().isRedisUp; });
  effects.enqueueMany(20, "after");
  queue.wake();
  await("what is after", [&] { return effects.count() == 60; });
  await("health", [&] { return queue.health().isWell(); });
  EXPECT_EQ(effects.distinct(), 60);
  EXPECT_EQ(effects.dead(), 0);
  EXPECT_EQ(effects.open(), 0);
  EXPECT_LT(told, 20) << "no hot loop";
}

// R22: the link is open, and silent.
TEST(QueueHealthTest, ARedisThatIsSilentTurnsTheHealthRed) {
  test::TestDatabase database(test::DatabaseKind::kSqlite);
  test::PrivateRedis server;
  PostalQueue queue(*database, storage::parseRedisAddress(server.address()), {}, quickOptions());
  await("health", [&] { return queue.health().isRedisUp && queue.health().isWell(); });
  ::kill(pidOf(server), SIGSTOP);
  await("a red light", [&] { return !queue.health().isWell(); });
  EXPECT_THAT(queue.health().faults.at(0), HasSubstr("Redis"));
  ::kill(pidOf(server), SIGCONT);
  await("health again", [&] { return queue.health().isWell(); });
}

// A server that still reads its file, and one that was never there.
TEST(QueueHealthTest, AServerThatIsStillLoadingIsNotReliedOn) {
  test::TestDatabase database(test::DatabaseKind::kSqlite);
  const test::TempFolder place;
  const std::string path = (place / "socket").string();
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 16), 0);
  std::thread loading([&] {
    for (int client = 0; (client = ::accept(listener, nullptr, nullptr)) >= 0; ::close(client)) {
      char octets[4096];
      if (::read(client, octets, sizeof octets) <= 0) continue;
      const std::string answer = "-LOADING Redis is loading the dataset in memory\r\n";
      if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) continue;
    }
  });
  Effects effects(*database);
  effects.create();
  effects.enqueueMany(10, "P");
  {
    PostalQueue queue(*database, storage::parseRedisAddress("unix:" + path), {{"order", effects.handler()}},
                      quickOptions());
    await("the tasks", [&] { return effects.count() == 10; });
    await("the fault", [&] { return queue.health().redisFault.find("LOADING") != std::string::npos; });
    EXPECT_FALSE(queue.health().isWell());
  }
  ::shutdown(listener, SHUT_RDWR);
  loading.join();
  ::close(listener);
}

}  // namespace
}  // namespace qianda::delivery
