// HTTP servers for tests: one that answers by a function (plain or TLS, any free port), and a raw one that speaks
// octet by octet.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include "tests/support/process.h"
#include "tests/support/tls.h"

namespace qianda::test {

struct Heard {
  std::string method, path, body, contentType, authorization;
};
struct Said {
  int status = 200;
  std::string contentType = "text/plain", body;
  std::string location = "";
  std::chrono::milliseconds delay{0};
  bool chunked = false;
};

class HttpServer {
 public:
  using Answer = std::function<Said(const Heard&)>;
  explicit HttpServer(Answer answer, const TempFolder* tls = nullptr)
      : answer_(std::move(answer)), scheme_(tls ? "https" : "http") {
    Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
    parameters->setMaxThreads(16);
    const Poco::Net::SocketAddress any("127.0.0.1", 0);
    if (tls) {
      Poco::Net::initializeSSL();
      Poco::Net::Context::Ptr context =
          new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, *tls / "tls.key", *tls / "tls.crt", "");
      const Poco::Net::SecureServerSocket socket(any, 64, context);
      server_ = std::make_unique<Poco::Net::HTTPServer>(new Factory{*this}, pool_, socket, parameters);
    } else {
      server_ =
          std::make_unique<Poco::Net::HTTPServer>(new Factory{*this}, pool_, Poco::Net::ServerSocket(any), parameters);
    }
    server_->start();
  }
  ~HttpServer() {
    server_->stopAll(true);
    pool_.joinAll();
  }

  int port() const { return server_->port(); }
  std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const {
    return scheme_ + "://" + host + ":" + std::to_string(port()) + path;
  }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return clients_.size();
  }
  int requests() const { return requests_; }

 private:
  struct Handler : Poco::Net::HTTPRequestHandler {
    explicit Handler(HttpServer& server) : owner(server) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
      Heard heard{request.getMethod(), request.getURI(), "", request.getContentType(),
                  request.get("Authorization", "")};
      Poco::StreamCopier::copyToString(request.stream(), heard.body);
      {
        const std::lock_guard lock(owner.mutex_);
        owner.clients_.insert(request.clientAddress().toString());
      }
      ++owner.requests_;
      const Said said = owner.answer_(heard);
      std::this_thread::sleep_for(said.delay);
      response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(said.status));
      response.setContentType(said.contentType);
      if (!said.location.empty()) response.set("Location", said.location);
      if (said.chunked) {
        response.setChunkedTransferEncoding(true);
        response.send() << said.body;
      } else {
        response.sendBuffer(said.body.data(), said.body.size());
      }
    }
    HttpServer& owner;
  };
  struct Factory : Poco::Net::HTTPRequestHandlerFactory {
    explicit Factory(HttpServer& server) : owner(server) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
      return new Handler(owner);
    }
    HttpServer& owner;
  };

  Answer answer_;
  std::string scheme_;
  Poco::ThreadPool pool_{2, 16};
  mutable std::mutex mutex_;
  std::set<std::string> clients_;
  std::atomic<int> requests_ = 0;
  std::unique_ptr<Poco::Net::HTTPServer> server_;
};

// Accepts connections and hands each, with its number from 0, to a function; one after the other.
class RawServer {
 public:
  explicit RawServer(std::function<void(Poco::Net::StreamSocket&, int)> speak)
      : socket_(Poco::Net::SocketAddress("127.0.0.1", 0)), thread_([this, speak] {
          for (int number = 0; !stopped_;) {
            if (!socket_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) continue;
            Poco::Net::StreamSocket client = socket_.acceptConnection();
            ++accepted_;
            try {
              speak(client, number++);
            } catch (const Poco::Exception&) {
            }
          }
        }) {}
  ~RawServer() {
    stopped_ = true;
    thread_.join();
  }
  std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(socket_.address().port()) + path;
  }
  bool isStopped() const { return stopped_; }
  int accepted() const { return accepted_; }

  // Reads one request without a body.
  static void hear(Poco::Net::StreamSocket& client) {
    std::string heard;
    char buffer[4096];
    while (heard.find("\r\n\r\n") == std::string::npos) {
      const int count = client.receiveBytes(buffer, sizeof buffer);
      if (count <= 0) return;
      heard.append(buffer, static_cast<std::size_t>(count));
    }
  }
  static void say(Poco::Net::StreamSocket& client, const std::string& octets) {
    client.sendBytes(octets.data(), static_cast<int>(octets.size()), MSG_NOSIGNAL);
  }

 private:
  std::atomic<bool> stopped_ = false;
  std::atomic<int> accepted_ = 0;
  Poco::Net::ServerSocket socket_;
  std::thread thread_;
};

}  // namespace qianda::test
