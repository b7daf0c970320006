// Redis through hiredis. What lies there may be lost whole at any moment: it makes nodes quicker and fairer, the
// database knows the truth. A RedisConnection is one link, used by one thread at a time; a link that failed once is
// dropped and made anew, as a late reply would answer the next command. Redis keeps a few links and may be called by
// any thread. Commands are words with lengths, never format strings.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"

namespace qianda::storage {

struct RedisAddress {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string socket;  // path of a Unix socket, instead of host and port
  std::string user, password;
  int database = 0;
  // Without the password, for logs.
  std::string name() const;
};

// "redis://[[user:]password@]host[:port][/database]", "unix:/path[?database=N]"; names and passwords percent-encoded.
// hiredis 0.14 speaks no TLS: a tunnel or a private network does. Throws kUsage.
RedisAddress parseRedisAddress(const std::string& text);

struct RedisReply {
  enum class Kind { kNothing, kText, kInteger, kList };
  Kind kind = Kind::kNothing;
  std::string text;  // a status, too
  std::int64_t integer = 0;
  std::vector<RedisReply> list;
};

using RedisWords = std::vector<std::string>;

class RedisConnection {
 public:
  RedisConnection(RedisAddress address, std::chrono::milliseconds timeout);
  ~RedisConnection();

  // Connects when there is no link (AUTH, SELECT). Throws kUnavailable when nobody answers in time: nobody knows then
  // whether it was done; kSystem for an error that Redis answers, with its words.
  RedisReply command(const RedisWords& words);
  // What a subscribed link is told next; nothing when `patience` passed.
  std::optional<RedisReply> next(std::chrono::milliseconds patience);

 private:
  struct Link;
  void connect();
  const RedisAddress address_;
  const std::chrono::milliseconds timeout_;
  std::unique_ptr<Link> link_;
};

class Redis {
 public:
  explicit Redis(RedisAddress address, std::chrono::milliseconds timeout = std::chrono::milliseconds(250));
  ~Redis();
  const RedisAddress& address() const { return address_; }

  // As RedisConnection::command. After a failure every caller is refused at once for a second, so that a Redis that is
  // away costs no more than one time-out a second.
  RedisReply command(const RedisWords& words);
  bool isUp() const { return isUp_; }  // as of the last command

 private:
  const RedisAddress address_;
  const std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
  std::chrono::steady_clock::time_point notBefore_{};
  std::atomic<bool> isUp_ = true;
};

}  // namespace qianda::storage
