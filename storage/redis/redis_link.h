// One hiredis context: one socket to one server. An error of the socket or a time-out throws kUnavailable, and whoever
// holds the link drops it; an error that Redis answers is a reply. Belongs to one thread at a time.
#pragma once

#include <hiredis/hiredis.h>

#include "core/handle.h"
#include "storage/redis/redis.h"

namespace qianda::storage {

class RedisLink {
 public:
  using ContextHandle = core::Handle<redisContext, &redisFree>;

  // Throws kUnavailable.
  static RedisLink toSocket(const std::string& path, std::chrono::milliseconds timeout);
  static RedisLink toNode(const RedisNode& node, std::chrono::milliseconds timeout);

  RedisReply ask(const RedisWords& words);
  RedisReply ask(const RedisWords& words, std::chrono::milliseconds patience);  // beyond the usual time
  std::vector<RedisReply> askAll(const std::vector<RedisWords>& commands);
  // Nothing when none came in that time.
  std::optional<RedisReply> next(std::chrono::milliseconds patience);

 private:
  RedisLink(std::string name, ContextHandle context, std::chrono::milliseconds timeout);
  void setTimeout(std::chrono::milliseconds timeout);
  void append(const RedisWords& words);
  RedisReply read();
  [[noreturn]] void fail() const;

  std::string name_;
  ContextHandle context_;
  std::chrono::milliseconds timeout_;
};

}  // namespace qianda::storage
