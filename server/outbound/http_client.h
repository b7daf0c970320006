// The one way out of the house by HTTP (RFC 9110): timestamps, revocation answers, remote signers, webhooks, partners.
// A request goes only to hosts the policy allows, never to private, loopback or link-local addresses unless it says so
// (the address is judged after it was resolved and the connection made to just that address), follows no redirect, and
// is bounded in size and time. Connections are kept alive and reused. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace qianda::server {

struct OutboundPolicy {
  std::vector<std::string> hosts;  // allowed "host" or "host:port" (of the default port without); empty: every host
  bool privateAddresses = false;   // RFC 1918, loopback, link-local, unique local, unspecified, multicast
  std::size_t largestAnswer = std::size_t{4} << 20;  // octets of body
  std::chrono::milliseconds timeout{10'000};         // for the whole exchange
  std::size_t connections = 16;                      // kept alive at most
  std::string authorities;                           // PEM file of TLS trust anchors; empty: the system's
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http:// or https://
  std::vector<std::pair<std::string, std::string>> headers;
  core::Bytes body;
};

struct HttpAnswer {
  int status = 0;
  std::string contentType;
  core::Bytes body;
};

class HttpClient {
 public:
  explicit HttpClient(OutboundPolicy policy);
  ~HttpClient();
  // Throws kInvalidInput (not a URL), kUnsupported (the policy forbids it) or kUnavailable (no answer in time, too
  // large, broken); the message names the URL without its query and user information. Any HTTP status is an answer.
  HttpAnswer send(const HttpRequest& request) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::server
