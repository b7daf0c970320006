#include "server/http/head.h"

#include <algorithm>

#include "server/http/problem.h"
#include "server/http/router.h"

namespace qianda::server {
namespace {

constexpr std::size_t kMostQueryItems = 200;
// What Poco's parser takes, in octets.
constexpr std::size_t kLongestMethod = 32, kLongestTarget = 16384, kLongestName = 256, kLongestValue = 8192;

Problem malformed(const std::string& detail) { return Problem(400, "request_malformed", detail); }

// RFC 9110 5.6.2
bool isTokenCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool isToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter); }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view strip(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Origin form, or absolute form without its authority (RFC 9112 3.2).
void readTarget(std::string_view target, Head& head) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (lowered(target.substr(0, scheme.size())) != scheme) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    break;
  }
  if (target.empty() || (target.front() != '/' && target != "*")) throw malformed("the request's target is no path");
  const std::size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
}

void checkRequestLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    throw malformed("the request line is not METHOD TARGET VERSION");
  const std::string_view method = line.substr(0, first), version = line.substr(last + 1);
  if (!isToken(method) || method.size() > kLongestMethod) throw malformed("the request's method is no token");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.starts_with("HTTP/")) throw Problem(505, "http_version", "HTTP/1.1 is spoken here");
    throw malformed("the request line does not end with a version of HTTP");
  }
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.size() > kLongestTarget) throw Problem(414, "uri_too_long", "the request's address is too long");
  for (const char c : target) {
    if (c <= 0x20 || c == 0x7f || c == '#' || static_cast<unsigned char>(c) >= 0x80) {
      throw malformed("the request's target has a character that must be escaped");
    }
  }
}

// What Poco would decode by RFC 2047, which HTTP does not know.
bool hasEncodedWord(std::string_view value) {
  std::size_t at = value.find("=?");
  for (int mark = 0; mark < 2 && at != std::string_view::npos; ++mark) at = value.find('?', at + (mark == 0 ? 2 : 1));
  return at != std::string_view::npos && value.find("?=", at + 1) != std::string_view::npos;
}

bool isLength(std::string_view text) {
  return !text.empty() && text.size() <= 15 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void checkField(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) {
    throw malformed("a header line is not NAME: VALUE");
  }
  if (colon > kLongestName || line.size() - colon - 1 > kLongestValue) {
    throw Problem(431, "header_too_large", "a header field is too long");
  }
  const std::string_view value = strip(line.substr(colon + 1));
  for (const char c : value) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
      throw malformed("a header field has a control character");
    }
  }
  if (hasEncodedWord(value)) throw malformed("a header field has an encoded word");
  if (lowered(line.substr(0, colon)) == "content-length" && !isLength(value)) {
    throw malformed("Content-Length is no number");
  }
}

const std::string* single(const Headers& headers, std::string_view name) {
  const auto [first, last] = headers.equal_range(name);
  if (first == last) return nullptr;
  if (std::next(first) != last) throw malformed("the header field " + std::string(name) + " is there twice");
  return &first->second;
}

// RFC 9112 6.3
void readFraming(Head& head) {
  const std::string* coding = single(head.headers, "Transfer-Encoding");
  const std::string* length = single(head.headers, "Content-Length");
  if (coding && length) throw malformed("a request has Content-Length or Transfer-Encoding, not both");
  if (coding) {
    if (head.minor == 0) throw malformed("HTTP/1.0 has no Transfer-Encoding");
    if (lowered(*coding) != "chunked")
      throw Problem(501, "transfer_coding", "the only transfer coding here is chunked");
    head.length = std::nullopt;
  } else if (length) {
    head.length = std::stoull(*length);
  }
}

bool hasOption(const Headers& headers, std::string_view option) {
  const auto [first, last] = headers.equal_range(std::string_view("Connection"));
  for (auto field = first; field != last; ++field) {
    std::string_view rest = field->second;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (lowered(strip(rest.substr(0, comma))) == option) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

}  // namespace

void checkHead(std::string_view octets, std::size_t mostFields) {
  std::size_t lines = 0;
  while (!octets.empty()) {
    const std::size_t end = octets.find("\r\n");
    if (end == std::string_view::npos) throw malformed("a header line does not end with CRLF");
    const std::string_view line = octets.substr(0, end);
    octets.remove_prefix(end + 2);
    if (line.find_first_of("\r\n") != std::string_view::npos) throw malformed("a header line has a bare CR or LF");
    if (lines++ == 0) {
      checkRequestLine(line);
    } else if (lines - 1 > mostFields) {
      throw Problem(431, "header_too_large",
                    "the request has more than " + std::to_string(mostFields) + " header fields");
    } else {
      checkField(line);
    }
  }
  if (lines == 0) throw malformed("the request is empty");
}

Head headOf(const Poco::Net::HTTPRequest& request) {
  Head head;
  head.method = request.getMethod();
  head.minor = request.getVersion() == Poco::Net::HTTPMessage::HTTP_1_0 ? 0 : 1;
  readTarget(request.getURI(), head);
  for (const auto& [name, value] : request) head.headers.emplace(name, value);
  if (!single(head.headers, "Host") && head.minor == 1) throw malformed("the header field Host is missing");
  readFraming(head);
  head.keepAlive = head.minor == 1 ? !hasOption(head.headers, "close") : hasOption(head.headers, "keep-alive");
  if (const std::string* expected = single(head.headers, "Expect")) {
    if (lowered(*expected) != "100-continue") throw Problem(417, "expectation", "only 100-continue can be expected");
    head.expectsContinue = head.minor == 1;
  }
  return head;
}

std::string mediaTypeOf(std::string_view contentType) {
  return lowered(strip(contentType.substr(0, contentType.find(';'))));
}

std::multimap<std::string, std::string> parseQuery(std::string_view query) {
  std::multimap<std::string, std::string> items;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view item = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    auto name = decodePercent(item.substr(0, equals), true);
    auto value = decodePercent(item.substr(std::min(equals + 1, item.size())), true);
    if (!name || !value || items.size() == kMostQueryItems) {
      throw Problem(400, "query_malformed", "the query has a broken escape, is not UTF-8 or has too many items");
    }
    items.emplace(std::move(*name), std::move(*value));
  }
  return items;
}

}  // namespace qianda::server
