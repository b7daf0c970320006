// Sentinel and Cluster, with real servers on 127.0.0.1: who is asked, and what happens when it moves.
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/error.h"
#include "storage/redis/redis.h"
#include "storage/redis/stream.h"
#include "tests/support/error_of.h"
#include "tests/support/process.h"

namespace qianda::storage {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::messageOf;
using testing::HasSubstr;

TEST(RedisTopology, AddressesAreReadAndShownWithoutTheirPasswords) {
  const RedisAddress sentinel = parseRedisAddress("sentinel://qianda:p%40ss@s1,s2:7001,10.0.0.3/main?database=2");
  EXPECT_EQ(sentinel.kind, RedisAddress::Kind::kSentinel);
  EXPECT_EQ(sentinel.name(), "sentinel://s1:26379,s2:7001,10.0.0.3:26379/main?database=2");
  EXPECT_EQ(sentinel.user, "qianda");
  EXPECT_EQ(sentinel.password, "p@ss");
  EXPECT_EQ(sentinel.database, 2);
  const RedisAddress cluster = parseRedisAddress("cluster://secret@c1:7000,c2");
  EXPECT_EQ(cluster.kind, RedisAddress::Kind::kCluster);
  EXPECT_EQ(cluster.name(), "cluster://c1:7000,c2:6379");
  EXPECT_EQ(cluster.password, "secret");
  for (const char* wrong : {"sentinel://s1", "sentinel://s1/", "sentinel:///main", "sentinel://s1:x/main", "cluster://",
                            "cluster://c1,,c2", "cluster://c1/3", "sentinel://s1/main?database=x"}) {
    EXPECT_THAT(messageOf([&] { parseRedisAddress(wrong); }, ErrorCode::kUsage), HasSubstr("cluster://")) << wrong;
  }
}

TEST(RedisTopology, SlotsAreThoseOfTheClusterSpecification) {
  EXPECT_EQ(clusterSlot("123456789"), 0x31C3 % 16384);
  EXPECT_EQ(clusterSlot("foo"), 12182);
  EXPECT_EQ(clusterSlot("{foo}:work"), clusterSlot("{foo}:later"));
  EXPECT_EQ(clusterSlot("a{foo}"), 12182);
  EXPECT_NE(clusterSlot("{}foo"), 12182);
}

TEST(RedisTopology, TheKeyOfACommandIsFound) {
  EXPECT_EQ(keyOf({"GET", "k"}), "k");
  EXPECT_EQ(keyOf({"EVAL", "script", "2", "k", "l"}), "k");
  EXPECT_EQ(keyOf({"EVAL", "script", "0"}), "");
  EXPECT_EQ(keyOf({"XGROUP", "CREATE", "k", "g"}), "k");
  EXPECT_EQ(keyOf({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "k", ">"}), "k");
  EXPECT_EQ(keyOf({"PING"}), "");
  EXPECT_EQ(keyOf({"PUBLISH", "channel", "x"}), "");
}

int freePort() {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(file, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(file, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(file);
  return ntohs(address.sin_port);
}

void await(const std::string& what, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    try {
      if (condition()) return;
    } catch (const core::Error&) {
    }
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "waited in vain for " << what;
    std::this_thread::sleep_for(20ms);
  }
}

// A server (or Sentinel) on a port of its own, killed at the end of its scope.
class PortRedis {
 public:
  explicit PortRedis(const std::vector<std::string>& settings, bool isSentinel = false) : port_(freePort()) {
    const std::string configuration = (folder_ / "redis.conf").string();
    std::string text = "port " + std::to_string(port_) + "\nbind 127.0.0.1\ndir " + folder_.path().string() + "\n";
    for (const std::string& setting : settings) text += setting + "\n";
    core::writeFile(configuration, text);
    std::vector<std::string> words{"redis-server", configuration};
    if (isSentinel) words.push_back("--sentinel");
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&child_, "redis-server", &actions, nullptr, argv.data(), environ) != 0) child_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    await("a server", [&] { return link().command({"PING"}).text == "PONG"; });
  }
  PortRedis(const PortRedis&) = delete;
  PortRedis& operator=(const PortRedis&) = delete;
  ~PortRedis() { kill(); }
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  RedisConnection link() const { return {parseRedisAddress("redis://" + at()), 2s}; }
  RedisReply ask(const RedisWords& words) const { return link().command(words); }
  std::string at() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string port() const { return std::to_string(port_); }

 private:
  const test::TempFolder folder_;
  const int port_;
  pid_t child_ = -1;
};

