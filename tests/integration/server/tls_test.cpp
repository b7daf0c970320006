// TLS of the service, judged by curl and openssl.
#include "server/http/tls.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/error_of.h"
#include "tests/support/http_service.h"
#include "tests/support/process.h"
#include "tests/support/tls.h"

namespace qianda::test {
namespace {

using server::Request;
using server::Response;
using server::Services;
using testing::HasSubstr;
using std::chrono_literals::operator""ms;

Response hello(Services&, const Request&) {
  Response response;
  response.mediaType = "text/plain";
  response.body = std::string(300'000, 'x');
  return response;
}

std::vector<server::Route> table() {
  return {{.method = "GET", .pattern = "/", .operation = "hello", .access = server::Access::kPublic, .handler = hello}};
}

class Tls : public testing::Test {
 protected:
  Tls() : files_(server::developmentTls(folder_.path(), "127.0.0.1")) {}
  ServiceOptions options() const {
    ServiceOptions made;
    made.tls = server::tlsContext(files_);
    return made;
  }
  Output curl(const std::string& url, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"curl", "-sS", "-D", folder_ / "head", "--cacert", files_.certificate};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(url);
    return run(arguments);
  }

  const TempFolder folder_;
  const server::TlsFiles files_;
};

TEST_F(Tls, CurlTrustsTheDevelopmentCertificateForThisMachineOnly) {
  HttpService service(table(), options());
  const Output answer = curl(service.url());
  EXPECT_EQ(answer.status, 0) << answer.err;
  EXPECT_EQ(answer.out.size(), 300'000u);
  EXPECT_THAT(core::readFile(folder_ / "head"), HasSubstr("Strict-Transport-Security: max-age="));
  const std::string port = std::to_string(service.address().port());
  EXPECT_EQ(curl("https://localhost:" + port + "/").status, 0);
  EXPECT_NE(
      curl("https://elsewhere.example:" + port + "/", {"--resolve", "elsewhere.example:" + port + ":127.0.0.1"}).status,
      0);
  EXPECT_NE(run({"curl", "-sS", service.url()}).status, 0);  // without trust
}

TEST_F(Tls, OldVersionsAndCiphersWithoutForwardSecrecyAreRefused) {
  HttpService service(table(), options());
  EXPECT_EQ(curl(service.url(), {"--tlsv1.3"}).status, 0);
  EXPECT_EQ(curl(service.url(), {"--tls-max", "1.2"}).status, 0);
  EXPECT_NE(curl(service.url(), {"--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"}).status, 0);
  EXPECT_NE(curl(service.url(), {"--tls-max", "1.2", "--ciphers", "AES128-GCM-SHA256:AES256-SHA"}).status, 0);
}

TEST_F(Tls, TheDevelopmentCertificateIsKeptMarkedAndItsKeyForTheOwnerAlone) {
  const std::string certificate = core::readFile(files_.certificate);
  struct stat facts {};
  ASSERT_EQ(::stat(files_.key.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  const std::string text = run({"openssl", "x509", "-in", files_.certificate, "-noout", "-text"}).out;
  EXPECT_THAT(text, HasSubstr("DEVELOPMENT ONLY"));
  EXPECT_THAT(text, HasSubstr("CA:FALSE"));
  EXPECT_THAT(text, HasSubstr("IP Address:127.0.0.1"));
  server::developmentTls(folder_.path(), "127.0.0.1");
  EXPECT_EQ(core::readFile(files_.certificate), certificate);
  server::developmentTls(folder_.path(), "10.1.2.3");
  EXPECT_NE(core::readFile(files_.certificate), certificate);
}

TEST_F(Tls, ACertificateWithAnotherKeyStopsTheStart) {
  const TempFolder other;
  makeTlsCertificate(other);
  EXPECT_THAT(errorOf(
                  [&] {
                    server::tlsContext({files_.certificate, other / "tls.key"});
                  },
                  core::ErrorCode::kUsage),
              HasSubstr("tls.key"));
  EXPECT_THAT(errorOf(
                  [&] {
                    server::tlsContext({other / "none", other / "tls.key"});
                  },
                  core::ErrorCode::kUsage),
              HasSubstr("none"));
  EXPECT_EQ(errorOf([&] { server::tlsContext({other / "tls.crt", other / "tls.key"}); }), "accepted");
}

TEST_F(Tls, ClientsThatDoNotFinishTheHandshakeAreLetGoAndOthersServed) {
  ServiceOptions few = options();
  few.limits.connections = 8;
  few.limits.headerTime = 300ms;
  HttpService service(table(), few);
  std::vector<RawClient> silent;
  for (int n = 0; n < 40; ++n)
    silent.emplace_back(service, n % 2 == 0 ? "" : std::string("\x16\x03\x01\x02\x00\x01", 6));
  waitUntil([&] { return curl(service.url()).status == 0; });
  for (RawClient& client : silent) {
    while (client.hear().status != 0) {
    }
  }
  RawClient plain(service, "GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_EQ(plain.hear().status, 0);
}

TEST_F(Tls, AStopUnderLoadLosesNothing) {
  HttpService service(table(), options());
  std::vector<std::thread> clients;
  std::atomic<int> whole = 0, cut = 0;
  for (int n = 0; n < 4; ++n) {
    clients.emplace_back([&] {
      for (;;) {
        const Output answer = curl(service.url());
        if (answer.status == 0 && answer.out.size() == 300'000) {
          ++whole;
        } else {
          cut += !answer.out.empty();  // the port is closed: not a single octet
          return;
        }
      }
    });
  }
  waitUntil([&] { return whole > 8; });
  EXPECT_EQ(service.server().stop(60'000ms), 0u);
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(cut, 0);
}

}  // namespace
}  // namespace qianda::test
