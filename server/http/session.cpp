#include "server/http/session.h"

#include <ctime>

#include <Poco/Exception.h>
#include <fmt/format.h>

#include "core/error.h"

namespace qianda::server {
namespace {

constexpr std::size_t kLingered = 1u << 20;  // octets

// RFC 9110 5.6.7
std::string httpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

bool hasBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string headOf(const Response& response, const Head& head, bool keepAlive) {
  std::string out =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, statusPhrase(response.status), httpDate());
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!response.mediaType.empty()) out += fmt::format("Content-Type: {}\r\n", response.mediaType);
  if (response.stream) {
    if (head.minor == 1) out += "Transfer-Encoding: chunked\r\n";
  } else if (hasBody(response.status)) {
    out += fmt::format("Content-Length: {}\r\n", response.body.size());
  }
  if (!keepAlive) {
    out += "Connection: close\r\n";
  } else if (head.minor == 0) {
    out += "Connection: keep-alive\r\n";
  }
  return out += "\r\n";
}

// What a handler streams, in chunks (RFC 9112 7.1); to an HTTP/1.0 client without them.
class ChunkWriter : public BodyWriter {
 public:
  ChunkWriter(Floor& floor, Wire& wire, Connection& connection, bool chunked, Sent& sent)
      : floor_(floor), wire_(wire), connection_(connection), chunked_(chunked), sent_(sent) {}

  void write(std::string_view octets) override {
    constexpr std::size_t kMost = 64u << 10;
    while (!octets.empty()) {
      const std::string_view piece = octets.substr(0, kMost);
      octets.remove_prefix(piece.size());
      send(chunked_ ? fmt::format("{:x}\r\n{}\r\n", piece.size(), piece) : std::string(piece));
      sent_.octets += piece.size();
    }
  }
  void end() {
    if (chunked_) send("0\r\n\r\n");
  }
  bool stopping() const override { return floor_.connections.isStopping(); }

 private:
  void send(const std::string& octets) {
    connection_.enter(Phase::kWriting, Steady::now() + floor_.limits.writeTime);
    try {
      wire_.send(octets);
    } catch (const ConnectionLost&) {
      throw core::Error(core::ErrorCode::kUnavailable, "the client of a stream is gone");
    }
    connection_.enter(Phase::kHandling);
  }

  Floor& floor_;
  Wire& wire_;
  Connection& connection_;
  const bool chunked_;
  Sent& sent_;
};

}  // namespace

Session::Session(Floor& floor, Poco::Net::StreamSocket socket, bool full)
    : floor_(floor),
      wire_(socket),
      peer_(socket.peerAddress().host().toString()),
      full_(full),
      connection_(floor.connections, socket.impl()->sockfd(), Steady::now() + floor.limits.headerTime) {}

void Session::serve() {
  try {
    std::size_t served = 0;
    while (serveOne(served)) ++served;
    wire_.close();
  } catch (const std::exception&) {  // the client is gone, or there is no memory for it
  }
}

Session::Heard Session::readHead(Request& request, Head& head) {
  std::size_t searched = 0;
  for (;;) {
    while (wire_.buffered().starts_with("\r\n")) wire_.consume(2);  // RFC 9112 2.2
    const std::string_view held = wire_.buffered();
    const std::size_t end = held.find("\r\n\r\n", searched < 3 ? 0 : searched - 3);
    if (std::min(end, held.size()) > floor_.limits.headerOctets) {
      const bool longLine = held.find('\n') > floor_.limits.headerOctets;
      throw longLine ? Problem(414, "uri_too_long", "the request's address is too long")
                     : Problem(431, "header_too_large", "the request's header is too large");
    }
    if (end != std::string_view::npos) {
      head = parseHead(held.substr(0, end + 2), floor_.limits.headerFields);
      wire_.consume(end + 4);
      break;
    }
    searched = held.size();
    if (!wire_.fill()) {
      if (connection_.isLate() && !wire_.buffered().empty()) {
        throw Problem(408, "header_late", "the request's header did not come in time");
      }
      return Heard::kNothing;
    }
  }
  request.method = head.method;
  request.rawQuery = head.query;
  request.headers = std::move(head.headers);
  request.mediaType = mediaTypeOf(request.findHeader("Content-Type").value_or(""));
  request.path = head.path;
  return Heard::kHead;
}

