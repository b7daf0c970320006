// Redis through hiredis, with the pitfalls of docs/postal-queue.md: late replies, links that died, a Redis lost whole.
#include "storage/redis/redis.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "storage/redis/redis_signal.h"
#include "tests/support/error_of.h"
#include "tests/support/redis.h"

namespace qianda::storage {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::messageOf;
using testing::HasSubstr;

TEST(RedisAddress, IsReadAndShownWithoutItsPassword) {
  const RedisAddress plain = parseRedisAddress("redis://cache.example.cn");
  EXPECT_EQ(plain.name(), "redis://cache.example.cn:6379");
  const RedisAddress full = parseRedisAddress("redis://qianda:p%40ss%3Aword@10.0.0.7:7000/3");
  EXPECT_EQ(full.user, "qianda");
  EXPECT_EQ(full.password, "p@ss:word");
  EXPECT_EQ(full.database, 3);
  EXPECT_EQ(full.name(), "redis://10.0.0.7:7000/3");
  EXPECT_EQ(parseRedisAddress("redis://secret@host").password, "secret");
  EXPECT_EQ(parseRedisAddress("unix:/run/redis.sock?database=2").socket, "/run/redis.sock");
  EXPECT_EQ(parseRedisAddress("unix:/run/redis.sock?database=2").database, 2);
  for (const char* wrong : {"", "cache:6379", "redis://", "redis://host/x", "redis://host/-1", "rediss://host",
                            "unix:redis.sock", "unix:/a?database=1x", "redis://host:99999"}) {
    EXPECT_THAT(messageOf([&] { parseRedisAddress(wrong); }, ErrorCode::kUsage), HasSubstr("redis://")) << wrong;
  }
}

class RedisTest : public testing::Test {
 protected:
  RedisConnection connection(std::chrono::milliseconds timeout = 5s) {
    return {parseRedisAddress(server.address()), timeout};
  }
  static void await(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "waited in vain";
      std::this_thread::sleep_for(5ms);
    }
  }
  test::PrivateRedis server;
};

TEST_F(RedisTest, WordsArriveAsTheyAreAndRepliesHaveTheirKinds) {
  RedisConnection link = connection();
  const std::string octets("a b%s\0c\r\n签", 13);
  EXPECT_EQ(link.command({"SET", "key", octets}).text, "OK");
  EXPECT_EQ(link.command({"GET", "key"}).text, octets);
  EXPECT_EQ(link.command({"GET", "none"}).kind, RedisReply::Kind::kNothing);
  EXPECT_EQ(link.command({"INCR", "count"}).integer, 1);
  const RedisReply list = link.command({"MGET", "key", "none"});
  ASSERT_EQ(list.kind, RedisReply::Kind::kList);
  EXPECT_EQ(list.list[0].text, octets);
  EXPECT_EQ(list.list[1].kind, RedisReply::Kind::kNothing);
}

TEST_F(RedisTest, AnErrorOfRedisLeavesTheLinkGood) {
  RedisConnection link = connection();
  link.command({"SET", "key", "text"});
  EXPECT_THAT(messageOf([&] { link.command({"INCR", "key"}); }, ErrorCode::kSystem), HasSubstr("not an integer"));
  EXPECT_EQ(link.command({"GET", "key"}).text, "text");
}

TEST_F(RedisTest, ALateReplyNeverAnswersTheNextCommand) {
  RedisConnection link = connection(100ms), other = connection();
  messageOf([&] { link.command({"BLPOP", "list", "0"}); }, ErrorCode::kUnavailable);
  other.command({"RPUSH", "list", "late"});
  EXPECT_EQ(link.command({"ECHO", "mine"}).text, "mine");
}

TEST_F(RedisTest, ARedisThatIsAwayIsAskedOnceASecondAndComesBackByItself) {
  Redis redis(parseRedisAddress(server.address()));
  EXPECT_EQ(redis.command({"PING"}).text, "PONG");
  server.lose();
  messageOf([&] { redis.command({"PING"}); }, ErrorCode::kUnavailable);
  EXPECT_FALSE(redis.isUp());
  EXPECT_THAT(messageOf([&] { redis.command({"PING"}); }, ErrorCode::kUnavailable), HasSubstr("a moment ago"));
  server.start();
  await([&] {
    try {
      return redis.command({"PING"}).text == "PONG";
    } catch (const core::Error&) {
      return false;
    }
  });
  EXPECT_TRUE(redis.isUp());
}

TEST_F(RedisTest, AWrongPasswordIsToldWithoutIt) {
  RedisAddress address = parseRedisAddress(server.address());
  address.password = "guess-of-a-password";
  RedisConnection link(address, 5s);
  EXPECT_THAT(messageOf([&] { link.command({"PING"}); }, ErrorCode::kSystem),
              testing::AllOf(HasSubstr("AUTH"), testing::Not(HasSubstr("guess"))));
}

TEST_F(RedisTest, NodesHearEachOtherButNotThemselvesAlsoAfterRedisWasLost) {
  const auto channel = [&](const char* self) {
    return SignalChannel{parseRedisAddress(server.address()), "wake", self};
  };
  std::atomic<int> one = 0, two = 0;
  SignalSender sender(channel("one"));
  SignalListener first(channel("one"), [&] { ++one; }), second(channel("two"), [&] { ++two; });
  await([&] { return one == 1 && two == 1; });  // both listen
  sender.send();
  await([&] { return two == 2; });
  EXPECT_EQ(one, 1);
  server.lose();
  sender.send();
  server.start();
  await([&] { return one == 2 && two >= 3; });  // both listen again
  const int before = two;
  sender.send();
  await([&] { return two > before; });
}

}  // namespace
}  // namespace qianda::storage
