// A server on 127.0.0.1 that answers request after request with octets of the test, one connection each, and keeps what
// was asked. After the last answer it closes what it accepts.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

namespace qianda::test {

class ScriptedServer {
 public:
  explicit ScriptedServer(std::deque<std::string> answers)
      : answers_(std::move(answers)),
        listening_(Poco::Net::SocketAddress("127.0.0.1", 0)),
        thread_([this] { serve(); }) {}
  ~ScriptedServer() {
    isEnding_ = true;
    thread_.join();
  }
  std::string url() const { return "http://" + listening_.address().toString(); }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (!isEnding_) {
      if (!listening_.poll(Poco::Timespan(0, 10'000), Poco::Net::Socket::SELECT_READ)) continue;
      try {
        Poco::Net::StreamSocket peer = listening_.acceptConnection();
        const std::string request = hear(peer);
        std::string answer;
        {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
          if (answers_.empty()) continue;
          answer = answers_.front();
          answers_.pop_front();
        }
        peer.sendBytes(answer.data(), static_cast<int>(answer.size()), MSG_NOSIGNAL);
        peer.shutdownSend();
        char rest[4096];
        while (peer.receiveBytes(rest, sizeof rest) > 0) {
        }
      } catch (const Poco::Exception&) {  // the client hung up
      }
    }
  }
  static std::string hear(Poco::Net::StreamSocket& peer) {
    peer.setReceiveTimeout(Poco::Timespan(60, 0));
    std::string heard;
    char octets[65536];
    for (std::size_t wanted = std::string::npos; heard.size() < wanted;) {
      const int count = peer.receiveBytes(octets, sizeof octets);
      if (count <= 0) break;
      heard.append(octets, static_cast<std::size_t>(count));
      const std::size_t end = heard.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t length = heard.find("Content-Length: ");
      wanted = end + 4 + (length < end ? std::stoul(heard.substr(length + 16)) : 0);
      if (heard.find("Expect: 100-continue") < end && heard.size() == end + 4) {
        peer.sendBytes("HTTP/1.1 100 Continue\r\n\r\n", 25);
      }
    }
    return heard;
  }

  std::mutex mutex_;
  std::deque<std::string> answers_;
  std::vector<std::string> requests_;
  std::atomic<bool> isEnding_ = false;
  Poco::Net::ServerSocket listening_;
  std::thread thread_;
};

inline std::string answer(int status, const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + fields + "\r\n" + body;
}
inline std::string problem(int status, const std::string& code, const std::string& fields = "") {
  return answer(status,
                R"({"status":)" + std::to_string(status) + R"(,"code":")" + code +
                    R"(","detail":"said so","request_id":"id-12345"})",
                fields);
}

}  // namespace qianda::test
