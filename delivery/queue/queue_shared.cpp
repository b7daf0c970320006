#include "delivery/queue/queue_shared.h"

#include "core/id.h"

namespace qianda::delivery {
namespace {

std::vector<std::string> kindsOf(const std::map<std::string, TaskHandler>& handlers) {
  std::vector<std::string> kinds;
  for (const auto& [kind, handler] : handlers) kinds.push_back(kind);
  return kinds;
}

QueueOptions checked(QueueOptions options) {
  options.shards = std::clamp(options.shards, 1, static_cast<int>(kSlots));
  options.threads = std::max(1, options.threads);
  if (options.backoff.empty()) options.backoff = QueueOptions::defaultBackoff();
  return options;
}

}  // namespace

void Bell::ring() noexcept {
  {
    const std::lock_guard lock(mutex_);
    ++number_;
  }
  rung_.notify_all();
}

bool Bell::await(std::uint64_t& heard, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const bool isNew = rung_.wait_for(lock, patience, [&] { return number_ != heard; });
  heard = number_;
  return isNew;
}

void Turnstile::enter(bool alone, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (!alone) {
    changed_.wait_for(lock, patience, [&] { return alone_ == 0 && waitingAlone_ == 0; });
    ++inside_;
    return;
  }
  ++waitingAlone_;
  changed_.wait_for(lock, patience, [&] { return alone_ == 0 && inside_ == 0; });
  --waitingAlone_;
  ++alone_;
}

void Turnstile::leave(bool alone) {
  {
    const std::lock_guard lock(mutex_);
    --(alone ? alone_ : inside_);
  }
  changed_.notify_all();
}

QueueShared::QueueShared(storage::Database& of, std::optional<storage::RedisAddress> address,
                         std::map<std::string, TaskHandler> by, QueueOptions with)
    : database(of),
      writer(of),
      redis(std::move(address)),
      handlers(std::move(by)),
      kinds(kindsOf(handlers)),
      options(checked(std::move(with))),
      node(options.node.empty() ? core::DocumentId::random().text() : options.node),
      limits(options.breaker, options.ratePerSecond),
      looks(static_cast<std::size_t>(options.threads) + 2),
      busySince(static_cast<std::size_t>(options.threads)) {
  for (auto& seat : looks) seat = steadyMs();
  for (auto& since : busySince) since = 0;
}

std::int64_t QueueShared::steadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void QueueShared::indexUp() {
  {
    const std::lock_guard lock(sampleMutex);
    redisFault.clear();
  }
  if (!isIndexUp.exchange(true)) bell.ring();
}

void QueueShared::indexDown(const std::string& reason) {
  bool isNew = false;
  {
    const std::lock_guard lock(sampleMutex);
    isNew = redisFault.empty();
    redisFault = reason;
  }
  isIndexUp = false;
  {
    const std::lock_guard lock(shardMutex);
    held.clear();
  }
  bell.ring();
  if (isNew && options.onFault) options.onFault("the index of postal tasks: " + reason);
}

void QueueShared::sqlUp() {
  const std::lock_guard lock(sampleMutex);
  sqlFault.clear();
}

void QueueShared::sqlDown(const std::string& reason) {
  bool isNew = false;
  {
    const std::lock_guard lock(sampleMutex);
    isNew = sqlFault.empty();
    sqlFault = reason;
  }
  if (isNew && options.onFault) options.onFault("the postal tasks: " + reason);
}

std::unique_ptr<WorkIndex> QueueShared::connectIndex() const {
  if (!redis) return nullptr;
  return std::make_unique<WorkIndex>(*redis, options.prefix, options.shards, options.redisTimeout);
}

}  // namespace qianda::delivery
