// One connection's octets: buffered reading and whole writing over Poco's sockets, plain or TLS. Blocks; deadlines are
// kept by Connections, which ends the reading or the connection. Belongs to the connection's thread.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include <Poco/Net/StreamSocket.h>

namespace qianda::server {

// The client is gone or was cut; nobody is there to be told.
struct ConnectionLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Wire {
 public:
  explicit Wire(Poco::Net::StreamSocket socket) : socket_(std::move(socket)) {}

  // Waits for more octets; false at the end of what the client sends.
  bool fill();
  std::string_view buffered() const { return std::string_view(buffer_).substr(at_); }
  void consume(std::size_t count);
  void send(std::string_view octets);
  // Tells the client that nothing more comes and gives it a moment to take what was sent, discarding what it still
  // sends (RFC 9112 9.6); at most `octets` of it.
  void linger(std::size_t octets);
  // Ends TLS in order.
  void close();

 private:
  Poco::Net::StreamSocket socket_;
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace qianda::server
