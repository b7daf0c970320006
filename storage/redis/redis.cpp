#include "storage/redis/redis.h"

#include "core/error.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kPauseAfterFailure{1};
constexpr std::size_t kMostIdle = 16;

}  // namespace

Redis::Redis(RedisAddress address, milliseconds timeout) : address_(std::move(address)), timeout_(timeout) {}

Redis::~Redis() = default;

RedisReply Redis::command(const RedisWords& words) {
  std::unique_ptr<RedisConnection> connection;
  {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() < notBefore_) {
      throw Error(ErrorCode::kUnavailable, address_.name() + " did not answer a moment ago");
    }
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!connection) connection = std::make_unique<RedisConnection>(address_, timeout_);
  const auto giveBack = [&] {
    isUp_ = true;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMostIdle) idle_.push_back(std::move(connection));
  };
  try {
    RedisReply reply = connection->command(words);
    giveBack();
    return reply;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnavailable) {
      giveBack();
      throw;
    }
    isUp_ = false;
    const std::lock_guard lock(mutex_);
    notBefore_ = std::chrono::steady_clock::now() + kPauseAfterFailure;
    idle_.clear();  // most likely as dead
    throw;
  }
}

}  // namespace qianda::storage
