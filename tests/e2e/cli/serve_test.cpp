// `qianda serve` as a process: configured, asked by curl, told to stop.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/command_line.h"
#include "tests/support/child.h"

namespace qianda::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Serve : public testing::Test {
 protected:
  std::vector<std::string> command(std::vector<std::string> more = {}) const {
    std::vector<std::string> all = {QIANDA_BINARY_DIR "/qianda",
                                    "serve",
                                    "--port",
                                    "0",
                                    "--data-folder",
                                    folder_ / "data",
                                    "--log-file",
                                    folder_ / "log"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static std::string urlOf(const Child& child) { return text(jsonObject(child.line() + "\n"), "listening"); }
  Output curl(const std::string& url, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"curl", "-sS", "--cacert", folder_ / "data/development-tls.crt"});
    more.push_back(url);
    return run(more);
  }
  std::string log() const { return core::readFile(folder_ / "log"); }

  const TempFolder folder_;
};

TEST_F(Serve, AnswersOverTlsWithItsDevelopmentCertificate) {
  Child service(command());
  const std::string url = urlOf(service);
  EXPECT_THAT(url, testing::StartsWith("https://127.0.0.1:"));
  EXPECT_EQ(text(jsonObject(curl(url + "/healthz").out), "status"), "alive");
  EXPECT_EQ(text(jsonObject(curl(url + "/readyz").out), "status"), "ready");
  EXPECT_EQ(curl(url + "/api/v1/openapi.yaml").out, core::readFile(QIANDA_SOURCE_DIR "/server/api/openapi.yaml"));
  EXPECT_THAT(curl(url + "/metrics").out, HasSubstr("qianda_build_info{version="));
  EXPECT_EQ(text(jsonObject(curl(url + "/nowhere").out), "code"), "not_found");
  EXPECT_EQ(service.end(), 0);
  EXPECT_THAT(log(), HasSubstr("\"event\":\"development_certificate\""));
  EXPECT_THAT(log(), HasSubstr("\"event\":\"stopped\",\"cut\":0"));
}

TEST_F(Serve, WhatItGaveOutIsNotAskedForTwice) {
  Child service(command());
  const std::string url = urlOf(service) + "/api/v1/openapi.yaml";
  curl(url, {"--etag-save", folder_ / "tag", "-o", folder_ / "first"});
  const Output again = curl(url, {"--etag-compare", folder_ / "tag", "-w", "%{http_code}", "-o", folder_ / "second"});
  EXPECT_EQ(again.out, "304");
  core::writeFile(folder_ / "tag", "\"another\"");
  EXPECT_EQ(curl(url, {"--etag-compare", folder_ / "tag", "-w", "%{http_code}", "-o", folder_ / "third"}).out, "200");
}

TEST_F(Serve, RestartsWithItsDataAndItsCertificate) {
  std::string certificate;
  for (int round = 0; round < 2; ++round) {
    Child service(command());
    EXPECT_EQ(curl(urlOf(service) + "/readyz").status, 0);
    const std::string now = core::readFile(folder_ / "data/development-tls.crt");
    EXPECT_TRUE(certificate.empty() || certificate == now);
    certificate = now;
    EXPECT_EQ(service.end(), 0);
  }
}

TEST_F(Serve, SpeaksPlainHttpAndHidesItsNumbersWhenToldTo) {
  Child service(command({"--tls", "false", "--metrics-listen", "127.0.0.1:0"}));
  const std::string url = urlOf(service);
  EXPECT_THAT(url, testing::StartsWith("http://"));
  EXPECT_EQ(text(jsonObject(run({"curl", "-sS", url + "/metrics"}).out), "code"), "not_found");
  const std::string lines = log(), key = "\"metrics\":\"";
  const std::size_t at = lines.find(key) + key.size();
  const std::string numbers = lines.substr(at, lines.find('"', at) - at);
  EXPECT_THAT(run({"curl", "-sS", numbers + "/metrics"}).out, HasSubstr("qianda_http_connections "));
  EXPECT_EQ(text(jsonObject(run({"curl", "-sS", numbers + "/healthz"}).out), "code"), "not_found");
}

