#include "storage/sql/group_writer.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <vector>

#include "storage/sql/connection.h"

namespace qianda::storage {
namespace {

constexpr int kPostgresLanes = 4;

struct Piece {
  explicit Piece(const std::function<void(Transaction&)>& of) : work(of) {}
  const std::function<void(Transaction&)>& work;
  std::exception_ptr failure = nullptr;
  bool isCommitted = false;
  enum class State { kWaiting, kLeading, kDone } state = State::kWaiting;
  std::condition_variable changed;
};
using Pieces = std::vector<Piece*>;

}  // namespace

struct GroupWriter::State {
  State(Database& of, const GroupWriterOptions& options)
      : database(of),
        most(std::max<std::size_t>(1, options.most)),
        lanes(options.lanes > 0 ? options.lanes : (of.dialect() == Dialect::kSqlite ? 1 : kPostgresLanes)) {}

  Database& database;
  const std::size_t most;
  const int lanes;
  std::mutex mutex;
  std::deque<Piece*> waiting;
  int leaders = 0;
  std::atomic<std::uint64_t> pieces = 0, commits = 0, alone = 0;

  // One transaction for all of them. Returns the first that threw, or the size: then all are committed. Throws when the
  // transaction itself failed.
  std::size_t attempt(const Pieces& group) {
    std::size_t at = group.size();
    std::exception_ptr thrown;
    try {
      database.write([&](Transaction& transaction) {
        at = group.size();
        for (std::size_t i = 0; i < group.size(); ++i) {
          try {
            group[i]->work(transaction);
          } catch (const LostRace&) {
            throw;  // the whole group once more
          } catch (...) {
            at = i;
            thrown = std::current_exception();
            throw;
          }
        }
      });
      ++commits;
      for (Piece* piece : group) piece->isCommitted = true;
    } catch (...) {
      if (at == group.size()) throw;
      group[at]->failure = thrown;
    }
    return at;
  }

  void commit(Pieces group) {
    while (!group.empty()) {
      const std::size_t faulty = attempt(group);
      if (faulty == group.size()) return;
      const Pieces before(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(faulty));
      Pieces after(group.begin() + static_cast<std::ptrdiff_t>(faulty) + 1, group.end());
      if (group.size() > 1) {
        commitOrFail(before);
        runAlone(*group[faulty]);
      }
      group = std::move(after);
    }
  }

  // What it threw among the others may have been their doing.
  void runAlone(Piece& piece) {
    ++alone;
    piece.failure = nullptr;
    try {
      attempt({&piece});
    } catch (...) {
      piece.failure = std::current_exception();
    }
  }

  void commitOrFail(const Pieces& group) {
    try {
      commit(group);
    } catch (...) {
      for (Piece* piece : group) {
        if (!piece->isCommitted && !piece->failure) piece->failure = std::current_exception();
      }
    }
  }

  // The next one waiting leads, or there is a leader less.
  void handOver() {
    if (waiting.empty()) {
      --leaders;
      return;
    }
    Piece* next = waiting.front();
    waiting.pop_front();
    next->state = Piece::State::kLeading;
    next->changed.notify_one();
  }
};

GroupWriter::GroupWriter(Database& database, GroupWriterOptions options)
    : state_(std::make_unique<State>(database, options)) {}

GroupWriter::~GroupWriter() = default;

void GroupWriter::write(const std::function<void(Transaction&)>& work) {
  State& state = *state_;
  Piece mine(work);
  ++state.pieces;
  std::unique_lock lock(state.mutex);
  if (state.leaders < state.lanes) {
    ++state.leaders;
    mine.state = Piece::State::kLeading;
  } else {
    state.waiting.push_back(&mine);
    mine.changed.wait(lock, [&] { return mine.state != Piece::State::kWaiting; });
  }
  if (mine.state == Piece::State::kLeading) {
    Pieces group{&mine};
    while (!state.waiting.empty() && group.size() < state.most) {
      group.push_back(state.waiting.front());
      state.waiting.pop_front();
    }
    lock.unlock();
    state.commitOrFail(group);
    lock.lock();
    for (Piece* piece : group) {
      piece->state = Piece::State::kDone;
      piece->changed.notify_one();
    }
    state.handOver();
  }
  lock.unlock();
  if (mine.failure) std::rethrow_exception(mine.failure);
}

GroupWriter::Figures GroupWriter::figures() const { return {state_->pieces, state_->commits, state_->alone}; }

}  // namespace qianda::storage
