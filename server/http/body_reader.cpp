#include "server/http/body_reader.h"

#include <algorithm>
#include <istream>

#include <Poco/Net/HTTPServerResponse.h>

#include "server/http/problem.h"

namespace qianda::server {
namespace {

constexpr std::size_t kMostDrained = 64u << 10;
constexpr std::size_t kPiece = 64u << 10;

Problem tooLarge(std::size_t largest) {
  return Problem(413, "body_too_large", "the body may have at most " + std::to_string(largest) + " octets");
}

}  // namespace

void BodyReader::reserve(std::size_t octets) {
  if (octets <= reserved_) return;
  const std::size_t more = octets - reserved_;
  if (floor_.bodyOctets.fetch_add(more) + more > floor_.limits.bodyMemory) {
    floor_.bodyOctets -= more;
    Problem problem(503, "overloaded", "too many large requests at once; try again later");
    problem.headers.emplace_back("Retry-After", "2");
    throw problem;
  }
  reserved_ = octets;
}

void BodyReader::take(std::string& body, std::size_t largest) {
  std::istream& stream = request_.stream();
  while (stream) {
    const std::size_t held = body.size();
    const std::size_t most = head_.length ? static_cast<std::size_t>(*head_.length) - held : kPiece;
    if (most == 0) break;
    reserve(held + std::min(most, kPiece));
    body.resize(held + std::min(most, kPiece));
    stream.read(body.data() + held, static_cast<std::streamsize>(body.size() - held));
    body.resize(held + static_cast<std::size_t>(stream.gcount()));
  }
  switch (socket_.body()) {
    case GuardedSocket::Body::kWhole:
      return;
    case GuardedSocket::Body::kMalformed:
      throw Problem(400, "request_malformed", "a chunk of the body is malformed");
    case GuardedSocket::Body::kTooLarge:
      throw tooLarge(largest);
    case GuardedSocket::Body::kLate:
      throw Problem(408, "body_late", "the body did not come in time");
    default:
      throw ConnectionLost("the client went away within a body");
  }
}

std::string BodyReader::read(std::size_t largest) {
  if (done_) return {};
  if (head_.length && *head_.length > largest) throw tooLarge(largest);
  std::string body;
  if (head_.length != 0) {
    if (head_.length) {
      reserve(static_cast<std::size_t>(*head_.length));
      body.reserve(static_cast<std::size_t>(*head_.length));
    }
    if (head_.expectsContinue && !begun_ && !socket_.hasBuffered()) request_.response().sendContinue();
    begun_ = true;
    socket_.expectBody(head_.length, largest);
    take(body, largest);
  }
  done_ = true;
  return body;
}

bool BodyReader::finish() {
  if (done_) return true;
  if (begun_) return false;  // it failed half-way
  if (head_.length == 0) return true;
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
