// Group commit: small writes of many callers share one transaction and its fsync. A caller's piece of work runs on the
// thread of whichever caller leads the group, between the pieces of others, and everything of a transaction's rules
// (database.h) holds for it: it may run again, so it has no effects outside the database, and it must not call the
// writer. A piece that throws is taken out and run alone, so that it spoils nobody else's; its caller gets what it
// threw. When the outcome of a commit is unknown every caller of the group gets kUnavailable and looks again. Any
// thread; who comes alone pays one commit and waits for nobody.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "storage/sql/database.h"

namespace qianda::storage {

struct GroupWriterOptions {
  std::size_t most = 256;  // pieces in one commit
  // Groups under way at once; 0: one on SQLite, whose writers take turns anyway, and four on PostgreSQL.
  int lanes = 0;
};

class GroupWriter {
 public:
  // `database` outlives it.
  explicit GroupWriter(Database& database, GroupWriterOptions options = {});
  ~GroupWriter();
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  // Returns when `work` is committed; throws what it threw, or why the commit failed.
  void write(const std::function<void(Transaction&)>& work);
  template <typename Result>
  Result written(const std::function<Result(Transaction&)>& work) {
    std::optional<Result> result;
    write([&](Transaction& transaction) { result.emplace(work(transaction)); });
    return std::move(*result);
  }

  struct Figures {
    std::uint64_t pieces = 0, commits = 0, alone = 0;  // alone: run by themselves after a fault
  };
  Figures figures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::storage
