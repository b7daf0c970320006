// One HTTP/1.1 connection (RFC 9112) over a plain or a TLS socket. The socket never blocks: every wait, also inside the
// TLS handshake and between two octets of a slow answer, ends at the deadline of the exchange. Bodies are complete or
// refused: a length that is not reached and chunks without their end are errors. Used by one thread at a time.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include "server/outbound/address_policy.h"
#include "server/outbound/http_client.h"

namespace qianda::server {

class HttpConnection {
 public:
  // Connects to the first address that answers; `tls` is null for plain HTTP. Throws kUnavailable.
  HttpConnection(const std::vector<Poco::Net::SocketAddress>& addresses, const Target& target,
                 const Poco::Net::Context::Ptr& tls, Deadline deadline);

  // Throws kUnavailable.
  HttpAnswer exchange(const HttpRequest& request, const Target& target, std::size_t largestAnswer, Deadline deadline);

  // After an exchange: the peer keeps the connection and nothing is left over.
  bool isReusable() const { return isReusable_; }
  // The peer has neither closed an idle connection nor said anything unasked.
  bool isAlive();
  // At least one octet of the present answer came.
  bool hasAnswerBegun() const { return hasAnswerBegun_; }

 private:
  void wait(int result, Deadline deadline);
  void sendAll(std::string_view octets, Deadline deadline);
  bool receive(Deadline deadline);  // false at the end of the stream
  std::string takeUntil(std::string_view end, std::size_t largest, Deadline deadline);
  void take(std::size_t count, core::Bytes& out, Deadline deadline);
  void takeChunks(core::Bytes& out, std::size_t largest, Deadline deadline);
  void takeRest(core::Bytes& out, std::size_t largest, Deadline deadline);

  Poco::Net::StreamSocket plain_;   // waited on
  Poco::Net::StreamSocket socket_;  // read and written: the same, or TLS over it
  std::string received_;            // not yet taken
  bool isReusable_ = false;
  bool hasAnswerBegun_ = false;
};

}  // namespace qianda::server
