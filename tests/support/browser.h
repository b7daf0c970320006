// A headless Chromium, driven by chromedriver through WebDriver (W3C): opens pages, reads what is seen, clicks, types,
// writes with a finger, chooses files. As a phone it has 360x640 pixels, a touch screen and a phone's name.
#pragma once

#include <string>
#include <thread>
#include <type_traits>

#include <Poco/Net/ServerSocket.h>
#include <signal.h>

#include "core/base64.h"
#include "core/file.h"
#include "server/http/json.h"
#include "server/outbound/http_client.h"
#include "tests/support/child.h"

namespace qianda::test {

class Browser {
 public:
  enum class Kind { kDesktop, kPhone };
  explicit Browser(Kind kind = Kind::kDesktop)
      : port_(freePort()), driver_({"chromedriver", "--port=" + std::to_string(port_)}) {
    url_ = "http://127.0.0.1:" + std::to_string(port_);
    for (int i = 0; !isReady(); ++i) {
      if (i == 1500) throw std::runtime_error("chromedriver does not answer");
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const auto answer = send("POST", "/session",
                             R"({"capabilities":{"alwaysMatch":{"goog:loggingPrefs":{"browser":"ALL"},)"
                             R"("goog:chromeOptions":{"args":["--headless=new","--no-sandbox","--disable-gpu",)"
                             R"("--disable-dev-shm-usage","--lang=zh-CN"])" +
                                 std::string(kind == Kind::kPhone ? kPhone : "") + "}}}}");
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
    return about(selector, [&](const std::string& path) { return send("GET", path + "/text", "").text(); });
  }
  void click(const std::string& selector) {
    about(selector, [&](const std::string& path) { return send("POST", path + "/click", "{}"); });
  }
  void choose(const std::string& selector, const std::string& file) {
    about(selector,
          [&](const std::string& path) { return send("POST", path + "/value", R"({"text":")" + file + R"("})"); });
  }
  void type(const std::string& selector, const std::string& text) {
    about(selector, [&](const std::string& path) {
      send("POST", path + "/clear", "{}");
      return send("POST", path + "/value", server::Json::object({{"text", text}}).dump());
    });
  }
  // A function's body; what it returns.
  server::Json run(const std::string& script) {
    return send("POST", session_ + "/execute/sync",
                server::Json::object({{"script", script}, {"args", server::Json::array()}}).dump());
  }
  bool isSeen(const std::string& selector) {
    return run("const one = document.querySelector('" + selector +
               "'); return !!one && one.getClientRects().length > 0")
        .boolean();
  }
  // Strokes of a finger, as fractions of the element.
  void write(const std::string& selector, const std::vector<std::vector<std::pair<double, double>>>& strokes) {
    const server::Json box = run("const one = document.querySelector('" + selector +
                                 "'); one.scrollIntoView({block: 'center'}); const box = one.getBoundingClientRect(); "
                                 "return [box.left, box.top, box.width, box.height]");
    const auto& at = box.items();
    for (const auto& stroke : strokes) {
      server::Json actions = server::Json::array();
      for (std::size_t i = 0; i < stroke.size(); ++i) {
        const int x = static_cast<int>(at[0].number() + stroke[i].first * at[2].number());
        const int y = static_cast<int>(at[1].number() + stroke[i].second * at[3].number());
        actions.push(server::Json::object({{"type", "pointerMove"}, {"duration", i == 0 ? 0 : 8}, {"x", x}, {"y", y}}));
        if (i == 0) actions.push(server::Json::object({{"type", "pointerDown"}, {"button", 0}}));
      }
      actions.push(server::Json::object({{"type", "pointerUp"}, {"button", 0}}));
      server::Json finger = server::Json::object({{"type", "pointer"},
                                                  {"id", "finger"},
                                                  {"parameters", server::Json::object({{"pointerType", "touch"}})},
                                                  {"actions", actions}});
      send("POST", session_ + "/actions", server::Json::object({{"actions", server::Json::array({finger})}}).dump());
    }
  }
  void photograph(const std::filesystem::path& file) {
    core::writeFile(file, core::textOf(*core::fromBase64(send("GET", session_ + "/screenshot", "").text())));
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
  static constexpr const char* kPhone =
      R"(,"mobileEmulation":{"deviceMetrics":{"width":360,"height":640,"pixelRatio":2,"touch":true},"userAgent":)"
      R"("Mozilla/5.0 (Linux; Android 9; Phone) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile )"
      R"(Safari/537.36"})";

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
  // Asks for the element and uses it, again when the page put another one in its place in between.
  template <typename Use>
  std::invoke_result_t<Use, std::string> about(const std::string& selector, const Use& use) {
    for (int tries = 1;; ++tries) {
      try {
        return use(session_ + "/element/" + element(selector));
      } catch (const std::runtime_error& fault) {
        if (tries == 20 || std::string(fault.what()).find("stale element reference") == std::string::npos) throw;
      }
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
    policy.largestAnswer = 32u << 20;  // photographs
    policy.timeout = std::chrono::seconds(60);
    return policy;
  }()};
};

}  // namespace qianda::test
