// What tests of the postal queue share: a table of effects in the same database as the tasks, and waiting by looking.
#pragma once

#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/queue/postal_workers.h"
#include "tests/support/database.h"

namespace qianda::delivery {

using namespace std::chrono_literals;

inline void await(const std::string& what, const std::function<bool()>& condition,
                  std::chrono::seconds patience = 60s) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "waited in vain for " << what;
    std::this_thread::sleep_for(5ms);
  }
}

// Everything quick, so that what a fault needs in life takes moments here.
inline QueueOptions quickOptions() {
  QueueOptions options;
  options.shards = 4;
  options.threads = 4;
  options.lease = 2s;
  options.poll = 20ms;
  options.block = 200ms;
  options.sweep = 500ms;
  options.forgotten = 2s;
  options.redisTimeout = 1s;
  options.backoff = {0ms, 20ms, 20ms, 20ms};
  return options;
}

// Effects of handlers, as rows of the database of the tasks.
class Effects {
 public:
  explicit Effects(storage::Database& database) : database_(database) {}
  void create() {
    database_.write([](storage::Transaction& t) {
      t.execute(
          "CREATE TABLE effects (task TEXT NOT NULL, parcel TEXT NOT NULL, kind TEXT NOT NULL, place BIGINT NOT NULL)");
      t.execute("CREATE INDEX effects_of ON effects (parcel)");
    });
  }
  // The effect and the end of the task, in one transaction.
  TaskHandler handler() {
    return [this](const PostalTask& task, const std::atomic<bool>&) {
      effect(task);
      return TaskEnd{TaskEnd::How::kFinished, "", {}, TaskEnd::Partner::kAnswered};
    };
  }
  void effect(const PostalTask& task) {
    database_.write([&](storage::Transaction& t) {
      t.execute(
          "INSERT INTO effects (task, parcel, kind, place) VALUES ($1, $2, $3, (SELECT COUNT(*) FROM effects "
          "WHERE parcel = $4))",
          {task.id, task.parcel, task.kind, task.parcel});
      finishTask(t, task, core::now());
    });
  }
  std::string enqueue(const std::string& parcel, const std::string& kind = "order", core::Instant due = {}) {
    return database_.written<std::string>([&](storage::Transaction& t) {
      return enqueueTask(t, {kind, parcel, "post", due}, core::now());
    });
  }
  // Many in one transaction, one parcel each.
  void enqueueMany(int count, const std::string& prefix, core::Instant due = {}) {
    database_.write([&](storage::Transaction& t) {
      for (int i = 0; i < count; ++i) enqueueTask(t, {"order", prefix + std::to_string(i), "post", due}, core::now());
    });
  }
  std::int64_t number(const std::string& sql) {
    return database_.looked<std::int64_t>([&](storage::Transaction& t) { return t.findRow(sql)->number(0); });
  }
  std::int64_t count() { return number("SELECT COUNT(*) FROM effects"); }
  std::int64_t distinct() { return number("SELECT COUNT(DISTINCT task) FROM effects"); }
  std::int64_t open() { return number("SELECT COUNT(*) FROM postal_tasks WHERE state <> 'dead'"); }
  std::int64_t dead() { return number("SELECT COUNT(*) FROM postal_tasks WHERE state = 'dead'"); }

 private:
  storage::Database& database_;
};

}  // namespace qianda::delivery
