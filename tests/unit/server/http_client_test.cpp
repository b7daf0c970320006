#include "server/outbound/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "server/outbound/address_policy.h"
#include "tests/support/http_server.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;
using namespace std::chrono_literals;
using test::Heard;
using test::HttpServer;
using test::RawServer;
using test::Said;
using test::TempFolder;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Clock = std::chrono::steady_clock;

OutboundPolicy local(std::chrono::milliseconds timeout = 5s) {
  OutboundPolicy policy;
  policy.privateAddresses = true;
  policy.timeout = timeout;
  return policy;
}

HttpRequest get(const std::string& url) { return {"GET", url, {}, {}}; }

std::string messageOf(const HttpClient& client, const HttpRequest& request, ErrorCode code) {
  try {
    client.send(request);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

HttpAnswer echo(const HttpClient& client, const std::string& url, const std::string& body) {
  return client.send({"POST", url, {{"Content-Type", "text/x"}}, core::Bytes(body.begin(), body.end())});
}

Said echoed(const Heard& heard) { return {200, "text/x", heard.method + " " + heard.path + " " + heard.body}; }

TEST(HttpClient, SendsAndReceivesWithAndWithoutChunks) {
  for (const bool chunked : {false, true}) {
    const HttpServer server([&](const Heard& heard) {
      Said said = echoed(heard);
      said.body += std::string(100'000, 'x');
      said.chunked = chunked;
      return said;
    });
    const HttpClient client(local());
    const HttpAnswer answer = echo(client, server.url("/a?b=c"), "body");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.contentType, "text/x");
    EXPECT_EQ(core::textOf(answer.body), "POST /a?b=c body" + std::string(100'000, 'x'));
  }
}

TEST(HttpClient, EveryStatusIsAnAnswerAndNoRedirectIsFollowed) {
  const HttpServer server([](const Heard& heard) {
    return heard.path == "/elsewhere" ? Said{200, "text/plain", "followed"}
                                      : Said{302, "text/plain", "moved", "/elsewhere"};
  });
  const HttpClient client(local());
  const HttpAnswer answer = client.send(get(server.url()));
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(core::textOf(answer.body), "moved");
  EXPECT_EQ(server.requests(), 1);
}

TEST(HttpClient, KeepsConnectionsAndReusesThem) {
  const HttpServer server(echoed);
  const HttpClient client(local());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(echo(client, server.url(), std::to_string(i)).status, 200);
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(server.requests(), 20);
}

TEST(HttpClient, ServesManyThreadsOverFewConnections) {
  const HttpServer server(echoed);
  const HttpClient client(local());
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(t) + "/" + std::to_string(i);
        good += core::textOf(echo(client, server.url(), body).body) == "POST / " + body;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 300);
  EXPECT_LE(server.connections(), 6u);
}

TEST(HttpClient, KeepsNoMoreConnectionsThanThePolicyAllows) {
  const HttpServer server(echoed);
  OutboundPolicy policy = local();
  policy.connections = 0;
  const HttpClient client(policy);
  for (int i = 0; i < 3; ++i) echo(client, server.url(), "");
  EXPECT_EQ(server.connections(), 3u);
}

TEST(HttpClient, RefusesPrivateAddressesByDefault) {
  const HttpServer server(echoed);
  const HttpClient client(OutboundPolicy{});
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"}) {
    EXPECT_THAT(messageOf(client, get(server.url("/", host)), ErrorCode::kUnsupported), HasSubstr("not a public one"))
        << host;
  }
  EXPECT_EQ(server.requests(), 0);
}

TEST(HttpClient, KnowsPrivateAddresses) {
  using Poco::Net::IPAddress;
  for (const char* address : {"10.1.2.3",     "172.16.0.1",      "172.31.255.255",  "192.168.1.1",
                              "127.9.9.9",    "169.254.169.254", "100.64.0.1",      "100.127.255.255",
                              "0.1.2.3",      "224.0.0.1",       "255.255.255.255", "::",
                              "::1",          "fe80::1",         "febf::1",         "fc00::1",
                              "fdff::1",      "ff02::1",         "::ffff:10.0.0.1", "64:ff9b::7f00:1",
                              "2002:a00:1::", "::7f00:1"}) {
    EXPECT_TRUE(isPrivate(IPAddress(address))) << address;
  }
  for (const char* address : {"8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.167.1.1",
                              "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"}) {
    EXPECT_FALSE(isPrivate(IPAddress(address))) << address;
  }
}

TEST(HttpClient, AsksOnlyTheHostsOfTheAllowList) {
  const HttpServer server(echoed);
  OutboundPolicy policy = local();
  policy.hosts = {"tsa.example.com", "127.0.0.1:" + std::to_string(server.port())};
  const HttpClient client(policy);
  EXPECT_EQ(echo(client, server.url(), "").status, 200);
  EXPECT_THAT(messageOf(client, get(server.url("/", "localhost")), ErrorCode::kUnsupported), HasSubstr("not among"));
  EXPECT_THAT(messageOf(client, get("http://127.0.0.1/"), ErrorCode::kUnsupported), HasSubstr("not among"));
}

TEST(HttpClient, RefusesAnAnswerThatIsTooLarge) {
  for (const bool chunked : {false, true}) {
    const HttpServer server(
        [&](const Heard&) { return Said{200, "text/plain", std::string(1001, 'x'), "", 0ms, chunked}; });
    OutboundPolicy policy = local();
    policy.largestAnswer = 1000;
    EXPECT_THAT(messageOf(HttpClient(policy), get(server.url()), ErrorCode::kUnavailable),
                HasSubstr("larger than 1000"));
    policy.largestAnswer = 1001;
    EXPECT_EQ(HttpClient(policy).send(get(server.url())).body.size(), 1001u);
  }
}

TEST(HttpClient, EndsAnAnswerOfSlowOctetsInTime) {
  const char* const begun[] = {"", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n"};
  for (const char* first : begun) {
    const RawServer server([&](Poco::Net::StreamSocket& client, int) {
      RawServer::hear(client);
      RawServer::say(client, first);
      for (int i = 0; i < 100; ++i) {
        RawServer::say(client, "x");
        std::this_thread::sleep_for(20ms);
      }
    });
    const auto start = Clock::now();
    EXPECT_THAT(messageOf(HttpClient(local(300ms)), get(server.url()), ErrorCode::kUnavailable), HasSubstr("in time"));
    EXPECT_GE(Clock::now() - start, 290ms);
    EXPECT_LT(Clock::now() - start, 1500ms);
  }
}

TEST(HttpClient, RefusesTornAndAmbiguousAnswers) {
  const char* const answers[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive.\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive.and more\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-",
      "nonsense\r\n\r\n",
      "",
  };
  for (const char* answer : answers) {
    const RawServer server([&](Poco::Net::StreamSocket& client, int) {
      RawServer::hear(client);
      RawServer::say(client, answer);
    });
    messageOf(HttpClient(local(2s)), get(server.url()), ErrorCode::kUnavailable);
  }
  const RawServer server([](Poco::Net::StreamSocket& client, int) {
    RawServer::hear(client);
    RawServer::say(client, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end");
  });
  EXPECT_EQ(core::textOf(HttpClient(local(2s)).send(get(server.url())).body), "to the end");
}

// The peer takes the second request on a kept connection and closes it without a word.
TEST(HttpClient, AsksAgainOnAFreshConnectionWhenAKeptOneWasClosed) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const RawServer server([&](Poco::Net::StreamSocket& client, int) {
    RawServer::hear(client);
    RawServer::say(client, answer);
    RawServer::hear(client);
  });
  const HttpClient client(local(2s));
  EXPECT_EQ(client.send(get(server.url())).status, 200);
  EXPECT_EQ(client.send(get(server.url())).status, 200);
  EXPECT_EQ(server.accepted(), 2);
}

TEST(HttpClient, DoesNotAskAgainOnAFreshConnectionOrWhenTheAnswerHadBegun) {
  const RawServer silent([](Poco::Net::StreamSocket& client, int) { RawServer::hear(client); });
  messageOf(HttpClient(local(2s)), get(silent.url()), ErrorCode::kUnavailable);
  EXPECT_EQ(silent.accepted(), 1);
  const RawServer torn([](Poco::Net::StreamSocket& client, int) {
    RawServer::hear(client);
    RawServer::say(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    RawServer::hear(client);
    RawServer::say(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
  });
  const HttpClient client(local(2s));
  EXPECT_EQ(client.send(get(torn.url())).status, 200);
  messageOf(client, get(torn.url()), ErrorCode::kUnavailable);
  EXPECT_EQ(torn.accepted(), 1);
}

TEST(HttpClient, NamesADeadServerWithoutQueryOrSecrets) {
  int port = 0;
  {
    const HttpServer gone(echoed);
    port = gone.port();
  }
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/path?token=secret";
  EXPECT_THAT(messageOf(HttpClient(local()), get(url), ErrorCode::kUnavailable),
              AllOf(HasSubstr("GET http://127.0.0.1:" + std::to_string(port) + "/path: "), HasSubstr("refused"),
                    Not(HasSubstr("secret"))));
}

TEST(HttpClient, RefusesWhatIsNoRequest) {
  const HttpClient client(local());
  for (const char* url : {"", "nonsense", "ftp://example.com/", "http:///path", "http://user:secret@example.com/",
                          "http://example.com/a b", "http://example.com/\r\nX: y", "file:///etc/passwd"}) {
    EXPECT_THAT(messageOf(client, get(url), ErrorCode::kInvalidInput), Not(HasSubstr("secret"))) << url;
  }
  messageOf(client, {"GET", "http://example.com/", {{"X", "a\r\nY: b"}}, {}}, ErrorCode::kInvalidInput);
  messageOf(client, {"GET /", "http://example.com/", {}, {}}, ErrorCode::kInvalidInput);
}

TEST(HttpClient, SpeaksTlsToTheHostOfTheCertificateAlone) {
  const TempFolder folder, other;
  test::makeTlsCertificate(folder);
  test::makeTlsCertificate(other, "DNS:elsewhere.example");
  const HttpServer server(echoed, &folder), stranger(echoed, &other);
  OutboundPolicy policy = local();
  policy.authorities = folder / "tls.crt";
  const HttpClient client(policy);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(core::textOf(echo(client, server.url("/x", "localhost"), "secret").body), "POST /x secret");
  }
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(echo(client, server.url("/x"), "by address").status, 200);
  messageOf(client, get(stranger.url("/", "localhost")), ErrorCode::kUnavailable);
  // A certificate of a trusted authority, but for another name.
  policy.authorities = other / "tls.crt";
  messageOf(HttpClient(policy), get(stranger.url("/", "localhost")), ErrorCode::kUnavailable);
  messageOf(HttpClient(local()), get(server.url("/", "localhost")), ErrorCode::kUnavailable);
  EXPECT_EQ(stranger.requests(), 0);
}

TEST(HttpClient, EndsATlsHandshakeThatDripsInTime) {
  const RawServer server([](Poco::Net::StreamSocket& client, int) {
    for (const char octet : std::string("\x16\x03\x03\x02", 4) + std::string(60, '\0')) {
      RawServer::say(client, std::string(1, octet));
      std::this_thread::sleep_for(20ms);
    }
  });
  const auto start = Clock::now();
  EXPECT_THAT(messageOf(HttpClient(local(300ms)), get("https" + server.url().substr(4)), ErrorCode::kUnavailable),
              HasSubstr("in time"));
  EXPECT_LT(Clock::now() - start, 1500ms);
}

}  // namespace
}  // namespace qianda::server
