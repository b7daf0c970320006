// The threads that serve connections, one each: started when none is free, never more than `most`; what comes then
// waits for one. Threads stay until the end. Their SIGPIPE is blocked: a client that is gone is an error, not a signal.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace qianda::server {

class ConnectionThreads {
 public:
  explicit ConnectionThreads(std::size_t most) : most_(most) {}
  ~ConnectionThreads();  // runs what waits, then joins

  // `work` must not throw.
  void run(std::function<void()> work);

 private:
  void startOne();
  void serve();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> waiting_;
  std::size_t free_ = 0;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace qianda::server
