#include "delivery/queue/postal_workers.h"

#include <csignal>

#include "delivery/queue/queue_shared.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

namespace {

// A peer that is gone is an error, not the end of the program.
std::thread startThread(std::function<void()> work) {
  return std::thread([work = std::move(work)] {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    work();
  });
}

}  // namespace

std::vector<milliseconds> QueueOptions::defaultBackoff() { return {0s, 5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h}; }

struct PostalQueue::State {
  QueueShared shared;
  std::vector<std::thread> workers, others;
  std::mutex stopMutex;

  State(storage::Database& database, std::optional<storage::RedisAddress> redis,
        std::map<std::string, TaskHandler> handlers, QueueOptions options)
      : shared(database, std::move(redis), std::move(handlers), std::move(options)) {
    others.push_back(startThread([this] { runKeeper(shared); }));
    if (shared.redis) others.push_back(startThread([this] { runRelay(shared); }));
    for (int i = 0; i < shared.options.threads; ++i) {
      workers.push_back(startThread([this, i] { runWorker(shared, i); }));
    }
  }

  // The keeper vouches for calls until the last one has ended.
  void stop() {
    const std::lock_guard lock(stopMutex);
    shared.stopping = true;
    shared.bell.ring();
    for (std::thread& worker : workers) worker.join();
    workers.clear();
    shared.closing = true;
    shared.bell.ring();
    shared.keeperBell.ring();
    for (std::thread& thread : others) thread.join();
    others.clear();
  }
};

PostalQueue::PostalQueue(storage::Database& database, std::optional<storage::RedisAddress> redis,
                         std::map<std::string, TaskHandler> handlers, QueueOptions options)
    : state_(std::make_unique<State>(database, std::move(redis), std::move(handlers), std::move(options))) {}

PostalQueue::~PostalQueue() { stop(); }

void PostalQueue::wake() noexcept { state_->shared.bell.ring(); }

void PostalQueue::stop() { state_->stop(); }

namespace {

// A call under way is no deafness until it lasts longer than it may.
milliseconds lookAge(const QueueShared& queue, int seat) {
  const auto place = static_cast<std::size_t>(seat);
  const std::int64_t now = QueueShared::steadyMs();
  if (seat < queue.options.threads) {
    const std::int64_t since = queue.busySince[place];
    if (since != 0) return std::max(0ms, milliseconds(now - since) - queue.options.handlerLimit);
  }
  return std::max(0ms, milliseconds(now - queue.looks[place]));
}

void countIn(QueueHealth& health, const QueueSample& sample) {
  health.counts = sample.counts;
  health.lag = sample.lag;
  std::int64_t oldest = 0;
  for (const auto& [kind, count] : sample.counts) {
    health.ready += count.ready;
    health.delayed += count.delayed;
    health.running += count.running;
    health.dead += count.dead;
    if (count.oldestDueMs > 0 && (oldest == 0 || count.oldestDueMs < oldest)) oldest = count.oldestDueMs;
  }
  if (oldest > 0) health.oldestDueAge = milliseconds(storage::msOf(sample.at) - oldest);
}

}  // namespace

QueueHealth PostalQueue::health() const {
  QueueShared& queue = state_->shared;
  QueueHealth health;
  health.hasRedis = queue.redis.has_value();
  health.isRedisUp = queue.isIndexUp;
  health.nodes = queue.nodes;
  health.refills = queue.refills;
  health.resent = queue.resent;
  health.lostEntries = queue.lostEntries;
  health.fenced = queue.fenced;
  health.breakers = queue.limits.health();
  {
    const std::lock_guard lock(queue.shardMutex);
    for (const auto& [shard, held] : queue.held) health.shards.push_back(shard);
  }
  for (int seat = 0; seat < queue.options.threads + 2; ++seat) {
    if (seat == queue.relaySeat() && !health.hasRedis) continue;
    const milliseconds age = lookAge(queue, seat);
    if (seat < queue.options.threads) health.lookAges.push_back(age);
    if (age <= queue.options.deafAfter) continue;
    ++health.deaf;
    health.faults.push_back((seat == queue.relaySeat()    ? "the relay"
                             : seat == queue.keeperSeat() ? "the keeper"
                                                          : "worker " + std::to_string(seat)) +
                            std::string(" has seen nothing for ") + std::to_string(age.count() / 1000) + " s");
  }
  const std::lock_guard lock(queue.sampleMutex);
  health.redisFault = queue.redisFault;
  countIn(health, queue.sample);
  if (health.hasRedis && !health.isRedisUp) {
    health.faults.push_back("Redis: " + (queue.redisFault.empty() ? "not reached yet" : queue.redisFault));
  }
  if (!queue.sqlFault.empty()) health.faults.push_back("SQL: " + queue.sqlFault);
  return health;
}

}  // namespace qianda::delivery
