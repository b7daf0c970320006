// Token buckets by key ("login:203.0.113.7", "key:01J..."): each holds at most `burst` and refills by `perMinute`.
// Shared by all nodes where there is a Redis; without one, or while it is away, kept in the memory of this process:
// with n nodes a client gets n times the rate at most, and a restart fills all buckets. What must hold in any case (the
// lock-out after failed logins) is in the database, see attempts.h. The buckets used longest ago are forgotten first
// when there are too many. Thread-safe.
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/time.h"
#include "storage/redis/redis.h"

namespace qianda::server {

struct Rate {
  double burst = 10;
  double perMinute = 10;
};

class RateLimiter {
 public:
  // `redis` outlives this; null: none.
  explicit RateLimiter(storage::Redis* redis = nullptr, std::size_t largest = 100'000)
      : redis_(redis), largest_(largest) {}
  // Takes one; or, when the bucket is empty, says how long to wait for the next (at least a second).
  std::optional<std::chrono::seconds> take(const std::string& key, const Rate& rate, core::Instant now);

 private:
  struct Bucket {
    std::string key;
    double level = 0;
    core::Instant at;
  };
  std::optional<std::chrono::seconds> takeHere(const std::string& key, const Rate& rate, core::Instant now);

  storage::Redis* redis_;
  std::size_t largest_;
  std::mutex mutex_;
  std::list<Bucket> buckets_;  // used last in front
  std::unordered_map<std::string, std::list<Bucket>::iterator> places_;
};

// The part of an address that stands for one client: IPv4 whole, of IPv6 the first 64 bits.
std::string rateAddress(const std::string& peer);

}  // namespace qianda::server
