// qianda-postal-simulator run beside the test, a wire to it over HTTP, and an inbox for what it pushes.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include "core/error.h"
#include "delivery/partner/strict_json.h"
#include "tests/support/child.h"
#include "tests/support/postal.h"

namespace qianda::test {

struct HttpAnswer {
  int status = 0;
  std::string contentType, body;
};

// Throws core::Error kUnavailable when no whole answer came within `patience`.
inline HttpAnswer callHttp(const std::string& method, const std::string& url, const delivery::Headers& headers = {},
                           const std::string& body = {},
                           std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  try {
    const Poco::URI uri(url);
    Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
    session.setTimeout(Poco::Timespan(patience.count() * 1000));
    Poco::Net::HTTPRequest request(method, uri.getPathEtc().empty() ? "/" : uri.getPathEtc(), "HTTP/1.1");
    for (const auto& [name, value] : headers) request.set(name, value);
    request.setContentLength(static_cast<std::streamsize>(body.size()));
    session.sendRequest(request) << body << std::flush;
    Poco::Net::HTTPResponse response;
    HttpAnswer answer;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.body);
    answer.status = static_cast<int>(response.getStatus());
    answer.contentType = response.getContentType();
    if (response.hasContentLength() && static_cast<std::size_t>(response.getContentLength()) != answer.body.size()) {
      throw core::Error(core::ErrorCode::kUnavailable, "the answer was cut off");
    }
    return answer;
  } catch (const Poco::Exception& error) {
    throw core::Error(core::ErrorCode::kUnavailable, error.displayText());
  }
}

inline delivery::Wire httpWire(const std::string& address,
                               std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  return [address, patience](const delivery::WireRequest& request) {
    const HttpAnswer answer = callHttp(request.method, address + request.path, request.headers,
                                       std::string(core::textOf(request.body)), patience);
    return delivery::WireReply{answer.status, answer.contentType, octetsOf(answer.body)};
  };
}

// The settings as their file says them.
inline std::string partnersYaml(const std::vector<delivery::PartnerSettings>& partners) {
  std::string yaml = "partners:\n";
  for (const auto& one : partners) {
    yaml += "  - name: " + one.name + "\n    protocol: " + one.protocol + "\n    address: " + one.address +
            "\n    keys: [\"" + one.keys.front() + "\"]\n";
    if (one.protocol == "china_post") {
      yaml += "    sender_no: \"" + one.senderNo + "\"\n    authorization: " + one.authorization + "\n";
    }
  }
  return yaml;
}

class PostalSimulator {
 public:
  // Plays `post` (china_post) and `plain` (signed_json) with keys of its own.
  explicit PostalSimulator(std::vector<std::string> arguments = {}) : arguments_(std::move(arguments)) {
    core::writeFile(folder_ / "partners.yaml", partnersYaml({post, plain}));
    start();
  }
  // Again on the same port, with the state it had.
  void start() {
    std::vector<std::string> command{QIANDA_BINARY_DIR "/qianda-postal-simulator",
                                     "--partners",
                                     folder_ / "partners.yaml",
                                     "--state",
                                     folder_ / "state",
                                     "--retry-ms",
                                     "20",
                                     "--port",
                                     port_};
    command.insert(command.end(), arguments_.begin(), arguments_.end());
    child_ = std::make_unique<Child>(command);
    url_ = child_->line();
    if (!url_.starts_with("http://127.0.0.1:")) throw std::runtime_error("no postal simulator: " + url_);
    port_ = url_.substr(17);
    post.address = url_ + "/post";
    plain.address = url_ + "/plain";
  }
  void kill() {
    ::kill(child_->pid(), SIGKILL);
    child_->wait();
  }
  int stop() { return child_->end(); }

