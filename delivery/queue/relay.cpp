#include "core/error.h"
#include "delivery/queue/queue_shared.h"

namespace qianda::delivery {
namespace {

using std::chrono::milliseconds;
using storage::Transaction;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kPerLook = 1000;
constexpr milliseconds kTick{250};  // of the set of later work

class Relay {
 public:
  explicit Relay(QueueShared& queue) : queue_(queue), index_(queue.connectIndex()) {}

  void run() {
    bool isRung = true;
    while (!queue_.closing) {
      try {
        if (queue_.isIndexUp) carry(isRung);
        queue_.look(queue_.relaySeat());
      } catch (const SqlFault& fault) {
        queue_.sqlDown(fault.reason);
      } catch (const core::Error& error) {
        queue_.indexDown(error.what());
      }
      isRung = queue_.bell.await(heard_, kTick);
    }
  }

 private:
  void carry(bool isRung) {
    if (isRung || Steady::now() - lastLook_ >= queue_.options.poll) {
      while (!queue_.closing && sendSome()) {
      }
      lastLook_ = Steady::now();
    }
    std::vector<int> held;
    {
      const std::lock_guard lock(queue_.shardMutex);
      for (const auto& [shard, state] : queue_.held) held.push_back(shard);
    }
    for (const int shard : held) index_->moveDue(shard, queue_.now());
  }

  // What was sent and not marked is sent twice: its version tells.
  bool sendSome() {
    const auto rows = sql([&] {
      return queue_.database.looked<std::vector<IndexRow>>(
          [](Transaction& transaction) { return unsentRows(transaction, kPerLook); });
    });
    if (rows.empty()) return false;
    queue_.step("before_xadd");
    index_->send(rows, queue_.now());
    queue_.step("after_xadd");
    sql([&] { queue_.database.write([&](Transaction& transaction) { markSent(transaction, rows, queue_.now()); }); });
    queue_.step("after_mark");
    return rows.size() == kPerLook;
  }

  QueueShared& queue_;
  const std::unique_ptr<WorkIndex> index_;
  Steady::time_point lastLook_{};
  std::uint64_t heard_ = 0;
};

}  // namespace

void runRelay(QueueShared& queue) { Relay(queue).run(); }

}  // namespace qianda::delivery
