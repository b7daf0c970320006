#include <iostream>
#include <thread>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/cli/bench_parts.h"
#include "core/error.h"
#include "delivery/bench.h"

namespace qianda::cli {
namespace {

using core::Error;
using core::ErrorCode;

struct DeliveryBenchArguments {
  std::string database, redis, folder = ".";
  int threads = 32;
  std::int64_t tasks = 20000, callbacks = 20000, open = 100000;
  bool json = false;
};

// A Redis of this run alone, in a folder of its own, every write on disk before it is answered. It ends with this
// object, and with this process however that ends. Started before there are other threads.
class OwnRedis {
 public:
  explicit OwnRedis(const std::filesystem::path& folder) {
    address_.socket = folder / "redis.socket";
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ < 0) throw Error(ErrorCode::kSystem, "cannot start another process");
    if (child_ == 0) serve(folder.c_str(), parent);
    const auto begin = std::chrono::steady_clock::now();
    while (!answers()) {
      if (::waitpid(child_, nullptr, WNOHANG) == child_) {
        child_ = -1;
        throw Error(ErrorCode::kUnavailable,
                    "redis-server does not start: install Debian's package redis-server, or name a Redis for "
                    "measurements with --redis");
      }
      if (std::chrono::steady_clock::now() - begin > kPatience) {
        end();
        throw Error(ErrorCode::kUnavailable, "redis-server does not answer");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  OwnRedis(const OwnRedis&) = delete;
  OwnRedis& operator=(const OwnRedis&) = delete;
  ~OwnRedis() { end(); }
  const storage::RedisAddress& address() const { return address_; }

 private:
  static constexpr std::chrono::seconds kPatience{20};

  [[noreturn]] static void serve(const char* folder, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || ::chdir(folder) != 0) ::_exit(127);
    ::execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", "redis.socket", "--unixsocketperm", "700",
             "--dir", ".", "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy",
             "noeviction", "--logfile", "redis.log", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  bool answers() const {
    try {
      storage::RedisConnection(address_, std::chrono::seconds(1)).command({"PING"});
      return true;
    } catch (const Error&) {
      return false;
    }
  }
  void end() {
    if (child_ < 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }

  storage::RedisAddress address_;
  pid_t child_ = -1;
};

// Where a measurement takes place.
class Place {
 public:
  explicit Place(const DeliveryBenchArguments& arguments) : folder_(arguments.folder) {
    if (arguments.redis.empty()) {
      own_ = std::make_unique<OwnRedis>(folder_.path());
      redis_ = own_->address();
    } else {
      redis_ = storage::parseRedisAddress(arguments.redis);
    }
    database_ = std::make_unique<storage::Database>(
        arguments.database.empty() ? "sqlite:" + (folder_.path() / "bench.sqlite").string() : arguments.database);
  }
  storage::Database& database() const { return *database_; }
  const storage::RedisAddress& redis() const { return redis_; }
  void describe(JsonObject& object, const DeliveryBenchArguments& arguments) const {
    const bool isSqlite = database_->dialect() == storage::Dialect::kSqlite;
    object.set("database", std::string(isSqlite ? "sqlite" : "postgresql"));
    object.set("database_address", arguments.database.empty() ? "its own, removed" : database_->name());
    object.set("redis", own_ ? "its own, appendfsync always, removed" : redis_.name());
    object.set("cores", coreCount());
  }

 private:
  const WorkFolder folder_;
  std::unique_ptr<OwnRedis> own_;
  storage::RedisAddress redis_;
  std::unique_ptr<storage::Database> database_;
};

int benchDelivery(const DeliveryBenchArguments& arguments) {
  const Place place(arguments);
  const delivery::DeliveryBench bench = delivery::benchDelivery(
      place.database(), place.redis(), {arguments.threads, arguments.tasks, arguments.callbacks});
  JsonObject::Ptr object = newObject();
  object->set("tasks_per_second", bench.tasks.perSecond);
  object->set("callbacks_per_second", bench.callbacks.perSecond);
  object->set("task_p99_ms", bench.tasks.p99Ms);
  object->set("callback_p99_ms", bench.callbacks.p99Ms);
  object->set("sql_commits_per_second", bench.bareCommits.perSecond);
  object->set("xadd_per_second", bench.xadds.perSecond);
  object->set("tasks_per_sql_commit", bench.tasks.perSecond / bench.bareCommits.perSecond);
  object->set("callbacks_per_sql_commit", bench.callbacks.perSecond / bench.bareCommits.perSecond);
  object->set("tasks_per_xadd", bench.tasks.perSecond / bench.xadds.perSecond);
  object->set("task_p50_ms", bench.tasks.p50Ms);
  object->set("callback_p50_ms", bench.callbacks.p50Ms);
  object->set("sql_commit_p99_ms", bench.bareCommits.p99Ms);
  object->set("task_commits", bench.tasks.commits);
  object->set("callback_commits", bench.callbacks.commits);
  object->set("tasks", bench.tasks.count);
  object->set("callbacks", bench.callbacks.count);
  object->set("tasks_sent_meanwhile", bench.tasksSent);
  object->set("tasks_handled_meanwhile", bench.tasksHandled);
  object->set("records_served", bench.served);
  object->set("threads", arguments.threads);
  place.describe(*object, arguments);
  printResult(object, arguments.json);
  return 0;
}

int benchReindex(const DeliveryBenchArguments& arguments) {
  const Place place(arguments);
  const delivery::ReindexFigures figures = delivery::benchReindex(place.database(), place.redis(), arguments.open);
  JsonObject::Ptr object = newObject();
  object->set("seconds", figures.seconds);
  object->set("rows", figures.rows);
  object->set("rows_per_second", static_cast<double>(figures.rows) / figures.seconds);
  object->set("fill_seconds", figures.fillSeconds);
  place.describe(*object, arguments);
  printResult(object, arguments.json);
  return 0;
}

void addOptions(CLI::App* command, const std::shared_ptr<DeliveryBenchArguments>& arguments) {
  command->add_option("--database", arguments->database,
                      "Address of an empty database, which is written to; default: SQLite in a folder of its own");
  command->add_option("--redis", arguments->redis,
                      "Address of a Redis, which is written to; default: one of its own, gone afterwards");
  command->add_option("--folder", arguments->folder, "Where the bench keeps its files; default: here");
  command->add_flag("--json", arguments->json, "One JSON object on standard output");
}

}  // namespace

Command addBenchDelivery(CLI::App& group) {
  CLI::App* command = group.add_subcommand(
      "delivery", "Postal tasks accepted and callbacks taken, beside bare commits and XADDs of the same run");
  auto arguments = std::make_shared<DeliveryBenchArguments>();
  addOptions(command, arguments);
  command->add_option("--threads", arguments->threads, "Callers at once")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--tasks", arguments->tasks, "Tasks to accept")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  command->add_option("--callbacks", arguments->callbacks, "Callbacks to take, five for each parcel")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  return {command, [arguments] { return benchDelivery(*arguments); }};
}

Command addBenchReindex(CLI::App& group) {
  CLI::App* command = group.add_subcommand("reindex", "The index of the postal queue in Redis, filled again from SQL");
  auto arguments = std::make_shared<DeliveryBenchArguments>();
  addOptions(command, arguments);
  command->add_option("--open", arguments->open, "Open tasks")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000}));
  return {command, [arguments] { return benchReindex(*arguments); }};
}

}  // namespace qianda::cli
