// The service's HTTP server with routes of a test, and a raw client that speaks octet by octet.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include "server/http/chain.h"
#include "server/http/http_server.h"
#include "server/log/log.h"
#include "server/metrics/health.h"
#include "server/metrics/metrics.h"
#include "server/services.h"

namespace qianda::test {

struct ServiceOptions {
  server::HttpLimits limits = {};
  std::size_t threads = 16, queue = 64;
  std::chrono::milliseconds queueTime{10'000};
  Poco::Net::Context::Ptr tls = nullptr;
  std::function<server::Principal(const server::Request&)> authenticate = {};
  std::set<std::string> trustedProxies = {};
};

class HttpService {
 public:
  explicit HttpService(std::vector<server::Route> routes, ServiceOptions options = {})
      : log_(server::Log::Level::kInfo,
             [this](const std::string& line) {
               const std::lock_guard lock(mutex_);
               lines_ += line;
             }),
        services_{.log = &log_,
                  .metrics = &metrics_,
                  .health = &health_,
                  .trustedProxies = options.trustedProxies,
                  .authenticate = options.authenticate},
        chain_(services_, std::move(routes), !options.tls.isNull(), options.threads, options.queue, options.queueTime),
        server_(chain_.hooks(), options.limits, "127.0.0.1", 0, options.tls) {}

  server::HttpServer& server() { return server_; }
  const server::Gate& gate() const { return chain_.gate(); }
  server::Services& services() { return services_; }
  server::Metrics& metrics() { return metrics_; }
  std::string url(const std::string& path = "/") const { return server_.url() + path; }
  Poco::Net::SocketAddress address() const { return Poco::Net::SocketAddress(url("").substr(url("").find("//") + 2)); }
  std::string lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::string lines_;
  server::Log log_;
  server::Metrics metrics_;
  server::Health health_;
  server::Services services_;
  server::Chain chain_;
  server::HttpServer server_;
};

// What came of one answer; status 0: the connection ended before there was one.
struct RawAnswer {
  int status = 0;
  std::string head, body;
  bool whole = false;  // with its last chunk or its whole length
};

class RawClient {
 public:
  explicit RawClient(const HttpService& service) : socket_(service.address()) {
    socket_.setReceiveTimeout(Poco::Timespan(60, 0));
  }
  RawClient(const HttpService& service, const std::string& octets) : RawClient(service) { say(octets); }

  bool say(const std::string& octets) {
    try {
      return socket_.sendBytes(octets.data(), static_cast<int>(octets.size()), MSG_NOSIGNAL) ==
             static_cast<int>(octets.size());
    } catch (const Poco::Exception&) {
      return false;
    }
  }
  void endSaying() { socket_.shutdownSend(); }
  void reset() {
    socket_.setLinger(true, 0);
    socket_.close();
  }

  // The next answer, interim ones too; `bodiless` for answers to HEAD.
  RawAnswer hear(bool bodiless = false) {
    RawAnswer heard;
    std::size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return heard;
    }
    heard.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    heard.status = std::stoi(heard.head.substr(9, 3));
    if (bodiless || heard.status == 100 || heard.status == 204 || heard.status == 304) {
      heard.whole = true;
    } else if (heard.head.find("Transfer-Encoding: chunked") != std::string::npos) {
      heard.whole = hearChunks(heard.body);
    } else {
      const std::size_t size = std::stoul(field(heard, "Content-Length"));
      while (buffer_.size() < size && more()) {
      }
      heard.body = buffer_.substr(0, size);
      buffer_.erase(0, size);
      heard.whole = heard.body.size() == size;
    }
    return heard;
  }
  RawAnswer ask(const std::string& octets, bool bodiless = false) {
    say(octets);
    return hear(bodiless);
  }
  // Nothing more comes.
  bool isEnded() { return buffer_.empty() && !more(); }

  static std::string field(const RawAnswer& heard, const std::string& name) {
    const std::size_t at = heard.head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 4;
    return heard.head.substr(from, heard.head.find("\r\n", from) - from);
  }

 private:
  bool more() {
    char octets[4096];
    try {
      const int count = socket_.receiveBytes(octets, sizeof octets);
      if (count <= 0) return false;
      buffer_.append(octets, static_cast<std::size_t>(count));
      return true;
    } catch (const Poco::TimeoutException&) {
      throw std::runtime_error("no answer within a minute");
    } catch (const Poco::Exception&) {
      return false;
    }
  }
  bool hearChunks(std::string& body) {
    for (;;) {
      std::size_t line;
      while ((line = buffer_.find("\r\n")) == std::string::npos) {
        if (!more()) return false;
      }
      const std::size_t size = std::stoul(buffer_.substr(0, line), nullptr, 16);
      while (buffer_.size() < line + 2 + size + 2) {
        if (!more()) return false;
      }
      body += buffer_.substr(line + 2, size);
      buffer_.erase(0, line + 2 + size + 2);
      if (size == 0) return true;
    }
  }

  Poco::Net::StreamSocket socket_;
  std::string buffer_;
};

inline std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n";
}
inline std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         fields + "\r\n" + body;
}

// Waits for what another thread brings about.
template <typename Condition>
void waitUntil(Condition condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace qianda::test
