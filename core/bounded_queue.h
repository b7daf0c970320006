// A queue between threads that holds a bounded weight (octets, or a count of one each): a full queue makes its
// producers wait. Any number of threads may push and pop. close() ends it in order, fail() at once: from then on every
// call, also one that is waiting, throws that failure.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace qianda::core {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room; what is heavier than the whole capacity goes in when the queue is empty. False once closed.
  bool push(T item, std::size_t weight = 1) {
    std::unique_lock lock(mutex_);
    auto hasRoom = [&] { return isOver() || items_.empty() || weight_ + weight <= capacity_; };
    if (!hasRoom()) {
      ++blocked_;
      filled_.notify_one();
      room_.wait(lock, hasRoom);
      --blocked_;
    }
    rethrow();
    if (closed_) return false;
    items_.emplace_back(std::move(item), weight);
    weight_ += weight;
    const bool wake = weight_ >= wanted_ || items_.size() == 1;
    lock.unlock();
    if (wake) filled_.notify_one();
    return true;
  }

  // Waits for an item; nothing once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    wanted_ = 0;
    filled_.wait(lock, [&] { return isOver() || !items_.empty(); });
    rethrow();
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front().first));
    weight_ -= items_.front().second;
    items_.pop_front();
    const bool more = !items_.empty();
    lock.unlock();
    room_.notify_all();
    if (more) filled_.notify_one();
    return item;
  }

  // Everything in the queue, once that weighs `enough`, or a producer waits for room, or `patience` has passed since
  // there is something, or the queue was closed; empty once it is closed and empty. For a queue with one consumer.
  std::vector<T> popAll(std::size_t enough, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    wanted_ = enough < capacity_ ? enough : capacity_;
    filled_.wait(lock, [&] { return isOver() || !items_.empty(); });
    filled_.wait_for(lock, patience, [&] { return isOver() || weight_ >= wanted_ || blocked_ > 0; });
    rethrow();
    std::vector<T> all;
    all.reserve(items_.size());
    for (auto& [item, weight] : items_) all.push_back(std::move(item));
    items_.clear();
    weight_ = 0;
    lock.unlock();
    room_.notify_all();
    return all;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wakeAll();
  }

  // The first failure stays; what is queued is dropped.
  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    items_.clear();
    weight_ = 0;
    wakeAll();
  }

 private:
  bool isOver() const { return closed_ || failure_; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }
  void wakeAll() {
    room_.notify_all();
    filled_.notify_all();
  }

  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t weight_ = 0;
  std::size_t wanted_ = 0;  // wake a consumer from this weight on
  int blocked_ = 0;         // producers that wait for room
  bool closed_ = false;
  std::exception_ptr failure_;
};

}  // namespace qianda::core
