// Sentinel and Cluster, with real servers on 127.0.0.1: who is asked, and what happens when it moves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "storage/redis/redis.h"
#include "storage/redis/stream.h"
#include "tests/support/error_of.h"
#include "tests/support/port_redis.h"

namespace qianda::storage {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::messageOf;
using test::PortRedis;
using test::RedisCluster;
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

TEST(RedisTopology, SentinelsNameTheMasterAlsoAfterItDied) {
  PortRedis master({});
  const PortRedis replica({"replicaof 127.0.0.1 " + master.port()});
  test::awaitRedis("the replica", [&] {
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
  test::awaitRedis("the Sentinels to know each other", [&] {
    for (const auto& sentinel : sentinels) {
      if (sentinel->ask({"SENTINEL", "SENTINELS", "main"}).list.size() != 2) return false;
      if (sentinel->ask({"SENTINEL", "REPLICAS", "main"}).list.size() != 1) return false;
    }
    return true;
  });
  RedisConnection redis(parseRedisAddress("sentinel://" + list + "/main"), 2s);
  redis.command({"SET", "key", "before"});
  EXPECT_EQ(master.ask({"GET", "key"}).text, "before");
  test::awaitRedis("the copy", [&] { return replica.ask({"GET", "key"}).text == "before"; });
  sentinels.front()->kill();  // one of three may be missing, the first one asked too
  master.kill();
  EXPECT_THAT(messageOf([&] { redis.command({"GET", "key"}); }, ErrorCode::kUnavailable), HasSubstr("redis://"));
  test::awaitRedis("the failover", [&] { return redis.command({"SET", "key", "after"}).text == "OK"; });
  EXPECT_EQ(replica.ask({"GET", "key"}).text, "after");

  RedisConnection unknown(parseRedisAddress("sentinel://" + list + "/nobody"), 2s);
  EXPECT_THAT(messageOf([&] { unknown.command({"PING"}); }, ErrorCode::kUnavailable), HasSubstr("nobody"));
}

TEST(RedisTopology, ACommandFollowsItsKeyThroughACluster) {
  const RedisCluster cluster;
  // One seed is no node at all.
  RedisConnection redis(parseRedisAddress(cluster.address()), 2s);
  for (int i = 0; i < 30; ++i) redis.command({"SET", "key" + std::to_string(i), std::to_string(i)});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(redis.command({"GET", "key" + std::to_string(i)}).text, std::to_string(i));
  for (const auto& node : cluster.nodes) EXPECT_GT(node->ask({"DBSIZE"}).integer, 0);

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
  const auto from = static_cast<std::size_t>(slot < 5461 ? 0 : slot < 10923 ? 1 : 2), to = (from + 1) % 3;
  const auto& nodes = cluster.nodes;
  const std::string fromId = nodes[from]->ask({"CLUSTER", "MYID"}).text,
                    toId = nodes[to]->ask({"CLUSTER", "MYID"}).text;
  nodes[to]->ask({"CLUSTER", "SETSLOT", std::to_string(slot), "IMPORTING", fromId});
  nodes[from]->ask({"CLUSTER", "SETSLOT", std::to_string(slot), "MIGRATING", toId});
  nodes[from]->ask({"MIGRATE", "127.0.0.1", nodes[to]->port(), key, "0", "5000"});
  EXPECT_EQ(redis.command({"GET", key}).text, "here");
  EXPECT_EQ(redis.transaction({{"APPEND", key, "!"}, {"GET", key}}).at(1).text, "here!");
  EXPECT_EQ(redis.pipeline({{"GET", key}, {"STRLEN", key}}).at(1).integer, 5);
  for (const auto& node : nodes) node->ask({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", toId});
  EXPECT_EQ(redis.command({"GET", key}).text, "here!");
  EXPECT_EQ(redis.transaction({{"GET", key}}).at(0).text, "here!");
}

}  // namespace
}  // namespace qianda::storage
