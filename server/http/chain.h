// What happens to every request, one plain function a step, in the order of the table in chain.cpp: it gets its id,
// security headers are put on the answer, whatever is thrown becomes problem+json, the route is found, the asker
// authenticated, access decided, the body read, the handler called. After the answer was sent comes the access log and
// the metrics. Made once; all connections' threads use it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/http/gate.h"
#include "server/http/http_server.h"
#include "server/http/router.h"
#include "server/services.h"

namespace qianda::server {

class Chain {
 public:
  // `secure`: answers go over TLS (HSTS). `services` must outlive the chain; log and metrics may be missing.
  Chain(Services& services, std::vector<Route> routes, bool secure, std::size_t threads, std::size_t queue,
        std::chrono::milliseconds queueTime);
  ~Chain();

  using ReadBody = std::function<std::string(std::size_t)>;
  Response answer(Request& request, const ReadBody& readBody);
  Response refuse(const Problem& problem, Request& request);
  void record(const Request& request, const Sent& sent);
  HttpHooks hooks();

  const Gate& gate() const { return gate_; }
  const Router& router() const { return router_; }

 private:
  struct Call;
  struct Step;
  struct Numbers;
  friend struct Step;

  Services& services_;
  const Router router_;
  const bool secure_;
  Gate gate_;
  std::unique_ptr<Numbers> numbers_;
};

}  // namespace qianda::server
