// Limits of requests that several nodes share through Redis, and what is left of them without it.
#include <thread>

#include <gtest/gtest.h>

#include "server/accounts/rate_limit.h"
#include "tests/support/redis.h"

namespace qianda::server {
namespace {

using namespace std::chrono_literals;

class SharedRatesTest : public testing::Test {
 protected:
  test::PrivateRedis server;
  storage::Redis one{storage::parseRedisAddress(server.address())}, two{storage::parseRedisAddress(server.address())};
  RateLimiter first{&one}, second{&two};
  const core::Instant now = core::now();
};

TEST_F(SharedRatesTest, TwoNodesShareOneBucket) {
  const Rate rate{3, 6};
  EXPECT_EQ(first.take("a", rate, now), std::nullopt);
  EXPECT_EQ(second.take("a", rate, now), std::nullopt);
  EXPECT_EQ(first.take("a", rate, now), std::nullopt);
  const auto wait = second.take("a", rate, now);
  ASSERT_NE(wait, std::nullopt);
  EXPECT_GT(*wait, 1s);
  EXPECT_LE(*wait, 10s);
  EXPECT_EQ(second.take("b", rate, now), std::nullopt) << "another key";
}

TEST_F(SharedRatesTest, ABucketFillsAgain) {
  const Rate rate{1, 600};  // one in 100 ms
  EXPECT_EQ(first.take("a", rate, now), std::nullopt);
  for (int tries = 0; first.take("a", rate, now); ++tries) {
    ASSERT_LT(tries, 1000);
    std::this_thread::sleep_for(10ms);
  }
}

TEST_F(SharedRatesTest, RedisSeesNoNames) {
  first.take("login:worker@example.com", Rate{}, now);
  const storage::RedisReply keys = one.command({"KEYS", "*"});
  ASSERT_EQ(keys.list.size(), 1u);
  EXPECT_EQ(keys.list[0].text.find("example"), std::string::npos);
}

TEST_F(SharedRatesTest, WithoutRedisEachNodeLimitsAlone) {
  server.lose();
  const Rate rate{1, 1};
  EXPECT_EQ(first.take("a", rate, now), std::nullopt);
  EXPECT_NE(first.take("a", rate, now), std::nullopt) << "a lost Redis opens no door";
  EXPECT_EQ(second.take("a", rate, now), std::nullopt);
  EXPECT_NE(second.take("a", rate, now), std::nullopt);
}

}  // namespace
}  // namespace qianda::server
