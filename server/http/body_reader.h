// Reads the body of one request off its connection, whole or not at all (RFC 9112 6 and 7): never more than the route
// allows, within the time a slow client is given, out of a memory all requests share. A chunked body that ends early or
// is malformed is a fault, never a shorter body. Belongs to the connection's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "server/http/connections.h"
#include "server/http/head.h"
#include "server/http/wire.h"

namespace qianda::server {

struct BodyLimits {
  std::chrono::milliseconds time;
  std::size_t rate;    // octets a second
  std::size_t memory;  // of all bodies together
  std::atomic<std::size_t> used = 0;
};

class BodyReader {
 public:
  BodyReader(const Head& head, Wire& wire, Connection& connection, BodyLimits& limits)
      : head_(head), wire_(wire), connection_(connection), limits_(limits) {}
  ~BodyReader() { limits_.used -= reserved_; }
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // Throws Problem 413, 408, 503 (no memory) or 400; ConnectionLost.
  std::string read(std::size_t largest);
  // Whether nothing of the body is left on the connection; reads a small rest that was not asked for.
  bool finish();

 private:
  void reserve(std::size_t octets);
  void await(std::size_t received);
  std::string readLine();
  void take(std::string& body, std::uint64_t octets);
  void takeChunks(std::string& body, std::size_t largest);

  const Head& head_;
  Wire& wire_;
  Connection& connection_;
  BodyLimits& limits_;
  std::size_t reserved_ = 0, received_ = 0;
  Steady::time_point begun_{};
  bool begun() const { return begun_ != Steady::time_point{}; }
  bool done_ = false;
};

}  // namespace qianda::server
