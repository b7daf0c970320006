// What the court's side costs, on a database and a Redis of the caller's. Both are written to: a database that holds
// cases of others is refused. A task is accepted as the service does it when it creates a parcel (parcel, postal task
// and audit entry, committed) while the postal queue carries the tasks to Redis and works them off with a partner that
// answers at once. A callback is a push of China Post, sealed as the partner seals it: read, checked, kept, its effect
// on parcel and service record committed, answered; without HTTP. Every parcel is told of five events, the last one the
// signature. Beside them, with as many callers: bare commits of one row each, and single XADDs. Times are of the wall.
#pragma once

#include <cstdint>

#include "delivery/queue/bench.h"

namespace qianda::delivery {

struct DeliveryBenchRequest {
  int threads = 32;  // callers
  std::int64_t tasks = 10000, callbacks = 10000;
};

struct DeliveryPace {
  double perSecond = 0, p50Ms = 0, p99Ms = 0;
  std::int64_t count = 0;
  std::uint64_t commits = 0;  // that carried them: callers share
};

struct DeliveryBench {
  DeliveryPace tasks, callbacks;
  DeliveryPace bareCommits;       // one row and one commit each; as many before and after
  DeliveryPace xadds;             // one entry and one round trip each
  std::int64_t tasksHandled = 0;  // by the queue while the tasks were accepted
  std::int64_t tasksSent = 0;     // to Redis in the same time
  std::int64_t served = 0;        // records that the callbacks brought to their end
};

// Throws kUsage for a database that holds cases of others, kCorrupt when the callbacks had not the effect they must
// have, kUnavailable when Redis does not carry what is committed.
DeliveryBench benchDelivery(storage::Database& database, const storage::RedisAddress& redis,
                            const DeliveryBenchRequest& request);

// measureReindex on a database that is no service's; takes its rows and keys back.
ReindexFigures benchReindex(storage::Database& database, const storage::RedisAddress& redis, std::int64_t open);

}  // namespace qianda::delivery