bool Session::serveOne(std::size_t served) {
  if (served > 0) connection_.enter(Phase::kIdle, Steady::now() + floor_.limits.keepAliveTime);
  if (wire_.buffered().empty() && !wire_.fill()) return false;
  const Steady::time_point begun = Steady::now();
  connection_.enter(Phase::kHead, begun + floor_.limits.headerTime);
  Request request;
  request.peer = peer_;
  Head head;
  try {
    if (readHead(request, head) != Heard::kHead) return false;
  } catch (const Problem& problem) {
    return refuse(problem, request, begun);
  }
  connection_.enter(Phase::kHandling);
  if (full_) {
    Problem problem(503, "overloaded", "too many connections at once; try again later");
    problem.headers.emplace_back("Retry-After", "2");
    return refuse(problem, request, begun);
  }
  BodyReader body(head, wire_, connection_, floor_.bodies);
  Response response = answer(request, body);
  const bool clean = body.finish();
  const bool keepAlive = clean && head.keepAlive && served + 1 < floor_.limits.keepAliveRequests &&
                         !floor_.connections.isStopping() && !(response.stream && head.minor == 0);
  const bool more = send(request, head, response, keepAlive, begun);
  if (!clean) wire_.linger(kLingered);
  return more;
}

Response Session::answer(Request& request, BodyReader& body) {
  Response response = floor_.hooks.answer(request, [&](std::size_t largest) { return body.read(largest); });
  if (!response.stream) return response;
  if (++floor_.streams <= floor_.limits.streams) return response;
  --floor_.streams;
  Problem problem(503, "overloaded", "too many streams at once; try again later");
  problem.headers.emplace_back("Retry-After", "5");
  return floor_.hooks.refuse(problem, request);
}

void Session::stream(const Head& head, const Response& response, Sent& sent) {
  ChunkWriter writer(floor_, wire_, connection_, head.minor == 1, sent);
  try {
    response.stream(writer);
    writer.end();
    return;
  } catch (const core::Error& error) {
    sent.failure = error.what();
  } catch (const Poco::Exception& error) {
    sent.failure = error.displayText();
  } catch (const std::exception& error) {
    sent.failure = error.what();
  } catch (...) {
    sent.failure = "an exception of another kind";
  }
  sent.whole = false;  // without its last chunk the client knows, too
}

bool Session::send(const Request& request, const Head& head, Response& response, bool keepAlive,
                   Steady::time_point begun) {
  Sent sent;
  sent.status = response.status;
  const bool bodiless = request.method == "HEAD" || !hasBody(response.status);
  connection_.enter(Phase::kWriting, Steady::now() + floor_.limits.writeTime);
  try {
    std::string octets = headOf(response, head, keepAlive);
    if (response.stream) {
      wire_.send(octets);
      connection_.enter(Phase::kHandling);
      if (!bodiless) stream(head, response, sent);
    } else {
      const std::string_view body = bodiless ? std::string_view() : std::string_view(response.body);
      constexpr std::size_t kPiece = 64u << 10;
      const std::string_view first = body.substr(0, kPiece);
      wire_.send(octets.append(first));
      for (std::size_t at = first.size(); at < body.size(); at += kPiece) {
        connection_.enter(Phase::kWriting, Steady::now() + floor_.limits.writeTime);
        wire_.send(body.substr(at, kPiece));
      }
      sent.octets = body.size();
    }
  } catch (const ConnectionLost&) {
    sent.whole = false;
  }
  if (response.stream) --floor_.streams;
  sent.time = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begun);
  floor_.hooks.sent(request, sent);
  return keepAlive && sent.whole;
}

bool Session::refuse(const Problem& problem, Request& request, Steady::time_point begun) {
  Response response = floor_.hooks.refuse(problem, request);
  Head head;
  send(request, head, response, false, begun);
  wire_.linger(kLingered);
  return false;
}

}  // namespace qianda::server
