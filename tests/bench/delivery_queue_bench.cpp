// What the postal queue costs: delivery_queue_bench [sqlite|postgres] [OPEN] prints JSON.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "delivery/queue/bench.h"
#include "tests/support/database.h"
#include "tests/support/redis.h"

int main(int argc, char** argv) {
  using namespace qianda;
  const bool isPostgres = argc > 1 && std::string(argv[1]) == "postgres";
  const long open = argc > 2 ? std::atol(argv[2]) : 100000;
  const test::PrivateRedis server;
  const auto redis = storage::parseRedisAddress(server.address());
  test::TestDatabase database(isPostgres ? test::DatabaseKind::kPostgres : test::DatabaseKind::kSqlite,
                              {.sessions = 64});
  std::printf("{\"database\":\"%s\"", isPostgres ? "postgres" : "sqlite");
  for (const int threads : {1, 16, 64}) {
    const auto bare = delivery::measureIntake(*database, threads, 4000, false);
    const auto grouped = delivery::measureIntake(*database, threads, 8000, true);
    std::printf(
        ",\"threads_%d\":{\"bare_per_second\":%.0f,\"bare_p99_ms\":%.1f,\"grouped_per_second\":%.0f,"
        "\"grouped_p50_ms\":%.1f,\"grouped_p99_ms\":%.1f,\"commits\":%llu}",
        threads, bare.perSecond, bare.p99Ms, grouped.perSecond, grouped.p50Ms, grouped.p99Ms,
        static_cast<unsigned long long>(grouped.commits));
    std::fflush(stdout);
  }
  const auto reindex = delivery::measureReindex(*database, redis, open);
  std::printf(",\"xadd_per_second\":%.0f,\"reindex\":{\"rows\":%lld,\"seconds\":%.2f,\"fill_seconds\":%.2f}}\n",
              delivery::addedPerSecond(redis, 200000), static_cast<long long>(reindex.rows), reindex.seconds,
              reindex.fillSeconds);
}
