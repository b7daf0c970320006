// Follows a body that comes in chunks (RFC 9112 7.1) octet by octet and says where it ends. Poco's reader takes a
// malformed chunk, and a client that went away, for the end of the body: this does not. No input or output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace qianda::server {

class ChunkCheck {
 public:
  struct Taken {
    std::size_t count;  // of the octets given, from the first on; 0 when none belongs to the body
    bool isTrailer;     // all of them: fields after the last chunk
  };
  // To be called again with what was not taken.
  Taken take(std::string_view octets);
  bool isWhole() const { return state_ == State::kWhole; }
  bool isMalformed() const { return state_ == State::kMalformed; }
  std::uint64_t announced() const { return announced_; }  // octets in all chunks so far

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
  bool isInTrailer(char c) const;

  State state_ = State::kSize;
  std::uint64_t size_ = 0;  // of the chunk; then what is left of it
  std::uint64_t announced_ = 0;
  std::size_t digits_ = 0, line_ = 0, trailerOctets_ = 0;
};

}  // namespace qianda::server
