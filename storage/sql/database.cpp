#include "storage/sql/database.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "core/error.h"
#include "storage/sql/migrations.h"

namespace qianda::storage {

using core::Error;
using core::ErrorCode;

namespace {

constexpr int kTries = 6;
constexpr std::string_view kSqlitePrefix = "sqlite:";

std::string withoutPassword(const std::string& address) {
  const std::size_t scheme = address.find("://");
  const std::size_t at = address.find('@');
  if (scheme != std::string::npos && at != std::string::npos) {
    const std::size_t colon = address.find(':', scheme + 3);
    if (colon < at) return address.substr(0, colon) + address.substr(at);
  }
  if (address.find("password=") != std::string::npos) return "postgresql (an address with a password)";
  return address;
}

// 1 ms, doubled each time, half of it by chance: those who met once do not meet again.
void pauseBefore(int attempt) {
  thread_local std::minstd_rand random(std::random_device{}());
  const int most = 1 << std::min(attempt, 8);
  std::this_thread::sleep_for(std::chrono::microseconds(500 * most) +
                              std::chrono::microseconds(random() % static_cast<unsigned>(500 * most)));
}

}  // namespace

struct Database::State {
  std::string address, name;
  Dialect dialect = Dialect::kSqlite;
  DatabaseOptions options;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Connection>> idle;
  int open = 0;
  std::mutex writer;  // SQLite's writers of this process queue here rather than poll the file's lock

  std::unique_ptr<Connection> connect() {
    if (dialect == Dialect::kSqlite) return connectSqlite(address.substr(kSqlitePrefix.size()), options);
    return connectPostgres(address);
  }

  std::unique_ptr<Connection> take() {
    std::unique_lock lock(mutex);
    returned.wait(lock, [&] { return !idle.empty() || open < options.sessions; });
    if (!idle.empty()) {
      auto connection = std::move(idle.back());
      idle.pop_back();
      return connection;
    }
    ++open;
    lock.unlock();
    try {
      return connect();
    } catch (...) {
      giveBack(nullptr);
      throw;
    }
  }

  void giveBack(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard lock(mutex);
      if (connection && !connection->isBroken()) {
        idle.push_back(std::move(connection));
      } else {
        // A server that closed one connection has probably closed them all.
        open -= 1 + static_cast<int>(idle.size());
        idle.clear();
      }
    }
    returned.notify_all();
  }

  // Borrowed for one transaction.
  struct Borrowed {
    State& state;
    std::unique_ptr<Connection> connection;
    explicit Borrowed(State& from) : state(from), connection(from.take()) {}
    ~Borrowed() { state.giveBack(std::move(connection)); }
  };

  void runOnce(bool writing, const std::function<void(Transaction&)>& work) {
    std::unique_lock<std::mutex> turn;
    if (writing && dialect == Dialect::kSqlite) turn = std::unique_lock(writer);
    const Borrowed borrowed(*this);
    Connection& connection = *borrowed.connection;
    try {
      connection.begin(writing);
      work(connection);
      if (writing) {
        connection.commit();
      } else {
        connection.rollback();
      }
    } catch (...) {
      connection.rollback();
      throw;
    }
  }

  void run(bool writing, const std::function<void(Transaction&)>& work) {
    for (int attempt = 1;; ++attempt) {
      try {
        return runOnce(writing, work);
      } catch (const LostRace& race) {
        if (attempt == kTries) {
          throw Error(ErrorCode::kUnavailable, name + ": " + race.reason, "the database is busy: try again");
        }
      }
      pauseBefore(attempt);
    }
  }
};

Database::Database(const std::string& address, DatabaseOptions options) : state_(std::make_unique<State>()) {
  state_->address = address;
  state_->name = withoutPassword(address);
  state_->options = options;
  if (address.starts_with(kSqlitePrefix)) {
    state_->dialect = Dialect::kSqlite;
  } else if (address.starts_with("postgresql://") || address.starts_with("postgres://") ||
             address.find('=') != std::string::npos) {
    state_->dialect = Dialect::kPostgres;
  } else {
    throw Error(ErrorCode::kUsage, "not a database address: " + state_->name + " (sqlite:FILE or postgresql://...)");
  }
  if (!options.migrate) return;
  State::Borrowed borrowed(*state_);
  try {
    migrate(*borrowed.connection);
  } catch (const LostRace& race) {
    throw Error(ErrorCode::kUnavailable, state_->name + ": " + race.reason, "the database is busy");
  }
}

Database::~Database() = default;

Dialect Database::dialect() const { return state_->dialect; }
const std::string& Database::name() const { return state_->name; }

std::int64_t Database::schemaVersion() {
  std::int64_t version = 0;
  state_->run(false, [&](Transaction& transaction) {
    version = storage::schemaVersion(static_cast<Connection&>(transaction));
  });
  return version;
}

void Database::write(const std::function<void(Transaction&)>& work) { state_->run(true, work); }
void Database::forget() {
  const State::Borrowed borrowed(*state_);
  borrowed.connection->forget();
}

void Database::read(const std::function<void(Transaction&)>& work) { state_->run(false, work); }

std::optional<Row> Transaction::findRow(std::string_view sql, const Values& values) {
  Rows rows = query(sql, values);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

Value optionalValue(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }
Value optionalValue(const std::optional<std::int64_t>& number) { return number ? Value(*number) : Value(); }

bool Row::isNull(std::size_t column) const { return std::holds_alternative<std::monostate>(values_.at(column)); }

std::int64_t Row::number(std::size_t column) const {
  if (const auto* number = std::get_if<std::int64_t>(&values_.at(column))) return *number;
  throw Error(ErrorCode::kCorrupt, "column " + std::to_string(column) + " holds no number");
}

const std::string& Row::text(std::size_t column) const {
  if (const auto* text = std::get_if<std::string>(&values_.at(column))) return *text;
  throw Error(ErrorCode::kCorrupt, "column " + std::to_string(column) + " holds no text");
}

std::optional<std::int64_t> Row::findNumber(std::size_t column) const {
  if (isNull(column)) return std::nullopt;
  return number(column);
}

std::optional<std::string> Row::findText(std::size_t column) const {
  if (isNull(column)) return std::nullopt;
  return text(column);
}

}  // namespace qianda::storage
