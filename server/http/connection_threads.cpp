#include "server/http/connection_threads.h"

#include <csignal>
#include <system_error>

namespace qianda::server {

void ConnectionThreads::run(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    if (waiting_.size() > free_ && threads_.size() < most_) startOne();
  }
  filled_.notify_one();
}

void ConnectionThreads::startOne() {
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {  // the system has no more: those there are do the work
    if (threads_.empty()) throw;
  }
}

void ConnectionThreads::serve() {
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  std::unique_lock lock(mutex_);
  for (;;) {
    ++free_;
    filled_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    --free_;
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

ConnectionThreads::~ConnectionThreads() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace qianda::server
