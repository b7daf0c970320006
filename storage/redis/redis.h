// Redis through hiredis. What lies there may be lost whole at any moment: it makes nodes quicker and fairer, the
// database knows the truth. A RedisConnection is used by one thread at a time; a link that failed once is dropped and
// made anew, as a late reply would answer the next command. It knows where to go: to the one server, to the master that
// Sentinels name (asked again after every fault), or to the node of a Cluster that holds the key (MOVED and ASK are
// followed). Redis keeps a few connections and may be called by any thread. Commands are words with lengths, never
// format strings. Whoever writes to a peer that is gone is sent SIGPIPE: the program ignores it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace qianda::storage {

struct RedisNode {
  std::string host;
  int port = 6379;
};

struct RedisAddress {
  enum class Kind { kServer, kSentinel, kCluster };
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string socket;  // path of a Unix socket, instead of host and port
  std::string user, password;
  int database = 0;
  Kind kind = Kind::kServer;
  std::vector<RedisNode> nodes;  // the Sentinels, or some nodes of the Cluster
  std::string master;            // as the Sentinels name it
  // Without the password, for logs.
  std::string name() const;
};

// "redis://[[user:]password@]host[:port][/database]", "unix:/path[?database=N]",
// "sentinel://[[user:]password@]host[:port],...,host[:port]/master[?database=N]" (name and password are the master's),
// "cluster://[[user:]password@]host[:port],...,host[:port]"; names and passwords percent-encoded. hiredis 0.14 speaks
// no TLS: a tunnel or a private network does. Throws kUsage.
RedisAddress parseRedisAddress(const std::string& text);

struct RedisReply {
  enum class Kind { kNothing, kText, kInteger, kList, kError };
  Kind kind = Kind::kNothing;
  std::string text;  // a status or an error, too
  std::int64_t integer = 0;
  std::vector<RedisReply> list;
};

using RedisWords = std::vector<std::string>;

class RedisConnection {
 public:
  RedisConnection(RedisAddress address, std::chrono::milliseconds timeout);
  ~RedisConnection();

  // Connects when there is no link (AUTH, SELECT). Throws kUnavailable when nobody answers in time: nobody knows then
  // whether it was done; also when the server cannot serve now (LOADING, READONLY, MASTERDOWN, CLUSTERDOWN). kSystem
  // for another error that Redis answers, with its words; never kError. A command that waits in Redis gives its
  // `patience` beyond the usual time.
  RedisReply command(const RedisWords& words, std::chrono::milliseconds patience = std::chrono::milliseconds(0));
  // Many commands in one round trip; in a Cluster all for keys of one slot. An error of one is its reply (kError).
  std::vector<RedisReply> pipeline(const std::vector<RedisWords>& commands);
  // MULTI ... EXEC, for keys of one slot: all or nothing. Throws as command() when one was refused.
  std::vector<RedisReply> transaction(const std::vector<RedisWords>& commands);
  // What a subscribed link is told next; nothing when `patience` passed.
  std::optional<RedisReply> next(std::chrono::milliseconds patience);
  const RedisAddress& address() const { return address_; }

 private:
  struct Links;
  const RedisAddress address_;
  const std::unique_ptr<Links> links_;
};

// The key that decides where a command goes in a Cluster, or "" for any node.
std::string_view keyOf(const RedisWords& words);
// 0 to 16383: CRC-16/XMODEM of the key, or of what its first {...} holds.
int clusterSlot(std::string_view key);

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