TEST_F(Serve, WrongSettingsStopTheStart) {
  core::writeFile(folder_ / "qianda.yaml", "port: 0\nthread: 3\n");
  struct Case {
    std::vector<std::string> flags;
    const char* said;
  };
  for (const Case& one :
       {Case{{"--config", folder_ / "qianda.yaml"},
             "qianda.yaml:2: there is no setting thread; the nearest is threads"},
        Case{{"--thread", "3"}, "flag: there is no setting --thread; the nearest is threads"},
        Case{{"--threads=many"}, "threads must be an integer"},
        Case{{"--tls-key", "x"}, "tls-certificate and tls-key belong together"}, Case{{"--database", "mysql://x"}, ""},
        Case{{"--metrics-listen", "here"}, "metrics-listen must be ADDRESS:PORT"},
        Case{{"stray"}, "does not know the argument stray"}}) {
    const Output refused = run(command(one.flags));
    EXPECT_EQ(refused.status, 2) << one.said << refused.err;
    EXPECT_THAT(refused.err, HasSubstr(one.said));
    EXPECT_EQ(refused.out, "");
  }
}

TEST_F(Serve, ATakenPortStopsTheStart) {
  Child first(command());
  const std::string url = urlOf(first), port = url.substr(url.rfind(':') + 1);
  const Output second = run({QIANDA_BINARY_DIR "/qianda", "serve", "--port", port, "--data-folder", folder_ / "other"});
  EXPECT_EQ(second.status, 3);
  EXPECT_THAT(second.err, HasSubstr("cannot listen on 127.0.0.1 port " + port));
}

TEST_F(Serve, PrintsWhatItWouldUseWithoutSecrets) {
  core::writeFile(folder_ / "qianda.yaml", "threads: 3\ndatabase: postgresql://u:hidden@h/d\n");
  const Output printed = run(command({"--config", folder_ / "qianda.yaml", "--print-config"}));
  EXPECT_EQ(printed.status, 0) << printed.err;
  EXPECT_THAT(printed.out, HasSubstr("threads: 3  # file "));
  EXPECT_THAT(printed.out, HasSubstr("port: 0  # flag\n"));
  EXPECT_THAT(printed.out, Not(HasSubstr("hidden")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data"));
  const std::string help = run({QIANDA_BINARY_DIR "/qianda", "serve", "--help"}).out;
  EXPECT_THAT(help, HasSubstr("--keep-alive-time"));
  EXPECT_THAT(help, HasSubstr("QIANDA_KEEP_ALIVE_TIME, 5s"));
}

TEST_F(Serve, StopsInOrderUnderLoad) {
  Child service(command({"--shutdown-delay", "3s"}));
  const std::string url = urlOf(service);
  std::atomic<int> answered = 0, cut = 0;
  std::vector<std::thread> clients;
  for (int n = 0; n < 4; ++n) {
    clients.emplace_back([&] {
      for (;;) {
        const Output answer = curl(url + "/api/v1/openapi.yaml", {"-w", "%{http_code}"});
        if (answer.status != 0) {
          cut += !answer.out.empty() && answer.out != "000";
          return;
        }
        ++answered;
      }
    });
  }
  while (answered < 8) std::this_thread::yield();
  ::kill(service.pid(), SIGTERM);
  Output ready;
  do {
    ready = curl(url + "/readyz", {"-w", "%{http_code}"});
  } while (ready.out.find("503") == std::string::npos && ready.status == 0);
  EXPECT_THAT(ready.out, HasSubstr("\"stopping\":\"failing\""));
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(cut, 0);
  EXPECT_EQ(service.wait(), 0);
  EXPECT_THAT(log(), HasSubstr("\"event\":\"stopped\",\"cut\":0"));
}

TEST_F(Serve, ASecondSignalEndsItAtOnce) {
  Child service(command({"--shutdown-delay", "1h"}));
  const std::string url = urlOf(service);
  ::kill(service.pid(), SIGTERM);
  while (curl(url + "/readyz").out.find("\"not_ready\"") == std::string::npos) std::this_thread::yield();
  EXPECT_EQ(service.end(), 3);
}

}  // namespace
}  // namespace qianda::test
