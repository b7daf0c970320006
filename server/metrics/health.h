// Whether the service is ready for work: checks that others register by name, asked anew each time (they must be quick
// and thread-safe), and whether a stop has begun. Alive is what answers at all. Any thread may call any member.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace qianda::server {

class Health {
 public:
  // The check gives "" when all is well, else the reason (for the log and the operator: no secrets). What it throws is
  // a reason, too.
  using Check = std::function<std::string()>;
  void addCheck(std::string name, Check check);
  void beginStop() { stopping_ = true; }
  bool isStopping() const { return stopping_; }

  struct Report {
    bool ready = true;
    std::vector<std::pair<std::string, std::string>> checks;  // name, reason or ""
  };
  Report report() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, Check>> checks_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace qianda::server
