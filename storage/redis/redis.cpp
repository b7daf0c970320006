#include "storage/redis/redis.h"

#include <charconv>

#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <hiredis/hiredis.h>
#include <poll.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kPauseAfterFailure{1};
constexpr std::size_t kMostIdle = 16;

timeval timevalOf(milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

void freeReply(redisReply* reply) { freeReplyObject(reply); }
using ReplyHandle = core::Handle<redisReply, &freeReply>;
using ContextHandle = core::Handle<redisContext, &redisFree>;

RedisReply replyOf(const redisReply& reply) {
  RedisReply made;
  switch (reply.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      made.kind = RedisReply::Kind::kText;
      made.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_INTEGER:
      made.kind = RedisReply::Kind::kInteger;
      made.integer = reply.integer;
      break;
    case REDIS_REPLY_ARRAY:
      made.kind = RedisReply::Kind::kList;
      for (std::size_t i = 0; i < reply.elements; ++i) made.list.push_back(replyOf(*reply.element[i]));
      break;
    case REDIS_REPLY_ERROR:
      throw Error(ErrorCode::kSystem, "Redis: " + std::string(reply.str, reply.len));
    default:
      break;
  }
  return made;
}

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kUsage,
              "redis: " + reason + "; it is redis://[[user:]password@]host[:port][/database] or unix:/path");
}

int numberOf(const std::string& text, int most, const std::string& what) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most) {
    refuse(what + " is \"" + text + "\"");
  }
  return number;
}

std::string decoded(const std::string& text) {
  std::string plain;
  Poco::URI::decode(text, plain);
  return plain;
}

}  // namespace

std::string RedisAddress::name() const {
  const std::string of = database == 0 ? "" : "/" + std::to_string(database);
  return socket.empty() ? "redis://" + host + ":" + std::to_string(port) + of : "unix:" + socket + of;
}

RedisAddress parseRedisAddress(const std::string& text) {
  RedisAddress address;
  constexpr std::string_view kUnix = "unix:", kDatabase = "?database=", kScheme = "redis://";
  if (text.starts_with(kUnix)) {
    const std::size_t query = text.find(kDatabase);
    address.socket = text.substr(kUnix.size(), query == text.npos ? query : query - kUnix.size());
    if (!address.socket.starts_with('/')) refuse("the path of the socket does not begin with /");
    if (query != text.npos) address.database = numberOf(text.substr(query + kDatabase.size()), 65535, "the database");
    return address;
  }
  if (!text.starts_with(kScheme)) refuse("no address of it begins like this");
  try {
    const Poco::URI uri(text);
    if (uri.getHost().empty()) refuse("no host is named");
    address.host = uri.getHost();
    if (uri.getPort() != 0) address.port = uri.getPort();
    const std::string& person = uri.getUserInfo();
    const std::size_t colon = person.find(':');
    if (colon != person.npos) address.user = decoded(person.substr(0, colon));
    address.password = decoded(colon == person.npos ? person : person.substr(colon + 1));
    if (uri.getPath().size() > 1) address.database = numberOf(uri.getPath().substr(1), 65535, "the database");
  } catch (const Poco::Exception&) {
    refuse("the address cannot be read");
  }
  return address;
}

struct RedisConnection::Link {
  ContextHandle context;
};

RedisConnection::RedisConnection(RedisAddress address, milliseconds timeout)
    : address_(std::move(address)), timeout_(timeout) {}

RedisConnection::~RedisConnection() = default;

void RedisConnection::connect() {
  const timeval limit = timevalOf(timeout_);
  ContextHandle context(address_.socket.empty() ? redisConnectWithTimeout(address_.host.c_str(), address_.port, limit)
                                                : redisConnectUnixWithTimeout(address_.socket.c_str(), limit));
  if (!context || context->err != 0 || redisSetTimeout(context.get(), limit) != REDIS_OK) {
    throw Error(ErrorCode::kUnavailable,
                address_.name() + ": " + (context && context->err != 0 ? context->errstr : "no connection"));
  }
  link_ = std::make_unique<Link>(Link{std::move(context)});
  try {
    if (!address_.password.empty()) {
      command(address_.user.empty() ? RedisWords{"AUTH", address_.password}
                                    : RedisWords{"AUTH", address_.user, address_.password});
    }
    if (address_.database != 0) command({"SELECT", std::to_string(address_.database)});
  } catch (...) {
    link_.reset();
    throw;
  }
}

RedisReply RedisConnection::command(const RedisWords& words) {
  if (!link_) connect();
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  redisContext* context = link_->context.get();
  const ReplyHandle reply(static_cast<redisReply*>(
      redisCommandArgv(context, static_cast<int>(words.size()), texts.data(), lengths.data())));
  if (!reply || context->err != 0) {
    const std::string reason = context->errstr;
    link_.reset();
    throw Error(ErrorCode::kUnavailable, address_.name() + ": " + reason);
  }
  return replyOf(*reply);
}

std::optional<RedisReply> RedisConnection::next(milliseconds patience) {
  if (!link_) throw Error(ErrorCode::kUnavailable, address_.name() + ": not connected");
  redisContext* context = link_->context.get();
  const auto fail = [&](const std::string& reason) {
    link_.reset();
    throw Error(ErrorCode::kUnavailable, address_.name() + ": " + reason);
  };
  void* raw = nullptr;
  if (redisGetReplyFromReader(context, &raw) != REDIS_OK) fail(context->errstr);
  if (raw == nullptr) {
    // Waiting by poll, as a time-out inside hiredis breaks its context.
    pollfd waiting{context->fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) return std::nullopt;
    if (ready < 0 || redisGetReply(context, &raw) != REDIS_OK) fail(context->errstr);
  }
  const ReplyHandle reply(static_cast<redisReply*>(raw));
  return replyOf(*reply);
}

Redis::Redis(RedisAddress address, milliseconds timeout) : address_(std::move(address)), timeout_(timeout) {}

Redis::~Redis() = default;

RedisReply Redis::command(const RedisWords& words) {
  std::unique_ptr<RedisConnection> connection;
  {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() < notBefore_) {
      throw Error(ErrorCode::kUnavailable, address_.name() + " did not answer a moment ago");
    }
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!connection) connection = std::make_unique<RedisConnection>(address_, timeout_);
  const auto giveBack = [&] {
    isUp_ = true;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMostIdle) idle_.push_back(std::move(connection));
  };
  try {
    RedisReply reply = connection->command(words);
    giveBack();
    return reply;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnavailable) {
      giveBack();
      throw;
    }
    isUp_ = false;
    const std::lock_guard lock(mutex_);
    notBefore_ = std::chrono::steady_clock::now() + kPauseAfterFailure;
    idle_.clear();  // most likely as dead
    throw;
  }
}

}  // namespace qianda::storage
