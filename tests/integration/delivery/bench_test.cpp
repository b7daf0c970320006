// The bench of the court's side does what it measures, on both databases, and never on a court's own.
#include "delivery/bench.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "tests/support/court_case.h"
#include "tests/support/database.h"
#include "tests/support/redis.h"

namespace qianda::delivery {
namespace {

class DeliveryBenchTest : public test::OnBothDatabases {
 protected:
  std::int64_t count(const std::string& sql) {
    return database->looked<std::int64_t>([&](storage::Transaction& t) { return t.findRow(sql)->number(0); });
  }
  // By the audit log alone: every change of state begins where the one before ended. (Callers overtake each other, so
  // that a parcel may skip states.)
  std::int64_t parcelsSigned() {
    std::map<std::string, std::string> states;  // by stream
    database->read([&](storage::Transaction& t) {
      for (const storage::Row& row :
           t.query("SELECT stream, details FROM audit_entries WHERE type = 'parcel.state' ORDER BY stream, seq")) {
        std::string& state = states.try_emplace(row.text(0), "printed").first->second;
        EXPECT_NE(row.text(1).find("\"from\":\"" + state + "\""), std::string::npos) << row.text(1);
        const std::size_t to = row.text(1).find("\"to\":\"") + 6;
        state = row.text(1).substr(to, row.text(1).find('"', to) - to);
      }
    });
    return std::count_if(states.begin(), states.end(), [](const auto& one) { return one.second == "signed"; });
  }

  const test::PrivateRedis server;
  const storage::RedisAddress redis = storage::parseRedisAddress(server.address());
};
INSTANTIATE_TEST_SUITE_P(Databases, DeliveryBenchTest, test::bothDatabases(), test::databaseName);

TEST_P(DeliveryBenchTest, AcceptsTasksAndServesRecordsByCallbacks) {
  for (std::int64_t round = 1; round <= 2; ++round) {
    const DeliveryBench bench = benchDelivery(*database, redis, {4, 30, 48});
    EXPECT_EQ(bench.tasks.count, 30);
    EXPECT_EQ(bench.callbacks.count, 50) << "five for each parcel";
    EXPECT_EQ(bench.served, 10);
    EXPECT_GT(bench.tasks.perSecond, 0);
    EXPECT_GT(bench.callbacks.perSecond, 0);
    EXPECT_LE(bench.callbacks.commits, 50u);
    EXPECT_EQ(count("SELECT COUNT(*) FROM parcels"), 30 * round);
    EXPECT_EQ(count("SELECT COUNT(*) FROM parcels WHERE state = 'signed'"), 10 * round);
    EXPECT_EQ(count("SELECT COUNT(*) FROM partner_messages WHERE verdict = 'good' AND events = 1"), 50 * round);
    EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entries WHERE type = 'parcel.queued'"), 30 * round);
    EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entries WHERE type = 'parcel.events'"), 50 * round);
    EXPECT_EQ(parcelsSigned(), 10 * round);
    EXPECT_EQ(count("SELECT COUNT(*) FROM postal_tasks"), 0) << "nothing is left to do";
  }
  EXPECT_EQ(benchReindex(*database, redis, 40).rows, 40);
  EXPECT_EQ(count("SELECT COUNT(*) FROM postal_tasks"), 0);
}

TEST_P(DeliveryBenchTest, TouchesNoDatabaseOfACourt) {
  const core::Actor clerk{"01COURT0000000000000000000", "user:clerk", "127.0.0.1", "test"};
  test::makeCourtCase(*database, clerk, "1");
  const auto codeOf = [](const auto& action) {
    try {
      action();
    } catch (const core::Error& error) {
      return std::optional(error.code());
    }
    return std::optional<core::ErrorCode>();
  };
  EXPECT_EQ(codeOf([&] { benchDelivery(*database, redis, {1, 1, 1}); }), core::ErrorCode::kUsage);
  EXPECT_EQ(codeOf([&] { benchReindex(*database, redis, 1); }), core::ErrorCode::kUsage);
  EXPECT_EQ(count("SELECT COUNT(*) FROM postal_tasks"), 1);
}

}  // namespace
}  // namespace qianda::delivery
