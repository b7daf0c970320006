// A small HTTP service for protocols that answer octets with octets (RFC 3161 timestamps, RFC 6960 OCSP, CRLs): one
// function hears a request whose whole body was read and gives the answer. Connections are kept alive; at most
// `threads` of them are served at once, others wait. Bodies over `largestBody` are refused with 413; what the function
// throws is answered with 500, its reason told to `onFault` alone. Stops when destroyed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/bytes.h"

namespace qianda::server {

struct OctetRequest {
  std::string method, target, mediaType;  // the target as sent; the type without its parameters
  core::Bytes body;
};

struct OctetAnswer {
  int status = 200;
  std::string mediaType;
  core::Bytes body;
  std::string allow;  // with 405: the methods there are
};

struct OctetService {
  std::function<OctetAnswer(const OctetRequest&)> answer;  // called from many threads at once
  std::size_t largestBody = 64u << 10;
  int threads = 64;
  std::function<void(const std::string&)> onFault = {};  // may be empty
};

class OctetServer {
 public:
  // Listens on return; port 0 takes any free one. Throws kUnavailable when the address cannot be bound.
  OctetServer(OctetService service, const std::string& bind, std::uint16_t port);
  ~OctetServer();

  std::string url() const;  // "http://127.0.0.1:3161/"

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::server
