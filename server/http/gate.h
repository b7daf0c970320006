// How many requests are handled at once: `slots` of them, `queue` more wait, each no longer than `patience`. Who finds
// no place is told so at once. Any thread may call any member.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace qianda::server {

class Gate {
 public:
  Gate(std::size_t slots, std::size_t queue, std::chrono::milliseconds patience)
      : slots_(slots), queue_(queue), patience_(patience) {}

  // A place held until destroyed; false when there was none.
  class Pass {
   public:
    explicit Pass(Gate& gate) : gate_(gate), held_(gate.enter()) {}
    ~Pass() { leave(); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    explicit operator bool() const { return held_; }
    void leave() {
      if (held_) gate_.leave();
      held_ = false;
    }

   private:
    Gate& gate_;
    bool held_;
  };

  std::size_t inside() const {
    const std::lock_guard lock(mutex_);
    return inside_;
  }
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  bool enter() {
    std::unique_lock lock(mutex_);
    if (inside_ >= slots_) {
      if (waiting_ >= queue_) return false;
      ++waiting_;
      const bool free = freed_.wait_for(lock, patience_, [&] { return inside_ < slots_; });
      --waiting_;
      if (!free) return false;
    }
    ++inside_;
    return true;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      --inside_;
    }
    freed_.notify_one();
  }

  const std::size_t slots_, queue_;
  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t inside_ = 0, waiting_ = 0;
};

}  // namespace qianda::server
