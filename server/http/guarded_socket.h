// A client's connection as Poco's HTTP server is given it: the same octets, plain or TLS, dealt out so that its parser
// never sees more than one whole head that checkHead() has passed, then that request's body without trailer fields and
// not an octet more. In place of a head that must not be parsed it gets a request that stands for it, and the handler
// finds refusal(). Every wait has a deadline, kept by Connections. Belongs to the thread that serves the connection;
// the acceptor makes it.
#pragma once

#include <optional>
#include <string>

#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include "server/http/chunk_check.h"
#include "server/http/floor.h"

namespace qianda::server {

class GuardedSocket : public Poco::Net::StreamSocketImpl {
 public:
  // `full`: there is no room, so its first request is refused with 503.
  GuardedSocket(Poco::Net::StreamSocket client, Floor& floor, bool full);

  // Of the request whose head was dealt out last.
  Steady::time_point begun() const { return begun_; }
  const std::optional<Problem>& refusal() const { return refusal_; }
  const std::string& peer() const { return peer_; }

  // To be told of every request, before its body is read: the octets, or none when it comes in chunks, which may have
  // `largest` in all. There is no next request before this body was read whole.
  void expectBody(std::optional<std::uint64_t> length, std::uint64_t largest);
  enum class Body { kAwaited, kWhole, kMalformed, kTooLarge, kLate, kLost };
  Body body() const { return body_; }
  bool hasBuffered() const { return at_ < buffer_.size(); }

  // Throws Poco::Exception when the client is gone or does not take 64 KiB in time.
  void send(std::string_view octets);
  // When the connection ends, the client gets a moment to take the answer while what it still sends is discarded (RFC
  // 9112 9.6).
  void lingerAtEnd() { lingers_ = true; }
  // Nothing more comes: an answer that broke off must not look whole.
  void cut();

  using StreamSocketImpl::receiveBytes;
  using StreamSocketImpl::sendBytes;
  bool poll(const Poco::Timespan& timeout, int mode) override;
  int receiveBytes(void* buffer, int length, int flags) override;
  int sendBytes(const void* buffer, int length, int flags) override;
  int available() override { return static_cast<int>(buffered().size()); }
  Poco::Net::SocketAddress address() override { return address_; }
  Poco::Net::SocketAddress peerAddress() override { return peerAddress_; }
  bool secure() const override { return client_.secure(); }
  void shutdown() override;
  void close() override;
  void setReceiveTimeout(const Poco::Timespan&) override {}  // deadlines are enough

 protected:
  ~GuardedSocket() override;

 private:
  std::string_view buffered() const { return std::string_view(buffer_).substr(at_); }
  void consume(std::size_t count);
  bool fill();
  bool awaitHead();
  bool readHead();
  void standIn(Problem problem);
  bool awaitBody();
  std::size_t checkedPart(std::string_view piece);
  int dealBody(char* buffer, std::size_t length);
  void linger();

  Floor& floor_;
  Poco::Net::StreamSocket client_;
  const Poco::Net::SocketAddress address_, peerAddress_;
  const std::string peer_;
  const bool full_;
  std::string buffer_;  // heard from the client, dealt out up to `at_`
  std::size_t at_ = 0;
  std::string head_;  // to be dealt out, from `dealt_` on
  std::size_t dealt_ = 0;
  bool inHead_ = true, lost_ = false, lingers_ = false;
  std::optional<Problem> refusal_;
  Steady::time_point begun_{};
  Body body_ = Body::kWhole;                 // nothing is awaited before the first request
  std::optional<std::uint64_t> length_ = 0;  // of the body, what is left of it
  std::uint64_t largest_ = 0;
  ChunkCheck chunks_;
  Steady::time_point bodyBegun_{};
  std::uint64_t bodyReceived_ = 0;
  std::size_t written_ = 0;  // of the piece a client has writeTime for
  Steady::duration writing_{0};
  std::optional<Connection> connection_;  // last: gone before the socket is
};

}  // namespace qianda::server
