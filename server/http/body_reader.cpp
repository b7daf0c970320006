#include "server/http/body_reader.h"

#include <algorithm>
#include <charconv>

#include "server/http/problem.h"

namespace qianda::server {
namespace {

constexpr std::size_t kMostDrained = 64u << 10;
constexpr std::size_t kLongestLine = 256;  // a chunk's size with its extensions, or a trailer field
constexpr std::size_t kMostTrailers = 32;

Problem malformed(const std::string& detail) { return Problem(400, "request_malformed", detail); }

Problem tooLarge(std::size_t largest) {
  return Problem(413, "body_too_large", "the body may have at most " + std::to_string(largest) + " octets");
}

}  // namespace

void BodyReader::reserve(std::size_t octets) {
  if (octets <= reserved_) return;
  const std::size_t more = octets - reserved_;
  if (limits_.used.fetch_add(more) + more > limits_.memory) {
    limits_.used -= more;
    Problem problem(503, "overloaded", "too many large requests at once; try again later");
    problem.headers.emplace_back("Retry-After", "2");
    throw problem;
  }
  reserved_ = octets;
}

void BodyReader::await(std::size_t received) {
  received_ += received;
  const auto earned = std::chrono::milliseconds(received_ * 1000 / limits_.rate);
  connection_.enter(Phase::kBody, begun_ + limits_.time + earned);
  if (wire_.fill()) return;
  if (connection_.isLate()) throw Problem(408, "body_late", "the body did not come in time");
  throw ConnectionLost("the client went away within a body");
}

std::string BodyReader::readLine() {
  for (;;) {
    const std::string_view held = wire_.buffered();
    const std::size_t end = held.find('\n');
    if (std::min(end, held.size()) > kLongestLine) throw malformed("a line of a chunked body is too long");
    if (end != std::string_view::npos) {
      if (end == 0 || held[end - 1] != '\r') throw malformed("a line of a chunked body does not end with CRLF");
      std::string line(held.substr(0, end - 1));
      wire_.consume(end + 1);
      return line;
    }
    await(0);
  }
}

void BodyReader::take(std::string& body, std::uint64_t octets) {
  while (octets > 0) {
    if (wire_.buffered().empty()) await(0);
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(octets, wire_.buffered().size()));
    body.append(wire_.buffered().substr(0, count));
    wire_.consume(count);
    received_ += count;
    octets -= count;
  }
}

void BodyReader::takeChunks(std::string& body, std::size_t largest) {
  for (;;) {
    const std::string line = readLine();
    std::uint64_t size = 0;
    const char* end = line.data() + line.size();
    const auto [rest, failure] = std::from_chars(line.data(), end, size, 16);
    if (failure != std::errc() || rest == line.data() || (rest != end && *rest != ';' && *rest != ' ')) {
      throw malformed("a chunk has no size");
    }
    if (size == 0) break;
    if (size > largest - body.size()) throw tooLarge(largest);
    reserve(body.size() + size);
    take(body, size);
    if (!readLine().empty()) throw malformed("a chunk is longer than its size");
  }
  for (std::size_t trailers = 0; !readLine().empty(); ++trailers) {
    if (trailers == kMostTrailers) throw malformed("a chunked body has too many trailer fields");
  }
}

std::string BodyReader::read(std::size_t largest) {
  if (done_) return {};
  if (head_.length && *head_.length > largest) throw tooLarge(largest);
  std::string body;
  if (!head_.length || *head_.length > 0) {
    if (head_.length) reserve(static_cast<std::size_t>(*head_.length));
    if (head_.expectsContinue && !begun() && wire_.buffered().empty()) wire_.send("HTTP/1.1 100 Continue\r\n\r\n");
    begun_ = Steady::now();
    if (head_.length) {
      body.reserve(static_cast<std::size_t>(*head_.length));
      take(body, *head_.length);
    } else {
      takeChunks(body, largest);
    }
  }
  done_ = true;
  connection_.enter(Phase::kHandling);
  return body;
}

bool BodyReader::finish() {
  if (done_) return true;
  if (begun()) return false;  // it failed half-way
  if (head_.length && *head_.length == 0) return true;
  // A client that waits for "100 Continue" sends no body after a final answer, or does: who knows.
  if (!head_.length || *head_.length > kMostDrained || head_.expectsContinue) return false;
  try {
    read(kMostDrained);
    return true;
  } catch (const Problem&) {
    return false;
  }
}

}  // namespace qianda::server
