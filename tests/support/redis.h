// A Redis of the test's own (scripts/private_redis.sh), which it may kill, lose whole and start again.
#pragma once

#include <stdexcept>
#include <string>

#include "tests/support/process.h"

namespace qianda::test {

class PrivateRedis {
 public:
  PrivateRedis() { start(); }
  ~PrivateRedis() { lose(); }

  // Empty unless it runs already.
  void start() {
    const Output started = run({QIANDA_SOURCE_DIR "/scripts/private_redis.sh", "start", place()});
    if (started.status != 0) throw std::runtime_error(started.err);
    address_ = started.out.substr(0, started.out.find('\n'));
  }
  // It ends and takes all it knew along.
  void lose() { run({QIANDA_SOURCE_DIR "/scripts/private_redis.sh", "stop", place()}); }
  const std::string& address() const { return address_; }

 private:
  std::string place() const { return (folder_ / "redis").string(); }
  const TempFolder folder_;
  std::string address_;
};

}  // namespace qianda::test
