// What Poco's server sees of a connection, whatever pieces the octets come in.
#include "server/http/guarded_socket.h"

#include <thread>

#include <Poco/Net/SecureStreamSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http/tls.h"
#include "tests/support/http_service.h"
#include "tests/support/process.h"

namespace qianda::test {
namespace {

using server::Access;
using server::Request;
using server::Response;
using server::Route;
using server::Services;
using testing::HasSubstr;
using testing::Not;

Response echo(Services&, const Request& request) {
  Response response;
  response.mediaType = "text/plain";
  response.body = request.path + ":" + request.body;
  return response;
}

Response status(Services&, const Request& request) {
  Response response;
  response.status = std::stoi(request.parameter("status"));
  return response;
}

std::vector<Route> table() {
  std::vector<Route> routes;
  for (const char* method : {"GET", "POST"}) {
    routes.push_back({.method = method,
                      .pattern = "/echo/{name}",
                      .operation = std::string(method) + "Echo",
                      .access = Access::kPublic,
                      .handler = echo,
                      .largestBody = 1u << 20});
  }
  routes.push_back({.method = "GET",
                    .pattern = "/status/{status}",
                    .operation = "status",
                    .access = Access::kPublic,
                    .handler = status});
  return routes;
}

std::string chunked(const std::string& path, const std::string& chunks) {
  return "POST " + path + " HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

class InPieces : public testing::TestWithParam<std::size_t> {};

TEST_P(InPieces, RequestsAreTheSame) {
  HttpService service(table());
  RawClient client(service);
  const std::string octets = "\r\n" + get("/echo/a") + post("/echo/b", "\r\n\r\nGET") +
                             chunked("/echo/c", "3\r\nabc\r\n2;x\r\n\r\n\r\n0\r\nT: a\r\nU: b\r\n\r\n") + "\r\n\r\n" +
                             post("/echo/d", "") + get("/echo/e", "Connection: close\r\n");
  std::thread saying([&] {
    for (std::size_t at = 0; at < octets.size(); at += GetParam()) {
      client.say(octets.substr(at, GetParam()));
      std::this_thread::yield();
    }
  });
  for (const char* body : {"/echo/a:", "/echo/b:\r\n\r\nGET", "/echo/c:abc\r\n", "/echo/d:", "/echo/e:"}) {
    const RawAnswer answer = client.hear();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, body);
  }
  saying.join();
  EXPECT_TRUE(client.isEnded());
  EXPECT_EQ(service.server().load().accepted, 1u);
}

INSTANTIATE_TEST_SUITE_P(Octets, InPieces, testing::Values(1, 2, 3, 5, 61, 100000));

TEST(GuardedSocket, WhatFollowsABodyIsCheckedAsAHeadAgain) {
  HttpService service(table());
  for (const std::string& body : {post("/echo/a", "x"), chunked("/echo/a", "1\r\nx\r\n0\r\nT: u\r\n\r\n")}) {
    RawClient client(service, body + "GET /echo/b HTTP/1.1\nHost: here\n\r\n\r\n");
    EXPECT_EQ(client.hear().body, "/echo/a:x");
    EXPECT_EQ(client.hear().status, 400);
    EXPECT_TRUE(client.isEnded());
  }
}

TEST(GuardedSocket, ARefusedHeadIsLoggedAndCountedAsEveryAnswer) {
  HttpService service(table());
  RawClient client(service);
  const RawAnswer answer = client.ask("GET /echo/a HTTP/1.1\r\nHost: here\r\nContent-Length : 5\r\n\r\nhello");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(RawClient::field(answer, "Content-Type"), "application/problem+json");
  EXPECT_EQ(RawClient::field(answer, "Connection"), "close");
  EXPECT_TRUE(client.isEnded());
  waitUntil([&] { return service.lines().find("\"status\":400") != std::string::npos; });
  EXPECT_THAT(service.lines(), HasSubstr(RawClient::field(answer, "X-Request-Id")));
  EXPECT_THAT(service.metrics().text(), HasSubstr("qianda_http_requests_total{operation=\"none\",status=\"4xx\"} 1"));
}

TEST(GuardedSocket, AnswersWithoutABodyHaveNoLength) {
  HttpService service(table());
  RawClient client(service);
  for (const char* status : {"204", "304"}) {
    const RawAnswer answer = client.ask(get(std::string("/status/") + status));
    EXPECT_EQ(std::to_string(answer.status), status);
    EXPECT_THAT(answer.head, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(answer.head, Not(HasSubstr("Transfer-Encoding")));
  }
  EXPECT_EQ(RawClient::field(client.ask(get("/status/200")), "Content-Length"), "0");
}

// Within one record of TLS, where the system sees nothing wait any more.
TEST(GuardedSocket, RequestsAtOnceOverTlsAreAllAnswered) {
  const TempFolder folder;
  ServiceOptions options;
  options.tls = server::tlsContext(server::developmentTls(folder.path(), "127.0.0.1"));
  HttpService service(table(), options);
  const Poco::Net::Context::Ptr context =
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", Poco::Net::Context::VERIFY_NONE);
  Poco::Net::SecureStreamSocket client(service.address(), context);
  client.setReceiveTimeout(Poco::Timespan(60, 0));
  std::string octets;
  for (int n = 0; n < 200; ++n) octets += get("/echo/a", "X: " + std::string(50, 'x') + "\r\n");
  octets += get("/echo/last", "Connection: close\r\n");
  client.sendBytes(octets.data(), static_cast<int>(octets.size()));
  std::string heard;
  char piece[4096];
  for (int count; (count = client.receiveBytes(piece, sizeof piece)) > 0;) {
    heard.append(piece, static_cast<std::size_t>(count));
  }
  std::size_t answers = 0;
  for (std::size_t at = 0; (at = heard.find("HTTP/1.1 200 OK", at)) != std::string::npos; ++at) ++answers;
  EXPECT_EQ(answers, 201u);
  EXPECT_THAT(heard, testing::EndsWith("/echo/last:"));
}

}  // namespace
}  // namespace qianda::test