TEST(RedisTopology, SentinelsNameTheMasterAlsoAfterItDied) {
  PortRedis master({});
  const PortRedis replica({"replicaof 127.0.0.1 " + master.port()});
  await("the replica", [&] {
    return replica.ask({"INFO", "replication"}).text.find("link_status:up") != std::string::npos;
  });
  std::vector<std::unique_ptr<PortRedis>> sentinels;
  std::string list;
  for (int i = 0; i < 3; ++i) {
    sentinels.push_back(std::make_unique<PortRedis>(
        std::vector<std::string>{"sentinel monitor main 127.0.0.1 " + master.port() + " 2",
                                 "sentinel down-after-milliseconds main 500", "sentinel failover-timeout main 3000"},
        true));
    list += (i == 0 ? "" : ",") + sentinels.back()->at();
  }
  await("the Sentinels to know each other", [&] {
    for (const auto& sentinel : sentinels) {
      if (sentinel->ask({"SENTINEL", "SENTINELS", "main"}).list.size() != 2) return false;
      if (sentinel->ask({"SENTINEL", "REPLICAS", "main"}).list.size() != 1) return false;
    }
    return true;
  });
  RedisConnection redis(parseRedisAddress("sentinel://" + list + "/main"), 2s);
  redis.command({"SET", "key", "before"});
  EXPECT_EQ(master.ask({"GET", "key"}).text, "before");
  await("the copy", [&] { return replica.ask({"GET", "key"}).text == "before"; });
  sentinels.front()->kill();  // one of three may be missing, the first one asked too
  master.kill();
  EXPECT_THAT(messageOf([&] { redis.command({"GET", "key"}); }, ErrorCode::kUnavailable), HasSubstr("redis://"));
  await("the failover", [&] { return redis.command({"SET", "key", "after"}).text == "OK"; });
  EXPECT_EQ(replica.ask({"GET", "key"}).text, "after");

  RedisConnection unknown(parseRedisAddress("sentinel://" + list + "/nobody"), 2s);
  EXPECT_THAT(messageOf([&] { unknown.command({"PING"}); }, ErrorCode::kUnavailable), HasSubstr("nobody"));
}

TEST(RedisTopology, ACommandFollowsItsKeyThroughACluster) {
  const std::vector<int> buses{freePort(), freePort(), freePort()};
  const auto settings = [&](int node) {
    return std::vector<std::string>{"cluster-enabled yes", "cluster-node-timeout 2000",
                                    "cluster-port " + std::to_string(buses[static_cast<std::size_t>(node)])};
  };
  const PortRedis one(settings(0)), two(settings(1)), three(settings(2));
  const PortRedis* nodes[] = {&one, &two, &three};
  const int bounds[] = {0, 5461, 10923, 16384};
  for (int i = 0; i < 3; ++i) {
    nodes[i]->ask({"CLUSTER", "ADDSLOTSRANGE", std::to_string(bounds[i]), std::to_string(bounds[i + 1] - 1)});
    if (i > 0) nodes[i]->ask({"CLUSTER", "MEET", "127.0.0.1", one.port(), std::to_string(buses[0])});
  }
  await("the cluster", [&] {
    for (const PortRedis* node : nodes) {
      if (node->ask({"CLUSTER", "INFO"}).text.find("cluster_state:ok") == std::string::npos) return false;
    }
    return true;
  });
  // One seed is no node at all.
  RedisConnection redis(parseRedisAddress("cluster://127.0.0.1:1," + one.at()), 2s);
  for (int i = 0; i < 30; ++i) redis.command({"SET", "key" + std::to_string(i), std::to_string(i)});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(redis.command({"GET", "key" + std::to_string(i)}).text, std::to_string(i));
  for (const PortRedis* node : nodes) EXPECT_GT(node->ask({"DBSIZE"}).integer, 0);

  // What a shard of the queue needs, on whichever node it lies.
  for (int shard = 0; shard < 6; ++shard) {
    const std::string tag = "{s" + std::to_string(shard) + "}", stream = tag + ":work", later = tag + ":later";
    createGroup(redis, stream, "g");
    addToStream(redis, stream, {"a", "b"});
    addLater(redis, later, {{1, "c"}});
    EXPECT_EQ(moveDue(redis, later, stream, 5, 10), 1);
    const auto entries = readGroup(redis, {stream}, "g", "me", 10, 10ms)[stream];
    ASSERT_EQ(entries.size(), 3u);
    endEntries(redis, stream, "g", {entries[0].id, entries[1].id});
    EXPECT_EQ(streamFigures(redis, stream, "g", later).length, 1);
    EXPECT_TRUE(takeLease(redis, tag + ":lease", "me", 1min));
    EXPECT_TRUE(renewLease(redis, tag + ":lease", "me", 1min));
  }

  // A slot that is under way (ASK), then gone (MOVED).
  const std::string key = "{moving}:key";
  redis.command({"SET", key, "here"});
  const int slot = clusterSlot(key);
  const int from = slot < bounds[1] ? 0 : slot < bounds[2] ? 1 : 2, to = (from + 1) % 3;
  const std::string fromId = nodes[from]->ask({"CLUSTER", "MYID"}).text,
                    toId = nodes[to]->ask({"CLUSTER", "MYID"}).text;
  nodes[to]->ask({"CLUSTER", "SETSLOT", std::to_string(slot), "IMPORTING", fromId});
  nodes[from]->ask({"CLUSTER", "SETSLOT", std::to_string(slot), "MIGRATING", toId});
  nodes[from]->ask({"MIGRATE", "127.0.0.1", nodes[to]->port(), key, "0", "5000"});
  EXPECT_EQ(redis.command({"GET", key}).text, "here");
  EXPECT_EQ(redis.transaction({{"APPEND", key, "!"}, {"GET", key}}).at(1).text, "here!");
  EXPECT_EQ(redis.pipeline({{"GET", key}, {"STRLEN", key}}).at(1).integer, 5);
  for (const PortRedis* node : nodes) node->ask({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", toId});
  EXPECT_EQ(redis.command({"GET", key}).text, "here!");
  EXPECT_EQ(redis.transaction({{"GET", key}}).at(0).text, "here!");
}

}  // namespace
}  // namespace qianda::storage
