// Reads the body of one request from Poco's stream, whole or not at all (RFC 9112 6 and 7): never more than the route
// allows, within the time a slow client is given, out of a memory all requests share. A body that ends early or is
// malformed is a fault, never a shorter body. Belongs to the connection's thread.
#pragma once

#include <stdexcept>
#include <string>

#include <Poco/Net/HTTPServerRequest.h>

#include "server/http/guarded_socket.h"
#include "server/http/head.h"

namespace qianda::server {

// The client is gone or was cut; nobody is there to be told.
struct ConnectionLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class BodyReader {
 public:
  BodyReader(const Head& head, Poco::Net::HTTPServerRequest& request, GuardedSocket& socket, Floor& floor)
      : head_(head), request_(request), socket_(socket), floor_(floor) {
    socket_.expectBody(head_.length, 0);
  }
  ~BodyReader() { floor_.bodyOctets -= reserved_; }
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // Throws Problem 413, 408, 503 (no memory) or 400; ConnectionLost.
  std::string read(std::size_t largest);
  // Whether nothing of the body is left on the connection; reads a small rest that was not asked for.
  bool finish();

 private:
  void reserve(std::size_t octets);
  void take(std::string& body, std::size_t largest);

  const Head& head_;
  Poco::Net::HTTPServerRequest& request_;
  GuardedSocket& socket_;
  Floor& floor_;
  std::size_t reserved_ = 0;
  bool begun_ = false, done_ = false;
};

}  // namespace qianda::server
