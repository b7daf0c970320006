// Redis Streams with one group, as an index of work that may be lost: adding many in one round trip, reading with
// patience, ending (acknowledged and deleted in one transaction, as an acknowledged entry would stay for ever), taking
// over from a consumer that died, and a sorted set of later work that moves over when it is due. An entry carries one
// short text. Keys of one stream share a hash tag ({...}), so that they lie on one node of a Cluster. Throws as
// RedisConnection does, and kNotFound when the stream or its group is gone (NOGROUP): the index was lost.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storage/redis/redis.h"

namespace qianda::storage {

struct StreamEntry {
  std::string id;    // "1700000000000-0"
  std::string text;  // "" when the entry was deleted under its reader
};

// XADD of each, a thousand in a round trip; all or some were done when it throws.
void addToStream(RedisConnection& redis, const std::string& stream, const std::vector<std::string>& texts);
// Any such commands in round trips of a thousand; in a Cluster of one slot.
void addAll(RedisConnection& redis, const std::vector<RedisWords>& commands);
// ZADD of (due in ms, text) into a set of later work.
void addLater(RedisConnection& redis, const std::string& set,
              const std::vector<std::pair<std::int64_t, std::string>>& texts);
// At most `most` of what is due moves from the set to the stream; returns how many did.
std::int64_t moveDue(RedisConnection& redis, const std::string& set, const std::string& stream, std::int64_t nowMs,
                     std::int64_t most);

// The stream and its group, from the beginning; nothing when they exist.
void createGroup(RedisConnection& redis, const std::string& stream, const std::string& group);
// New entries of each of the streams, waiting at most `block` (0: not at all). Several streams in a Cluster must share
// a slot.
std::map<std::string, std::vector<StreamEntry>> readGroup(RedisConnection& redis,
                                                          const std::vector<std::string>& streams,
                                                          const std::string& group, const std::string& consumer,
                                                          std::int64_t most, std::chrono::milliseconds block);
void endEntries(RedisConnection& redis, const std::string& stream, const std::string& group,
                const std::vector<std::string>& ids);
struct Claimed {
  std::vector<StreamEntry> entries;
  std::vector<std::string> deleted;  // pending, yet gone from the stream: something trimmed it
};
// Everything pending that was idle for so long, from all consumers.
Claimed claimIdle(RedisConnection& redis, const std::string& stream, const std::string& group,
                  const std::string& consumer, std::chrono::milliseconds idle);
// Entries in our hands are not idle: their count of deliveries stays.
void touchEntries(RedisConnection& redis, const std::string& stream, const std::string& group,
                  const std::string& consumer, const std::vector<std::string>& ids);

struct StreamFigures {
  std::int64_t length = 0, pending = 0, later = 0;
};
StreamFigures streamFigures(RedisConnection& redis, const std::string& stream, const std::string& group,
                            const std::string& set);

// A lease that is advice: kept in one key with its holder's name.
bool takeLease(RedisConnection& redis, const std::string& key, const std::string& holder,
               std::chrono::milliseconds duration);
bool renewLease(RedisConnection& redis, const std::string& key, const std::string& holder,
                std::chrono::milliseconds duration);
void releaseLease(RedisConnection& redis, const std::string& key, const std::string& holder);
// How many members reported within `duration`, this one among them; by the server's clock.
std::int64_t reportAlive(RedisConnection& redis, const std::string& set, const std::string& member,
                         std::chrono::milliseconds duration);

}  // namespace qianda::storage
