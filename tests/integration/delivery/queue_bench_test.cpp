// The measurements measure what they say: the index they fill is the one SQL knows.
#include "tests/integration/delivery/queue_bench.h"

#include "delivery/queue/bench.h"
#include "tests/support/redis.h"

namespace qianda::delivery {
namespace {

class QueueMeasurementTest : public test::OnBothDatabases {};
INSTANTIATE_TEST_SUITE_P(Databases, QueueMeasurementTest, test::bothDatabases(), test::databaseName);

TEST_P(QueueMeasurementTest, AReindexPutsEveryOpenRowIntoTheIndex) {
  const test::PrivateRedis server;
  const auto redis = storage::parseRedisAddress(server.address());
  const ReindexFigures first = measureReindex(*database, redis, 12000);
  EXPECT_EQ(first.rows, 12000);
  EXPECT_EQ(first.entries, 12000);
  EXPECT_GT(first.seconds, 0);
  EXPECT_EQ(measureReindex(*database, redis, 10).entries, 12010) << "nothing twice";
  EXPECT_GT(addedPerSecond(redis, 2000), 0);
}

TEST_P(QueueMeasurementTest, IntakeIsCommittedByOnesAndInGroups) {
  EXPECT_EQ(measureIntake(*database, 4, 40, false).commits, 40u);
  EXPECT_LE(measureIntake(*database, 4, 40, true).commits, 40u);
  EXPECT_EQ(Effects(*database).open(), 80);
}

}  // namespace
}  // namespace qianda::delivery
