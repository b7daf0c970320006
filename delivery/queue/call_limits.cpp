#include "delivery/queue/call_limits.h"

#include <algorithm>
#include <cmath>

namespace qianda::delivery {

using std::chrono::milliseconds;
using Partner = TaskEnd::Partner;
using State = BreakerHealth::State;

namespace {

constexpr milliseconds kProbeUnderWay{1000};
constexpr double kBurstSeconds = 0.3;  // as long as those who wait for a place may be late

milliseconds millisecondsFor(double seconds) {
  return milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

}  // namespace

std::optional<core::Instant> CallLimits::admit(const Key& key, core::Instant now) {
  const std::lock_guard lock(mutex_);
  const auto found = breakers_.find(key);
  if (found != breakers_.end()) {
    const Breaker& breaker = found->second;
    if (breaker.state == State::kOpen && now < breaker.openUntil) return breaker.openUntil;
    if (breaker.state == State::kProbing) return now + kProbeUnderWay;
  }
  if (const auto later = takeToken(key.second, now)) return later;
  if (found != breakers_.end() && found->second.state == State::kOpen) found->second.state = State::kProbing;
  return std::nullopt;
}

std::optional<core::Instant> CallLimits::takeToken(const std::string& partner, core::Instant now) {
  const auto cap = rates_.find(partner);
  if (cap == rates_.end() || cap->second <= 0) return std::nullopt;
  const double rate = cap->second / nodes_;
  Bucket& bucket = buckets_[partner];
  // A clock that was set back begins anew.
  const double passed = std::chrono::duration<double>(now - std::min(bucket.filled, now)).count();
  bucket.tokens = std::min(std::max(1.0, rate * kBurstSeconds), bucket.tokens + passed * rate);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  // Who is sent away comes back one after the other, at the pace of the cap.
  const core::Instant first = now + millisecondsFor((1 - bucket.tokens) / rate);
  bucket.lastPlace = std::max(first, bucket.lastPlace + millisecondsFor(1 / rate));
  return bucket.lastPlace;
}

void CallLimits::open(Breaker& breaker, core::Instant now) const {
  const bool isFirst = breaker.state == State::kClosed;
  breaker.pause = isFirst ? options_.pause : std::min(options_.mostPause, breaker.pause * 2);
  breaker.state = State::kOpen;
  breaker.openUntil = now + breaker.pause;
}

void CallLimits::report(const Key& key, Partner partner, core::Instant now) {
  const std::lock_guard lock(mutex_);
  if (partner != Partner::kFailed && breakers_.find(key) == breakers_.end()) return;
  Breaker& breaker = breakers_[key];
  if (partner == Partner::kNotAsked) {
    if (breaker.state == State::kProbing) breaker.state = State::kOpen;  // the next one probes
    return;
  }
  if (breaker.state == State::kProbing) {
    if (partner == Partner::kFailed) return open(breaker, now);
    breakers_.erase(key);
    return;
  }
  const bool isFailure = partner == Partner::kFailed;
  breaker.inARow = isFailure ? breaker.inARow + 1 : 0;
  breaker.last.push_back(isFailure);
  while (static_cast<int>(breaker.last.size()) > options_.ofLast) breaker.last.pop_front();
  if (breaker.state == State::kOpen) return;  // a call that began before it opened
  const auto failures = std::count(breaker.last.begin(), breaker.last.end(), true);
  const bool isFull = static_cast<int>(breaker.last.size()) >= options_.ofLast;
  if (breaker.inARow >= options_.inARow || (isFull && failures * 100 >= options_.ofLast * options_.percent)) {
    open(breaker, now);
    breaker.last.clear();
  }
}

std::set<CallLimits::Key> CallLimits::closed(core::Instant now) const {
  const std::lock_guard lock(mutex_);
  std::set<Key> closed;
  for (const auto& [key, breaker] : breakers_) {
    if (breaker.state == State::kProbing || (breaker.state == State::kOpen && now < breaker.openUntil)) {
      closed.insert(key);
    }
  }
  return closed;
}

void CallLimits::setNodes(int nodes) {
  const std::lock_guard lock(mutex_);
  nodes_ = std::max(1, nodes);
}

std::vector<BreakerHealth> CallLimits::health() const {
  const std::lock_guard lock(mutex_);
  std::vector<BreakerHealth> all;
  for (const auto& [key, breaker] : breakers_) {
    all.push_back({key.second, key.first, breaker.state, breaker.inARow, breaker.openUntil});
  }
  return all;
}

}  // namespace qianda::delivery
