#include "server/http/router.h"

#include <algorithm>
#include <memory>

#include "core/text.h"
#include "server/http/problem.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

int digitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::vector<std::string> segmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool isParameter(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string shownOf(const Route& route) { return route.method + " " + route.pattern; }

bool overlap(const Route& left, const Route& right) {
  if (left.method != right.method) return false;
  const auto one = segmentsOf(left.pattern), other = segmentsOf(right.pattern);
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](const std::string& a, const std::string& b) {
    return a == b || (isParameter(a) && !b.empty()) || (isParameter(b) && !a.empty());
  });
}

}  // namespace

std::optional<std::string> decodePercent(std::string_view text, bool plusIsSpace) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      if (at + 2 >= text.size()) return std::nullopt;
      const int high = digitOf(text[at + 1]), low = digitOf(text[at + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      at += 2;
    } else if (c == '+' && plusIsSpace) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    out += c;
  }
  if (core::findInvalidUtf8(out) != std::string_view::npos) return std::nullopt;
  return out;
}

struct Router::Node {
  std::map<std::string, Node, std::less<>> fixed;
  std::unique_ptr<Node> any;
  const Route* route = nullptr;
  std::vector<std::string> names;  // of the parameters on the way here

  const Node* find(const std::vector<std::string>& segments, std::size_t at, std::vector<std::string>& values) const {
    if (at == segments.size()) return route ? this : nullptr;
    if (const auto found = fixed.find(segments[at]); found != fixed.end()) {
      if (const Node* node = found->second.find(segments, at + 1, values)) return node;
    }
    if (!any || segments[at].empty()) return nullptr;
    values.push_back(segments[at]);
    if (const Node* node = any->find(segments, at + 1, values)) return node;
    values.pop_back();
    return nullptr;
  }

  void add(const Route& added, const std::string& shown) {
    Node* node = this;
    std::vector<std::string> parameters;
    for (const std::string& segment : segmentsOf(added.pattern)) {
      if (!isParameter(segment)) {
        if (segment.find_first_of("{}%") != std::string::npos) {
          throw Error(ErrorCode::kUsage, "route " + shown + " has the malformed segment " + segment);
        }
        node = &node->fixed[segment];
        continue;
      }
      const std::string name = segment.substr(1, segment.size() - 2);
      if (std::find(parameters.begin(), parameters.end(), name) != parameters.end()) {
        throw Error(ErrorCode::kUsage, "route " + shown + " has the parameter " + name + " twice");
      }
      parameters.push_back(name);
      if (!node->any) node->any = std::make_unique<Node>();
      node = node->any.get();
    }
    node->route = &added;
    node->names = std::move(parameters);
  }
};

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  std::map<std::string, std::string> operations;
  for (const Route& route : routes_) {
    if (route.pattern.empty() || route.pattern.front() != '/' || route.method.empty() || !route.handler) {
      throw Error(ErrorCode::kUsage, "route " + shownOf(route) + " has no method, no path or no handler");
    }
    for (const Route* other = routes_.data(); other != &route; ++other) {
      if (overlap(*other, route)) {
        throw Error(ErrorCode::kUsage,
                    "routes " + shownOf(*other) + " and " + shownOf(route) + " match the same requests");
      }
    }
    if (!operations.emplace(route.operation, route.pattern).second) {
      throw Error(ErrorCode::kUsage, "two routes have the operation " + route.operation);
    }
    methods_[route.method].add(route, shownOf(route));
  }
}

Router::~Router() = default;

Router::Match Router::match(const std::string& method, std::string_view rawPath) const {
  Match match;
  if (rawPath.empty() || rawPath.front() != '/') return match;
  std::vector<std::string> segments = segmentsOf(rawPath);
  for (std::string& segment : segments) {
    auto decoded = decodePercent(segment);
    if (!decoded) throw Problem(400, "path_malformed", "the path has a broken escape or is not UTF-8");
    segment = std::move(*decoded);
  }
  const bool headed = method == "HEAD" && !methods_.contains("HEAD");
  for (const auto& [name, root] : methods_) {
    std::vector<std::string> values;
    const Node* node = root.find(segments, 0, values);
    if (!node) continue;
    match.allowed.push_back(name);
    if (name == "GET") match.allowed.push_back("HEAD");
    if (name != (headed ? "GET" : method)) continue;
    match.route = node->route;
    for (std::size_t at = 0; at < values.size(); ++at) match.parameters[node->names[at]] = values[at];
  }
  return match;
}

}  // namespace qianda::server
