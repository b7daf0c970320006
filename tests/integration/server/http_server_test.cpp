// The HTTP server over real sockets: framing, limits, bounds and faults.
#include "server/http/http_server.h"

#include <atomic>
#include <thread>

#include <Poco/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/http_service.h"

namespace qianda::test {
namespace {

using server::Access;
using server::Principal;
using server::Request;
using server::Response;
using server::Route;
using server::Services;
using testing::HasSubstr;
using testing::Not;
using std::chrono_literals::operator""ms;

// One at a time holds the handlers of /wait until opened.
class Barrier {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --waiting_;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void awaitWaiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};
Barrier barrier;
std::atomic<int> echoed = 0;

Response text(const std::string& body) {
  Response response;
  response.mediaType = "text/plain";
  response.body = body;
  return response;
}

Response echo(Services&, const Request& request) {
  ++echoed;
  return text(request.body);
}
Response hello(Services&, const Request& request) { return text("hello " + request.peer); }
Response wait(Services&, const Request&) {
  barrier.wait();
  return text("waited");
}
Response inject(Services&, const Request&) {
  Response response = text("x");
  response.headers.emplace_back("X-Name", "a\r\nSet-Cookie: b=c");
  return response;
}
struct NotAnException {};
Response fail(Services&, const Request& request) {
  const std::string kind = request.parameter("kind");
  if (kind == "error") throw core::Error(core::ErrorCode::kNotFound, "inner detail", "no such thing");
  if (kind == "system") throw core::Error(core::ErrorCode::kSystem, "inner detail");
  if (kind == "problem") throw server::Problem(409, "conflict", "it is there");
  if (kind == "poco") throw Poco::IOException("inner detail");
  if (kind == "std") throw std::runtime_error("inner detail");
  throw NotAnException();
}

std::vector<Route> table() {
  const auto open = [](const std::string& method, const std::string& pattern, const std::string& operation,
                       server::Handler handler, std::size_t largest = 0) {
    return Route{.method = method,
                 .pattern = pattern,
                 .operation = operation,
                 .access = Access::kPublic,
                 .handler = handler,
                 .largestBody = largest};
  };
  std::vector<Route> all = {
      open("POST", "/echo", "echo", echo, 1000),
      open("POST", "/large", "large", echo, 50u << 20),
      open("GET", "/hello", "hello", hello),
      open("GET", "/wait", "wait", wait),
      open("GET", "/inject", "inject", inject),
      open("GET", "/fail/{kind}", "fail", fail),
      {.method = "POST", .pattern = "/account", .operation = "account", .permission = "things:write", .handler = echo},
      {.method = "GET", .pattern = "/user", .operation = "user", .access = Access::kUserOnly, .handler = hello},
      {.method = "GET",
       .pattern = "/ceremony",
       .operation = "ceremony",
       .access = Access::kCeremony,
       .handler = hello}};
  all.push_back(open("GET", "/alive", "alive", hello));
  all.back().always = true;
  return all;
}

const std::string kChunked = "POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(HttpServer, AnswersManyRequestsOnOneConnectionAlsoWhenTheyComeAtOnce) {
  HttpService service(table());
  RawClient client(service);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello 127.0.0.1");
  client.say("\r\n" + post("/echo", "one") + get("/hello") + post("/echo", "two"));
  EXPECT_EQ(client.hear().body, "one");
  EXPECT_EQ(client.hear().body, "hello 127.0.0.1");
  EXPECT_EQ(client.hear().body, "two");
  EXPECT_EQ(service.server().load().accepted, 1u);
}

TEST(HttpServer, AnswersCarrySecurityHeadersAndAnId) {
  HttpService service(table());
  RawClient client(service);
  const RawAnswer answer = client.ask(get("/hello", "X-Request-Id: mine-1234\r\n"));
  EXPECT_EQ(RawClient::field(answer, "X-Request-Id"), "mine-1234");
  EXPECT_EQ(RawClient::field(answer, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(RawClient::field(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(RawClient::field(answer, "Referrer-Policy"), "no-referrer");
  EXPECT_THAT(RawClient::field(answer, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(RawClient::field(answer, "Strict-Transport-Security"), "");  // not over plain HTTP
  EXPECT_THAT(RawClient::field(client.ask(get("/hello", "X-Request-Id: a b\r\n")), "X-Request-Id"),
              testing::MatchesRegex("[0-9A-Z]{26}"));
  EXPECT_THAT(service.lines(), HasSubstr("\"request_id\":\"mine-1234\",\"operation\":\"hello\""));
}

TEST(HttpServer, HeadHasTheHeadOfGetAndNoBody) {
  HttpService service(table());
  RawClient client(service);
  const RawAnswer answer = client.ask("HEAD /hello HTTP/1.1\r\nHost: here\r\n\r\n", true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(RawClient::field(answer, "Content-Length"), "15");
  EXPECT_EQ(client.ask(get("/hello")).body, "hello 127.0.0.1");
}

TEST(HttpServer, TellsWhatIsNotThereAndWhichMethodsAre) {
  HttpService service(table());
  RawClient client(service);
  EXPECT_THAT(client.ask(get("/none")).body, HasSubstr("\"code\":\"not_found\""));
  const RawAnswer answer = client.ask(post("/hello", ""));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(RawClient::field(answer, "Allow"), "GET, HEAD");
  EXPECT_EQ(client.ask(get("/%ff")).status, 400);
  EXPECT_EQ(client.ask(get("/hello?a=%")).status, 400);
}

TEST(HttpServer, WhateverAHandlerThrowsIsAProblemAndTheConnectionGoesOn) {
  HttpService service(table());
  RawClient client(service);
  for (const auto& [kind, status] : std::vector<std::pair<std::string, int>>{
           {"error", 404}, {"problem", 409}, {"system", 500}, {"poco", 500}, {"std", 500}, {"other", 500}}) {
    const RawAnswer answer = client.ask(get("/fail/" + kind));
    EXPECT_EQ(answer.status, status) << kind;
    EXPECT_EQ(RawClient::field(answer, "Content-Type"), "application/problem+json");
    EXPECT_THAT(answer.body, Not(HasSubstr("inner detail"))) << kind;
    if (status == 500 && kind != "other") {
      EXPECT_THAT(service.lines(), HasSubstr("inner detail")) << kind;
    }
  }
  EXPECT_EQ(client.ask(get("/hello")).status, 200);
}

TEST(HttpServer, AnAnswerCannotSmuggleHeaders) {
  HttpService service(table());
  const RawAnswer answer = RawClient(service).ask(get("/inject"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.head, Not(HasSubstr("Set-Cookie")));
}

TEST(HttpServer, ReadsChunkedBodies) {
  HttpService service(table());
  RawClient client(service);
  EXPECT_EQ(client.ask(kChunked + "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nTrailer: x\r\n\r\n" + get("/hello")).body, "abcd");
  EXPECT_EQ(client.hear().status, 200);
}

TEST(HttpServer, AChunkedBodyThatIsMalformedOrCutIsNeverTakenForAShorterOne) {
  HttpService service(table());
  const int before = echoed;
  for (const char* body : {"x\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "\r\n\r\n", "-1\r\n\r\n",
                           "3\nabc\r\n0\r\n\r\n", "ffffffffffffffffff\r\nabc", "0x3\r\nabc\r\n0\r\n\r\n"}) {
    RawClient client(service);
    EXPECT_EQ(client.ask(kChunked + body).status, 400) << body;
    EXPECT_TRUE(client.isEnded()) << body;
  }
  for (const std::string& octets : {kChunked + "3\r\nabc\r\n", kChunked + "3\r\nab", post("/echo", "abcd").erase(57)}) {
    RawClient client(service, octets);
    client.endSaying();
    EXPECT_EQ(client.hear().status, 0);
  }
  EXPECT_EQ(echoed, before);
}

TEST(HttpServer, BodiesAreNoLargerThanTheirRouteAllows) {
  HttpService service(table());
  RawClient fits(service);
  EXPECT_EQ(fits.ask(post("/echo", std::string(1000, 'x'))).body.size(), 1000u);
  RawClient larger(service);
  EXPECT_EQ(larger.ask(post("/echo", std::string(1001, 'x'))).status, 413);
  EXPECT_EQ(larger.ask(get("/hello")).status, 200);  // what was unread and small is drained
  RawClient huge(service);
  const RawAnswer refused = huge.ask("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 9999999999\r\n\r\nstart");
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(RawClient::field(refused, "Connection"), "close");
  RawClient chunks(service);
  EXPECT_EQ(chunks.ask(kChunked + "3e9\r\n").status, 413);
  EXPECT_EQ(RawClient(service).ask("GET /hello HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\nx").status, 413);
}

TEST(HttpServer, LargeBodiesShareABoundedMemory) {
  ServiceOptions options;
  options.limits.bodyMemory = 1u << 20;
  HttpService service(table(), options);
  const std::string head = "POST /large HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n";
  RawClient first(service, head + "x");
  RawAnswer second;
  waitUntil([&] {  // until the first has its share
    second = RawClient(service).ask(post("/large", std::string(100'000, 'x')));
    return second.status == 503;
  });
  EXPECT_EQ(RawClient::field(second, "Retry-After"), "2");
  first.say(std::string(999'999, 'x'));
  EXPECT_EQ(first.hear().body.size(), 1'000'000u);
  EXPECT_EQ(RawClient(service).ask(post("/large", std::string(100'000, 'x'))).status, 200);
}

TEST(HttpServer, BodiesAreAskedForOnlyWhenTheyAreWanted) {
  ServiceOptions options;
  options.authenticate = [](const Request&) { return Principal(); };
  HttpService service(table(), options);
  const std::string expect = "Expect: 100-continue\r\nContent-Length: ";
  RawClient wanted(service, "POST /echo HTTP/1.1\r\nHost: here\r\n" + expect + "3\r\n\r\n");
  EXPECT_EQ(wanted.hear().status, 100);
  EXPECT_EQ(wanted.ask("abc").body, "abc");
  EXPECT_EQ(RawClient(service).ask("POST /echo HTTP/1.1\r\nHost: here\r\n" + expect + "1001\r\n\r\n").status, 413);
  EXPECT_EQ(RawClient(service).ask("POST /account HTTP/1.1\r\nHost: here\r\n" + expect + "3\r\n\r\n").status, 401);
}

TEST(HttpServer, HeadersAreBounded) {
  ServiceOptions options;
  options.limits.headerOctets = 2000;
  options.limits.headerFields = 20;
  HttpService service(table(), options);
  const auto status = [&](const std::string& octets) { return RawClient(service).ask(octets).status; };
  EXPECT_EQ(status(get("/hello", "X: " + std::string(1800, 'x') + "\r\n")), 200);
  EXPECT_EQ(status(get("/hello", "X: " + std::string(2000, 'x') + "\r\n")), 431);
  EXPECT_EQ(status("GET /hello HTTP/1.1\r\nHost: here\r\nX: " + std::string(100'000, 'x')), 431);
  EXPECT_EQ(status(get("/" + std::string(3000, 'x'))), 414);
  std::string fields;
  for (int n = 0; n < 20; ++n) fields += "X: y\r\n";
  EXPECT_EQ(status(get("/hello", fields)), 431);
}

TEST(HttpServer, GarbageAfterARequestIsRefusedAndEndsTheConnection) {
  HttpService service(table());
  RawClient client(service, get("/hello") + "garbage\r\n\r\n" + get("/hello"));
  EXPECT_EQ(client.hear().status, 200);
  EXPECT_EQ(client.hear().status, 400);
  EXPECT_TRUE(client.isEnded());
  RawClient tls(service, std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11) + "\r\n\r\n");
  EXPECT_EQ(tls.hear().status, 400);
}

TEST(HttpServer, AnUnreadBodyIsNotTakenForTheNextRequest) {
  HttpService service(table());
  RawClient small(service, post("/none", get("/hello")) + get("/hello"));
  EXPECT_EQ(small.hear().status, 404);
  EXPECT_EQ(small.hear().status, 200);
  RawClient large(service, post("/none", std::string(200'000, '\n') + get("/hello")));
  EXPECT_EQ(large.hear().status, 404);
  EXPECT_TRUE(large.isEnded());
}

TEST(HttpServer, AClientThatDribblesItsHeaderIsTold408) {
  ServiceOptions options;
  options.limits.headerTime = 300ms;
  HttpService service(table(), options);
  RawClient dribbling(service, "GET /hello HTTP/1.1\r\nHost: here\r\n");
  std::atomic<bool> done = false;
  std::thread dribble([&] {
    while (!done && dribbling.say("X")) std::this_thread::sleep_for(10ms);
  });
  EXPECT_EQ(dribbling.hear().status, 408);
  done = true;
  dribble.join();
  RawClient silent(service);
  EXPECT_TRUE(silent.isEnded());
}

TEST(HttpServer, AClientThatDribblesItsBodyIsTold408) {
  ServiceOptions options;
  options.limits.bodyTime = 300ms;
  HttpService service(table(), options);
  RawClient dribbling(service, "POST /large HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000\r\n\r\n");
  std::atomic<bool> done = false;
  std::thread dribble([&] {
    while (!done && dribbling.say("X")) std::this_thread::sleep_for(10ms);
  });
  EXPECT_EQ(dribbling.hear().status, 408);
  done = true;
  dribble.join();
}

TEST(HttpServer, AClientThatDoesNotTakeItsAnswerIsCut) {
  ServiceOptions options;
  options.limits.writeTime = 300ms;
  HttpService service(table(), options);
  RawClient client(service, post("/large", std::string(40u << 20, 'x')));
  waitUntil([&] { return service.lines().find("\"cut\":true") != std::string::npos; });
  EXPECT_FALSE(client.hear().whole);
}

TEST(HttpServer, AConnectionEndsAfterItsLastRequestAndWhenIdleTooLong) {
  ServiceOptions options;
  options.limits.keepAliveRequests = 2;
  options.limits.keepAliveTime = 200ms;
  HttpService service(table(), options);
  RawClient client(service);
  EXPECT_EQ(RawClient::field(client.ask(get("/hello")), "Connection"), "");
  EXPECT_EQ(RawClient::field(client.ask(get("/hello")), "Connection"), "close");
  EXPECT_TRUE(client.isEnded());
  RawClient idle(service);
  EXPECT_EQ(idle.ask(get("/hello")).status, 200);
  EXPECT_TRUE(idle.isEnded());
  RawClient old(service);
  EXPECT_EQ(old.ask("GET /hello HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(old.isEnded());
}

TEST(HttpServer, IdleConnectionsMakeRoomForOthers) {
  ServiceOptions options;
  options.limits.connections = 32;
  options.limits.keepAliveTime = options.limits.headerTime = std::chrono::hours(1);
  HttpService service(table(), options);
  std::vector<RawClient> idle;
  for (int n = 0; n < 300; ++n) {
    idle.emplace_back(service);
    EXPECT_EQ(idle.back().ask(get("/hello")).status, 200) << n;
  }
  EXPECT_LE(service.server().load().connections, 32u + 16u);
  EXPECT_EQ(service.server().load().refused, 0u);
  EXPECT_TRUE(idle.front().isEnded());
  EXPECT_EQ(idle.back().ask(get("/hello")).status, 200);
}

TEST(HttpServer, ThreeHundredSilentConnectionsDoNotStopAClient) {
  ServiceOptions options;
  options.limits.connections = 32;
  options.limits.headerTime = options.limits.keepAliveTime = std::chrono::hours(1);
  HttpService service(table(), options);
  std::vector<RawClient> silent;
  for (int n = 0; n < 300; ++n) silent.emplace_back(service, n % 2 == 0 ? "" : "GET /hello HTTP/1.1\r\nHost:");
  int answered = 0;
  waitUntil([&] {  // silent ones are given a second before they make room
    const RawAnswer answer = RawClient(service).ask(get("/hello"));
    answered += answer.status == 200;
    return answered == 20;
  });
  EXPECT_EQ(answered, 20);
}

TEST(HttpServer, WhoFindsNoRoomIsTold503) {
  barrier.close();
  ServiceOptions options;
  options.limits.connections = 4;
  options.limits.keepAliveTime = std::chrono::hours(1);
  HttpService service(table(), options);
  std::vector<RawClient> busy;
  for (int n = 0; n < 4; ++n) busy.emplace_back(service, get("/wait"));
  barrier.awaitWaiting(4);
  RawClient late(service);
  const RawAnswer answer = late.ask(get("/hello"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(RawClient::field(answer, "Retry-After"), "2");
  EXPECT_THAT(answer.body, HasSubstr("\"code\":\"overloaded\""));
  EXPECT_TRUE(late.isEnded());
  barrier.open();
  for (RawClient& client : busy) EXPECT_EQ(client.hear().body, "waited");
  EXPECT_EQ(RawClient(service).ask(get("/hello")).status, 200);
  EXPECT_EQ(service.server().load().refused, 1u);
}

TEST(HttpServer, WhenAllThreadsAreBusySomeWaitOthersAreTold503AndHealthIsAnswered) {
  barrier.close();
  ServiceOptions options;
  options.threads = 1;
  options.queue = 1;
  HttpService service(table(), options);
  RawClient busy(service, get("/wait"));
  barrier.awaitWaiting(1);
  RawClient waiting(service, get("/hello"));
  waitUntil([&] { return service.gate().waiting() == 1; });
  RawClient client(service);
  EXPECT_EQ(client.ask(get("/hello")).status, 503);
  EXPECT_EQ(client.ask(get("/alive")).status, 200);
  barrier.open();
  EXPECT_EQ(busy.hear().status, 200);
  EXPECT_EQ(waiting.hear().status, 200);
  EXPECT_EQ(client.ask(get("/hello")).status, 200);
}

TEST(HttpServer, NobodyWaitsForAThreadForEver) {
  barrier.close();
  ServiceOptions options;
  options.threads = 1;
  options.queueTime = 100ms;
  HttpService service(table(), options);
  RawClient busy(service, get("/wait"));
  barrier.awaitWaiting(1);
  EXPECT_EQ(RawClient(service).ask(get("/hello")).status, 503);
  barrier.open();
  EXPECT_EQ(busy.hear().status, 200);
}

TEST(Access, IsDecidedByTheRouteBeforeTheHandlerRuns) {
  ServiceOptions options;
  options.authenticate = [](const Request& request) {
    Principal principal;
    const std::string who = request.findHeader("X-Who").value_or("");
    if (who == "user" || who == "clerk") principal = {Principal::Kind::kUser, "o", "u", "clerk", {}};
    if (who == "key") principal = {Principal::Kind::kApiKey, "o", "k", "", {"things:write"}};
    if (who == "clerk") principal.permissions = {"things:write"};
    if (who == "worker") principal = {Principal::Kind::kCeremony, "o", "p", "", {}};
    if (who == "broken") throw std::runtime_error("no database");
    return principal;
  };
  HttpService service(table(), options);
  RawClient client(service);
  const auto status = [&](const std::string& who, const std::string& path) {
    const std::string fields = "X-Who: " + who + "\r\n";
    return client.ask(path == "/account" ? post(path, "x", fields) : get(path, fields)).status;
  };
  const std::vector<std::string> paths = {"/hello", "/account", "/user", "/ceremony"};
  const std::map<std::string, std::vector<int>> expected = {
      {"nobody", {200, 401, 401, 401}}, {"user", {200, 403, 200, 403}},   {"clerk", {200, 200, 200, 403}},
      {"key", {200, 200, 403, 403}},    {"worker", {200, 403, 403, 200}}, {"broken", {200, 500, 500, 500}}};
  for (const auto& [who, statuses] : expected) {
    for (std::size_t n = 0; n < paths.size(); ++n) EXPECT_EQ(status(who, paths[n]), statuses[n]) << who << paths[n];
  }
  EXPECT_EQ(RawClient::field(client.ask(get("/user")), "WWW-Authenticate"), "Bearer");
  EXPECT_THAT(service.lines(), HasSubstr("\"principal\":\"u\",\"organisation\":\"o\""));
}

TEST(ClientAddress, IsTakenFromTrustedProxiesOnly) {
  const std::string forwarded = "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.0.0.2\r\n";
  HttpService plain(table());
  EXPECT_EQ(RawClient(plain).ask(get("/hello", forwarded)).body, "hello 127.0.0.1");
  ServiceOptions options;
  options.trustedProxies = {"127.0.0.1", "10.0.0.2"};
  HttpService proxied(table(), options);
  EXPECT_EQ(RawClient(proxied).ask(get("/hello", forwarded)).body, "hello 203.0.113.9");
  EXPECT_EQ(RawClient(proxied).ask(get("/hello", "X-Forwarded-For: junk\r\n")).body, "hello 127.0.0.1");
  EXPECT_EQ(RawClient(proxied).ask(get("/hello")).body, "hello 127.0.0.1");
}

TEST(AccessLog, HasNeitherBodiesNorQueriesNorPathsWithSecrets) {
  HttpService service(table());
  RawClient client(service);
  client.ask(post("/echo", "a private word"));
  client.ask(get("/fail/problem?token=abcdef"));
  client.ask(get("/none/13800000000"));
  client.ask(get("/hello"));  // what came before it is logged
  const std::string lines = service.lines();
  EXPECT_THAT(lines, HasSubstr("\"operation\":\"fail\""));
  EXPECT_THAT(lines, HasSubstr("\"path\":\"/none/(phone)\""));
  for (const char* secret : {"private word", "abcdef", "13800000000"}) EXPECT_THAT(lines, Not(HasSubstr(secret)));
  const std::string numbers = service.metrics().text();
  EXPECT_THAT(numbers, HasSubstr("qianda_http_requests_total{operation=\"fail\",status=\"4xx\"} 1"));
  EXPECT_THAT(numbers, HasSubstr("qianda_http_request_seconds_count{operation=\"echo\"} 1"));
}

}  // namespace
}  // namespace qianda::test
