// Finds the route of a request by its method and its path, segment by segment. No request can match two routes: such a
// table is refused when the router is made. Parameters are percent-decoded and must be UTF-8 without control characters
// (RFC 3986 2.1); an empty segment is no parameter. Made once, then read by all threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/route.h"

namespace qianda::server {

// nullopt for a broken escape, ill-formed UTF-8 or a control character. `plusIsSpace`: in queries.
std::optional<std::string> decodePercent(std::string_view text, bool plusIsSpace = false);

class Router {
 public:
  // Throws kUsage for two routes that match one request, two routes of one operation, a pattern with one name twice,
  // and malformed patterns.
  explicit Router(std::vector<Route> routes);
  ~Router();

  struct Match {
    const Route* route = nullptr;                   // null: 404, or 405 when there are other methods
    std::map<std::string, std::string> parameters;  // decoded
    std::vector<std::string> allowed;               // methods of the path, HEAD with GET
  };
  // `rawPath` as sent, without the query. HEAD finds the route of GET. Throws Problem 400 for a broken escape.
  Match match(const std::string& method, std::string_view rawPath) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  std::vector<Route> routes_;
  std::map<std::string, Node> methods_;
};

}  // namespace qianda::server
