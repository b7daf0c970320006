// One relational database, SQLite or PostgreSQL (anything that speaks its protocol), through Poco::Data. All state of
// the service that is not octets of documents lives here. Work happens in transactions; a transaction that loses a race
// is run again, so its body must have no effects outside the database. Statements are the same for both: TEXT and
// BIGINT columns only, instants as milliseconds since 1970, placeholders $1, $2, ... in order of appearance, each once.
// Any thread may call a Database; a Transaction belongs to the thread that runs it. SQLite's writers take turns
// (BEGIN IMMEDIATE, WAL, synchronous=FULL); on PostgreSQL transactions are READ COMMITTED, so a change that depends on
// what was read says so in its WHERE and looks at the number of rows changed.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace qianda::storage {

enum class Dialect { kSqlite, kPostgres };

// A value of a column: NULL, BIGINT or TEXT.
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Values = std::vector<Value>;

// NULL for nothing.
Value optionalValue(const std::optional<std::string>& text);
Value optionalValue(const std::optional<std::int64_t>& number);

// One row of an answer; columns by position in the SELECT. The readers throw kCorrupt when the column has another kind.
class Row {
 public:
  explicit Row(Values values) : values_(std::move(values)) {}
  std::size_t size() const { return values_.size(); }
  bool isNull(std::size_t column) const;
  std::int64_t number(std::size_t column) const;
  const std::string& text(std::size_t column) const;
  std::optional<std::int64_t> findNumber(std::size_t column) const;  // nothing for NULL
  std::optional<std::string> findText(std::size_t column) const;

 private:
  Values values_;
};
using Rows = std::vector<Row>;

class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Dialect dialect() const = 0;
  virtual Rows query(std::string_view sql, const Values& values = {}) = 0;
  // The first row, or nothing.
  std::optional<Row> findRow(std::string_view sql, const Values& values = {});
  // The number of rows changed. A broken constraint throws kConflict.
  virtual std::uint64_t execute(std::string_view sql, const Values& values = {}) = 0;
  // The same statement, one row after the other, prepared once: "INSERT INTO t (a, b) VALUES", two values each. Rows
  // that already exist (ON CONFLICT DO NOTHING) are left alone when `keepExisting`. Returns the rows inserted.
  virtual std::uint64_t insertAll(std::string_view insertInto, std::size_t columns, const std::vector<Values>& rows,
                                  bool keepExisting = false) = 0;
};

struct DatabaseOptions {
  int sessions = 16;    // open at once at most; others wait
  bool migrate = true;  // bring the schema up to date on opening
  std::int64_t busyTimeoutMs = 10000;
};

class Database {
 public:
  // "sqlite:/path/to/qianda.sqlite" (created when missing), or "postgresql://user:password@host:port/name" and the
  // other forms libpq knows. Throws kUsage for another address, kUnavailable when nobody answers, kUnsupported when the
  // schema is newer than this program.
  explicit Database(const std::string& address, DatabaseOptions options = {});
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Dialect dialect() const;
  // The address without its password, for logs.
  const std::string& name() const;
  std::int64_t schemaVersion();

  // Runs `work` and commits; whatever it throws rolls back. On a serialization failure, a deadlock or a busy file it is
  // run again, at most five times, then kUnavailable. When the connection breaks while committing nobody knows the
  // outcome: kUnavailable, and the caller looks again.
  void write(const std::function<void(Transaction&)>& work);
  // A consistent view that changes nothing; does not wait for writers.
  void read(const std::function<void(Transaction&)>& work);

  // What committed transactions deleted leaves this database's files: SQLite's write-ahead log is taken into the file
  // and cut off (deleted rows were overwritten, secure_delete). PostgreSQL keeps dead rows until its VACUUM.
  void forget();

  template <typename Result>
  Result written(const std::function<Result(Transaction&)>& work) {
    std::optional<Result> result;
    write([&](Transaction& transaction) { result.emplace(work(transaction)); });
    return std::move(*result);
  }
  template <typename Result>
  Result looked(const std::function<Result(Transaction&)>& work) {
    std::optional<Result> result;
    read([&](Transaction& transaction) { result.emplace(work(transaction)); });
    return std::move(*result);
  }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::storage
