// A receiver of webhooks that can be faulty: answers any status, drops its replies, is slow or talks without end.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "tests/support/process.h"
#include "tests/support/tls.h"

namespace qianda::test {

class WebhookReceiver {
 public:
  struct Heard {
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };
  using Answer = std::function<int(const Heard&)>;
  explicit WebhookReceiver(
      Answer answer = [](const Heard&) { return 200; }, const TempFolder* tls = nullptr)
      : answer_(std::move(answer)), scheme_(tls ? "https" : "http") {
    const Poco::Net::SocketAddress any("127.0.0.1", 0);
    if (tls) {
      Poco::Net::initializeSSL();
      Poco::Net::Context::Ptr context =
          new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, *tls / "tls.key", *tls / "tls.crt", "");
      socket_ = std::make_unique<Poco::Net::SecureServerSocket>(any, 64, context);
    } else {
      socket_ = std::make_unique<Poco::Net::ServerSocket>(any);
    }
    port_ = socket_->address().port();
    thread_ = std::thread([this] { serve(); });
  }
  ~WebhookReceiver() {
    stopped_ = true;
    thread_.join();
    for (std::thread& one : clients_) one.join();
  }

  std::string url(const std::string& host = "127.0.0.1") const {
    return scheme_ + "://" + host + ":" + std::to_string(port_) + "/hook";
  }
  std::vector<Heard> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  int count(const std::string& subject) const {
    const auto all = heard();
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const Heard& one) {
      return one.body.find("\"subject\":\"" + subject + "\"") != std::string::npos;
    }));
  }
  // Closes the connection instead of the next replies.
  void dropReplies(int count) { dropped_ = count; }
  void answerSlowly() { isSlow_ = true; }  // an octet now and then
  void answerAtLength(std::size_t octets) { length_ = octets; }

 private:
  void serve() {
    while (!stopped_) {
      if (!socket_->poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) continue;
      try {
        Poco::Net::StreamSocket client = socket_->acceptConnection();
        clients_.emplace_back([this, client]() mutable { talk(client); });
      } catch (const Poco::Exception&) {
      }
    }
  }
  void talk(Poco::Net::StreamSocket& client) {
    try {
      client.setReceiveTimeout(Poco::Timespan(0, 50'000));
      while (!stopped_ && once(client)) {
      }
    } catch (const Poco::Exception&) {
    }
  }
  bool fill(Poco::Net::StreamSocket& client, std::string& text) {
    char buffer[4096];
    while (!stopped_) {
      try {
        const int count = client.receiveBytes(buffer, sizeof buffer);
        if (count <= 0) return false;
        text.append(buffer, static_cast<std::size_t>(count));
        return true;
      } catch (const Poco::TimeoutException&) {
      }
    }
    return false;
  }
  bool once(Poco::Net::StreamSocket& client) {
    std::string text;
    std::size_t end;
    while ((end = text.find("\r\n\r\n")) == std::string::npos) {
      if (!fill(client, text)) return false;
    }
    Heard heard;
    for (std::size_t at = text.find("\r\n") + 2; at < end + 2;) {
      const std::size_t stop = text.find("\r\n", at), colon = text.find(':', at);
      std::string name = text.substr(at, colon - at);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      heard.headers[name] =
          text.substr(text.find_first_not_of(' ', colon + 1), stop - text.find_first_not_of(' ', colon + 1));
      at = stop + 2;
    }
    const std::size_t size = std::stoul(heard.headers.at("content-length"));
    while (text.size() < end + 4 + size) {
      if (!fill(client, text)) return false;
    }
    heard.body = text.substr(end + 4, size);
    {
      const std::lock_guard lock(mutex_);
      heard_.push_back(heard);
    }
    if (dropped_-- > 0) return false;
    const int status = answer_(heard);
    const std::size_t length = status == 204 ? 0 : length_.load();
    const std::string reply = "HTTP/1.1 " + std::to_string(status) + " Any\r\nLocation: " + url() +
                              "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" + std::string(length, 'x');
    if (!isSlow_) {
      client.sendBytes(reply.data(), static_cast<int>(reply.size()), MSG_NOSIGNAL);
      return true;
    }
    for (const char c : reply) {
      if (stopped_) return false;
      client.sendBytes(&c, 1, MSG_NOSIGNAL);
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
    return true;
  }

  Answer answer_;
  std::string scheme_;
  std::unique_ptr<Poco::Net::ServerSocket> socket_;
  int port_ = 0;
  std::atomic<bool> stopped_ = false, isSlow_ = false;
  std::atomic<int> dropped_ = 0;
  std::atomic<std::size_t> length_ = 2;
  mutable std::mutex mutex_;
  std::vector<Heard> heard_;
  std::vector<std::thread> clients_;
  std::thread thread_;
};

}  // namespace qianda::test
