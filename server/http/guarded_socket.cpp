#include "server/http/guarded_socket.h"

#include <algorithm>
#include <cstring>

#include <Poco/Exception.h>
#include <poll.h>
#include <sys/socket.h>

#include "server/http/head.h"

namespace qianda::server {
namespace {

constexpr std::size_t kHeard = 16u << 10;    // octets at once
constexpr std::size_t kPiece = 64u << 10;    // a client has writeTime for
constexpr std::size_t kLingered = 1u << 20;  // octets
constexpr std::chrono::seconds kLingerTime{2};
constexpr const char* kStandIn = "GET / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n";

}  // namespace

GuardedSocket::GuardedSocket(Poco::Net::StreamSocket client, Floor& floor, bool full)
    : floor_(floor),
      client_(std::move(client)),
      address_(client_.address()),
      peerAddress_(client_.peerAddress()),
      peer_(peerAddress_.host().toString()),
      full_(full) {
  reset(client_.impl()->sockfd());  // shared with `client_`, which closes it
  connection_.emplace(floor.connections, sockfd(), Steady::now() + floor.limits.headerTime);
}

GuardedSocket::~GuardedSocket() { GuardedSocket::close(); }

void GuardedSocket::consume(std::size_t count) {
  at_ += count;
  if (at_ < buffer_.size()) return;
  buffer_.clear();
  at_ = 0;
}

bool GuardedSocket::fill() {
  if (lost_) return false;
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + kHeard);
  int count = 0;
  try {
    count = client_.receiveBytes(buffer_.data() + held, static_cast<int>(kHeard));
  } catch (const Poco::Exception&) {  // gone, or no TLS
  }
  buffer_.resize(held + static_cast<std::size_t>(std::max(count, 0)));
  return count > 0;
}

// Poco waits for the next request: the last one is answered. The wait itself is in receiveBytes(), which knows what was
// heard already.
bool GuardedSocket::poll(const Poco::Timespan& timeout, int mode) {
  if (mode != SELECT_READ) return StreamSocketImpl::poll(timeout, mode);
  if (body_ != Body::kWhole) return false;
  if (!inHead_ && !hasBuffered()) connection_->enter(Phase::kIdle, Steady::now() + floor_.limits.keepAliveTime);
  inHead_ = true;
  return true;
}

void GuardedSocket::standIn(Problem problem) {
  refusal_ = std::move(problem);
  head_ = kStandIn;
  lingers_ = true;
}

// False when the client ended without saying anything more.
bool GuardedSocket::awaitHead() {
  for (;;) {
    while (buffered().starts_with("\r\n")) consume(2);  // RFC 9112 2.2
    if (hasBuffered() && buffered() != "\r") return true;
    if (!fill()) return false;
  }
}

bool GuardedSocket::readHead() {
  const HttpLimits& limits = floor_.limits;
  if (!awaitHead()) return false;
  begun_ = Steady::now();
  connection_->enter(Phase::kHead, begun_ + limits.headerTime);
  written_ = 0;
  writing_ = Steady::duration(0);
  std::size_t searched = 0, end = std::string::npos;
  while ((end = buffered().find("\r\n\r\n", searched < 3 ? 0 : searched - 3)) == std::string::npos) {
    searched = buffered().size();
    if (searched > limits.headerOctets) break;
    if (fill()) continue;
    if (!connection_->isLate()) return false;
    standIn(Problem(408, "header_late", "the request's header did not come in time"));
    return true;
  }
  try {
    if (std::min(end, buffered().size()) > limits.headerOctets) {
      const bool longLine = buffered().find('\n') > limits.headerOctets;
      throw longLine ? Problem(414, "uri_too_long", "the request's address is too long")
                     : Problem(431, "header_too_large", "the request's header is too large");
    }
    checkHead(buffered().substr(0, end + 2), limits.headerFields);
    head_ = buffered().substr(0, end + 4);
    consume(end + 4);
    if (full_) {
      Problem problem(503, "overloaded", "too many connections at once; try again later");
      problem.headers.emplace_back("Retry-After", "2");
      throw problem;
    }
  } catch (const Problem& problem) {
    standIn(problem);
  }
  return true;
}

void GuardedSocket::expectBody(std::optional<std::uint64_t> length, std::uint64_t largest) {
  length_ = length;
  largest_ = largest;
  body_ = length == 0 ? Body::kWhole : Body::kAwaited;
  chunks_ = ChunkCheck();
  bodyBegun_ = Steady::now();
  bodyReceived_ = 0;
}

