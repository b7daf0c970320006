// One accepted connection: reads requests one after the other, has each answered and sends the answer, until the client
// or a limit ends it. Belongs to the thread that serves it; what all share is in Floor.
#pragma once

#include <atomic>

#include "server/http/body_reader.h"
#include "server/http/http_server.h"

namespace qianda::server {

struct Floor {
  Floor(HttpHooks h, const HttpLimits& l)
      : hooks(std::move(h)), limits(l), bodies{l.bodyTime, l.bodyRate, l.bodyMemory} {}
  const HttpHooks hooks;
  const HttpLimits limits;
  BodyLimits bodies;
  Connections connections;
  std::atomic<std::size_t> streams = 0;
};

class Session {
 public:
  // `full`: there is no room, so the first request is answered 503 and the connection closed.
  Session(Floor& floor, Poco::Net::StreamSocket socket, bool full);
  void serve();

 private:
  enum class Heard { kHead, kNothing, kRefused };
  Heard readHead(Request& request, Head& head);
  bool serveOne(std::size_t served);
  Response answer(Request& request, BodyReader& body);
  bool send(const Request& request, const Head& head, Response& response, bool keepAlive, Steady::time_point begun);
  void stream(const Head& head, const Response& response, Sent& sent);
  bool refuse(const Problem& problem, Request& request, Steady::time_point begun);

  Floor& floor_;
  Wire wire_;
  std::string peer_;
  const bool full_;
  Connection connection_;  // last: gone before the socket is
};

}  // namespace qianda::server
