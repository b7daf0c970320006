// The local timestamp authority as an HTTP service (RFC 3161 3.4): POST with application/timestamp-query to any path.
// Bodies over 64 KB are refused with 413, other methods with 405, other media types with 415. Connections are kept
// alive; at most `threads` of them are served at once, others wait. Stops when destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "signing/trust/timestamp_authority.h"

namespace qianda::server {

class TimestampServer {
 public:
  // Listens on return; port 0 takes any free one. Throws kUnavailable when the address cannot be bound.
  TimestampServer(std::shared_ptr<const signing::LocalTimestampAuthority> authority, const std::string& bind,
                  std::uint16_t port, int threads = 64);
  ~TimestampServer();

  std::string url() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::server
