#include "storage/redis/redis_link.h"

#include <cerrno>

#include <poll.h>

#include "core/error.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;
using std::chrono::milliseconds;

void freeReply(redisReply* reply) { freeReplyObject(reply); }
using ReplyHandle = core::Handle<redisReply, &freeReply>;

timeval timevalOf(milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

RedisReply replyOf(const redisReply& reply) {
  RedisReply made;
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      made.kind = RedisReply::Kind::kText;
      made.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ERROR:
      made.kind = RedisReply::Kind::kError;
      made.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_INTEGER:
      made.kind = RedisReply::Kind::kInteger;
      made.integer = reply.integer;
      break;
    case REDIS_REPLY_ARRAY:
      made.kind = RedisReply::Kind::kList;
      made.list.reserve(reply.elements);
      for (std::size_t i = 0; i < reply.elements; ++i) made.list.push_back(replyOf(*reply.element[i]));
      break;
    default:
      break;
  }
  return made;
}

}  // namespace

RedisLink::RedisLink(std::string name, ContextHandle context, milliseconds timeout)
    : name_(std::move(name)), context_(std::move(context)), timeout_(timeout) {
  if (!context_) throw Error(ErrorCode::kUnavailable, name_ + ": no memory for a connection");
  if (context_->err != 0) fail();
  setTimeout(timeout_);
}

RedisLink RedisLink::toSocket(const std::string& path, milliseconds timeout) {
  return {"unix:" + path, ContextHandle(redisConnectUnixWithTimeout(path.c_str(), timevalOf(timeout))), timeout};
}

RedisLink RedisLink::toNode(const RedisNode& node, milliseconds timeout) {
  RedisLink link("redis://" + node.host + ":" + std::to_string(node.port),
                 ContextHandle(redisConnectWithTimeout(node.host.c_str(), node.port, timevalOf(timeout))), timeout);
  redisEnableKeepAlive(link.context_.get());
  return link;
}

void RedisLink::fail() const {
  throw Error(ErrorCode::kUnavailable, name_ + ": " + (context_->err != 0 ? context_->errstr : "no answer"));
}

void RedisLink::setTimeout(milliseconds timeout) {
  if (redisSetTimeout(context_.get(), timevalOf(timeout)) != REDIS_OK) fail();
}

void RedisLink::append(const RedisWords& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  if (redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), lengths.data()) !=
      REDIS_OK) {
    fail();
  }
}

RedisReply RedisLink::read() {
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK || raw == nullptr) fail();
  const ReplyHandle reply(static_cast<redisReply*>(raw));
  return replyOf(*reply);
}

RedisReply RedisLink::ask(const RedisWords& words) {
  append(words);
  return read();
}

RedisReply RedisLink::ask(const RedisWords& words, milliseconds patience) {
  if (patience.count() == 0) return ask(words);
  setTimeout(timeout_ + patience);
  RedisReply reply = ask(words);
  setTimeout(timeout_);
  return reply;
}

std::vector<RedisReply> RedisLink::askAll(const std::vector<RedisWords>& commands) {
  for (const RedisWords& words : commands) append(words);
  std::vector<RedisReply> replies;
  replies.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) replies.push_back(read());
  return replies;
}

std::optional<RedisReply> RedisLink::next(milliseconds patience) {
  void* raw = nullptr;
  if (redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) fail();
  if (raw == nullptr) {
    // Waiting by poll, as a time-out inside hiredis breaks its context.
    pollfd waiting{context_->fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) return std::nullopt;
    return read();
  }
  const ReplyHandle reply(static_cast<redisReply*>(raw));
  return replyOf(*reply);
}

}  // namespace qianda::storage
