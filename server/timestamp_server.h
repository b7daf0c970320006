// The local timestamp authority as an HTTP service (RFC 3161 3.4): POST with application/timestamp-query to any path.
// Bodies over 64 KB are refused with 413, other methods with 405, other media types with 415. Stops when destroyed.
#pragma once

#include "server/octet_server.h"
#include "signing/trust/timestamp_authority.h"

namespace qianda::server {

class TimestampServer {
 public:
  // Listens on return; port 0 takes any free one. Throws kUnavailable when the address cannot be bound.
  TimestampServer(std::shared_ptr<const signing::LocalTimestampAuthority> authority, const std::string& bind,
                  std::uint16_t port, int threads = 64);

  std::string url() const { return server_.url(); }

 private:
  OctetServer server_;
};

}  // namespace qianda::server
