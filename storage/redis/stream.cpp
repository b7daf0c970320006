#include "storage/redis/stream.h"

#include "core/error.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

const std::string kField = "t";
constexpr std::size_t kPerRoundTrip = 1000;
constexpr const char* kPerClaim = "500";

const std::string kMoveDue =
    "local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2]) "
    "for _, text in ipairs(due) do redis.call('XADD', KEYS[2], '*', 't', text) end "
    "if #due > 0 then redis.call('ZREM', KEYS[1], unpack(due)) end return #due";
const std::string kRenew =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0";
const std::string kRelease =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
const std::string kReport =
    "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000) "
    "redis.call('ZADD', KEYS[1], now, ARGV[1]) redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2]) "
    "redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2) return redis.call('ZCARD', KEYS[1])";

template <typename Work>
auto translated(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    const std::string what = error.what();
    if (error.code() == ErrorCode::kSystem &&
        (what.find("NOGROUP") != what.npos || what.find("UNBLOCKED") != what.npos)) {
      throw Error(ErrorCode::kNotFound, what);
    }
    throw;
  }
}

std::vector<StreamEntry> entriesOf(const RedisReply& list) {
  std::vector<StreamEntry> entries;
  for (const RedisReply& entry : list.list) {
    if (entry.list.size() != 2) continue;  // a null in a claim of Redis 6
    const std::vector<RedisReply>& fields = entry.list[1].list;
    entries.push_back({entry.list[0].text, fields.size() == 2 ? fields[1].text : ""});
  }
  return entries;
}

RedisWords joined(RedisWords words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

void addAll(RedisConnection& redis, const std::vector<RedisWords>& commands) {
  for (std::size_t first = 0; first < commands.size(); first += kPerRoundTrip) {
    const auto begin = commands.begin() + static_cast<std::ptrdiff_t>(first);
    const std::size_t last = std::min(commands.size(), first + kPerRoundTrip);
    for (const RedisReply& reply : redis.pipeline({begin, commands.begin() + static_cast<std::ptrdiff_t>(last)})) {
      if (reply.kind == RedisReply::Kind::kError) throw Error(ErrorCode::kSystem, "Redis: " + reply.text);
    }
  }
}

void addToStream(RedisConnection& redis, const std::string& stream, const std::vector<std::string>& texts) {
  std::vector<RedisWords> commands;
  commands.reserve(texts.size());
  for (const std::string& text : texts) commands.push_back({"XADD", stream, "*", kField, text});
  addAll(redis, commands);
}

void addLater(RedisConnection& redis, const std::string& set,
              const std::vector<std::pair<std::int64_t, std::string>>& texts) {
  for (std::size_t first = 0; first < texts.size(); first += kPerRoundTrip) {
    RedisWords words{"ZADD", set};
    for (std::size_t i = first; i < std::min(texts.size(), first + kPerRoundTrip); ++i) {
      words.push_back(std::to_string(texts[i].first));
      words.push_back(texts[i].second);
    }
    redis.command(words);
  }
}

std::int64_t moveDue(RedisConnection& redis, const std::string& set, const std::string& stream, std::int64_t nowMs,
                     std::int64_t most) {
  return redis.command({"EVAL", kMoveDue, "2", set, stream, std::to_string(nowMs), std::to_string(most)}).integer;
}

void createGroup(RedisConnection& redis, const std::string& stream, const std::string& group) {
  try {
    redis.command({"XGROUP", "CREATE", stream, group, "0", "MKSTREAM"});
  } catch (const Error& error) {
    if (std::string_view(error.what()).find("BUSYGROUP") == std::string_view::npos) throw;
  }
}

std::map<std::string, std::vector<StreamEntry>> readGroup(RedisConnection& redis,
                                                          const std::vector<std::string>& streams,
                                                          const std::string& group, const std::string& consumer,
                                                          std::int64_t most, std::chrono::milliseconds block) {
  RedisWords words{"XREADGROUP", "GROUP", group, consumer, "COUNT", std::to_string(most)};
  if (block.count() > 0) words = joined(std::move(words), {"BLOCK", std::to_string(block.count())});
  words = joined(joined(std::move(words), {"STREAMS"}), streams);
  words.insert(words.end(), streams.size(), ">");
  const RedisReply reply = translated([&] { return redis.command(words, block); });
  std::map<std::string, std::vector<StreamEntry>> read;
  for (const RedisReply& stream : reply.list) {
    if (stream.list.size() == 2) read[stream.list[0].text] = entriesOf(stream.list[1]);
  }
  return read;
}

void endEntries(RedisConnection& redis, const std::string& stream, const std::string& group,
                const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  translated([&] { return redis.transaction({joined({"XACK", stream, group}, ids), joined({"XDEL", stream}, ids)}); });
}

Claimed claimIdle(RedisConnection& redis, const std::string& stream, const std::string& group,
                  const std::string& consumer, std::chrono::milliseconds idle) {
  Claimed claimed;
  for (std::string cursor = "0-0";;) {
    const RedisReply reply = translated([&] {
      return redis.command(
          {"XAUTOCLAIM", stream, group, consumer, std::to_string(idle.count()), cursor, "COUNT", kPerClaim});
    });
    if (reply.list.size() < 2) throw Error(ErrorCode::kSystem, "Redis: XAUTOCLAIM answered something else");
    const std::vector<StreamEntry> entries = entriesOf(reply.list[1]);
    claimed.entries.insert(claimed.entries.end(), entries.begin(), entries.end());
    if (reply.list.size() > 2) {
      for (const RedisReply& id : reply.list[2].list) claimed.deleted.push_back(id.text);
    }
    cursor = reply.list[0].text;
    if (cursor == "0-0") return claimed;
  }
}

void touchEntries(RedisConnection& redis, const std::string& stream, const std::string& group,
                  const std::string& consumer, const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  translated([&] {
    RedisWords words = joined({"XCLAIM", stream, group, consumer, "0"}, ids);
    words.push_back("JUSTID");
    return redis.command(words);
  });
}

StreamFigures streamFigures(RedisConnection& redis, const std::string& stream, const std::string& group,
                            const std::string& set) {
  const std::vector<RedisReply> replies = translated([&] {
    return redis.pipeline({{"XLEN", stream}, {"XPENDING", stream, group}, {"ZCARD", set}});
  });
  StreamFigures figures;
  if (replies[1].kind == RedisReply::Kind::kError) throw Error(ErrorCode::kNotFound, "Redis: " + replies[1].text);
  figures.length = replies[0].integer;
  figures.pending = replies[1].list.empty() ? 0 : replies[1].list[0].integer;
  figures.later = replies[2].integer;
  return figures;
}

bool takeLease(RedisConnection& redis, const std::string& key, const std::string& holder,
               std::chrono::milliseconds duration) {
  return redis.command({"SET", key, holder, "NX", "PX", std::to_string(duration.count())}).text == "OK";
}

bool renewLease(RedisConnection& redis, const std::string& key, const std::string& holder,
                std::chrono::milliseconds duration) {
  return redis.command({"EVAL", kRenew, "1", key, holder, std::to_string(duration.count())}).integer == 1;
}

void releaseLease(RedisConnection& redis, const std::string& key, const std::string& holder) {
  redis.command({"EVAL", kRelease, "1", key, holder});
}

std::int64_t reportAlive(RedisConnection& redis, const std::string& set, const std::string& member,
                         std::chrono::milliseconds duration) {
  return redis.command({"EVAL", kReport, "1", set, member, std::to_string(duration.count())}).integer;
}

}  // namespace qianda::storage
