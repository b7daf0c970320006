// The threads that work the postal queue of this node off: a relay that carries rows to Redis, workers that take tasks
// and call their handlers, a keeper of leases, heartbeats, sweeps and figures. Without a Redis, and while it is away,
// the workers ask SQL themselves: the same guarantees, slower. A task is called at least once; what its handler does
// outside SQL must bear repetition, what it does in SQL happens once when it ends the task in the same transaction
// (postal_queue.h). Handlers run on the workers' threads, several at once, never two of one parcel. Times of tasks are
// those of `clock`; leases are real time. docs/postal-queue.md, promises R1, R3, R12 to R16, R19, R22, R23.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "delivery/queue/postal_queue.h"
#include "storage/redis/redis.h"

namespace qianda::delivery {

// What became of a call.
struct TaskEnd {
  enum class How {
    kFinished,  // the handler ended the task itself, in its own transaction
    kDone,      // finishTask
    kAgain,     // postponeTask: at `due`, or by the back-off when that is nothing; too many of the latter bury it
    kDead,      // buryTask: a person decides
  } how = How::kDone;
  std::string reason;  // of kAgain and kDead; kAgain with a due time and without a reason went well
  std::optional<core::Instant> due;
  // What the partner did, for the breaker.
  enum class Partner { kNotAsked, kAnswered, kFailed } partner = Partner::kNotAsked;
};

// Shall return soon once `stopping` is true (kAgain, due now). What it throws is kAgain by the back-off, unless it is
// the kConflict of a task that another took.
using TaskHandler = std::function<TaskEnd(const PostalTask& task, const std::atomic<bool>& stopping)>;

struct BreakerOptions {
  int inARow = 5;                          // failures that open it,
  int ofLast = 20;                         // or of so many calls
  int percent = 50;                        // so many of a hundred
  std::chrono::milliseconds pause{30000};  // until one call probes; doubled with each probe that fails
  std::chrono::milliseconds mostPause{300000};
};

struct QueueOptions {
  int shards = 16;                         // streams; the same on all nodes. Another number fills the index anew
  int threads = 4;                         // of this node, each with one call at a time
  std::string prefix = "qianda:post";      // of the keys in Redis: one installation each
  std::string node;                        // "" for a random name
  std::chrono::milliseconds lease{30000};  // of a task whose holder is silent; a shard's is 10 s at most
  std::chrono::milliseconds handlerLimit{120000};  // a call longer than this is no longer vouched for
  std::chrono::milliseconds deafAfter{15000};      // without a look with success
  int mostDeliveries = 5;                          // taken and never given back: its payload kills
  std::vector<std::chrono::milliseconds> backoff = defaultBackoff();  // caps of full jitter; after the last one: dead
  BreakerOptions breaker;                                             // of each partner and kind
  std::map<std::string, double> ratePerSecond;  // by partner, for all nodes together; none: no cap
  std::chrono::milliseconds poll{1000};         // looks at SQL that nobody woke
  std::chrono::milliseconds block{1000};        // of a read that waits in Redis
  std::chrono::milliseconds sweep{15000};       // between comparisons of the index with SQL
  std::chrono::milliseconds forgotten{60000};   // due and sent for so long and not taken: sent again
  std::chrono::milliseconds redisTimeout{2000};
  std::function<core::Instant()> clock = core::now;
  std::function<void(const std::string& reason)> onFault = {};  // once until it is well again; any thread
  // Called with the name of a place between two steps ("before_xadd", "after_xadd", "after_mark", "after_take",
  // "after_handler", "after_end", "before_ack"): for tests that end the process there.
  std::function<void(const char* place)> onStep = {};

  static std::vector<std::chrono::milliseconds>
  defaultBackoff();  // 0, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h
};

struct BreakerHealth {
  std::string partner, kind;
  enum class State { kClosed, kOpen, kProbing } state = State::kClosed;
  int failuresInARow = 0;
  core::Instant openUntil{};
};

struct QueueHealth {
  bool hasRedis = false, isRedisUp = false;
  std::string redisFault;                     // why it is not
  std::int64_t lag = 0;                       // entries in the index of the shards held here, not yet done
  std::map<std::string, QueueCount> counts;   // by kind, from SQL
  std::chrono::milliseconds oldestDueAge{0};  // how long the oldest ready task has been due
  std::int64_t ready = 0, delayed = 0, running = 0, dead = 0;
  std::vector<int> shards;                          // held here
  int nodes = 1;                                    // alive, as Redis knows
  std::vector<std::chrono::milliseconds> lookAges;  // of each worker: since it last looked with success or took a call
  int deaf = 0;                                     // workers, relay and keeper whose last look is older than deafAfter
  std::uint64_t refills = 0;                        // of shards' indexes, from SQL
  std::uint64_t resent = 0;                         // tasks the index had forgotten
  std::uint64_t lostEntries = 0;                    // pending, yet deleted from their stream: must stay 0
  std::uint64_t fenced = 0;                         // calls whose task another had taken meanwhile
  std::vector<BreakerHealth> breakers;              // those that saw a failure
  std::vector<std::string> faults;                  // empty: well

  bool isWell() const { return faults.empty(); }
};

class PostalQueue {
 public:
  // Starts its threads. `database` outlives it. A kind without a handler waits for a node that has one.
  PostalQueue(storage::Database& database, std::optional<storage::RedisAddress> redis,
              std::map<std::string, TaskHandler> handlers, QueueOptions options = {});
  ~PostalQueue();
  PostalQueue(const PostalQueue&) = delete;
  PostalQueue& operator=(const PostalQueue&) = delete;

  // There is a new task: cheap, never waits. Without it a task waits for the next look.
  void wake() noexcept;
  // Takes no more tasks, tells the handlers, waits for them, gives leases back. Twice is once.
  void stop();
  // As of the last seconds; asks nobody.
  QueueHealth health() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::delivery
