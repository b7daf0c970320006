// Looks for events that wait to be relayed and hands them to the deliveries, as long as it lives: one thread. Several
// processes may do so on one database; an event is handed on once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/sql/database.h"

namespace qianda::server {

class WebhookRelay {
 public:
  // `relayed` is called after events were handed on; `onFault` with what went wrong, then it tries again.
  WebhookRelay(storage::Database& database, std::function<void()> relayed,
               std::function<void(const std::string&)> onFault = {},
               std::chrono::milliseconds poll = std::chrono::milliseconds(250));
  ~WebhookRelay();  // stops

 private:
  void run();

  storage::Database& database_;
  const std::function<void()> relayed_;
  const std::function<void(const std::string&)> onFault_;
  const std::chrono::milliseconds poll_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace qianda::server
