#include <random>

#include "core/error.h"
#include "delivery/queue/queue_shared.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using std::chrono::milliseconds;
using storage::Transaction;

constexpr milliseconds kRest{200}, kTick{50}, kIdle{250};
constexpr milliseconds kBusyParcel{500}, kNoHandler{30000};
constexpr std::int64_t kSuspect = 2;  // deliveries after which it is called alone
constexpr int kEndTries = 5;

// Not now: ask again then. A limit holds for every task of its kind and partner.
struct Later {
  core::Instant until;
  bool isLimit = false;
};

milliseconds jittered(milliseconds most) {
  thread_local std::mt19937_64 random(std::random_device{}());
  return milliseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(random));
}

class Worker {
 public:
  Worker(QueueShared& queue, int number) : queue_(queue), number_(number), index_(queue.connectIndex()) {}

  void run() {
    while (!queue_.stopping) {
      try {
        lookOnce();
      } catch (const SqlFault& fault) {
        queue_.sqlDown(fault.reason);
        rest(kRest);
      }
    }
  }

 private:
  void rest(milliseconds time) {
    if (!queue_.stopping) queue_.bell.await(heard_, time);
  }

  void lookOnce() {
    if (!queue_.isIndexUp) return pollSql();
    const std::vector<int> mine = shards();
    if (mine.empty()) {
      if (holdsNone()) return pollSql();  // those who hold them may be dead
      queue_.look(number_);
      return rest(kIdle);
    }
    try {
      readIndex(mine);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kNotFound) {  // the index was lost: it is being filled again
        queue_.keeperBell.ring();
        rest(kRest);
      } else {
        queue_.indexDown(error.what());
      }
    }
  }

  bool holdsNone() {
    const std::lock_guard lock(queue_.shardMutex);
    return queue_.held.empty();
  }

  std::vector<int> shards() {
    const std::lock_guard lock(queue_.shardMutex);
    // Dealt out among the workers that do not hang.
    int count = 0, mineAmong = 0;
    for (int worker = 0; worker < queue_.options.threads; ++worker) {
      if (worker == number_) mineAmong = count;
      if (worker == number_ || !queue_.hangs(worker)) ++count;
    }
    std::vector<int> mine;
    int place = 0;
    for (const auto& [shard, held] : queue_.held) {
      if (place++ % count == mineAmong) mine.push_back(shard);
    }
    return mine;
  }

  using Hand = std::vector<std::pair<int, storage::StreamEntry>>;

  Hand backlog(const std::vector<int>& shards) {
    const std::lock_guard lock(queue_.shardMutex);
    Hand hand;
    for (const int shard : shards) {
      const auto held = queue_.held.find(shard);
      if (held == queue_.held.end()) continue;
      for (storage::StreamEntry& entry : held->second.backlog) hand.emplace_back(shard, std::move(entry));
      held->second.backlog.clear();
    }
    return hand;
  }

  // Those in hand are kept from looking idle, those that are not any more become idle.
  void note(const Hand& hand, bool isInHand) {
    const std::lock_guard lock(queue_.shardMutex);
    for (const auto& [shard, entry] : hand) {
      const auto held = queue_.held.find(shard);
      if (held == queue_.held.end()) continue;
      if (isInHand) {
        held->second.inHand[entry.id] = number_;
      } else {
        held->second.inHand.erase(entry.id);
      }
    }
  }

  void readIndex(const std::vector<int>& mine) {
    Hand hand = backlog(mine);
    if (hand.empty()) {
      for (auto& [shard, entries] : index_->read(mine, queue_.node, queue_.options.block)) {
        for (storage::StreamEntry& entry : entries) hand.emplace_back(shard, std::move(entry));
      }
      if (hand.empty() && index_->isCluster()) rest(kTick);
    }
    queue_.look(number_);
    note(hand, true);
    std::size_t next = 0;
    try {
      for (; next < hand.size() && !queue_.stopping; ++next) attend(hand[next].first, hand[next].second);
    } catch (const SqlFault&) {
      note(hand, false);
      const std::lock_guard lock(queue_.shardMutex);  // the rest stays for when the database is back
      for (; next < hand.size(); ++next) {
        const auto held = queue_.held.find(hand[next].first);
        if (held != queue_.held.end()) held->second.backlog.push_back(hand[next].second);
      }
      throw;
    } catch (...) {
      note(hand, false);
      throw;
    }
    note(hand, false);
  }

  void attend(int shard, const storage::StreamEntry& entry) {
    const auto named = parseEntry(entry.text);
    if (named) {
      const auto look = sql([&] {
        return queue_.database.looked<std::optional<TaskLook>>(
            [&](Transaction& transaction) { return findTask(transaction, named->first); });
      });
      queue_.sqlUp();
      // Else it is a second entry, or an old one.
      if (look && look->task.version == named->second && look->state == "ready") {
        const auto due = storage::instantOf(look->dueMs);
        std::optional<Later> later;
        if (due > queue_.now()) later = Later{due};
        if (!later) later = call(*look);
        if (later) index_->defer(shard, entry.text, later->until);
      }
    }
    queue_.step("before_ack");
    index_->end(shard, {entry.id});
    queue_.look(number_);
  }

  Callable callable() {
    const core::Instant now = queue_.now();
    Callable callable{queue_.kinds, queue_.limits.closed(now), now};
    std::erase_if(avoided_, [&](const auto& entry) { return entry.second <= now; });
    for (const auto& [key, until] : avoided_) callable.closed.insert(key);
    return callable;
  }

  void pollSql() {
    const Callable now = callable();
    std::optional<TaskLook> look;
    for (const std::int64_t skip : {std::int64_t{number_}, std::int64_t{0}}) {
      look = sql([&] {
        return queue_.database.looked<std::optional<TaskLook>>(
            [&](Transaction& transaction) { return findDueTask(transaction, now, skip); });
      });
      if (look || number_ == 0) break;
    }
    queue_.look(number_);
    queue_.sqlUp();
    if (!look) return rest(queue_.options.poll);
    const auto later = call(*look);
    if (later && later->isLimit) avoided_[{look->task.kind, look->task.partner}] = later->until;
    queue_.look(number_);
  }

  // The task's whole way through a worker's hands.
  std::optional<Later> call(const TaskLook& look) {
    const auto handler = queue_.handlers.find(look.task.kind);
    if (handler == queue_.handlers.end()) return Later{queue_.now() + kNoHandler, true};
    const bool isSuspect = look.deliveries >= kSuspect;
    // From here on it is busy, also while it waits for its turn.
    struct Busy {
      std::atomic<std::int64_t>& since;
      explicit Busy(std::atomic<std::int64_t>& of) : since(of) { since = QueueShared::steadyMs(); }
      ~Busy() { since = 0; }
    } busy(queue_.busySince[static_cast<std::size_t>(number_)]);
    struct Pass {
      Turnstile& turnstile;
      const bool alone;
      Pass(Turnstile& of, bool isAlone, milliseconds patience) : turnstile(of), alone(isAlone) {
        turnstile.enter(alone, patience);
      }
      ~Pass() { turnstile.leave(alone); }
    } pass(queue_.turnstile, isSuspect, queue_.options.handlerLimit);
    if (look.deliveries >= queue_.options.mostDeliveries) {
      bury(look);
      return std::nullopt;
    }
    const CallLimits::Key key{look.task.kind, look.task.partner};
    if (const auto until = queue_.limits.admit(key, queue_.now())) return Later{*until, true};
    struct Admitted {
      QueueShared& queue;
      const CallLimits::Key& key;
      TaskEnd::Partner partner = TaskEnd::Partner::kNotAsked;
      ~Admitted() { queue.limits.report(key, partner, queue.now()); }
    };
    Admitted admitted{queue_, key};
    const auto task = take(look);
    if (!task) return Later{queue_.now() + kBusyParcel};
    queue_.step("after_take");
    const TaskEnd end = run(*task, handler->second);
    queue_.step("after_handler");
    admitted.partner = end.partner;
    settle(*task, end);
    queue_.step("after_end");
    return std::nullopt;
  }

  void bury(const TaskLook& look) {
    sql([&] {
      queue_.writer.write([&](Transaction& transaction) {
        buryReadyTask(transaction, look,
                      "its worker ended " + std::to_string(look.deliveries) + " times without giving it back",
                      queue_.now());
      });
    });
  }

  std::optional<PostalTask> take(const TaskLook& look) {
    const Callable now = callable();
    try {
      return queue_.writer.written<std::optional<PostalTask>>([&](Transaction& transaction) {
        return takeTask(transaction, look, now, queue_.node, core::now() + queue_.options.lease);
      });
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kConflict) return std::nullopt;  // another task of the parcel was quicker
      throw SqlFault{error.what()};
    }
  }

  TaskEnd run(const PostalTask& task, const TaskHandler& handler) {
    {
      const std::lock_guard lock(queue_.flightMutex);
      queue_.flights[task.id] = {task, std::chrono::steady_clock::now()};
    }
    queue_.busySince[static_cast<std::size_t>(number_)] = QueueShared::steadyMs();
    TaskEnd end;
    try {
      end = handler(task, queue_.stopping);
    } catch (const std::exception& error) {
      end = {TaskEnd::How::kAgain, error.what(), {}, TaskEnd::Partner::kNotAsked};
    } catch (...) {
      end = {TaskEnd::How::kAgain, "the handler threw something unknown", {}, TaskEnd::Partner::kNotAsked};
    }
    queue_.look(number_);
    const std::lock_guard lock(queue_.flightMutex);
    queue_.flights.erase(task.id);
    return end;
  }

  void endIn(Transaction& transaction, const PostalTask& task, const TaskEnd& end, core::Instant now) {
    const auto& backoff = queue_.options.backoff;
    switch (end.how) {
      case TaskEnd::How::kFinished:
        return;
      case TaskEnd::How::kDone:
        return finishTask(transaction, task, now);
      case TaskEnd::How::kDead:
        return buryTask(transaction, task, end.reason, now);
      case TaskEnd::How::kAgain:
        break;
    }
    if (end.due) return postponeTask(transaction, task, *end.due, end.reason, now);
    const std::string reason = end.reason.empty() ? "asked to be called again" : end.reason;
    if (task.attempts >= static_cast<std::int64_t>(backoff.size())) {
      return buryTask(transaction, task, "given up after " + std::to_string(task.attempts) + " attempts: " + reason,
                      now);
    }
    postponeTask(transaction, task, now + jittered(backoff[static_cast<std::size_t>(task.attempts)]), reason, now);
  }

  // When the database is away for longer, the lease runs out and the task is called again.
  void settle(const PostalTask& task, const TaskEnd& end) {
    if (end.how == TaskEnd::How::kFinished) return queue_.bell.ring();  // it may have left others
    for (int attempt = 1;; ++attempt) {
      try {
        queue_.writer.write([&](Transaction& transaction) { endIn(transaction, task, end, queue_.now()); });
        break;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kConflict) {
          ++queue_.fenced;
          return;
        }
        if (attempt == kEndTries) throw SqlFault{error.what()};
        queue_.sqlDown(error.what());
        std::this_thread::sleep_for(kRest * attempt);
      }
    }
    if (end.how == TaskEnd::How::kAgain) queue_.bell.ring();
  }

  QueueShared& queue_;
  const int number_;
  const std::unique_ptr<WorkIndex> index_;
  std::map<CallLimits::Key, core::Instant> avoided_;
  std::uint64_t heard_ = 0;
};

}  // namespace

void runWorker(QueueShared& queue, int number) { Worker(queue, number).run(); }

}  // namespace qianda::delivery
