// The index of work in Redis, by shards: for each a stream of what is due, a sorted set of what is later, the lease of
// who reads it, and the mark of its last filling. An entry is "ID VERSION" of a task's row, nothing else (promise R19).
// It may be lost whole, hold too much or hold it twice; it is filled again from SQL when its mark is not the one that
// SQL knows. The keys of a shard share a hash tag. Not thread-safe, as its connection; one for each thread.
#pragma once

#include <functional>

#include "delivery/queue/task_rows.h"
#include "storage/redis/stream.h"

namespace qianda::delivery {

// A failure of the database, told apart from one of Redis.
struct SqlFault {
  std::string reason;
};
template <typename Work>
auto sql(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    throw SqlFault{error.what()};
  }
}

std::string entryText(const std::string& id, std::int64_t version);
// ID and version; nothing when it is no entry of ours.
std::optional<std::pair<std::string, std::int64_t>> parseEntry(const std::string& text);

class WorkIndex {
 public:
  WorkIndex(storage::RedisAddress address, std::string prefix, int shards, std::chrono::milliseconds timeout);

  int shardOf(std::int64_t slot) const { return static_cast<int>(slot % shards_); }
  std::string stream(int shard) const { return key(shard, "work"); }
  std::string later(int shard) const { return key(shard, "later"); }
  std::string lease(int shard) const { return key(shard, "lease"); }
  std::string members() const { return prefix_ + ":nodes"; }
  storage::RedisConnection& redis() { return redis_; }
  bool isCluster() const { return redis_.address().kind == storage::RedisAddress::Kind::kCluster; }

  // Into the stream or the set of their shards, in their order.
  void send(const std::vector<IndexRow>& rows, core::Instant now);
  void defer(int shard, const std::string& text, core::Instant until);
  std::int64_t moveDue(int shard, core::Instant now);
  std::map<int, std::vector<storage::StreamEntry>> read(const std::vector<int>& shards, const std::string& consumer,
                                                        std::chrono::milliseconds block);
  void end(int shard, const std::vector<std::string>& ids);
  storage::Claimed claim(int shard, const std::string& consumer, std::chrono::milliseconds idle);
  void touch(int shard, const std::string& consumer, const std::vector<std::string>& ids);
  storage::StreamFigures figures(int shard);
  // Is what Redis holds the filling that SQL knows, and has it its group?
  bool isFilled(int shard, const std::string& mark);
  // Empties these shards and fills them with every ready row; returns how many went in. `onPage` is called now and
  // then.
  std::size_t fill(storage::Database& database, const std::vector<int>& shards, core::Instant now,
                   const std::function<void()>& onPage = {});
  // Shards of an earlier, larger number.
  void dropSurplus(storage::Database& database);

 private:
  std::string key(int shard, const char* what) const {
    return "{" + prefix_ + ":" + std::to_string(shard) + "}:" + what;
  }
  const std::string prefix_;
  const int shards_;
  storage::RedisConnection redis_;
};

// The marks SQL knows, by shard.
std::map<int, std::string> indexMarks(storage::Database& database);

}  // namespace qianda::delivery
