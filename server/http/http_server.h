// The HTTP/1.1 server: Poco's, with bounds and deadlines put around it (decision 12). A thread
// accepts, one thread each serves a connection, requests are handled by few at a time (chain.h's gate). All bounds come
// from HttpLimits: above `connections` the longest idle connection makes room, and when none is idle the newcomer is
// answered 503 with Retry-After. Listens from construction on; stop() or the destructor ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <Poco/Net/Context.h>

#include "server/http/exchange.h"
#include "server/http/problem.h"

namespace qianda::server {

struct HttpLimits {
  std::size_t connections = 1024, streams = 256;
  std::size_t headerOctets = 32u << 10, headerFields = 100;
  std::size_t bodyMemory = std::size_t{512} << 20, bodyRate = 16u << 10;
  std::size_t keepAliveRequests = 1000;
  std::chrono::milliseconds headerTime{10'000}, bodyTime{20'000}, writeTime{30'000}, keepAliveTime{5'000};
};

struct Sent {
  int status = 0;
  std::uint64_t octets = 0;  // of the body
  std::chrono::microseconds time{0};
  bool whole = true;    // the client took all of it
  std::string failure;  // of a stream that threw, for the log
};

// Called from the connections' threads; none of them throws, but for what `readBody` throws beside Problem: that goes
// on.
struct HttpHooks {
  // Gives the answer; `readBody(largest)` reads the body, at most once, and throws Problem.
  std::function<Response(Request&, const std::function<std::string(std::size_t)>& readBody)> answer;
  // The answer to a request that could not be read or found no room; request.method is empty when nothing was
  // understood.
  std::function<Response(const Problem&, Request&)> refuse;
  // After the answer was sent, as far as it could be.
  std::function<void(const Request&, const Sent&)> sent;
};

class HttpServer {
 public:
  // `tls` null: plain. Port 0 takes any free one. Throws kUnavailable when the address cannot be bound.
  HttpServer(HttpHooks hooks, const HttpLimits& limits, const std::string& address, std::uint16_t port,
             Poco::Net::Context::Ptr tls = nullptr);
  ~HttpServer();

  std::string url() const;  // "https://127.0.0.1:8443"

  // Accepts what waits, closes the port, lets requests under way finish within `grace` and cuts the rest; returns how
  // many connections were cut. A handler that never returns keeps the destructor waiting, not stop().
  std::size_t stop(std::chrono::milliseconds grace);

  struct Load {
    std::size_t connections = 0, idle = 0, streams = 0;
    std::uint64_t accepted = 0, refused = 0, dropped = 0;  // refused: with a 503; dropped: without an answer
  };
  Load load() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::server
