// What a handler of the service sees of HTTP: a request whose body was read whole (never longer than its route allows),
// and the response it gives back. Who is asking was settled before: a handler that runs has a principal its route
// admits. Plain values, owned by the thread that serves the request.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianda::server {

struct Principal {
  enum class Kind { kNobody, kUser, kApiKey, kCeremony };
  Kind kind = Kind::kNobody;
  std::string organisation;           // id; empty for nobody
  std::string id;                     // of the user, the API key or the ceremony's party
  std::string role;                   // of a user
  std::set<std::string> permissions;  // "envelopes:read": a user's by role, an API key's by scope
  bool may(const std::string& permission) const { return permissions.contains(permission); }
};

// Names of header fields compare without case (RFC 9110 5.1).
struct HeaderLess {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const;
};
using Headers = std::multimap<std::string, std::string, HeaderLess>;

struct Request {
  std::string id;                                 // of this request, in the log and in every error
  std::string method, path;                       // the path as sent, without the query
  std::string rawQuery;                           // as sent, without "?"
  std::map<std::string, std::string> parameters;  // what the route's {names} stand for
  std::multimap<std::string, std::string> query;  // decoded
  Headers headers;
  std::string mediaType;  // lower case, without its parameters
  std::string body;
  std::string peer;       // the client's address
  std::string operation;  // of the route; empty when there is none
  Principal principal;

  const std::string& parameter(const std::string& name) const { return parameters.at(name); }
  std::optional<std::string> findQuery(const std::string& name) const;
  std::optional<std::string> findHeader(std::string_view name) const;
};

// Where a streamed body goes. write() blocks while the client is slow, throws kUnavailable when it is gone or was
// cut at the end of a stop's grace; `stopping` tells a stream that waits for news to end.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  virtual void write(std::string_view octets) = 0;
  virtual bool stopping() const = 0;
};

struct Response {
  int status = 200;
  std::string mediaType;  // empty: no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::function<void(BodyWriter&)> stream;  // instead of `body`; sent in chunks
};

}  // namespace qianda::server
