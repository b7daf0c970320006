#include <charconv>
#include <chrono>
#include <cstring>
#include <map>

#include <libpq-fe.h>

#include "core/error.h"
#include "core/handle.h"
#include "storage/sql/connection.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

// Types of columns (pg_type.dat): integers and sums of them are numbers, all else is text.
constexpr Oid kInt8 = 20, kInt2 = 21, kInt4 = 23, kNumeric = 1700, kBool = 16;
constexpr std::size_t kValuesPerStatement = 32000;  // the protocol counts them in 16 bits
constexpr std::size_t kRowsPerStatement = 128;
constexpr std::size_t kKeptStatements = 512;
constexpr std::chrono::seconds kPlanLife{10};

using Result = core::Handle<PGresult, &PQclear>;

class PostgresConnection : public Connection {
 public:
  explicit PostgresConnection(const std::string& address) {
    const char* keywords[] = {"dbname", "client_encoding", "connect_timeout", "application_name", nullptr};
    const char* values[] = {address.c_str(), "UTF8", "5", "qianda", nullptr};
    handle_.reset(PQconnectdbParams(keywords, values, 1));
    if (!handle_ || PQstatus(handle_.get()) != CONNECTION_OK) {
      throw Error(ErrorCode::kUnavailable, handle_ ? PQerrorMessage(handle_.get()) : "no memory for a connection",
                  "the database is not available");
    }
    PQsetNoticeProcessor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    runScript(
        "SET lock_timeout = '10s'; SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '120s'");
    // What is committed is on disk: a server that answers sooner is asked not to.
    if (findRow("SHOW synchronous_commit")->text(0) == "off") runScript("SET synchronous_commit = on");
  }

  Dialect dialect() const override { return Dialect::kPostgres; }
  bool isBroken() const override { return broken_ || PQstatus(handle_.get()) != CONNECTION_OK; }

  void begin(bool writing) override {
    renewStatements();
    runScript(writing ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  void commit() override {
    const Result result(PQexec(handle_.get(), "COMMIT"));
    if (!result || PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      const char* state = result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr;
      if (state && std::strcmp(state, "40001") == 0) throw LostRace{PQerrorMessage(handle_.get())};
      broken_ = true;
      throw Error(ErrorCode::kUnavailable, std::string("outcome of COMMIT unknown: ") + PQerrorMessage(handle_.get()),
                  "the database did not confirm the change: look again before repeating it");
    }
    // A transaction with a failed statement answers COMMIT with a rollback.
    if (std::strcmp(PQcmdStatus(result.get()), "COMMIT") != 0) {
      throw Error(ErrorCode::kSystem, "a failed transaction was to be committed");
    }
  }

  void rollback() noexcept override {
    if (PQtransactionStatus(handle_.get()) == PQTRANS_IDLE) return;
    const Result result(PQexec(handle_.get(), "ROLLBACK"));
    if (!result || PQresultStatus(result.get()) != PGRES_COMMAND_OK) broken_ = true;
  }

  void runScript(const std::string& sql) override { checked(Result(PQexec(handle_.get(), sql.c_str())), sql); }

  void forget() override {}  // VACUUM is the server's

  void lockMigrations() override { query("SELECT pg_advisory_xact_lock(7290116020251)::text"); }

  Rows query(std::string_view sql, const Values& values = {}) override {
    const Result result = run(std::string(sql), values);
    Rows rows;
    const int count = PQntuples(result.get()), columns = PQnfields(result.get());
    rows.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
      Values read;
      read.reserve(static_cast<std::size_t>(columns));
      for (int column = 0; column < columns; ++column) read.push_back(valueAt(result.get(), row, column));
      rows.emplace_back(std::move(read));
    }
    return rows;
  }

  std::uint64_t execute(std::string_view sql, const Values& values = {}) override {
    const Result result = run(std::string(sql), values);
    const std::string_view count = PQcmdTuples(result.get());
    std::uint64_t changed = 0;
    std::from_chars(count.data(), count.data() + count.size(), changed);
    return changed;
  }

  std::uint64_t insertAll(std::string_view insertInto, std::size_t columns, const std::vector<Values>& rows,
                          bool keepExisting) override {
    const std::size_t most = std::min(kRowsPerStatement, kValuesPerStatement / columns);
    std::uint64_t inserted = 0;
    for (std::size_t first = 0; first < rows.size(); first += most) {
      const std::size_t last = std::min(rows.size(), first + most);
      std::string sql(insertInto);
      Values values;
      values.reserve((last - first) * columns);
      for (std::size_t row = first; row < last; ++row) {
        if (rows[row].size() != columns) throw Error(ErrorCode::kSystem, "wrong number of values for: " + sql);
        sql += row == first ? " (" : ", (";
        for (std::size_t column = 0; column < columns; ++column) {
          values.push_back(rows[row][column]);
          sql += (column == 0 ? "$" : ", $") + std::to_string(values.size());
        }
        sql += ')';
      }
      if (keepExisting) sql += " ON CONFLICT DO NOTHING";
      inserted += execute(sql, values);
    }
    return inserted;
  }

 private:
  Result run(const std::string& sql, const Values& values) {
    std::vector<std::string> texts(values.size());
    std::vector<const char*> pointers(values.size(), nullptr);
    std::vector<Oid> types(values.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
        texts[i] = std::to_string(*number);
        pointers[i] = texts[i].c_str();
        types[i] = kInt8;
      } else if (const auto* text = std::get_if<std::string>(&values[i])) {
        if (text->find('\0') != std::string::npos) {
          throw Error(ErrorCode::kInvalidInput, "U+0000 in a text for the database",
                      "a text holds the character U+0000");
        }
        pointers[i] = text->c_str();
      }
    }
    const int count = static_cast<int>(values.size());
    if (const std::string* name = prepared(sql, types)) {
      return checked(Result(PQexecPrepared(handle_.get(), name->c_str(), count, pointers.data(), nullptr, nullptr, 0)),
                     sql);
    }
    return checked(
        Result(PQexecParams(handle_.get(), sql.c_str(), count, types.data(), pointers.data(), nullptr, nullptr, 0)),
        sql);
  }

