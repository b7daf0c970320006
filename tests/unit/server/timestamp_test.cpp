// The timestamp client against the timestamp server, and against servers that lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "server/outbound/timestamp_client.h"
#include "server/timestamp_server.h"
#include "signing/keys/x509.h"
#include "tests/support/http_server.h"
#include "tests/support/tsa.h"

namespace qianda::server {
namespace {

using core::Bytes;
using core::Error;
using core::ErrorCode;
using namespace std::chrono_literals;
using signing::DigestAlgorithm;
using test::Heard;
using test::HttpServer;
using test::Said;
using test::TempFolder;
using testing::AllOf;
using testing::HasSubstr;

class Timestamp : public testing::Test {
 protected:
  Timestamp() {
    test::makeTimestampIdentity(folder_.path());
    authority_ = std::make_shared<signing::LocalTimestampAuthority>(signing::openPkcs12(folder_ / "tsa.p12", "secret"));
  }
  static HttpClient localClient(std::chrono::milliseconds timeout = 10s) {
    OutboundPolicy policy;
    policy.privateAddresses = true;
    policy.timeout = timeout;
    return HttpClient(policy);
  }
  std::vector<Bytes> root() const { return signing::readPemCertificates(core::readFile(folder_ / "root.pem")); }
  Said answered(const Heard& heard) const {
    const Bytes answer = authority_->answer(core::viewOf(heard.body));
    return {200, "application/timestamp-reply", std::string(answer.begin(), answer.end())};
  }
  // What the client says of a server that answers so.
  std::string refusal(const HttpServer::Answer& answer, TimestampService service = {},
                      std::chrono::milliseconds timeout = 10s) const {
    const HttpServer server(answer);
    service.url = server.url();
    const HttpClient client = localClient(timeout);
    try {
      HttpTimestampSource(client, service).stamp(DigestAlgorithm::kSha256, Bytes(32));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
      EXPECT_THAT(error.what(), HasSubstr(server.url()));
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return {};
  }

  TempFolder folder_;
  std::shared_ptr<const signing::LocalTimestampAuthority> authority_;
};

TEST_F(Timestamp, TheClientGetsTokensOfTheServer) {
  const TimestampServer server(authority_, "127.0.0.1", 0);
  const HttpClient client = localClient();
  const HttpTimestampSource source(client, {server.url(), "", "", root()});
  EXPECT_EQ(source.name(), server.url());
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) good += !source.stamp(DigestAlgorithm::kSha384, Bytes(48)).empty();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
  const HttpTimestampSource asking(client, {server.url(), "0.4.0.2023.1.1", "", {}});
  EXPECT_FALSE(asking.stamp(DigestAlgorithm::kSm3, Bytes(32)).empty());
}

TEST_F(Timestamp, TheServerRefusesWhatIsNoQuery) {
  const TimestampServer server(authority_, "127.0.0.1", 0);
  const HttpClient client = localClient();
  const auto status = [&](const char* method, const char* type, std::size_t size) {
    return client.send({method, server.url(), {{"Content-Type", type}}, Bytes(size, 'x')}).status;
  };
  EXPECT_EQ(status("GET", "text/plain", 0), 405);
  EXPECT_EQ(status("POST", "text/plain", 10), 415);
  EXPECT_EQ(status("POST", "application/timestamp-query", (64 << 10) + 1), 413);
  EXPECT_EQ(status("POST", "application/timestamp-query", 64 << 10), 200);  // a rejection in DER
  EXPECT_THROW(TimestampServer(authority_, "203.0.113.1", 0), Error);
}

TEST_F(Timestamp, TheAuthoritysOwnWordsReachTheLog) {
  const auto answer = [&](const Heard& heard) { return answered(heard); };
  TimestampService service;
  service.policy = "1.2.3.4";
  EXPECT_THAT(refusal(answer, service), AllOf(HasSubstr("rejection: "), HasSubstr("(unacceptedPolicy)")));
  service = {};
  service.maxTokenSize = 100;
  EXPECT_THAT(refusal(answer, service), HasSubstr("100 are reserved"));
}

TEST_F(Timestamp, LiesAreRefused) {
  EXPECT_THAT(refusal([](const Heard&) { return Said{503, "text/plain", "later"}; }), HasSubstr("HTTP status 503"));
  EXPECT_THAT(refusal([](const Heard&) { return Said{200, "text/html", "<html>"}; }), HasSubstr("not a TimeStampResp"));
  std::optional<Said> first;
  const auto replay = [&](const Heard& heard) {
    if (!first) first = answered(heard);
    return *first;
  };
  {
    const HttpServer server(replay);
    const HttpClient client = localClient();
    HttpTimestampSource(client, {server.url(), "", "", {}}).stamp(DigestAlgorithm::kSha256, Bytes(32));
  }
  EXPECT_THAT(refusal(replay), HasSubstr("nonce mismatch"));
  const auto alter = [&](const Heard& heard) {
    Said said = answered(heard);
    said.body[said.body.size() - 10] ^= 1;  // in the signature value
    return said;
  };
  EXPECT_THAT(refusal(alter), HasSubstr("does not verify"));
  const TempFolder other;
  test::makeTimestampIdentity(other.path());
  TimestampService service;
  service.anchors = signing::readPemCertificates(core::readFile(other / "root.pem"));
  EXPECT_THAT(refusal([&](const Heard& heard) { return answered(heard); }, service), HasSubstr("does not verify"));
  const auto slow = [&](const Heard& heard) {
    Said said = answered(heard);
    said.delay = 1s;
    return said;
  };
  EXPECT_THAT(refusal(slow, {}, 200ms), HasSubstr("in time"));
}

}  // namespace
}  // namespace qianda::server
