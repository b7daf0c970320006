// Who may be called now: a circuit breaker for each partner and kind of task (orders stop, tracking goes on), and a cap
// on the calls to a partner. Both know only this node; the cap is this node's part of it. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "delivery/queue/postal_workers.h"

namespace qianda::delivery {

class CallLimits {
 public:
  using Key = std::pair<std::string, std::string>;  // kind, partner

  CallLimits(BreakerOptions breaker, std::map<std::string, double> ratePerSecond)
      : options_(breaker), rates_(std::move(ratePerSecond)) {}

  // Nothing: it may be called now, and if its breaker was open this call is the probe, whose end must be told. Else
  // when to ask again.
  std::optional<core::Instant> admit(const Key& key, core::Instant now);
  // What became of an admitted call; kNotAsked when it was not made after all.
  void report(const Key& key, TaskEnd::Partner partner, core::Instant now);
  // Those that admit() would turn away.
  std::set<Key> closed(core::Instant now) const;
  // The cap is for all nodes together.
  void setNodes(int nodes);
  std::vector<BreakerHealth> health() const;

 private:
  struct Breaker {
    BreakerHealth::State state = BreakerHealth::State::kClosed;
    std::deque<bool> last;  // true: failed
    int inARow = 0;
    core::Instant openUntil{};
    std::chrono::milliseconds pause{0};
  };
  struct Bucket {
    double tokens = 1;
    core::Instant filled{};
    core::Instant lastPlace{};  // in the line of those who were sent away
  };
  std::optional<core::Instant> takeToken(const std::string& partner, core::Instant now);
  void open(Breaker& breaker, core::Instant now) const;

  const BreakerOptions options_;
  const std::map<std::string, double> rates_;
  mutable std::mutex mutex_;
  std::map<Key, Breaker> breakers_;
  std::map<std::string, Bucket> buckets_;
  int nodes_ = 1;
};

}  // namespace qianda::delivery
