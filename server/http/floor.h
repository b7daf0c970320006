// What all connections of one HttpServer share. Made before the first of them, gone after the last.
#pragma once

#include <atomic>

#include "server/http/connections.h"
#include "server/http/http_server.h"

namespace qianda::server {

struct Floor {
  Floor(HttpHooks h, const HttpLimits& l) : hooks(std::move(h)), limits(l) {}
  const HttpHooks hooks;
  const HttpLimits limits;
  Connections connections;
  std::atomic<std::size_t> bodyOctets = 0;  // held by all requests together
  std::atomic<std::size_t> streams = 0;
};

}  // namespace qianda::server
