// Redis Streams as an index of work, against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "storage/redis/stream.h"
#include "tests/support/error_of.h"
#include "tests/support/redis.h"

namespace qianda::storage {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using test::messageOf;
using testing::ElementsAre;

class RedisStreamTest : public testing::Test {
 protected:
  RedisStreamTest() { createGroup(redis, kStream, "g"); }
  std::vector<StreamEntry> read(const std::string& consumer = "one", std::chrono::milliseconds block = 0ms) {
    return readGroup(redis, {kStream}, "g", consumer, 10, block)[kStream];
  }
  std::vector<std::string> texts(const std::vector<StreamEntry>& entries) {
    std::vector<std::string> all;
    for (const StreamEntry& entry : entries) all.push_back(entry.text);
    return all;
  }
  StreamFigures figures() { return streamFigures(redis, kStream, "g", kLater); }
  const std::string kStream = "{s}:work", kLater = "{s}:later";
  test::PrivateRedis server;
  RedisConnection redis{parseRedisAddress(server.address()), 5s};
};

TEST_F(RedisStreamTest, WhatWasAddedIsReadOnceInOrderAndLeavesNothingBehindWhenEnded) {
  addToStream(redis, kStream, {"a 1", "b 1", "c\0 1"});
  const auto entries = read();
  EXPECT_THAT(texts(entries), ElementsAre("a 1", "b 1", "c"));
  EXPECT_TRUE(read().empty());
  EXPECT_EQ(figures().length, 3);
  EXPECT_EQ(figures().pending, 3);
  for (const StreamEntry& entry : entries) endEntries(redis, kStream, "g", {entry.id});
  EXPECT_EQ(figures().length, 0);
  EXPECT_EQ(figures().pending, 0);
}

TEST_F(RedisStreamTest, AThousandsRoundTripIsOneAndKeepsTheirOrder) {
  std::vector<std::string> all;
  for (int i = 0; i < 2500; ++i) all.push_back(std::to_string(i));
  addToStream(redis, kStream, all);
  const auto entries = readGroup(redis, {kStream}, "g", "one", 5000, 0ms)[kStream];
  EXPECT_EQ(texts(entries), all);
}

TEST_F(RedisStreamTest, AReaderWaitsLongerThanItsUsualTimeOut) {
  RedisConnection hasty(parseRedisAddress(server.address()), 200ms);
  EXPECT_TRUE(readGroup(hasty, {kStream}, "g", "one", 1, 600ms).empty());
  EXPECT_EQ(hasty.command({"ECHO", "mine"}).text, "mine");
}

TEST_F(RedisStreamTest, EntriesOfADeadConsumerAreTakenOverAndThoseInHandAreNot) {
  addToStream(redis, kStream, {"a", "b"});
  const auto mine = read("dead");
  EXPECT_TRUE(claimIdle(redis, kStream, "g", "heir", 1min).entries.empty());
  const Claimed all = claimIdle(redis, kStream, "g", "heir", 0ms);
  EXPECT_THAT(texts(all.entries), ElementsAre("a", "b"));
  EXPECT_TRUE(all.deleted.empty());
  redis.command({"XCLAIM", kStream, "g", "heir", "0", all.entries[0].id, "IDLE", "60000", "JUSTID"});
  redis.command({"XCLAIM", kStream, "g", "heir", "0", all.entries[1].id, "IDLE", "60000", "JUSTID"});
  touchEntries(redis, kStream, "g", "heir", {all.entries[0].id});
  EXPECT_THAT(texts(claimIdle(redis, kStream, "g", "other", 30s).entries), ElementsAre("b"));
}

TEST_F(RedisStreamTest, AnEntryTrimmedUnderItsReaderIsToldAsLost) {
  addToStream(redis, kStream, {"a", "b"});
  const auto mine = read();
  redis.command({"XTRIM", kStream, "MAXLEN", "0"});
  const Claimed claimed = claimIdle(redis, kStream, "g", "heir", 0ms);
  EXPECT_TRUE(claimed.entries.empty());
  EXPECT_EQ(claimed.deleted.size(), 2u);
}

TEST_F(RedisStreamTest, LaterWorkMovesWhenItIsDueAndNotBefore) {
  addLater(redis, kLater, {{2000, "late"}, {1000, "early"}, {3000, "future"}});
  EXPECT_EQ(moveDue(redis, kLater, kStream, 999, 100), 0);
  EXPECT_EQ(moveDue(redis, kLater, kStream, 2000, 1), 1);
  EXPECT_EQ(moveDue(redis, kLater, kStream, 2000, 100), 1);
  EXPECT_THAT(texts(read()), ElementsAre("early", "late"));
  EXPECT_EQ(figures().later, 1);
  addLater(redis, kLater, {{10, "future"}});  // brought forward: one entry
  EXPECT_EQ(figures().later, 1);
  EXPECT_EQ(moveDue(redis, kLater, kStream, 10, 100), 1);
}

TEST_F(RedisStreamTest, ALostStreamIsToldApartFromOtherErrors) {
  redis.command({"FLUSHALL"});
  messageOf([&] { read(); }, ErrorCode::kNotFound);
  messageOf([&] { claimIdle(redis, kStream, "g", "one", 0ms); }, ErrorCode::kNotFound);
  messageOf([&] { figures(); }, ErrorCode::kNotFound);
  redis.command({"SET", kStream, "text"});
  messageOf([&] { read(); }, ErrorCode::kSystem);
  messageOf([&] { addToStream(redis, kStream, {"a"}); }, ErrorCode::kSystem);
}

TEST_F(RedisStreamTest, ALeaseBelongsToOneUntilItIsGivenBack) {
  EXPECT_TRUE(takeLease(redis, "lease", "one", 1min));
  EXPECT_FALSE(takeLease(redis, "lease", "two", 1min));
  EXPECT_FALSE(renewLease(redis, "lease", "two", 1min));
  releaseLease(redis, "lease", "two");
  EXPECT_TRUE(renewLease(redis, "lease", "one", 1min));
  releaseLease(redis, "lease", "one");
  EXPECT_FALSE(renewLease(redis, "lease", "one", 1min));
  EXPECT_TRUE(takeLease(redis, "lease", "two", 1min));
  EXPECT_EQ(reportAlive(redis, "alive", "one", 1min), 1);
  EXPECT_EQ(reportAlive(redis, "alive", "two", 1min), 2);
  EXPECT_EQ(reportAlive(redis, "alive", "two", 1min), 2);
}

TEST_F(RedisStreamTest, AServerThatServesNobodyIsUnavailableAndItsLinkDropped) {
  redis.command({"CONFIG", "SET", "min-replicas-to-write", "0"});
  redis.command({"REPLICAOF", "127.0.0.1", "1"});  // a replica of nobody: READONLY
  EXPECT_THAT(messageOf(
                  [&] {
                    redis.command({"SET", "a", "b"});
                  },
                  ErrorCode::kUnavailable),
              testing::HasSubstr("READONLY"));
  messageOf([&] { addToStream(redis, kStream, {"a"}); }, ErrorCode::kUnavailable);
  redis.command({"REPLICAOF", "NO", "ONE"});
  addToStream(redis, kStream, {"a"});
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_THAT(messageOf([&] { addToStream(redis, kStream, {"b"}); }, ErrorCode::kSystem), testing::HasSubstr("OOM"));
}

}  // namespace
}  // namespace qianda::storage
