#include "server/http/chunk_check.h"

#include <algorithm>

namespace qianda::server {
namespace {

constexpr std::size_t kMostDigits = 8;  // Poco reads no more of a size
constexpr std::size_t kLongestExtension = 256;
constexpr std::size_t kMostTrailers = 8192;  // octets

int digitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool isText(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

ChunkCheck::State ChunkCheck::afterSize(char c) {
  if (digits_ == 0) return State::kMalformed;
  if (c == '\r') return State::kSizeEnd;
  return c == ';' || c == ' ' || c == '\t' ? State::kExtension : State::kMalformed;
}

ChunkCheck::State ChunkCheck::next(char c) {
  switch (state_) {
    case State::kSize:
      if (const int digit = digitOf(c); digit >= 0) {
        size_ = size_ * 16 + static_cast<unsigned>(digit);
        return ++digits_ > kMostDigits ? State::kMalformed : State::kSize;
      }
      line_ = 0;
      return afterSize(c);
    case State::kExtension:
      if (c == '\r') return State::kSizeEnd;
      return isText(c) && ++line_ < kLongestExtension ? State::kExtension : State::kMalformed;
    case State::kSizeEnd:
      if (c != '\n') return State::kMalformed;
      digits_ = 0;
      announced_ += size_;
      return size_ == 0 ? State::kTrailerStart : State::kData;
    case State::kDataCr:
      return c == '\r' ? State::kDataEnd : State::kMalformed;
    case State::kDataEnd:
      return c == '\n' ? State::kSize : State::kMalformed;
    case State::kTrailerStart:
      if (c == '\r') return State::kLastEnd;
      [[fallthrough]];
    case State::kTrailer:
      if (c == '\r') return State::kTrailerEnd;
      return isText(c) && ++trailerOctets_ < kMostTrailers ? State::kTrailer : State::kMalformed;
    case State::kTrailerEnd:
      return c == '\n' ? State::kTrailerStart : State::kMalformed;
    case State::kLastEnd:
      return c == '\n' ? State::kWhole : State::kMalformed;
    default:
      return state_;
  }
}

bool ChunkCheck::isInTrailer(char c) const {
  return state_ == State::kTrailer || state_ == State::kTrailerEnd || (state_ == State::kTrailerStart && c != '\r');
}

ChunkCheck::Taken ChunkCheck::take(std::string_view octets) {
  std::size_t at = 0;
  const bool trailer = !octets.empty() && isInTrailer(octets.front());
  while (at < octets.size() && !isWhole() && isInTrailer(octets[at]) == trailer) {
    if (state_ != State::kData) {
      state_ = next(octets[at]);
      if (isMalformed()) break;
      ++at;
      continue;
    }
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(size_, octets.size() - at));
    at += count;
    size_ -= count;
    if (size_ == 0) state_ = State::kDataCr;
  }
  return {at, trailer};
}

}  // namespace qianda::server
