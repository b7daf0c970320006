// Answers the requests Poco's HTTP server has parsed: what they mean, their body, the answer by the chain's hooks, and
// how it is sent. One handler a request, in the connection's thread; what all share is in Floor.
#pragma once

#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include "server/http/floor.h"

namespace qianda::server {

class RequestHandlers : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  // `floor` must outlive it.
  explicit RequestHandlers(Floor& floor) : floor_(floor) {}
  // The server's sockets are GuardedSockets.
  Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override;

 private:
  Floor& floor_;
};

}  // namespace qianda::server
