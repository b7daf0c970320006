#include "core/error.h"
#include "delivery/queue/queue_shared.h"

namespace qianda::delivery {
namespace {

using core::Error;
using std::chrono::milliseconds;
using storage::Transaction;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kTick{1000}, kSample{2000};
constexpr std::size_t kPerSweep = 500;

// True once in a while.
class Every {
 public:
  bool operator()(milliseconds period) {
    const auto now = Steady::now();
    if (now < next_) return false;
    next_ = now + period;
    return true;
  }

 private:
  Steady::time_point next_{};
};

class Keeper {
 public:
  explicit Keeper(QueueShared& queue) : queue_(queue), index_(queue.connectIndex()) {}

  void run() {
    const milliseconds tick = std::min(kTick, queue_.options.lease / 6);
    while (!queue_.closing) {
      try {
        keepTasks();
        if (index_) keepIndex();
        if (isSampleDue_(kSample)) takeSample();
        queue_.look(queue_.keeperSeat());
      } catch (const SqlFault& fault) {
        queue_.sqlDown(fault.reason);
      }
      queue_.keeperBell.await(heard_, tick);
    }
    giveBack();
  }

 private:
  // A call that takes longer than it may is no longer vouched for: another worker will have its task.
  void keepTasks() {
    if (isRenewalDue_(queue_.options.lease / 3)) {
      std::vector<PostalTask> alive;
      {
        const std::lock_guard lock(queue_.flightMutex);
        for (const auto& [id, flight] : queue_.flights) {
          if (Steady::now() - flight.since < queue_.options.handlerLimit) alive.push_back(flight.task);
        }
      }
      if (!alive.empty()) {
        sql([&] {
          queue_.database.write([&](Transaction& transaction) {
            for (const PostalTask& task : alive) renewTask(transaction, task, core::now() + queue_.options.lease);
          });
        });
      }
      isTouchDue_ = true;
    }
    const std::uint64_t released = sql([&] {
      const bool any =
          queue_.database.looked<bool>([](Transaction& transaction) { return hasExpired(transaction, core::now()); });
      return any ? queue_.database.written<std::uint64_t>(
                       [](Transaction& transaction) { return releaseExpired(transaction, core::now()); })
                 : 0;
    });
    if (released > 0) queue_.bell.ring();
    queue_.sqlUp();
  }

  void keepIndex() {
    try {
      if (!queue_.isIndexUp) {
        index_->dropSurplus(queue_.database);
        marks_ = indexMarks(queue_.database);
      }
      keepShards();
      fillWhatIsEmpty();
      if (std::exchange(isTouchDue_, false)) touch();
      if (isSweepDue_(queue_.options.sweep) && queue_.isIndexUp) sweep();
      queue_.indexUp();
    } catch (const Error& error) {
      // What was lost between two looks is filled at the next one.
      if (error.code() != core::ErrorCode::kNotFound) queue_.indexDown(error.what());
    }
  }

  // Its share of the shards, a lease for each.
  void keepShards() {
    queue_.nodes = static_cast<int>(std::max<std::int64_t>(
        1, storage::reportAlive(index_->redis(), index_->members(), queue_.node, queue_.shardLease())));
    queue_.limits.setNodes(queue_.nodes);
    // A node whose workers all hang holds nothing.
    bool isAlive = false;
    for (int worker = 0; worker < queue_.options.threads; ++worker) isAlive = isAlive || !queue_.hangs(worker);
    const int share = isAlive ? (queue_.options.shards + queue_.nodes - 1) / queue_.nodes : 0;
    std::vector<int> mine;
    for (const int shard : heldShards()) {
      const bool isOurs = storage::renewLease(index_->redis(), index_->lease(shard), queue_.node, queue_.shardLease());
      if (isOurs && static_cast<int>(mine.size()) < share) {
        mine.push_back(shard);
        continue;
      }
      forget(shard);
      if (isOurs) storage::releaseLease(index_->redis(), index_->lease(shard), queue_.node);
    }
    for (int shard = 0; shard < queue_.options.shards && static_cast<int>(mine.size()) < share; ++shard) {
      if (std::find(mine.begin(), mine.end(), shard) != mine.end() || !acquire(shard)) continue;
      mine.push_back(shard);
    }
  }

  bool acquire(int shard) {
    // Ours from before a fault, or free.
    storage::RedisConnection& redis = index_->redis();
    if (!storage::renewLease(redis, index_->lease(shard), queue_.node, queue_.shardLease()) &&
        !storage::takeLease(redis, index_->lease(shard), queue_.node, queue_.shardLease())) {
      return false;
    }
    HeldShard held;
    if (isFilled(shard)) held.backlog = claim(shard, milliseconds(0));
    const std::lock_guard lock(queue_.shardMutex);
    queue_.held.emplace(shard, std::move(held));
    return true;
  }

  void forget(int shard) {
    const std::lock_guard lock(queue_.shardMutex);
    queue_.held.erase(shard);
  }

  std::vector<int> heldShards() {
    const std::lock_guard lock(queue_.shardMutex);
    std::vector<int> shards;
    for (const auto& [shard, held] : queue_.held) shards.push_back(shard);
    return shards;
  }

  bool isFilled(int shard) {
    if (index_->isFilled(shard, marks_[shard])) return true;
    marks_ = indexMarks(queue_.database);  // another node may have filled it
    return index_->isFilled(shard, marks_[shard]);
  }

  void fillWhatIsEmpty() {
    std::vector<int> empty;
    for (const int shard : heldShards()) {
      if (!isFilled(shard)) empty.push_back(shard);
    }
    fill(empty);
  }

