#include "delivery/queue/bench.h"

#include <algorithm>
#include <thread>

#include "core/error.h"
#include "core/id.h"
#include "delivery/queue/work_index.h"
#include "storage/sql/group_writer.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using storage::Transaction;
using Steady = std::chrono::steady_clock;

constexpr int kShards = 16;
constexpr std::int64_t kRowsPerCommit = 5000;

double secondsSince(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

void fillRows(storage::Database& database, std::int64_t open, core::Instant now) {
  for (std::int64_t first = 0; first < open; first += kRowsPerCommit) {
    std::vector<storage::Values> rows;
    for (std::int64_t i = first; i < std::min(open, first + kRowsPerCommit); ++i) {
      const std::string parcel = "bench-" + core::DocumentId::random().text();
      const std::int64_t due = storage::msOf(now) + (i % 2 == 0 ? 0 : 3'600'000);
      rows.push_back({core::DocumentId::at(now).text(), std::string("order"), parcel, std::string("bench"),
                      slotOf(parcel), std::string("ready"), std::int64_t{1}, due, std::int64_t{1}, std::int64_t{0},
                      std::string(), std::int64_t{0}, std::int64_t{0}, std::int64_t{0}, std::string(),
                      storage::msOf(now), storage::msOf(now)});
    }
    database.write([&](Transaction& transaction) {
      transaction.insertAll(
          "INSERT INTO postal_tasks (id, kind, parcel, partner, slot, state, version, due_ms, sent_ms, asked_ms, "
          "lease_owner, lease_until_ms, attempts, deliveries, last_error, created_ms, changed_ms) VALUES",
          17, rows);
    });
  }
}

}  // namespace

ReindexFigures measureReindex(storage::Database& database, const storage::RedisAddress& redis, std::int64_t open,
                              const std::string& prefix) {
  ReindexFigures figures;
  const core::Instant now = core::now();
  auto begin = Steady::now();
  fillRows(database, open, now);
  figures.fillSeconds = secondsSince(begin);
  WorkIndex index(redis, prefix, kShards, std::chrono::seconds(30));
  std::vector<int> shards;
  for (int shard = 0; shard < kShards; ++shard) shards.push_back(shard);
  begin = Steady::now();
  try {
    figures.rows = static_cast<std::int64_t>(index.fill(database, shards, now));
  } catch (const SqlFault& fault) {
    throw core::Error(core::ErrorCode::kUnavailable, "the postal tasks: " + fault.reason);
  }
  figures.seconds = secondsSince(begin);
  for (const int shard : shards) {
    const storage::StreamFigures of = index.figures(shard);
    figures.entries += of.length + of.later;
  }
  const std::int64_t ready = database.looked<std::int64_t>([](Transaction& transaction) {
    return transaction.findRow("SELECT COUNT(*) FROM postal_tasks WHERE state = 'ready'")->number(0);
  });
  if (figures.entries != ready || ready < open) {
    throw core::Error(core::ErrorCode::kCorrupt,
                      "the index holds " + std::to_string(figures.entries) + " of " + std::to_string(ready) + " tasks");
  }
  return figures;
}

double reindexSeconds(storage::Database& database, const storage::RedisAddress& redis, std::int64_t open) {
  return measureReindex(database, redis, open).seconds;
}

IntakeFigures measureIntake(storage::Database& database, int threads, int count, bool isGrouped) {
  storage::GroupWriter writer(database);
  std::vector<std::vector<double>> took(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  const auto begin = Steady::now();
  for (auto& mine : took) {
    running.emplace_back([&] {
      for (int i = 0; i < count / threads; ++i) {
        const std::string parcel = "bench-" + core::DocumentId::random().text();
        const auto work = [&](Transaction& transaction) {
          enqueueTask(transaction, {"order", parcel, "bench", core::now()}, core::now());
        };
        const auto from = Steady::now();
        if (isGrouped) {
          writer.write(work);
        } else {
          database.write(work);
        }
        mine.push_back(secondsSince(from) * 1000);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double seconds = secondsSince(begin);
  std::vector<double> all;
  for (const auto& mine : took) all.insert(all.end(), mine.begin(), mine.end());
  if (all.empty()) throw core::Error(core::ErrorCode::kUsage, "fewer tasks than threads");
  std::sort(all.begin(), all.end());
  return {static_cast<double>(all.size()) / seconds, all[all.size() / 2], all[all.size() * 99 / 100],
          isGrouped ? writer.figures().commits : all.size()};
}

double addedPerSecond(const storage::RedisAddress& redis, int count) {
  storage::RedisConnection link(redis, std::chrono::seconds(30));
  const std::string stream = "{qianda:post-bench}:xadd";
  const std::vector<std::string> texts(static_cast<std::size_t>(count),
                                       entryText(core::DocumentId::random().text(), 1));
  const auto begin = Steady::now();
  storage::addToStream(link, stream, texts);
  const double seconds = secondsSince(begin);
  link.command({"DEL", stream});
  return count / seconds;
}

}  // namespace qianda::delivery
