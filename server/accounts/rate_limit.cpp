#include "server/accounts/rate_limit.h"

#include <algorithm>
#include <cmath>

#include <Poco/Net/IPAddress.h>
#include <fmt/format.h>

#include "core/bytes.h"
#include "core/digest.h"
#include "core/error.h"

namespace qianda::server {
namespace {

// The same bucket as takeHere's, kept as the time at which it will be full again (GCRA, ITU-T I.371 Annex A), by the
// clock of Redis. KEYS: the bucket; ARGV: burst, per minute. Answers how many milliseconds to wait, 0 when it took one.
constexpr const char* kTake = R"lua(
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local interval = 60000 / tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = full + interval - now - interval * tonumber(ARGV[1])
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.3f', full + interval), 'PX', math.ceil(full + interval - now) + 1000)
return 0
)lua";

std::chrono::seconds wholeSeconds(double seconds) {
  return std::chrono::seconds(std::max(1, static_cast<int>(std::ceil(seconds))));
}

}  // namespace

std::optional<std::chrono::seconds> RateLimiter::take(const std::string& key, const Rate& rate, core::Instant now) {
  if (!redis_) return takeHere(key, rate, now);
  try {
    // Keys name people and addresses: Redis sees their hash.
    const storage::RedisReply reply =
        redis_->command({"EVAL", kTake, "1", "qianda:rate:" + core::sha256Hex(key), fmt::format("{}", rate.burst),
                         fmt::format("{}", rate.perMinute)});
    if (reply.integer == 0) return std::nullopt;
    return wholeSeconds(static_cast<double>(reply.integer) / 1000);
  } catch (const core::Error&) {
    return takeHere(key, rate, now);
  }
}

std::optional<std::chrono::seconds> RateLimiter::takeHere(const std::string& key, const Rate& rate, core::Instant now) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) {
    if (buckets_.size() >= largest_) {
      places_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({key, rate.burst, now});
    places_.emplace(key, buckets_.begin());
  } else {
    buckets_.splice(buckets_.begin(), buckets_, place->second);
  }
  Bucket& bucket = buckets_.front();
  const double minutes = std::max(0.0, std::chrono::duration<double, std::ratio<60>>(now - bucket.at).count());
  bucket.level = std::min(rate.burst, bucket.level + minutes * rate.perMinute);
  bucket.at = std::max(bucket.at, now);
  if (bucket.level >= 1) {
    bucket.level -= 1;
    return std::nullopt;
  }
  return wholeSeconds((1 - bucket.level) * 60 / rate.perMinute);
}

std::string rateAddress(const std::string& peer) {
  Poco::Net::IPAddress address;
  if (!Poco::Net::IPAddress::tryParse(peer, address)) return peer;
  if (address.family() == Poco::Net::IPAddress::IPv4) return address.toString();
  const auto* octets = static_cast<const std::uint8_t*>(address.addr());
  if (address.isIPv4Mapped()) return core::toHex({octets + 12, 4});
  return core::toHex({octets, 8});
}

}  // namespace qianda::server
