// The head of an HTTP/1.1 request (RFC 9112 3 to 6). Poco parses it, leniently: checkHead() first refuses what another
// reader of the same octets could understand differently (bare LF, folded fields, white space before a colon, lines
// without one, encoded words) or what Poco would not take; headOf() then says what Poco's request means: one Host, one
// Content-Length or "Transfer-Encoding: chunked" but not both. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <Poco/Net/HTTPRequest.h>

#include "server/http/exchange.h"

namespace qianda::server {

struct Head {
  std::string method, path;  // the path as sent
  std::string query;         // as sent, without "?"
  int minor = 1;             // HTTP/1.minor
  Headers headers;
  std::optional<std::uint64_t> length = 0;  // of the body; none when it comes in chunks
  bool keepAlive = true;                    // what the client wants
  bool expectsContinue = false;
};

// `octets`: everything before the empty line, its last CRLF included. Throws Problem 400 "request_malformed", 414
// "uri_too_long", 431 "header_too_large" (a field, or more than `mostFields`) or 505.
void checkHead(std::string_view octets, std::size_t mostFields);

// Throws Problem 400 "request_malformed", 417 or 501.
Head headOf(const Poco::Net::HTTPRequest& request);

// Lower case, without parameters and white space: "application/json".
std::string mediaTypeOf(std::string_view contentType);

// Throws Problem 400 "query_malformed".
std::multimap<std::string, std::string> parseQuery(std::string_view query);

}  // namespace qianda::server
