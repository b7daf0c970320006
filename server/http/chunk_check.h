// Follows a body that comes in chunks (RFC 9112 7.1) octet by octet and says where it ends. Poco's reader takes a
// malformed chunk, and a client that went away, for the end of the body: this does not. No input or output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace qianda::server {

class ChunkCheck {
 public:
  // How many of `octets` belong to the body: fewer when it ends within them or is malformed there.
  std::size_t take(std::string_view octets);
  bool isWhole() const { return state_ == State::kWhole; }
  bool isMalformed() const { return state_ == State::kMalformed; }
  bool hasTrailers() const { return trailers_; }

 private:
  enum class State {
    kSize,
    kExtension,
    kSizeEnd,  // its LF
    kData,
    kDataCr,
    kDataEnd,
    kTrailerStart,
    kTrailer,
    kTrailerEnd,
    kLastEnd,
    kWhole,
    kMalformed,
  };
  State next(char c);
  State afterSize(char c);

  State state_ = State::kSize;
  std::uint64_t size_ = 0;  // of the chunk; then what is left of it
  std::size_t digits_ = 0, line_ = 0, trailerOctets_ = 0;
  bool trailers_ = false;
};

}  // namespace qianda::server
