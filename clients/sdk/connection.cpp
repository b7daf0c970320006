#include "clients/sdk/connection.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <sstream>

#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/String.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "qianda/client/error.h"

namespace qianda::client {
namespace {

using Poco::Net::HTTPResponse;
using Poco::Net::SecureStreamSocket;
using Poco::Net::Socket;
using Poco::Net::StreamSocket;

constexpr std::size_t kLargestHeader = 64 << 10, kLargestLine = 1024;
// Larger bodies wait until the server says that it wants them, or for this long.
constexpr std::uint64_t kLargestUnasked = 64 << 10;
constexpr std::chrono::milliseconds kContinueTime{1000};

[[noreturn]] void lose(const std::string& reason) { throw Error(0, "unreachable", reason); }
[[noreturn]] void misread(const std::string& reason) { throw Error(0, "answer_malformed", reason); }

// A peer that hangs up must not end the program by SIGPIPE, which OpenSSL's writes may raise; the program's own
// handling of the signal stays as it is.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    wasPending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() {
    constexpr timespec kNow{0, 0};
    if (!wasPending_) sigtimedwait(&pipe_, nullptr, &kNow);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
  bool wasPending_ = false;
};

// Runs `act`; what Poco throws becomes an Error.
template <typename Act>
auto translated(Act act) {
  try {
    const NoBrokenPipe guard;
    return act();
  } catch (const Poco::Net::SSLConnectionUnexpectedlyClosedException&) {
    ERR_clear_error();
    lose("the server closed the connection");
  } catch (const Poco::Net::SSLException& error) {
    ERR_clear_error();
    throw Error(0, "tls_refused", "no trusted connection: " + error.displayText());
  } catch (const Poco::Exception& error) {
    ERR_clear_error();
    lose(error.displayText());
  }
}

Poco::Timespan timespanOf(std::chrono::milliseconds time) { return Poco::Timespan(time.count() * 1000); }

StreamSocket connect(const Origin& origin, std::chrono::milliseconds connectTime) {
  std::string reasons;
  const auto addresses = translated([&] { return Poco::Net::DNS::resolve(origin.host).addresses(); });
  for (const Poco::Net::IPAddress& address : addresses) {
    const auto share = connectTime / static_cast<int>(addresses.size());
    try {
      StreamSocket socket;
      socket.connect(Poco::Net::SocketAddress(address, origin.port), timespanOf(share));
      socket.setNoDelay(true);
      socket.setBlocking(false);
      return socket;
    } catch (const Poco::Exception& error) {
      reasons += (reasons.empty() ? "" : "; ") + address.toString() + ": " + error.displayText();
    }
  }
  lose("cannot connect to " + origin.authority + ": " + (reasons.empty() ? "no such host" : reasons));
}

std::uint64_t numberOf(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) misread("the answer's length cannot be read");
  return number;
}

std::string headerOf(const WireRequest& request, const std::string& authority) {
  std::string header = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  for (const auto& [name, value] : request.headers) header += name + ": " + value + "\r\n";
  if (request.body || request.method != "GET") header += "Content-Length: " + std::to_string(request.length) + "\r\n";
  if (request.length > kLargestUnasked) header += "Expect: 100-continue\r\n";
  return header + "Connection: keep-alive\r\n\r\n";
}

}  // namespace

Connection::Connection(const Origin& origin, const Poco::Net::Context::Ptr& tls, std::chrono::milliseconds connectTime,
                       std::chrono::milliseconds silence)
    : authority_(origin.authority), silence_(silence), plain_(connect(origin, connectTime)), socket_(plain_) {
  if (tls) socket_ = translated([&] { return SecureStreamSocket::attach(plain_, origin.host, tls); });
}

// What a socket that never blocks says when it has to wait: -1 for reading, -2 (TLS only) for writing.
void Connection::wait(int result) {
  const int mode = result == SecureStreamSocket::ERR_SSL_WANT_WRITE ? Socket::SELECT_WRITE : Socket::SELECT_READ;
  if (!translated([&] { return plain_.poll(timespanOf(silence_), mode); })) lose("the server is silent");
}

void Connection::sendAll(std::string_view octets) {
  while (!octets.empty()) {
    const int length = static_cast<int>(std::min<std::size_t>(octets.size(), 1 << 20));
    const int count = translated([&] { return socket_.sendBytes(octets.data(), length, MSG_NOSIGNAL); });
    if (count > 0) {
      octets.remove_prefix(static_cast<std::size_t>(count));
    } else {
      wait(socket_.secure() ? count : static_cast<int>(SecureStreamSocket::ERR_SSL_WANT_WRITE));
    }
  }
}

