#include "server/http/connections.h"

#include <sys/socket.h>

namespace qianda::server {
namespace {

constexpr std::chrono::milliseconds kTick{50};
constexpr std::chrono::seconds kFirstWord{1};

}  // namespace

Connection::Connection(Connections& all, int descriptor, Steady::time_point deadline)
    : all_(all), descriptor_(descriptor), deadline_(deadline), since_(Steady::now()) {
  const std::lock_guard lock(all_.mutex_);
  all_.all_.insert(this);
  if (all_.stopping_) deadline_ = std::min(deadline_, since_ + kFirstWord);
}

Connection::~Connection() {
  // Notified under the lock: whoever waits for the end destroys what is notified here.
  const std::lock_guard lock(all_.mutex_);
  all_.all_.erase(this);
  all_.changed_.notify_all();
}

void Connection::enter(Phase phase, Steady::time_point deadline) {
  const std::lock_guard lock(all_.mutex_);
  phase_ = phase;
  deadline_ = deadline;
  since_ = Steady::now();
  // On Linux what has arrived can still be read after this; then comes the end.
  if (phase == Phase::kIdle && all_.stopping_) ::shutdown(descriptor_, SHUT_RD);
}

bool Connection::isLate() const {
  const std::lock_guard lock(all_.mutex_);
  return late_;
}

Connections::Connections() : watcher_([this] { watch(); }) {}

Connections::~Connections() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  watcher_.join();
}

void Connections::watch() {
  std::unique_lock lock(mutex_);
  while (!closed_) {
    const Steady::time_point now = Steady::now();
    for (Connection* connection : all_) {
      if (now < connection->deadline_) continue;
      connection->late_ = true;
      connection->deadline_ = Steady::time_point::max();
      ::shutdown(connection->descriptor_, connection->phase_ == Phase::kWriting ? SHUT_RDWR : SHUT_RD);
    }
    changed_.wait_for(lock, kTick, [&] { return closed_; });
  }
}

std::size_t Connections::count() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

std::size_t Connections::idle() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Connection* connection : all_) count += connection->phase_ == Phase::kIdle;
  return count;
}

bool Connections::makeRoom() {
  const std::lock_guard lock(mutex_);
  Connection* chosen = nullptr;
  const auto before = Steady::now() - kFirstWord;
  for (Connection* connection : all_) {
    const bool silent = connection->phase_ == Phase::kNew || connection->phase_ == Phase::kHead;
    if (connection->ended_ || !(connection->phase_ == Phase::kIdle || (silent && connection->since_ < before)))
      continue;
    const bool better = !chosen || (connection->phase_ == Phase::kIdle) > (chosen->phase_ == Phase::kIdle) ||
                        ((connection->phase_ == Phase::kIdle) == (chosen->phase_ == Phase::kIdle) &&
                         connection->since_ < chosen->since_);
    if (better) chosen = connection;
  }
  if (!chosen) return false;
  chosen->ended_ = true;
  ::shutdown(chosen->descriptor_, SHUT_RD);
  return true;
}

void Connections::beginStop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  const Steady::time_point soon = Steady::now() + kFirstWord;
  for (Connection* connection : all_) {
    if (connection->phase_ == Phase::kIdle) ::shutdown(connection->descriptor_, SHUT_RD);
    if (connection->phase_ == Phase::kNew) connection->deadline_ = std::min(connection->deadline_, soon);
  }
}

bool Connections::isStopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool Connections::waitForEnd(Steady::time_point until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until, [&] { return all_.empty(); });
}

std::size_t Connections::cutAll() {
  const std::lock_guard lock(mutex_);
  for (Connection* connection : all_) ::shutdown(connection->descriptor_, SHUT_RDWR);
  return all_.size();
}

}  // namespace qianda::server
