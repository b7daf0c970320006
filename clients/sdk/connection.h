// One HTTP/1.1 connection (RFC 9112) to the server of a Client, plain or TLS. The socket never blocks: every wait ends
// when the peer was silent for too long. Bodies are complete or refused: a length that is not reached and chunks
// without their end are errors (Poco's own streams end in silence there). Used by one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>

namespace qianda::client {

// Gives the body's next octets, none at its end; throws Error "file".
using Source = std::function<std::string_view()>;
// Takes octets of the answer's body.
using Sink = std::function<void(std::string_view)>;

struct WireRequest {
  std::string method, target;                                // "/api/v1/...?..."
  std::vector<std::pair<std::string, std::string>> headers;  // without Host, Content-Length and Connection
  std::uint64_t length = 0;
  Source body;  // `length` octets; null: none
};

struct Origin {
  bool isSecure = true;
  std::string host, authority;  // "host", "host:port" as in Host
  std::uint16_t port = 443;
};

class Connection {
 public:
  // Throws Error "unreachable" or "tls_refused".
  Connection(const Origin& origin, const Poco::Net::Context::Ptr& tls, std::chrono::milliseconds connectTime,
             std::chrono::milliseconds silence);

  // The head of the answer; its body waits for readBody(). Throws "unreachable", "answer_malformed".
  Poco::Net::HTTPResponse ask(const WireRequest& request, std::chrono::milliseconds silence);
  void readBody(const Poco::Net::HTTPResponse& head, const Sink& sink);

  // After readBody(): the peer keeps the connection and nothing is left over.
  bool isReusable() const { return isReusable_; }
  // The peer has neither closed an idle connection nor said anything unasked.
  bool isAlive();
  // At least one octet of the present answer came.
  bool hasAnswerBegun() const { return hasAnswerBegun_; }

 private:
  void wait(int result);
  void sendAll(std::string_view octets);
  void sendBody(const WireRequest& request);
  bool receive();                                    // false at the end of the stream
  bool comesWithin(std::chrono::milliseconds time);  // octets of an answer, or the end of the stream
  std::string takeUntil(std::string_view end, std::size_t largest);
  void pass(std::uint64_t count, const Sink& sink);
  void passChunks(const Sink& sink);
  Poco::Net::HTTPResponse readHead();

  std::string authority_;
  std::chrono::milliseconds silence_;
  Poco::Net::StreamSocket plain_;   // waited on
  Poco::Net::StreamSocket socket_;  // read and written: the same, or TLS over it
  std::string received_;            // not yet taken
  bool isReusable_ = false, hasAnswerBegun_ = false, isBodySent_ = true;
};

}  // namespace qianda::client
