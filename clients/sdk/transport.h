// Calls of the API over kept connections: the key, repetition where it is safe, problem+json as Error. Thread-safe.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/sdk/connection.h"
#include "qianda/client/client.h"

namespace qianda::client {

using Query = std::vector<std::pair<std::string, std::string>>;

struct Call {
  std::string method = "GET";
  std::string path = {};  // "/api/v1/...", segments by pathOf()
  Query query = {};       // empty values are left out
  std::string mediaType = {}, body = {};
  std::filesystem::path bodyFile = {};  // streamed instead of `body`
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool isRepeatable = false;
  std::optional<std::chrono::milliseconds> silence = {};  // instead of the options'
};

struct Answer {
  int status = 0;
  std::string body;
  bool isReplay = false;  // Idempotent-Replayed
};

class Transport {
 public:
  explicit Transport(ClientOptions options);

  const ClientOptions& options() const { return options_; }
  // A success with its body. Throws Error.
  Answer ask(const Call& call);
  // A success whose body goes to `sink`; `begin` is called before each attempt's first octet.
  Answer stream(const Call& call, const std::function<void()>& begin, const Sink& sink);
  Download download(const std::string& path, const std::filesystem::path& file);

 private:
  Answer once(const Call& call, const std::function<void()>& begin, const Sink& sink);
  std::unique_ptr<Connection> takeIdle();
  std::unique_ptr<Connection> open();
  WireRequest wireOf(const Call& call) const;
  Answer finish(std::unique_ptr<Connection> connection, const Poco::Net::HTTPResponse& head,
                const std::function<void()>& begin, const Sink& sink);

  ClientOptions options_;
  Origin origin_;
  Poco::Net::Context::Ptr tls_;
  std::mutex mutex_;
  std::list<std::pair<std::chrono::steady_clock::time_point, std::unique_ptr<Connection>>> idle_;
};

// "/api/v1" and the segments, percent-encoded: pathOf({"batches", id}).
std::string pathOf(const std::vector<std::string>& segments);
// Unreserved characters (RFC 3986) stay.
std::string encoded(const std::string& text);

}  // namespace qianda::client
