// What the threads of one PostalQueue share: bell, turnstile, the shards held here, the calls under way, and what each
// thread saw last. Every member says which lock guards it, or is atomic. Inside delivery/queue only.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "delivery/queue/call_limits.h"
#include "delivery/queue/work_index.h"
#include "storage/sql/group_writer.h"

namespace qianda::delivery {

// Rung when there may be something new; each listener keeps the number it heard last, and misses nothing.
class Bell {
 public:
  void ring() noexcept;
  // True when it was rung since `heard`, which is brought up to date; waits at most so long.
  bool await(std::uint64_t& heard, std::chrono::milliseconds patience);

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  std::uint64_t number_ = 0;
};

// Calls go side by side, but one whose worker died before goes alone: what it kills is itself (R12). Who waits to be
// alone waits at most so long: a call that hangs must not hold up the node.
class Turnstile {
 public:
  void enter(bool alone, std::chrono::milliseconds patience);
  void leave(bool alone);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0, alone_ = 0, waitingAlone_ = 0;
};

struct HeldShard {
  std::vector<storage::StreamEntry> backlog;  // taken over, before anything is read
  std::map<std::string, int> inHand;          // ids of entries and the workers that are at them
};

struct Flight {
  PostalTask task;
  std::chrono::steady_clock::time_point since;
};

struct QueueSample {
  std::map<std::string, QueueCount> counts;
  std::int64_t lag = 0;
  core::Instant at{};  // by the queue's clock
};

struct QueueShared {
  QueueShared(storage::Database& of, std::optional<storage::RedisAddress> address,
              std::map<std::string, TaskHandler> by, QueueOptions with);

  storage::Database& database;
  storage::GroupWriter writer;
  const std::optional<storage::RedisAddress> redis;
  const std::map<std::string, TaskHandler> handlers;
  const std::vector<std::string> kinds;
  const QueueOptions options;
  const std::string node;

  std::atomic<bool> stopping = false;  // workers and handlers
  std::atomic<bool> closing = false;   // relay and keeper
  Bell bell, keeperBell;
  Turnstile turnstile;
  CallLimits limits;
  std::atomic<bool> isIndexUp = false;
  std::atomic<int> nodes = 1;
  std::atomic<std::uint64_t> refills = 0, resent = 0, lostEntries = 0, fenced = 0;

  std::mutex shardMutex;
  std::map<int, HeldShard> held;  // shardMutex
  std::mutex flightMutex;
  std::map<std::string, Flight> flights;  // flightMutex, by the task's id
  mutable std::mutex sampleMutex;
  QueueSample sample;      // sampleMutex
  std::string redisFault;  // sampleMutex
  std::string sqlFault;    // sampleMutex

  // Of the workers, then the relay's and the keeper's: milliseconds of the steady clock.
  std::vector<std::atomic<std::int64_t>> looks;
  std::vector<std::atomic<std::int64_t>> busySince;  // of workers: 0 between calls
  int relaySeat() const { return options.threads; }
  int keeperSeat() const { return options.threads + 1; }
  void look(int seat) { looks[static_cast<std::size_t>(seat)] = steadyMs(); }
  static std::int64_t steadyMs();
  // In a call that takes longer than it may: others do its work.
  bool hangs(int worker) const {
    const std::int64_t since = busySince[static_cast<std::size_t>(worker)];
    return since != 0 && steadyMs() - since > options.handlerLimit.count();
  }

  // Of a shard and of a node's sign of life: renewed every second, and who died shall not keep others waiting.
  std::chrono::milliseconds shardLease() const { return std::min(options.lease, std::chrono::milliseconds(10000)); }
  core::Instant now() const { return options.clock(); }
  void step(const char* place) const {
    if (options.onStep) options.onStep(place);
  }
  void indexUp();
  void indexDown(const std::string& reason);
  void sqlUp();
  void sqlDown(const std::string& reason);
  std::unique_ptr<WorkIndex> connectIndex() const;
};

void runWorker(QueueShared& queue, int number);
void runRelay(QueueShared& queue);
void runKeeper(QueueShared& queue);

}  // namespace qianda::delivery
