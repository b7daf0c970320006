// What the postal queue costs, on a database and a Redis of the caller's (both are written to: they are not those of a
// service). Rows it makes have parcels "bench-...". Times are of the wall.
#pragma once

#include <cstdint>

#include "delivery/queue/postal_workers.h"

namespace qianda::delivery {

struct ReindexFigures {
  double seconds = 0;      // from an empty Redis until the index equals SQL
  double fillSeconds = 0;  // writing the rows before, not part of it
  std::int64_t rows = 0, entries = 0;
};
// Makes `open` rows ready (half of them due), empties the index and fills it again from SQL. Throws kCorrupt when the
// index is not what SQL says.
ReindexFigures measureReindex(storage::Database& database, const storage::RedisAddress& redis, std::int64_t open,
                              const std::string& prefix = "qianda:post-bench");
double reindexSeconds(storage::Database& database, const storage::RedisAddress& redis, std::int64_t open);

struct IntakeFigures {
  double perSecond = 0, p50Ms = 0, p99Ms = 0;
  std::uint64_t commits = 0;
};
// `threads` callers hand in `count` tasks, each with a commit of its own or through a GroupWriter.
IntakeFigures measureIntake(storage::Database& database, int threads, int count, bool isGrouped);
// XADD of as many entries in round trips of a thousand.
double addedPerSecond(const storage::RedisAddress& redis, int count);

}  // namespace qianda::delivery
