#include "delivery/queue/work_index.h"

#include <algorithm>
#include <charconv>

#include "core/id.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {

using storage::msOf;
using storage::Transaction;

namespace {

const std::string kGroup = "workers";
constexpr std::size_t kPage = 5000;
constexpr std::int64_t kPerMove = 500, kPerRead = 16;

}  // namespace

std::string entryText(const std::string& id, std::int64_t version) { return id + " " + std::to_string(version); }

std::optional<std::pair<std::string, std::int64_t>> parseEntry(const std::string& text) {
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return std::nullopt;
  std::int64_t version = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + space + 1, last, version);
  if (error != std::errc() || end != last) return std::nullopt;
  return std::pair{text.substr(0, space), version};
}

WorkIndex::WorkIndex(storage::RedisAddress address, std::string prefix, int shards, std::chrono::milliseconds timeout)
    : prefix_(std::move(prefix)), shards_(shards), redis_(std::move(address), timeout) {}

void WorkIndex::send(const std::vector<IndexRow>& rows, core::Instant now) {
  std::map<int, std::vector<std::string>> due;
  std::map<int, std::vector<std::pair<std::int64_t, std::string>>> waiting;
  for (const IndexRow& row : rows) {
    const int shard = shardOf(row.slot);
    if (row.dueMs <= msOf(now)) {
      due[shard].push_back(entryText(row.id, row.version));
    } else {
      waiting[shard].emplace_back(row.dueMs, entryText(row.id, row.version));
    }
  }
  if (!isCluster()) {  // all shards in one round trip
    std::vector<storage::RedisWords> commands;
    for (const auto& [shard, texts] : due) {
      for (const std::string& text : texts) commands.push_back({"XADD", stream(shard), "*", "t", text});
    }
    storage::addAll(redis_, commands);
  } else {
    for (const auto& [shard, texts] : due) storage::addToStream(redis_, stream(shard), texts);
  }
  for (const auto& [shard, texts] : waiting) storage::addLater(redis_, later(shard), texts);
}

void WorkIndex::defer(int shard, const std::string& text, core::Instant until) {
  storage::addLater(redis_, later(shard), {{msOf(until), text}});
}

std::int64_t WorkIndex::moveDue(int shard, core::Instant now) {
  return storage::moveDue(redis_, later(shard), stream(shard), msOf(now), kPerMove);
}

std::map<int, std::vector<storage::StreamEntry>> WorkIndex::read(const std::vector<int>& shards,
                                                                 const std::string& consumer,
                                                                 std::chrono::milliseconds block) {
  std::map<int, std::vector<storage::StreamEntry>> read;
  const auto readSome = [&](const std::vector<int>& some, std::chrono::milliseconds patience) {
    std::vector<std::string> streams;
    for (const int shard : some) streams.push_back(stream(shard));
    auto told = storage::readGroup(redis_, streams, kGroup, consumer, kPerRead, patience);
    for (const int shard : some) {
      const auto found = told.find(stream(shard));
      if (found != told.end() && !found->second.empty()) read[shard] = std::move(found->second);
    }
  };
  if (!isCluster()) {
    readSome(shards, block);
  } else {
    for (const int shard : shards) readSome({shard}, std::chrono::milliseconds(0));
  }
  return read;
}

void WorkIndex::end(int shard, const std::vector<std::string>& ids) {
  storage::endEntries(redis_, stream(shard), kGroup, ids);
}

storage::Claimed WorkIndex::claim(int shard, const std::string& consumer, std::chrono::milliseconds idle) {
  return storage::claimIdle(redis_, stream(shard), kGroup, consumer, idle);
}

void WorkIndex::touch(int shard, const std::string& consumer, const std::vector<std::string>& ids) {
  storage::touchEntries(redis_, stream(shard), kGroup, consumer, ids);
}

storage::StreamFigures WorkIndex::figures(int shard) {
  return storage::streamFigures(redis_, stream(shard), kGroup, later(shard));
}

bool WorkIndex::isFilled(int shard, const std::string& mark) {
  if (!mark.starts_with(std::to_string(shards_) + ":")) return false;
  const auto replies = redis_.pipeline({{"GET", key(shard, "mark")}, {"XPENDING", stream(shard), kGroup}});
  return replies[0].text == mark && replies[1].kind == storage::RedisReply::Kind::kList;
}

std::size_t WorkIndex::fill(storage::Database& database, const std::vector<int>& shards, core::Instant now,
                            const std::function<void()>& onPage) {
  for (const int shard : shards) {
    redis_.transaction({{"DEL", stream(shard), later(shard), key(shard, "mark")},
                        {"XGROUP", "CREATE", stream(shard), kGroup, "0", "MKSTREAM"}});
  }
  std::vector<bool> isWanted(static_cast<std::size_t>(shards_), false);
  for (const int shard : shards) isWanted[static_cast<std::size_t>(shard)] = true;
  std::vector<IndexRow> all;
  for (std::string after;;) {
    std::vector<IndexRow> page = sql([&] {
      return database.looked<std::vector<IndexRow>>(
          [&](Transaction& transaction) { return readyRows(transaction, after, kPage); });
    });
    if (page.empty()) break;
    after = page.back().id;
    for (IndexRow& row : page) {
      if (isWanted[static_cast<std::size_t>(shardOf(row.slot))]) all.push_back(std::move(row));
    }
    if (onPage) onPage();
  }
  std::sort(all.begin(), all.end(), [](const IndexRow& left, const IndexRow& right) {
    return std::tie(left.dueMs, left.id) < std::tie(right.dueMs, right.id);
  });
  for (std::size_t first = 0; first < all.size(); first += kPage) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
    send({begin, all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), first + kPage))}, now);
    if (onPage) onPage();
  }
  for (const int shard : shards) {
    const std::string mark = std::to_string(shards_) + ":" + core::DocumentId::random().text();
    sql([&] {
      database.write([&](Transaction& transaction) {
        transaction.execute(
            "INSERT INTO postal_index (shard, mark, filled_ms) VALUES ($1, $2, $3) ON CONFLICT (shard) "
            "DO UPDATE SET mark = excluded.mark, filled_ms = excluded.filled_ms",
            {std::int64_t{shard}, mark, msOf(now)});
      });
    });
    redis_.command({"SET", key(shard, "mark"), mark});
  }
  return all.size();
}

void WorkIndex::dropSurplus(storage::Database& database) {
  for (const auto& [shard, mark] : indexMarks(database)) {
    if (shard < shards_) continue;
    redis_.command({"DEL", stream(shard), later(shard), lease(shard), key(shard, "mark")});
    sql([&, number = std::int64_t{shard}] {
      database.write([&](Transaction& transaction) {
        transaction.execute("DELETE FROM postal_index WHERE shard = $1", {number});
      });
    });
  }
}

std::map<int, std::string> indexMarks(storage::Database& database) {
  return sql([&] {
    return database.looked<std::map<int, std::string>>([](Transaction& transaction) {
      std::map<int, std::string> marks;
      for (const storage::Row& row : transaction.query("SELECT shard, mark FROM postal_index")) {
        marks[static_cast<int>(row.number(0))] = row.text(1);
      }
      return marks;
    });
  });
}

}  // namespace qianda::delivery
