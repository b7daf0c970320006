#include "server/http/chain.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>

#include "core/id.h"
#include "core/text.h"
#include "server/http/body_reader.h"
#include "server/http/head.h"
#include "server/log/log.h"
#include "server/metrics/metrics.h"

namespace qianda::server {
namespace {

constexpr std::size_t kLoggedPath = 200;  // octets of a path without a route

bool isRequestId(std::string_view id) {
  return id.size() >= 8 && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                  c == '.';
         });
}

std::string newRequestId() { return core::DocumentId::at(core::now()).text(); }

// No header of ours may end early and start another.
bool isClean(const Response& response) {
  const auto clean = [](const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  };
  return clean(response.mediaType) &&
         std::all_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& field) { return clean(field.first) && clean(field.second); });
}

void addUnlessSet(Response& response, const char* name, const char* value) {
  const HeaderLess less;
  for (const auto& field : response.headers) {
    if (!less(field.first, name) && !less(name, field.first)) return;
  }
  response.headers.emplace_back(name, value);
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

// The last address that is no proxy of ours; who wrote what stands before it, nobody knows.
std::string clientOf(const Request& request, const std::set<std::string>& proxies) {
  std::string client = request.peer;
  std::vector<std::string> hops;
  const auto [first, last] = request.headers.equal_range(std::string_view("X-Forwarded-For"));
  for (auto field = first; field != last; ++field) {
    std::string_view rest = field->second;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      hops.emplace_back(core::trim(rest.substr(0, comma)));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  while (proxies.contains(client) && !hops.empty()) {
    Poco::Net::IPAddress address;
    if (!Poco::Net::IPAddress::tryParse(hops.back(), address)) break;
    client = address.toString();
    hops.pop_back();
  }
  return client;
}

Problem overloaded() {
  Problem problem(503, "overloaded", "too many requests at once; try again later");
  problem.headers.emplace_back("Retry-After", "2");
  return problem;
}

const Problem kInternal(500, "internal", "the service failed; its log has the details under this request's id");

}  // namespace

struct Chain::Call {
  Chain& chain;
  Request& request;
  const ReadBody& readBody;
  const Route* route = nullptr;
};

struct Chain::Numbers {
  Metrics& metrics;
  int collection = 0;
};

// The steps; each calls the rest of the table.
struct Chain::Step {
  Response (*run)(Call& call, const Step* rest);
  static Response go(Call& call, const Step* rest) { return rest->run(call, rest + 1); }

  static Response named(Call& call, const Step* rest) {
    Request& request = call.request;
    const auto given = request.findHeader("X-Request-Id");
    request.id = given && isRequestId(*given) ? *given : newRequestId();
    request.peer = clientOf(request, call.chain.services_.trustedProxies);
    return go(call, rest);
  }

  static void secure(const Chain& chain, const std::string& requestId, Response& response) {
    response.headers.emplace_back("X-Request-Id", requestId);
    if (chain.secure_) addUnlessSet(response, "Strict-Transport-Security", "max-age=31536000");
    addUnlessSet(response, "X-Content-Type-Options", "nosniff");
    addUnlessSet(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    addUnlessSet(response, "Referrer-Policy", "no-referrer");
    addUnlessSet(response, "Cache-Control", "no-store");
  }

  static Response secured(Call& call, const Step* rest) {
    Response response = go(call, rest);
    secure(call.chain, call.request.id, response);
    if (isClean(response)) return response;
    failed(call, "an answer's header field has a control character");
    Response instead = respond(kInternal, call.request.id);
    secure(call.chain, call.request.id, instead);
    return instead;
  }

  static void failed(const Call& call, const std::string& reason) {
    if (Log* log = call.chain.services_.log) {
      log->error("request_failed",
                 {{"request_id", call.request.id}, {"operation", call.request.operation}, {"error", reason}});
    }
  }

  static Response guarded(Call& call, const Step* rest) {
    const std::string& id = call.request.id;
    try {
      return go(call, rest);
    } catch (const ConnectionLost&) {
      throw;
    } catch (const Problem& problem) {
      if (problem.status >= 500 && problem.code != "overloaded") failed(call, problem.what());
      return respond(problem, id);
    } catch (const core::Error& error) {
      const Problem problem = problemOf(error);
      if (problem.status >= 500) failed(call, error.what());
      return respond(problem, id);
    } catch (const Poco::Exception& error) {
      failed(call, error.displayText());
    } catch (const std::exception& error) {
      failed(call, error.what());
    } catch (...) {
      failed(call, "an exception of another kind");
    }
    return respond(kInternal, id);
  }

  static Response routed(Call& call, const Step* rest) {
    Request& request = call.request;
    const Router::Match match = call.chain.router_.match(request.method, request.path);
    if (!match.route && match.allowed.empty()) throw Problem(404, "not_found", "there is nothing at this address");
    if (!match.route) {
      Problem problem(405, "method_not_allowed", "this address answers " + joined(match.allowed));
      problem.headers.emplace_back("Allow", joined(match.allowed));
      throw problem;
    }
    call.route = match.route;
    request.operation = match.route->operation;
    request.parameters = match.parameters;
    request.query = parseQuery(request.rawQuery);
    return go(call, rest);
  }

  static Response admitted(Call& call, const Step* rest) {
    const Route& route = *call.route;
    if (route.access == Access::kPublic) return go(call, rest);
    Principal& principal = call.request.principal;
    if (call.chain.services_.authenticate) {
      const Gate::Pass pass(call.chain.gate_);
      if (!pass) throw overloaded();
      principal = call.chain.services_.authenticate(call.request);
    }
    if (principal.kind == Principal::Kind::kNobody) {
      Problem problem(401, "unauthenticated", "this needs a session or an API key");
      problem.headers.emplace_back("WWW-Authenticate", "Bearer");
      throw problem;
    }
    const bool isUser = principal.kind == Principal::Kind::kUser;
    const bool fits = route.access == Access::kAccount    ? isUser || principal.kind == Principal::Kind::kApiKey
                      : route.access == Access::kUserOnly ? isUser
                                                          : principal.kind == Principal::Kind::kCeremony;
    if (!fits || (!route.permission.empty() && !principal.may(route.permission))) {
      throw Problem(403, "forbidden", "whoever asks may not do this");
    }
    return go(call, rest);
  }

  static Response bodied(Call& call, const Step* rest) {
    call.request.body = call.readBody(call.route->largestBody);
    return go(call, rest);
  }

  static Response handled(Call& call, const Step*) {
    if (call.route->always) return call.route->handler(call.chain.services_, call.request);
    const Gate::Pass pass(call.chain.gate_);
    if (!pass) throw overloaded();
    return call.route->handler(call.chain.services_, call.request);
  }
};

Chain::Chain(Services& services, std::vector<Route> routes, bool secure, std::size_t threads, std::size_t queue,
             std::chrono::milliseconds queueTime)
    : services_(services), router_(std::move(routes)), secure_(secure), gate_(threads, queue, queueTime) {
  if (!services.metrics) return;
  Metrics& metrics = *services.metrics;
  auto& inside = metrics.gauge("qianda_http_requests_in_flight", "Requests being handled");
  auto& waiting = metrics.gauge("qianda_http_requests_waiting", "Requests waiting for a thread");
  numbers_ = std::make_unique<Numbers>(Numbers{metrics});
  numbers_->collection = metrics.atCollection([this, &inside, &waiting] {
    inside.Set(static_cast<double>(gate_.inside()));
    waiting.Set(static_cast<double>(gate_.waiting()));
  });
}

Chain::~Chain() {
  if (numbers_) numbers_->metrics.dropCollection(numbers_->collection);
}

Response Chain::answer(Request& request, const ReadBody& readBody) {
  static constexpr Step kSteps[] = {{Step::named},    {Step::secured}, {Step::guarded}, {Step::routed},
                                    {Step::admitted}, {Step::bodied},  {Step::handled}};
  Call call{*this, request, readBody};
  return Step::go(call, kSteps);
}

Response Chain::refuse(const Problem& problem, Request& request) {
  if (request.id.empty()) request.id = newRequestId();
  Response response = respond(problem, request.id);
  Step::secure(*this, request.id, response);
  return response;
}

void Chain::record(const Request& request, const Sent& sent) {
  const std::string operation = request.operation.empty() ? "none" : request.operation;
  if (numbers_) {
    static const std::vector<double> kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    Metrics& metrics = numbers_->metrics;
    metrics
        .counter("qianda_http_requests_total", "Requests answered, by operation and class of status",
                 {{"operation", operation}, {"status", std::to_string(sent.status / 100) + "xx"}})
        .Increment();
    metrics
        .histogram("qianda_http_request_seconds", "From the first octet of a request to the last of its answer",
                   {{"operation", operation}}, kBounds)
        .Observe(static_cast<double>(sent.time.count()) / 1e6);
  }
  Log* log = services_.log;
  if (!log) return;
  const bool quiet = operation == "getHealth" || operation == "getReadiness" || operation == "getMetrics";
  const Log::Level level = quiet && sent.status < 500 ? Log::Level::kDebug : Log::Level::kInfo;
  if (!log->writes(level)) return;
  std::vector<Json::Member> fields = {{"request_id", request.id},
                                      {"operation", operation},
                                      {"method", request.method},
                                      {"status", sent.status},
                                      {"ms", static_cast<double>(sent.time.count()) / 1000},
                                      {"octets", sent.octets},
                                      {"peer", request.peer}};
  if (request.operation.empty()) fields.emplace_back("path", request.path.substr(0, kLoggedPath));
  if (request.principal.kind != Principal::Kind::kNobody) {
    fields.emplace_back("principal", request.principal.id);
    fields.emplace_back("organisation", request.principal.organisation);
  }
  if (!sent.whole) fields.emplace_back("cut", true);
  if (!sent.failure.empty()) fields.emplace_back("failure", sent.failure);
  log->write(level, "request", std::move(fields));
}

HttpHooks Chain::hooks() {
  return {[this](Request& request, const ReadBody& readBody) { return answer(request, readBody); },
          [this](const Problem& problem, Request& request) { return refuse(problem, request); },
          [this](const Request& request, const Sent& sent) { record(request, sent); }};
}

}  // namespace qianda::server