  // The name of the statement when it is prepared; what is seen for the second time is.
  const std::string* prepared(const std::string& sql, const std::vector<Oid>& types) {
    std::string key = sql + '\n';
    for (const Oid type : types) key += type == kInt8 ? 'n' : 't';
    auto found = statements_.find(key);
    if (found == statements_.end()) {
      if (statements_.size() < kKeptStatements) statements_.emplace(std::move(key), std::string());
      return nullptr;
    }
    if (found->second.empty()) {
      const std::string name = "s" + std::to_string(++names_);
      checked(Result(PQprepare(handle_.get(), name.c_str(), sql.c_str(), static_cast<int>(types.size()), types.data())),
              sql);
      found->second = name;
    }
    return &found->second;
  }

  // Between transactions. The server's plan of a table that was small does for a while only.
  void renewStatements() {
    const auto now = std::chrono::steady_clock::now();
    if (now < renewal_ && !isStale_ && statements_.size() < kKeptStatements) return;
    if (!statements_.empty()) runScript("DEALLOCATE ALL");
    statements_.clear();
    isStale_ = false;
    renewal_ = now + kPlanLife;
  }

  Result checked(Result result, const std::string& sql) {
    const ExecStatusType status = result ? PQresultStatus(result.get()) : PGRES_FATAL_ERROR;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    const char* field = result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr;
    const std::string state = field ? field : "";
    const std::string text = std::string(PQerrorMessage(handle_.get())) + " in: " + sql.substr(0, 500);
    if (PQstatus(handle_.get()) != CONNECTION_OK || state.starts_with("08") || state.starts_with("57P")) {
      broken_ = true;
      throw LostRace{text};  // nothing was committed: another connection may do it
    }
    // 0A000 a plan of before a change of the schema, 26000 a statement that is no more prepared.
    if (state == "26000" || (state == "0A000" && text.find("cached plan") != std::string::npos)) {
      isStale_ = true;
      throw LostRace{text};
    }
    // 40001 serialization failure, 40P01 deadlock, 55P03 lock not available.
    if (state == "40001" || state == "40P01" || state == "55P03") throw LostRace{text};
    if (state.starts_with("23")) throw Error(ErrorCode::kConflict, text, "this contradicts what is already stored");
    if (state.starts_with("53") || state == "57014") {
      throw Error(ErrorCode::kUnavailable, text, "the database is not available");
    }
    throw Error(ErrorCode::kSystem, text);
  }

  static Value valueAt(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column)) return {};
    const char* octets = PQgetvalue(result, row, column);
    const std::string_view text(octets, static_cast<std::size_t>(PQgetlength(result, row, column)));
    switch (PQftype(result, column)) {
      case kInt2:
      case kInt4:
      case kInt8:
      case kNumeric: {
        std::int64_t number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
          throw Error(ErrorCode::kSystem, "not a whole number: " + std::string(text));
        }
        return number;
      }
      case kBool:
        return std::int64_t{text == "t"};
      default:
        return std::string(text);
    }
  }

  core::Handle<PGconn, &PQfinish> handle_;
  std::map<std::string, std::string> statements_;  // names by text and kinds of values; "": seen once
  std::uint64_t names_ = 0;
  std::chrono::steady_clock::time_point renewal_{};
  bool isStale_ = false;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<Connection> connectPostgres(const std::string& address) {
  return std::make_unique<PostgresConnection>(address);
}

}  // namespace qianda::storage
