#include <map>

#include <sqlite3.h>

#include "core/error.h"
#include "core/handle.h"
#include "storage/sql/connection.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::size_t kKeptStatements = 256;

using Statement = core::Handle<sqlite3_stmt, &sqlite3_finalize>;

class SqliteConnection : public Connection {
 public:
  SqliteConnection(const std::string& file, const DatabaseOptions& options) : file_(file) {
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(file.c_str(), &opened,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(opened);
    if (result != SQLITE_OK) {
      throw Error(ErrorCode::kUnavailable, file + ": " + (opened ? sqlite3_errmsg(opened) : "cannot open"));
    }
    sqlite3_extended_result_codes(handle_.get(), 1);
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(options.busyTimeoutMs));
    // Pages that every group of a batch changes are written to the database file once in 32 MiB of log, not in 4. What
    // is deleted is overwritten.
    runScript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA "
        "secure_delete=ON; PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-16000;");
  }

  Dialect dialect() const override { return Dialect::kSqlite; }
  bool isBroken() const override { return broken_; }

  void begin(bool writing) override {
    failed_ = false;
    writing_ = true;  // BEGIN itself is no question
    execute(writing ? "BEGIN IMMEDIATE" : "BEGIN");
    writing_ = writing;
  }

  void commit() override {
    if (failed_) {
      rollback();
      throw Error(ErrorCode::kSystem, file_ + ": a failed transaction was to be committed");
    }
    writing_ = true;
    execute("COMMIT");
  }

  void rollback() noexcept override {
    if (sqlite3_get_autocommit(handle_.get()) != 0) return;
    if (sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK) broken_ = true;
  }

  void runScript(const std::string& sql) override {
    check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr), sql);
  }

  // Busy readers keep it from happening: then it happens after them.
  void forget() override { runScript("PRAGMA wal_checkpoint(TRUNCATE)"); }

  void lockMigrations() override {}  // BEGIN IMMEDIATE did

  Rows query(std::string_view sql, const Values& values) override {
    sqlite3_stmt* statement = prepared(sql);
    bind(statement, values, sql);
    Rows rows;
    int result = 0;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) rows.push_back(readRow(statement));
    finish(statement, result, sql);
    return rows;
  }

  std::uint64_t execute(std::string_view sql, const Values& values = {}) override {
    sqlite3_stmt* statement = prepared(sql);
    bind(statement, values, sql);
    int result = 0;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
    }
    finish(statement, result, sql);
    return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
  }

  std::uint64_t insertAll(std::string_view insertInto, std::size_t columns, const std::vector<Values>& rows,
                          bool keepExisting) override {
    std::string sql(insertInto);
    sql += " (";
    for (std::size_t i = 1; i <= columns; ++i) sql += (i == 1 ? "$" : ", $") + std::to_string(i);
    sql += keepExisting ? ") ON CONFLICT DO NOTHING" : ")";
    std::uint64_t inserted = 0;
    sqlite3_stmt* statement = rows.empty() ? nullptr : prepared(sql);
    for (const Values& row : rows) {
      bind(statement, row, sql);
      const int result = sqlite3_step(statement);
      if (result != SQLITE_DONE) finish(statement, result, sql);
      sqlite3_reset(statement);
      inserted += static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
    }
    if (statement) sqlite3_clear_bindings(statement);
    return inserted;
  }

 private:
  sqlite3_stmt* prepared(std::string_view sql) {
    if (failed_) throw Error(ErrorCode::kSystem, file_ + ": a statement after one that failed: " + std::string(sql));
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
      if (statements_.size() >= kKeptStatements) statements_.clear();
      sqlite3_stmt* statement = nullptr;
      check(sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                               &statement, nullptr),
            sql);
      found = statements_.emplace(std::string(sql), Statement(statement)).first;
    }
    if (!writing_ && sqlite3_stmt_readonly(found->second.get()) == 0) {
      throw Error(ErrorCode::kSystem, "a reading transaction was to change something: " + std::string(sql));
    }
    return found->second.get();
  }

  // The values are used until the statement has run and its bindings are cleared or replaced.
  void bind(sqlite3_stmt* statement, const Values& values, std::string_view sql) {
    if (sqlite3_bind_parameter_count(statement) != static_cast<int>(values.size())) {
      throw Error(ErrorCode::kSystem, std::to_string(values.size()) + " values for: " + std::string(sql));
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int position = static_cast<int>(i) + 1;
      int result = SQLITE_OK;
      if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
        result = sqlite3_bind_int64(statement, position, *number);
      } else if (const auto* text = std::get_if<std::string>(&values[i])) {
        result = sqlite3_bind_text64(statement, position, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
      } else {
        result = sqlite3_bind_null(statement, position);
      }
      check(result, sql);
    }
  }

  Row readRow(sqlite3_stmt* statement) {
    const int columns = sqlite3_column_count(statement);
    Values values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) {
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_NULL:
          values.emplace_back();
          break;
        case SQLITE_INTEGER:
          values.emplace_back(static_cast<std::int64_t>(sqlite3_column_int64(statement, i)));
          break;
        default: {
          const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
          values.emplace_back(
              std::string(text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, i))));
        }
      }
    }
    return Row(std::move(values));
  }

  void finish(sqlite3_stmt* statement, int result, std::string_view sql) {
    const std::string message = result == SQLITE_DONE ? "" : sqlite3_errmsg(handle_.get());
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (result != SQLITE_DONE) fail(result, message, sql);
  }

  void check(int result, std::string_view sql) {
    if (result != SQLITE_OK) fail(result, sqlite3_errmsg(handle_.get()), sql);
  }

  [[noreturn]] void fail(int result, const std::string& message, std::string_view sql) {
    failed_ = true;
    const std::string text = file_ + ": " + message + " in: " + std::string(sql);
    switch (result & 0xff) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        throw LostRace{text};
      case SQLITE_CONSTRAINT:
        throw Error(ErrorCode::kConflict, text, "this contradicts what is already stored");
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        broken_ = true;
        throw Error(ErrorCode::kCorrupt, text);
      case SQLITE_IOERR:
      case SQLITE_FULL:
      case SQLITE_CANTOPEN:
        broken_ = true;
        throw Error(ErrorCode::kUnavailable, text, "the database is not available");
      default:
        throw Error(ErrorCode::kSystem, text);
    }
  }

  const std::string file_;
  core::Handle<sqlite3, &sqlite3_close_v2> handle_;
  std::map<std::string, Statement, std::less<>> statements_;  // closed before the handle
  bool writing_ = true;
  bool failed_ = false;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<Connection> connectSqlite(const std::string& file, const DatabaseOptions& options) {
  return std::make_unique<SqliteConnection>(file, options);
}

}  // namespace qianda::storage