bool GuardedSocket::awaitBody() {
  if (hasBuffered()) return true;
  const auto earned = std::chrono::milliseconds(bodyReceived_ * 1000 / floor_.limits.bodyRate);
  connection_->enter(Phase::kBody, bodyBegun_ + floor_.limits.bodyTime + earned);
  if (fill()) return true;
  body_ = connection_->isLate() ? Body::kLate : Body::kLost;
  return false;
}

// How much of what was heard Poco may see next.
std::size_t GuardedSocket::checkedPart(std::string_view piece) {
  if (length_) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(*length_, piece.size()));
    *length_ -= count;
    if (*length_ == 0) body_ = Body::kWhole;
    return count;
  }
  const ChunkCheck::Taken taken = chunks_.take(piece);
  if (chunks_.isWhole()) body_ = Body::kWhole;
  if (chunks_.announced() > largest_) body_ = Body::kTooLarge;
  if (chunks_.isMalformed()) body_ = Body::kMalformed;
  if (!taken.isTrailer) return taken.count;
  consume(taken.count);  // nobody here asks for them, and Poco reads no more than one line of them
  return 0;
}

int GuardedSocket::dealBody(char* buffer, std::size_t length) {
  std::size_t count = 0;
  while (count == 0 && body_ == Body::kAwaited && awaitBody()) {
    const std::string_view piece = buffered().substr(0, length);
    count = checkedPart(piece);
    std::memcpy(buffer, piece.data(), count);
    consume(count);
    bodyReceived_ += count;
  }
  if (body_ != Body::kAwaited) connection_->enter(Phase::kHandling);
  return static_cast<int>(count);
}

int GuardedSocket::receiveBytes(void* buffer, int length, int) {
  char* const octets = static_cast<char*>(buffer);
  const std::size_t most = static_cast<std::size_t>(length);
  if (!inHead_) return dealBody(octets, most);
  if (dealt_ == head_.size()) {
    head_.clear();
    dealt_ = 0;
    if (refusal_ || !readHead()) return 0;
    connection_->enter(Phase::kHandling);
  }
  const std::size_t count = head_.copy(octets, most, dealt_);
  dealt_ += count;
  if (dealt_ == head_.size()) {
    inHead_ = false;
    expectBody(std::uint64_t{0}, 0);
    body_ = Body::kLost;  // until the handler says what is expected
  }
  return static_cast<int>(count);
}

int GuardedSocket::sendBytes(const void* buffer, int length, int flags) {
  if (lost_) throw Poco::IOException("the client is gone");
  const Steady::time_point begun = Steady::now();
  connection_->enter(Phase::kWriting, begun + floor_.limits.writeTime - writing_);
  try {
    const int count = client_.sendBytes(buffer, length, flags);
    connection_->enter(Phase::kHandling);
    written_ += static_cast<std::size_t>(std::max(count, 0));
    writing_ += Steady::now() - begun;
    if (written_ >= kPiece) {
      written_ = 0;
      writing_ = Steady::duration(0);
    }
    return count;
  } catch (const Poco::Exception&) {
    lost_ = true;
    throw;
  }
}

void GuardedSocket::send(std::string_view octets) {
  while (!octets.empty()) {
    const std::string_view piece = octets.substr(0, kPiece);
    sendBytes(piece.data(), static_cast<int>(piece.size()), 0);
    octets.remove_prefix(piece.size());
  }
}

void GuardedSocket::cut() {
  lost_ = true;
  ::shutdown(sockfd(), SHUT_RDWR);
}

void GuardedSocket::linger() {
  const Steady::time_point until = Steady::now() + kLingerTime;
  ::shutdown(sockfd(), SHUT_WR);
  char discarded[4096];
  std::size_t octets = 0;
  while (octets < kLingered) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
    pollfd waiting{sockfd(), POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) != 1) return;
    const ssize_t count = ::recv(sockfd(), discarded, sizeof discarded, 0);
    if (count <= 0) return;
    octets += static_cast<std::size_t>(count);
  }
}

void GuardedSocket::shutdown() { client_.shutdown(); }

void GuardedSocket::close() {
  if (!connection_) return;
  connection_->enter(Phase::kWriting, Steady::now() + floor_.limits.writeTime);
  try {
    if (lingers_ && !lost_) linger();
    if (!lost_) client_.shutdown();   // ends TLS in order
  } catch (const Poco::Exception&) {  // gone already
  }
  connection_.reset();
  client_.close();
  reset();
}

}  // namespace qianda::server
