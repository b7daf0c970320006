// The breaker of each partner and kind, and the cap on calls: pure, by a clock of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/queue/call_limits.h"

namespace qianda::delivery {
namespace {

using namespace std::chrono_literals;
using Partner = TaskEnd::Partner;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class CallLimitsTest : public testing::Test {
 protected:
  void call(Partner partner, const CallLimits::Key& key = {"order", "post"}) {
    ASSERT_FALSE(limits.admit(key, now));
    limits.report(key, partner, now);
  }
  const CallLimits::Key order{"order", "post"}, track{"track", "post"};
  core::Instant now{1'800'000'000'000ms};
  CallLimits limits{{.inARow = 5, .ofLast = 20, .percent = 50, .pause = 30s, .mostPause = 100s}, {}};
};

TEST_F(CallLimitsTest, FiveFailuresInARowStopOrdersWhileTrackingGoesOn) {
  for (int i = 0; i < 4; ++i) call(Partner::kFailed);
  call(Partner::kAnswered);
  for (int i = 0; i < 5; ++i) call(Partner::kFailed);
  EXPECT_EQ(limits.admit(order, now), now + 30s);
  EXPECT_FALSE(limits.admit(track, now));
  EXPECT_FALSE(limits.admit({"order", "another"}, now));
  EXPECT_THAT(limits.closed(now), ElementsAre(Pair("order", "post")));
  ASSERT_EQ(limits.health().size(), 1u);
  EXPECT_EQ(limits.health()[0].state, BreakerHealth::State::kOpen);
}

TEST_F(CallLimitsTest, HalfOfTheLastTwentyStopThemToo) {
  for (int i = 0; i < 19; ++i) call(i % 2 == 0 ? Partner::kFailed : Partner::kAnswered);
  EXPECT_FALSE(limits.admit(order, now));
  limits.report(order, Partner::kAnswered, now);  // ten of twenty
  EXPECT_TRUE(limits.admit(order, now));
}

TEST_F(CallLimitsTest, LessThanHalfDoNot) {
  for (int i = 0; i < 200; ++i) call(i % 5 < 2 ? Partner::kFailed : Partner::kAnswered);
  EXPECT_THAT(limits.closed(now), IsEmpty());
}

TEST_F(CallLimitsTest, OneCallProbesAndItsEndDecides) {
  for (int i = 0; i < 5; ++i) call(Partner::kFailed);
  now += 30s;
  EXPECT_THAT(limits.closed(now), IsEmpty());
  EXPECT_FALSE(limits.admit(order, now)) << "the probe";
  EXPECT_TRUE(limits.admit(order, now)) << "nobody beside it";
  limits.report(order, Partner::kFailed, now);
  EXPECT_EQ(limits.admit(order, now), now + 60s) << "twice as long";
  now += 60s;
  call(Partner::kFailed);
  EXPECT_EQ(limits.admit(order, now), now + 100s) << "not longer than the most";
  now += 100s;
  call(Partner::kAnswered);
  for (int i = 0; i < 4; ++i) call(Partner::kFailed);
  EXPECT_FALSE(limits.admit(order, now)) << "it begins anew";
}

TEST_F(CallLimitsTest, AProbeThatWasNotMadeLeavesTheNextOneToProbe) {
  for (int i = 0; i < 5; ++i) call(Partner::kFailed);
  now += 30s;
  call(Partner::kNotAsked);
  EXPECT_FALSE(limits.admit(order, now));
}

TEST_F(CallLimitsTest, TheCapIsKeptAndThoseSentAwayComeBackOneAfterTheOther) {
  CallLimits capped({}, {{"post", 10}});
  int made = 0;
  std::vector<core::Instant> places;
  for (int i = 0; i < 20; ++i) {
    const auto later = capped.admit(order, now);
    if (later) places.push_back(*later);
    made += later ? 0 : 1;
  }
  EXPECT_LE(made, 3);
  for (std::size_t i = 1; i < places.size(); ++i) EXPECT_EQ(places[i] - places[i - 1], 100ms);
  EXPECT_FALSE(capped.admit({"order", "uncapped"}, now));
  const core::Instant begin = now;
  for (made = 0; now < begin + 10s; now += 10ms) made += capped.admit(order, now) ? 0 : 1;
  EXPECT_NEAR(made, 100, 3);
  capped.setNodes(2);
  for (made = 0; now < begin + 20s; now += 10ms) made += capped.admit(order, now) ? 0 : 1;
  EXPECT_NEAR(made, 50, 3);
}

TEST_F(CallLimitsTest, AClockSetBackDoesNotStopCalls) {
  CallLimits capped({}, {{"post", 10}});
  EXPECT_FALSE(capped.admit(order, now));
  now -= 1h;
  capped.admit(order, now);
  now += 1s;
  EXPECT_FALSE(capped.admit(order, now));
}

}  // namespace
}  // namespace qianda::delivery