  void fill(const std::vector<int>& shards) {
    if (shards.empty()) return;
    index_->fill(queue_.database, shards, queue_.now(), [&] {
      if (!isPageDue_(queue_.shardLease() / 3)) return;
      isRenewalDue_ = {};
      keepTasks();
      for (const int shard : shards) {
        storage::renewLease(index_->redis(), index_->lease(shard), queue_.node, queue_.shardLease());
      }
      queue_.look(queue_.keeperSeat());
    });
    marks_ = indexMarks(queue_.database);
    queue_.refills += shards.size();
  }

  std::vector<storage::StreamEntry> claim(int shard, milliseconds idle) {
    storage::Claimed claimed = index_->claim(shard, queue_.node, idle);
    queue_.lostEntries += claimed.deleted.size();
    const std::lock_guard lock(queue_.shardMutex);
    const auto held = queue_.held.find(shard);
    if (held != queue_.held.end()) {
      std::erase_if(claimed.entries, [&](const auto& entry) { return isInLiveHand(held->second, entry.id); });
    }
    return std::move(claimed.entries);
  }

  bool isInLiveHand(const HeldShard& held, const std::string& id) const {
    const auto hand = held.inHand.find(id);
    return hand != held.inHand.end() && !queue_.hangs(hand->second);
  }

  void touch() {
    std::map<int, std::vector<std::string>> inHand;
    {
      const std::lock_guard lock(queue_.shardMutex);
      for (const auto& [shard, held] : queue_.held) {
        for (const auto& [id, worker] : held.inHand) {
          if (!queue_.hangs(worker)) inHand[shard].push_back(id);
        }
      }
    }
    for (const auto& [shard, ids] : inHand) index_->touch(shard, queue_.node, ids);
  }

  // What Redis holds against what SQL knows, and entries nobody is at.
  void sweep() {
    const std::vector<int> shards = heldShards();
    std::map<int, std::int64_t> before, wanted, after;
    const auto count = [&](std::map<int, std::int64_t>& into) {
      for (const int shard : shards) {
        const storage::StreamFigures figures = index_->figures(shard);
        into[shard] = figures.length + figures.later;
      }
    };
    count(before);
    sql([&] {
      queue_.database.read([&](Transaction& transaction) {
        for (const auto& [slot, rows] : sentBySlot(transaction)) wanted[index_->shardOf(slot)] += rows;
      });
    });
    count(after);
    std::set<int> isShort;
    std::vector<int> lost;
    for (const int shard : shards) {
      if (std::max(before[shard], after[shard]) >= wanted[shard]) continue;
      isShort.insert(shard);
      if (wasShort_.count(shard) > 0) lost.push_back(shard);  // twice: no chance of the moment
    }
    wasShort_ = std::move(isShort);
    fill(lost);
    for (const int shard : shards) {
      std::vector<storage::StreamEntry> idle = claim(shard, queue_.options.lease * 2);
      const std::lock_guard lock(queue_.shardMutex);
      const auto held = queue_.held.find(shard);
      if (held == queue_.held.end()) continue;
      for (storage::StreamEntry& entry : idle) held->second.backlog.push_back(std::move(entry));
    }
    sendForgotten(shards);
  }

  void sendForgotten(const std::vector<int>& shards) {
    const core::Instant before = queue_.now() - queue_.options.forgotten;
    std::vector<IndexRow> rows = sql([&] {
      return queue_.database.looked<std::vector<IndexRow>>(
          [&](Transaction& transaction) { return forgottenRows(transaction, before, before, kPerSweep); });
    });
    std::erase_if(rows, [&](const IndexRow& row) {
      return std::find(shards.begin(), shards.end(), index_->shardOf(row.slot)) == shards.end();
    });
    if (rows.empty()) return;
    index_->send(rows, queue_.now());
    sql([&] { queue_.database.write([&](Transaction& transaction) { markSent(transaction, rows, queue_.now()); }); });
    queue_.resent += rows.size();
  }

  void takeSample() {
    QueueSample sample;
    sample.at = queue_.now();
    sql([&] {
      queue_.database.read([&](Transaction& transaction) { sample.counts = countTasks(transaction, sample.at); });
    });
    if (index_ && queue_.isIndexUp) {
      try {
        for (const int shard : heldShards()) sample.lag += index_->figures(shard).length;
      } catch (const Error& error) {
        if (error.code() != core::ErrorCode::kNotFound) queue_.indexDown(error.what());
      }
    }
    const std::lock_guard lock(queue_.sampleMutex);
    queue_.sample = std::move(sample);
  }

  void giveBack() {
    if (!index_ || !queue_.isIndexUp) return;
    try {
      for (const int shard : heldShards()) {
        storage::releaseLease(index_->redis(), index_->lease(shard), queue_.node);
      }
      index_->redis().command({"ZREM", index_->members(), queue_.node});
    } catch (const Error& error) {
      queue_.indexDown(error.what());  // they run out
    }
  }

  QueueShared& queue_;
  const std::unique_ptr<WorkIndex> index_;
  std::map<int, std::string> marks_;  // as SQL knew them
  std::set<int> wasShort_;
  bool isTouchDue_ = false;
  Every isRenewalDue_, isSweepDue_, isSampleDue_, isPageDue_;
  std::uint64_t heard_ = 0;
};

}  // namespace

void runKeeper(QueueShared& queue) { Keeper(queue).run(); }

}  // namespace qianda::delivery
