// The head of an HTTP/1.1 request (RFC 9112 3 to 6), read strictly: lines end with CRLF, no folded fields, one Host,
// one Content-Length or "Transfer-Encoding: chunked" but not both, so that no proxy in front of us can see another
// request in the same octets. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/exchange.h"

namespace qianda::server {

struct Head {
  std::string method, path;  // the path as sent
  std::string query;         // as sent, without "?"
  int minor = 1;             // HTTP/1.minor
  Headers headers;
  std::optional<std::uint64_t> length;  // of the body; 0 without one
  bool chunked = false;
  bool keepAlive = true;  // what the client wants
  bool expectsContinue = false;
};

// `octets`: everything before the empty line, its last CRLF included. Throws Problem 400 "request_malformed", 431
// "header_too_large" (more than `mostFields`), 417, 501 or 505.
Head parseHead(std::string_view octets, std::size_t mostFields);

// Lower case, without parameters and white space: "application/json".
std::string mediaTypeOf(std::string_view contentType);

// Throws Problem 400 "query_malformed".
std::multimap<std::string, std::string> parseQuery(std::string_view query);

}  // namespace qianda::server