  const std::string& url() const { return url_; }
  // Of the house's file of partners, with the address it listens on.
  std::string yaml() const { return partnersYaml({post, plain}); }
  HttpAnswer control(const std::string& json) const { return callHttp("POST", url_ + "/control", {}, json); }
  HttpAnswer addEvents(const std::string& waybill, const std::string& script) const {
    return callHttp("POST", url_ + "/control/events", {},
                    R"({"waybill":")" + waybill + R"(","script":")" + script + "\"}");
  }
  delivery::JsonObject state(bool withOrders = true) const {
    return delivery::parseStrictObject(callHttp("GET", url_ + "/control/state" + (withOrders ? "" : "?orders=0")).body);
  }

  delivery::PartnerSettings post = postSettings(), plain = plainSettings();

 private:
  const std::vector<std::string> arguments_;
  TempFolder folder_;
  std::string port_ = "0", url_;
  std::unique_ptr<Child> child_;
};

// Reads and answers pushes as the house does, in memory: /NAME is the partner of that name.
class PushInbox {
 public:
  explicit PushInbox(const std::vector<delivery::PartnerSettings>& partners) {
    for (const auto& one : partners) readers_[one.name] = delivery::makePushReader(one);
    server_ = std::make_unique<Poco::Net::HTTPServer>(new Factory(*this),
                                                      Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)),
                                                      new Poco::Net::HTTPServerParams);
    server_->start();
  }
  ~PushInbox() { server_->stopAll(true); }

  std::string target() const { return "http://" + server_->socket().address().toString() + "/{partner}"; }
  void refuseNext(int count) { refused_ = count; }

  // In order of arrival, repetitions included; those without effect are counted alone.
  std::vector<delivery::MailEvent> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  std::set<std::string> keys() const {
    std::set<std::string> keys;
    for (const auto& one : events()) keys.insert(one.key);
    return keys;
  }
  int count(delivery::PushReading::Verdict verdict) const {
    const std::lock_guard lock(mutex_);
    const auto found = verdicts_.find(verdict);
    return found == verdicts_.end() ? 0 : found->second;
  }

 private:
  class Handler : public Poco::Net::HTTPRequestHandler {
   public:
    explicit Handler(PushInbox& inbox) : inbox_(inbox) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
      delivery::PushMessage message;
      for (const auto& [name, value] : request) message.headers.emplace_back(Poco::toLower(name), value);
      std::string body;
      Poco::StreamCopier::copyToString(request.stream(), body);
      message.body = octetsOf(body);
      message.peer = request.clientAddress().host().toString();
      const auto& reader = *inbox_.readers_.at(request.getURI().substr(1));
      const delivery::PushReading reading = reader.read(message, core::now());
      const bool isAccepted = inbox_.refused_.fetch_sub(1) <= 0;
      {
        const std::lock_guard lock(inbox_.mutex_);
        ++inbox_.verdicts_[reading.verdict];
        if (isAccepted && reading.verdict == delivery::PushReading::Verdict::kGood) {
          inbox_.events_.insert(inbox_.events_.end(), reading.events.begin(), reading.events.end());
        }
      }
      const delivery::PushAnswer answer = reader.answer(reading, isAccepted);
      response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
      response.setContentType(answer.contentType);
      response.sendBuffer(answer.body.data(), answer.body.size());
    }

   private:
    PushInbox& inbox_;
  };
  class Factory : public Poco::Net::HTTPRequestHandlerFactory {
   public:
    explicit Factory(PushInbox& inbox) : inbox_(inbox) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
      return new Handler(inbox_);
    }

   private:
    PushInbox& inbox_;
  };

  std::map<std::string, std::unique_ptr<delivery::PushReader>> readers_;
  mutable std::mutex mutex_;
  std::vector<delivery::MailEvent> events_;
  std::map<delivery::PushReading::Verdict, int> verdicts_;
  std::atomic<int> refused_ = 0;
  std::unique_ptr<Poco::Net::HTTPServer> server_;
};

// Looks again and again; false after half a minute.
template <typename Condition>
bool comesTrue(Condition condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace qianda::test
