#include "server/outbound/http_connection.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/String.h>
#include <sys/socket.h>

#include "core/error.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using Poco::Net::SecureStreamSocket;
using Poco::Net::Socket;
using Poco::Net::StreamSocket;

constexpr std::size_t kLargestHeader = 64 << 10;
constexpr std::size_t kLargestLine = 1024;

[[noreturn]] void fail(const std::string& reason) { throw Error(ErrorCode::kUnavailable, reason); }
[[noreturn]] void failTooLarge(std::size_t largest) {
  fail("the answer is larger than " + std::to_string(largest) + " octets");
}

Poco::Timespan remaining(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::microseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) fail("no complete answer in time");
  return Poco::Timespan(left.count());
}

StreamSocket connectOne(const std::vector<Poco::Net::SocketAddress>& addresses, Deadline deadline) {
  std::string reasons;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // A silent address must leave time for those behind it.
    const Poco::Timespan share(remaining(deadline).totalMicroseconds() /
                               static_cast<Poco::Timespan::TimeDiff>(addresses.size() - i));
    try {
      StreamSocket socket;
      socket.connect(addresses[i], share);
      socket.setNoDelay(true);
      socket.setBlocking(false);
      return socket;
    } catch (const Poco::Exception& error) {
      reasons += (reasons.empty() ? "" : "; ") + addresses[i].toString() + ": " + error.displayText();
    }
  }
  fail("cannot connect: " + reasons);
}

std::string headerOf(const HttpRequest& request, const Target& target) {
  std::string header = request.method + " " + target.path + " HTTP/1.1\r\nHost: " + target.authority + "\r\n";
  for (const auto& [name, value] : request.headers) header += name + ": " + value + "\r\n";
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    header += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return header + "Connection: keep-alive\r\n\r\n";
}

std::size_t numberOf(std::string_view text, int base) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) fail("the answer's length cannot be read");
  return number;
}

}  // namespace

HttpConnection::HttpConnection(const std::vector<Poco::Net::SocketAddress>& addresses, const Target& target,
                               const Poco::Net::Context::Ptr& tls, Deadline deadline)
    : plain_(connectOne(addresses, deadline)), socket_(plain_) {
  if (tls) socket_ = SecureStreamSocket::attach(plain_, target.host, tls);
}

// What a socket that never blocks says when it has to wait: -1 for reading, -2 (TLS only) for writing.
void HttpConnection::wait(int result, Deadline deadline) {
  const int mode = result == SecureStreamSocket::ERR_SSL_WANT_WRITE ? Socket::SELECT_WRITE : Socket::SELECT_READ;
  if (!plain_.poll(remaining(deadline), mode)) fail("no complete answer in time");
}

void HttpConnection::sendAll(std::string_view octets, Deadline deadline) {
  while (!octets.empty()) {
    const int length = static_cast<int>(std::min<std::size_t>(octets.size(), 1 << 20));
    const int count = socket_.sendBytes(octets.data(), length, MSG_NOSIGNAL);
    if (count > 0) {
      octets.remove_prefix(static_cast<std::size_t>(count));
    } else {
      wait(socket_.secure() ? count : static_cast<int>(SecureStreamSocket::ERR_SSL_WANT_WRITE), deadline);
    }
  }
}

bool HttpConnection::receive(Deadline deadline) {
  char buffer[16384];
  for (;;) {
    remaining(deadline);
    const int count = socket_.receiveBytes(buffer, sizeof buffer);
    if (count == 0) return false;
    if (count > 0) {
      hasAnswerBegun_ = true;
      received_.append(buffer, static_cast<std::size_t>(count));
      return true;
    }
    wait(count, deadline);
  }
}

std::string HttpConnection::takeUntil(std::string_view end, std::size_t largest, Deadline deadline) {
  std::size_t from = 0, at;
  while ((at = received_.find(end, from)) == std::string::npos) {
    if (received_.size() > largest) fail("a header of the answer is too long");
    from = received_.size() < end.size() ? 0 : received_.size() - end.size() + 1;
    if (!receive(deadline)) fail("the peer closed the connection before its answer was complete");
  }
  if (at > largest) fail("a header of the answer is too long");
  std::string taken = received_.substr(0, at + end.size());
  received_.erase(0, taken.size());
  return taken;
}

void HttpConnection::take(std::size_t count, Bytes& out, Deadline deadline) {
  while (received_.size() < count) {
    if (!receive(deadline)) fail("the peer closed the connection before its answer was complete");
  }
  out.insert(out.end(), received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(count));
  received_.erase(0, count);
}

void HttpConnection::takeChunks(Bytes& out, std::size_t largest, Deadline deadline) {
  for (;;) {
    const std::string line = takeUntil("\r\n", kLargestLine, deadline);
    const std::size_t size = numberOf(Poco::trim(line.substr(0, std::min(line.find(';'), line.size() - 2))), 16);
    if (size == 0) break;
    if (size > largest - out.size()) failTooLarge(largest);
    take(size, out, deadline);
    if (takeUntil("\r\n", kLargestLine, deadline).size() != 2) fail("the answer's chunks are broken");
  }
  std::size_t trailers = 0;
  for (std::string line; line != "\r\n"; trailers += line.size()) {
    if (trailers > kLargestHeader) fail("a header of the answer is too long");
    line = takeUntil("\r\n", kLargestHeader, deadline);
  }
}

void HttpConnection::takeRest(Bytes& out, std::size_t largest, Deadline deadline) {
  while (received_.size() <= largest) {
    if (receive(deadline)) continue;
    out.assign(received_.begin(), received_.end());
    received_.clear();
    return;
  }
  failTooLarge(largest);
}

HttpAnswer HttpConnection::exchange(const HttpRequest& request, const Target& target, std::size_t largestAnswer,
                                    Deadline deadline) {
  isReusable_ = hasAnswerBegun_ = false;
  sendAll(headerOf(request, target), deadline);
  sendAll(core::textOf(request.body), deadline);

  Poco::Net::HTTPResponse response;
  do {
    std::istringstream header(takeUntil("\r\n\r\n", kLargestHeader, deadline));
    response.clear();
    response.read(header);
  } while (response.getStatus() >= 100 && response.getStatus() < 200);

  HttpAnswer answer;
  answer.status = response.getStatus();
  if (response.has("Content-Type")) answer.contentType = response.getContentType();
  const bool isBare = request.method == "HEAD" || answer.status == 204 || answer.status == 304;
  const std::string coding = response.get("Transfer-Encoding", ""), length = response.get("Content-Length", "");
  bool isDelimited = true;
  if (isBare) {
  } else if (!coding.empty()) {
    if (Poco::icompare(coding, "chunked") != 0 || !length.empty()) fail("the answer's framing is ambiguous");
    takeChunks(answer.body, largestAnswer, deadline);
  } else if (!length.empty()) {
    const std::size_t size = numberOf(length, 10);
    if (size > largestAnswer) failTooLarge(largestAnswer);
    take(size, answer.body, deadline);
  } else {
    isDelimited = false;
    takeRest(answer.body, largestAnswer, deadline);
  }
  isReusable_ = isDelimited && response.getKeepAlive() && received_.empty();
  return answer;
}

bool HttpConnection::isAlive() {
  char octet;
  try {
    return socket_.receiveBytes(&octet, 1) < 0;
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace qianda::server
