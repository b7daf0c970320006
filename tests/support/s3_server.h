// An S3 service of one bucket for tests, path style, objects in memory, or in a folder when it shall outlive its
// process. Every request's signature is checked (AWS signature version 2, as Debian 12's libs3 makes it). Faults on
// demand. Listens on a port of its own.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/file.h"

namespace qianda::test {

class S3Server {
 public:
  static constexpr const char* kBucket = "qianda-test";
  static constexpr const char* kAccessKey = "TESTACCESS";
  static constexpr const char* kSecretKey = "test-secret-of-no-value";

  explicit S3Server(std::filesystem::path folder = {})
      : folder_(std::move(folder)),
        threads_(4, 64),
        socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
        server_(new Factory(*this), threads_, socket_, new Poco::Net::HTTPServerParams) {
    server_.start();
  }
  ~S3Server() {
    server_.stopAll(true);
    threads_.joinAll();
  }

  std::string host() const { return socket_.address().toString(); }
  std::string address() const { return std::string("s3://") + kBucket + "/app?host=" + host() + "&tls=no"; }

  std::atomic<int> refuseNext{0};      // answer 503 to so many requests
  std::atomic<int> dropAnswerNext{0};  // do as asked, then close without an answer
  std::atomic<int> refusedSignatures{0};

  std::size_t count() {
    const std::lock_guard guard(mutex_);
    return objects_.size();
  }
  // Whether an object holds these octets.
  bool holds(const std::string& octets) {
    const std::lock_guard guard(mutex_);
    for (const auto& [name, object] : objects_) {
      if (object.find(octets) != std::string::npos) return true;
    }
    return false;
  }
  // Changes every stored object whose name begins so.
  void tamper(const std::string& beginning) {
    const std::lock_guard guard(mutex_);
    for (auto& [name, octets] : objects_) {
      if (name.find(beginning) != std::string::npos && !octets.empty()) octets[octets.size() / 2] ^= 1;
    }
  }
  void lose(const std::string& beginning) {
    const std::lock_guard guard(mutex_);
    std::erase_if(objects_, [&](const auto& entry) { return entry.first.find(beginning) != std::string::npos; });
  }

 private:
  using Request = Poco::Net::HTTPServerRequest;
  using Response = Poco::Net::HTTPServerResponse;

  class Handler : public Poco::Net::HTTPRequestHandler {
   public:
    explicit Handler(S3Server& owner) : owner_(owner) {}
    void handleRequest(Request& request, Response& response) override { owner_.handle(request, response); }

   private:
    S3Server& owner_;
  };
  class Factory : public Poco::Net::HTTPRequestHandlerFactory {
   public:
    explicit Factory(S3Server& owner) : owner_(owner) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Request&) override { return new Handler(owner_); }

   private:
    S3Server& owner_;
  };

  static void answer(Response& response, int status, const std::string& body, const char* type = "application/xml") {
    response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status));
    response.setContentType(type);
    response.sendBuffer(body.data(), body.size());
  }
  static void fail(Response& response, int status, const std::string& code) {
    answer(response, status,
           "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
  }

  static bool isSigned(const Request& request) {
    std::map<std::string, std::string> amazon;
    for (const auto& [name, value] : request) {
      std::string lower = name;
      for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (lower.starts_with("x-amz-")) amazon[lower] = value;
    }
    std::string text = request.getMethod() + "\n" + request.get("Content-MD5", "") + "\n" +
                       request.get("Content-Type", "") + "\n" +
                       (amazon.contains("x-amz-date") ? "" : request.get("Date", "")) + "\n";
    for (const auto& [name, value] : amazon) text += name + ":" + value + "\n";
    text += Poco::URI(request.getURI()).getRawQuery().empty() ? request.getURI()
                                                              : request.getURI().substr(0, request.getURI().find('?'));
    std::uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    HMAC(EVP_sha1(), kSecretKey, static_cast<int>(std::string_view(kSecretKey).size()),
         reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), mac, &length);
    std::uint8_t base64[64];
    EVP_EncodeBlock(base64, mac, static_cast<int>(length));
    return request.get("Authorization", "") ==
           std::string("AWS ") + kAccessKey + ":" + reinterpret_cast<const char*>(base64);
  }

  void handle(Request& request, Response& response) {
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);
    if (refuseNext > 0) {
      --refuseNext;
      return fail(response, 503, "SlowDown");
    }
    if (!isSigned(request)) {
      ++refusedSignatures;
      return fail(response, 403, "SignatureDoesNotMatch");
    }
    const std::string path = Poco::URI(request.getURI()).getPath(), bucket = std::string("/") + kBucket + "/";
    if (!path.starts_with(bucket)) return fail(response, 404, "NoSuchBucket");
    const std::string name = path.substr(bucket.size());
    if (request.getMethod() == "PUT") {
      put(name, body);
    } else if (request.getMethod() == "DELETE") {
      const std::lock_guard guard(mutex_);
      objects_.erase(name);
    }
    if (dropAnswerNext > 0) {
      --dropAnswerNext;
      static_cast<Poco::Net::HTTPServerRequest&>(request).stream().clear();
      response.setKeepAlive(false);
      response.setContentLength(100);  // which never come
      response.send().flush();
      return;
    }
    if (request.getMethod() == "GET") return get(name, request.get("Range", ""), response);
    answer(response, request.getMethod() == "DELETE" ? 204 : 200, "");
  }

  void put(const std::string& name, const std::string& body) {
    if (!folder_.empty()) {
      std::filesystem::create_directories((folder_ / name).parent_path());
      core::writeFile(folder_ / name, body, true);
      return;
    }
    const std::lock_guard guard(mutex_);
    objects_[name] = body;
  }

  bool find(const std::string& name, std::string& octets) {
    if (!folder_.empty()) {
      if (!std::filesystem::is_regular_file(folder_ / name)) return false;
      octets = core::readFile(folder_ / name);
      return true;
    }
    const std::lock_guard guard(mutex_);
    const auto found = objects_.find(name);
    if (found == objects_.end()) return false;
    octets = found->second;
    return true;
  }

  void get(const std::string& name, const std::string& range, Response& response) {
    std::string octets;
    if (!find(name, octets)) return fail(response, 404, "NoSuchKey");
    if (range.empty()) return answer(response, 200, octets, "application/octet-stream");
    std::size_t first = 0, last = octets.size() - 1;
    char dash = 0;
    std::istringstream in(range.substr(range.find('=') + 1));
    in >> first >> dash;
    std::size_t wanted = 0;
    if (in >> wanted) last = std::min(last, wanted);
    if (first >= octets.size()) return fail(response, 416, "InvalidRange");
    answer(response, 206, octets.substr(first, last - first + 1), "application/octet-stream");
  }

  const std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<std::string, std::string> objects_;
  Poco::ThreadPool threads_;
  Poco::Net::ServerSocket socket_;
  Poco::Net::HTTPServer server_;
};

}  // namespace qianda::test