bool Connection::receive() {
  char buffer[16384];
  for (;;) {
    const int count = translated([&] { return socket_.receiveBytes(buffer, sizeof buffer); });
    if (count == 0) return false;
    if (count > 0) {
      hasAnswerBegun_ = true;
      received_.append(buffer, static_cast<std::size_t>(count));
      return true;
    }
    wait(count);
  }
}

// What is readable under TLS may be a session ticket and no answer yet.
bool Connection::comesWithin(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  char buffer[4096];
  for (;;) {
    const int count = translated([&] { return socket_.receiveBytes(buffer, sizeof buffer); });
    if (count > 0) {
      hasAnswerBegun_ = true;
      received_.append(buffer, static_cast<std::size_t>(count));
    }
    if (count >= 0) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    translated([&] { return plain_.poll(timespanOf(left), Socket::SELECT_READ); });
  }
}

std::string Connection::takeUntil(std::string_view end, std::size_t largest) {
  std::size_t from = 0, at;
  while ((at = received_.find(end, from)) == std::string::npos) {
    if (received_.size() > largest) misread("a header of the answer is too long");
    from = received_.size() < end.size() ? 0 : received_.size() - end.size() + 1;
    if (!receive()) lose("the server closed the connection before its answer was complete");
  }
  std::string taken = received_.substr(0, at + end.size());
  received_.erase(0, taken.size());
  return taken;
}

HTTPResponse Connection::readHead() {
  HTTPResponse response;
  std::istringstream header(takeUntil("\r\n\r\n", kLargestHeader));
  try {
    response.read(header);
  } catch (const Poco::Exception& error) {
    misread("the answer is no HTTP: " + error.displayText());
  }
  return response;
}

void Connection::sendBody(const WireRequest& request) {
  std::uint64_t sent = 0;
  for (std::string_view octets; !(octets = request.body()).empty(); sent += octets.size()) {
    if (octets.size() > request.length - sent) throw Error(0, "file", "the file grew while it was sent");
    sendAll(octets);
  }
  if (sent != request.length) throw Error(0, "file", "the file became shorter while it was sent");
  isBodySent_ = true;
}

HTTPResponse Connection::ask(const WireRequest& request, std::chrono::milliseconds silence) {
  silence_ = silence;
  isReusable_ = hasAnswerBegun_ = false;
  isBodySent_ = !request.body;
  sendAll(headerOf(request, authority_));
  // A large body is not sent to a server that answers at once: that it refuses the key, for instance.
  const bool isAnswered = request.length > kLargestUnasked && comesWithin(kContinueTime);
  if (request.body && !isAnswered) {
    try {
      sendBody(request);
    } catch (const Error& error) {
      // The server may have answered before it hung up.
      if (error.code() != "unreachable" || !comesWithin(std::chrono::milliseconds(0)) || received_.empty()) throw;
    }
  }
  for (;;) {
    HTTPResponse head = readHead();
    const int status = head.getStatus();
    if (status < 100 || status > 599) misread("the answer has the status " + std::to_string(status));
    if (status >= 200) return head;
    if (!isBodySent_) sendBody(request);
  }
}

void Connection::pass(std::uint64_t count, const Sink& sink) {
  while (count > 0) {
    if (received_.empty() && !receive()) lose("the server closed the connection before its answer was complete");
    const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(count, received_.size()));
    sink(std::string_view(received_).substr(0, part));
    received_.erase(0, part);
    count -= part;
  }
}

void Connection::passChunks(const Sink& sink) {
  for (;;) {
    const std::string line = takeUntil("\r\n", kLargestLine);
    const std::uint64_t size = numberOf(Poco::trim(line.substr(0, std::min(line.find(';'), line.size() - 2))), 16);
    if (size == 0) break;
    pass(size, sink);
    if (takeUntil("\r\n", kLargestLine).size() != 2) misread("the answer's chunks are broken");
  }
  while (takeUntil("\r\n", kLargestHeader) != "\r\n") {
  }
}

void Connection::readBody(const HTTPResponse& head, const Sink& sink) {
  const std::string coding = head.get("Transfer-Encoding", ""), length = head.get("Content-Length", "");
  const bool isBare = head.getStatus() == 204 || head.getStatus() == 304;
  if (!isBare && !coding.empty()) {
    if (Poco::icompare(coding, "chunked") != 0 || !length.empty()) misread("the answer's framing is ambiguous");
    passChunks(sink);
  } else if (!isBare) {
    if (length.empty()) misread("the answer does not say how long it is");
    pass(numberOf(length, 10), sink);
  }
  isReusable_ = isBodySent_ && head.getKeepAlive() && received_.empty();
}

bool Connection::isAlive() {
  char octet;
  try {
    const NoBrokenPipe guard;
    return socket_.receiveBytes(&octet, 1) < 0;
  } catch (const Poco::Exception&) {
    ERR_clear_error();
    return false;
  }
}

}  // namespace qianda::client
