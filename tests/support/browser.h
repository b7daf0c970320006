// A headless Chromium, driven by chromedriver through WebDriver (W3C): opens pages, reads what is seen, clicks, chooses
// files.
#pragma once

#include <string>
#include <thread>

#include <Poco/Net/ServerSocket.h>
#include <signal.h>

#include "server/http/json.h"
#include "server/outbound/http_client.h"
#include "tests/support/child.h"

namespace qianda::test {

class Browser {
 public:
  Browser() : port_(freePort()), driver_({"chromedriver", "--port=" + std::to_string(port_)}) {
    url_ = "http://127.0.0.1:" + std::to_string(port_);
    for (int i = 0; !isReady(); ++i) {
      if (i == 1500) throw std::runtime_error("chromedriver does not answer");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const auto answer = send("POST", "/session",
                             R"({"capabilities":{"alwaysMatch":{"goog:loggingPrefs":{"browser":"ALL"},)"
                             R"("goog:chromeOptions":{"args":["--headless=new","--no-sandbox","--disable-gpu",)"
                             R"("--disable-dev-shm-usage","--lang=zh-CN"]}}}})");
    session_ = "/session/" + answer.find("sessionId")->text();
  }
  ~Browser() {
    try {
      send("DELETE", session_, "");
    } catch (const std::exception&) {
    }
  }

  void open(const std::string& url) { send("POST", session_ + "/url", R"({"url":")" + url + R"("})"); }
  // As a person sees it.
  std::string text(const std::string& selector) {
    return send("GET", session_ + "/element/" + element(selector) + "/text", "").text();
  }
  void click(const std::string& selector) { send("POST", session_ + "/element/" + element(selector) + "/click", "{}"); }
  void choose(const std::string& selector, const std::string& file) {
    send("POST", session_ + "/element/" + element(selector) + "/value", R"({"text":")" + file + R"("})");
  }
  // What the console says.
  std::string faults() {
    std::string all;
    const server::Json log = send("POST", session_ + "/se/log", R"({"type":"browser"})");
    for (const server::Json& one : log.items()) {
      const std::string message = one.find("message")->text();
      if (message.find("favicon.ico") == std::string::npos) all += message + "\n";
    }
    return all;
  }

 private:
  // chromedriver does not tell the port it took by itself before it is asked.
  static int freePort() {
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    return socket.address().port();
  }
  bool isReady() {
    try {
      return send("GET", "/status", "").find("ready")->boolean();
    } catch (const std::exception&) {
      return false;
    }
  }
  std::string element(const std::string& selector) {
    const auto found = send("POST", session_ + "/element", R"({"using":"css selector","value":")" + selector + R"("})");
    return found.members().at(0).second.text();
  }
  server::Json send(const std::string& method, const std::string& path, const std::string& body) {
    server::HttpRequest request;
    request.method = method;
    request.url = url_ + path;
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    request.body.assign(body.begin(), body.end());
    const server::HttpAnswer answer = client_.send(request);
    const server::Json json = server::parseJson(core::textOf(answer.body));
    if (answer.status != 200) throw std::runtime_error("webdriver: " + std::string(core::textOf(answer.body)));
    return *json.find("value");
  }

  const int port_;
  Child driver_;
  std::string url_, session_;
  server::HttpClient client_{[] {
    server::OutboundPolicy policy;
    policy.privateAddresses = true;
    policy.timeout = std::chrono::seconds(60);
    return policy;
  }()};
};

}  // namespace qianda::test
