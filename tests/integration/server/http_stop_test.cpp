// Streams, and the end of the service: nothing that was accepted goes unanswered.
#include <atomic>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/http_service.h"

namespace qianda::test {
namespace {

using server::Access;
using server::BodyWriter;
using server::Request;
using server::Response;
using server::Route;
using server::Services;
using testing::HasSubstr;
using std::chrono_literals::operator""ms;

std::mutex mutex;
std::set<std::string> handled;
std::atomic<int> streaming = 0;
std::atomic<bool> hold = false;

Response number(Services&, const Request& request) {
  {
    const std::lock_guard lock(mutex);
    handled.insert(request.parameter("number"));
  }
  std::this_thread::sleep_for(1ms);
  Response response;
  response.mediaType = "text/plain";
  response.body = request.parameter("number");
  return response;
}

Response events(Services&, const Request&) {
  Response response;
  response.mediaType = "text/event-stream";
  response.stream = [](BodyWriter& body) {
    ++streaming;
    body.write("data: first\n\n");
    try {
      while (!body.stopping()) {
        std::this_thread::sleep_for(5ms);
        body.write(": still here\n\n");
      }
      body.write("data: last\n\n");
    } catch (...) {
      --streaming;
      throw;
    }
    --streaming;
  };
  return response;
}

Response broken(Services&, const Request&) {
  Response response;
  response.mediaType = "application/zip";
  response.stream = [](BodyWriter& body) {
    body.write(std::string(100'000, 'x'));
    throw core::Error(core::ErrorCode::kCorrupt, "the rest is damaged");
  };
  return response;
}

Response held(Services&, const Request&) {
  ++streaming;
  waitUntil([] { return !hold; });
  --streaming;
  return {};
}

std::vector<Route> table() {
  const auto open = [](const std::string& pattern, const std::string& operation, server::Handler handler) {
    return Route{
        .method = "GET", .pattern = pattern, .operation = operation, .access = Access::kPublic, .handler = handler};
  };
  return {open("/number/{number}", "number", number), open("/events", "events", events),
          open("/broken", "broken", broken), open("/held", "held", held)};
}

TEST(Stream, ComesInChunksAndEndsWithTheService) {
  HttpService service(table());
  RawClient client(service, get("/events"));
  waitUntil([] { return streaming == 1; });
  EXPECT_EQ(service.gate().inside(), 0u);  // a stream holds no handler's thread
  EXPECT_EQ(service.server().stop(60'000ms), 0u);
  const RawAnswer answer = client.hear();
  EXPECT_TRUE(answer.whole);
  EXPECT_THAT(answer.body, testing::StartsWith("data: first\n\n"));
  EXPECT_THAT(answer.body, testing::EndsWith("data: last\n\n"));
  EXPECT_EQ(streaming, 0);
}

TEST(Stream, EndsWhenItsClientIsGone) {
  HttpService service(table());
  RawClient client(service, get("/events"));
  waitUntil([] { return streaming == 1; });
  client.reset();
  waitUntil([] { return streaming == 0; });
  waitUntil([&] { return service.lines().find("the client of a stream is gone") != std::string::npos; });
}

TEST(Stream, ThatFailsHasNoLastChunk) {
  HttpService service(table());
  RawClient client(service);
  const RawAnswer answer = client.ask(get("/broken"));
  EXPECT_EQ(answer.body.size(), 100'000u);
  EXPECT_FALSE(answer.whole);
  EXPECT_TRUE(client.isEnded());
  waitUntil([&] { return service.lines().find("the rest is damaged") != std::string::npos; });
}

TEST(Stream, AreBounded) {
  ServiceOptions options;
  options.limits.streams = 1;
  HttpService service(table(), options);
  RawClient first(service, get("/events"));
  waitUntil([] { return streaming == 1; });
  EXPECT_EQ(RawClient(service).ask(get("/events")).status, 503);
  first.reset();
  waitUntil([&] { return service.server().load().streams == 0; });
  RawClient second(service, get("/events"));
  waitUntil([] { return streaming == 1; });
  service.server().stop(60'000ms);
  EXPECT_TRUE(second.hear().whole);
}

TEST(Stream, OfHttp10ComesWithoutChunksAndEndsTheConnection) {
  HttpService service(table());
  RawClient client(service, "GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  waitUntil([] { return streaming == 1; });
  service.server().stop(60'000ms);
  EXPECT_THROW(client.hear(), std::invalid_argument);  // neither a length nor chunks
}

// Every request a handler saw has its whole answer, whatever the moment of the stop.
TEST(Stop, UnderLoadLosesNoAcceptedRequest) {
  for (int round = 0; round < 5; ++round) {
    handled.clear();
    ServiceOptions options;
    options.threads = 4;
    HttpService service(table(), options);
    std::mutex answersMutex;
    std::set<std::string> answered;
    std::vector<std::thread> clients;
    for (int c = 0; c < 16; ++c) {
      clients.emplace_back([&, c] {
        for (int n = 0;; ++n) {
          try {
            RawClient client(service);
            for (int k = 0; k < 20; ++k, ++n) {
              const std::string mine = std::to_string(c) + "-" + std::to_string(n);
              const RawAnswer answer = client.ask(get("/number/" + mine));
              if (answer.status == 0) break;  // not accepted: the client may send it again elsewhere
              ASSERT_EQ(answer.status, 200);
              ASSERT_TRUE(answer.whole);
              const std::lock_guard lock(answersMutex);
              answered.insert(answer.body);
            }
          } catch (const Poco::Exception&) {  // the port is closed
            return;
          }
        }
      });
    }
    waitUntil([&] {
      const std::lock_guard lock(answersMutex);
      return answered.size() > 200;
    });
    EXPECT_EQ(service.server().stop(60'000ms), 0u);
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(handled, answered);
    EXPECT_EQ(service.server().load().connections, 0u);
  }
}

TEST(Stop, AnswersRequestsThatWereOnTheirWayAndClosesTheConnection) {
  HttpService service(table());
  hold = true;
  RawClient busy(service, get("/held"));
  waitUntil([] { return streaming == 1; });
  RawClient idle(service);
  EXPECT_EQ(idle.ask(get("/number/1")).status, 200);
  std::thread stop([&] { EXPECT_EQ(service.server().stop(60'000ms), 0u); });
  EXPECT_TRUE(idle.isEnded());
  hold = false;
  const RawAnswer answer = busy.hear();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(RawClient::field(answer, "Connection"), "close");
  stop.join();
  EXPECT_THROW(RawClient{service}, Poco::Exception);
}

TEST(Stop, CutsWhatOutlivesTheGrace) {
  HttpService service(table());
  hold = true;
  RawClient busy(service, get("/held"));
  waitUntil([] { return streaming == 1; });
  EXPECT_EQ(service.server().stop(50ms), 1u);
  EXPECT_EQ(busy.hear().status, 0);
  hold = false;
}

TEST(Stop, DoesNotWaitForClientsThatSayNothing) {
  HttpService service(table());
  std::vector<RawClient> silent;
  for (int n = 0; n < 20; ++n) silent.emplace_back(service);
  waitUntil([&] { return service.server().load().connections == 20; });
  EXPECT_EQ(service.server().stop(60'000ms), 0u);
}

}  // namespace
}  // namespace qianda::test
