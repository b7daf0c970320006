#include "server/http/wire.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <poll.h>
#include <sys/socket.h>

namespace qianda::server {
namespace {

constexpr std::size_t kChunk = 16u << 10;
constexpr int kLingerMs = 1000;

}  // namespace

bool Wire::fill() {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  const std::size_t held = buffer_.size();
  buffer_.resize(held + kChunk);
  int count = 0;
  try {
    count = socket_.receiveBytes(buffer_.data() + held, static_cast<int>(kChunk));
  } catch (const Poco::Exception&) {
    buffer_.resize(held);
    return false;
  }
  buffer_.resize(held + static_cast<std::size_t>(std::max(count, 0)));
  return count > 0;
}

void Wire::consume(std::size_t count) {
  at_ += count;
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = 0;
  }
}

void Wire::send(std::string_view octets) {
  try {
    while (!octets.empty()) {
      const std::size_t most = std::min<std::size_t>(octets.size(), 1u << 20);
      const int count = socket_.sendBytes(octets.data(), static_cast<int>(most), MSG_NOSIGNAL);
      if (count <= 0) throw ConnectionLost("the client is gone");
      octets.remove_prefix(static_cast<std::size_t>(count));
    }
  } catch (const Poco::Exception& error) {
    throw ConnectionLost(error.displayText());
  }
}

void Wire::linger(std::size_t octets) {
  const int descriptor = socket_.impl()->sockfd();
  ::shutdown(descriptor, SHUT_WR);
  char discarded[4096];
  pollfd waiting{descriptor, POLLIN, 0};
  while (octets > 0 && ::poll(&waiting, 1, kLingerMs) == 1) {
    const ssize_t count = ::recv(descriptor, discarded, sizeof discarded, 0);
    if (count <= 0) return;
    octets -= std::min(octets, static_cast<std::size_t>(count));
  }
}

void Wire::close() {
  try {
    socket_.shutdown();
  } catch (const Poco::Exception&) {  // gone already
  }
}

}  // namespace qianda::server
