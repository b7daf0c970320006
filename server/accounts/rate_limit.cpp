#include "server/accounts/rate_limit.h"

#include <algorithm>
#include <cmath>

#include <Poco/Net/IPAddress.h>

#include "core/bytes.h"

namespace qianda::server {

std::optional<std::chrono::seconds> RateLimiter::take(const std::string& key, const Rate& rate, core::Instant now) {
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
  const double seconds = std::ceil((1 - bucket.level) * 60 / rate.perMinute);
  return std::chrono::seconds(std::max(1, static_cast<int>(seconds)));
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
