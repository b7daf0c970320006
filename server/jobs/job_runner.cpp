#include "server/jobs/job_runner.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "core/error.h"

namespace qianda::server {

using core::Error;
using core::ErrorCode;

std::chrono::milliseconds pauseAfter(std::int64_t attempts) {
  thread_local std::minstd_rand random(std::random_device{}());
  const std::int64_t doubled = 1000LL << std::min<std::int64_t>(std::max<std::int64_t>(attempts, 1) - 1, 9);
  const std::int64_t pause = std::min<std::int64_t>(doubled, 300'000);
  return std::chrono::milliseconds(pause + static_cast<std::int64_t>(random()) % (pause / 4));
}

struct JobRunner::State {
  struct Running {
    storage::Lease lease;
    std::atomic<bool> stopping{false};
    std::thread thread;
    bool ended = false;
  };

  State(storage::Database& where, std::vector<JobKind> what, JobRunnerOptions how)
      : database(where), kinds(std::move(what)), options(std::move(how)) {
    for (const JobKind& kind : kinds) names.push_back(kind.kind);
    taker = std::thread([this] { takeAll(); });
    renewer = std::thread([this] { renewAll(); });
  }

  void takeAll() {
    std::unique_lock lock(mutex);
    while (!stopped) {
      const std::size_t room = static_cast<std::size_t>(options.threads) - busy;
      woken = false;
      std::vector<storage::Lease> leases;
      if (room > 0) {
        lock.unlock();
        leases = lookFor(room);
        lock.lock();
      }
      for (storage::Lease& lease : leases) startJob(std::move(lease));
      joinEnded(lock);
      if (leases.size() < room || room == 0) {
        changed.wait_for(lock, options.poll, [&] { return stopped || woken; });
      }
    }
  }

  std::vector<storage::Lease> lookFor(std::size_t room) {
    try {
      return storage::leaseWork(database, names, core::now(), options.lease, room);
    } catch (const Error& error) {
      tell("", "", error.what());
      return {};
    }
  }

  // The caller holds the mutex.
  void startJob(storage::Lease lease) {
    auto job = std::make_shared<Running>();
    job->lease = std::move(lease);
    if (stopped) job->stopping = true;
    running.push_back(job);
    ++busy;
    job->thread = std::thread([this, job] {
      runJob(*job);
      const std::lock_guard guard(mutex);
      job->ended = true;
      --busy;
      woken = true;
      changed.notify_all();
    });
  }

  void joinEnded(std::unique_lock<std::mutex>& lock) {
    std::vector<std::shared_ptr<Running>> ended;
    std::erase_if(running, [&](const auto& job) {
      if (job->ended) ended.push_back(job);
      return job->ended;
    });
    lock.unlock();
    for (const auto& job : ended) job->thread.join();
    lock.lock();
  }

  void runJob(Running& job) {
    const storage::Lease& lease = job.lease;
    JobEnd end;
    try {
      end = handlerOf(lease.kind).handler({lease, job.stopping});
    } catch (const Error& error) {
      end = endAfter(lease, error.what(), error.code() == ErrorCode::kUnavailable);
    } catch (const std::exception& error) {
      end = endAfter(lease, error.what(), false);
    } catch (...) {
      end = endAfter(lease, "an exception of another kind", false);
    }
    if (end.how == JobEnd::How::kFinished) return;
    try {
      database.write([&](storage::Transaction& transaction) { endLease(transaction, lease, end); });
    } catch (const std::exception& error) {
      tell(lease.kind, lease.subject, error.what());
    }
  }

  const JobKind& handlerOf(const std::string& kind) const {
    for (const JobKind& known : kinds) {
      if (known.kind == kind) return known;
    }
    throw Error(ErrorCode::kSystem, "no handler for work of the kind " + kind);
  }

  JobEnd endAfter(const storage::Lease& lease, const std::string& reason, bool mayRecover) {
    tell(lease.kind, lease.subject, reason);
    if (!mayRecover && lease.attempts >= handlerOf(lease.kind).mostAttempts) return {JobEnd::How::kDead, {}, reason};
    return {JobEnd::How::kPostponed, core::now() + pauseAfter(lease.attempts), reason};
  }

  static void endLease(storage::Transaction& transaction, const storage::Lease& lease, const JobEnd& end) {
    switch (end.how) {
      case JobEnd::How::kFinished:
        break;
      case JobEnd::How::kDone:
        storage::finishWork(transaction, lease, core::now());
        break;
      case JobEnd::How::kPostponed:
        storage::postponeWork(transaction, lease, end.due, end.reason);
        break;
      case JobEnd::How::kDead:
        storage::buryWork(transaction, lease, end.reason);
        break;
    }
  }

  void renewAll() {
    std::unique_lock lock(mutex);
    while (!changedRenewer.wait_for(lock, options.lease / 3, [&] { return finished; })) {
      const std::vector<std::shared_ptr<Running>> jobs = running;
      lock.unlock();
      for (const auto& job : jobs) renew(*job);
      lock.lock();
    }
  }

  void renew(Running& job) {
    try {
      storage::Lease renewed = job.lease;
      if (!storage::renewLease(database, renewed, core::now(), options.lease)) job.stopping = true;
    } catch (const Error& error) {  // the next look may succeed before the lease is over
      tell(job.lease.kind, job.lease.subject, error.what());
    }
  }

  void tell(const std::string& kind, const std::string& subject, const std::string& message) const {
    if (options.onFault) options.onFault(kind, subject, message);
  }

  void stop() {
    {
      const std::lock_guard guard(mutex);
      stopped = true;
      for (const auto& job : running) job->stopping = true;
      changed.notify_all();
    }
    if (taker.joinable()) taker.join();
    for (const auto& job : running) job->thread.join();  // nobody else touches the list now
    running.clear();
    {
      const std::lock_guard guard(mutex);
      finished = true;
      changedRenewer.notify_all();
    }
    if (renewer.joinable()) renewer.join();
  }

  storage::Database& database;
  const std::vector<JobKind> kinds;
  const JobRunnerOptions options;
  std::vector<std::string> names;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed, changedRenewer;
  std::vector<std::shared_ptr<Running>> running;
  std::size_t busy = 0;
  bool woken = false, stopped = false, finished = false;
  std::thread taker, renewer;
};

JobRunner::JobRunner(storage::Database& database, std::vector<JobKind> kinds, JobRunnerOptions options)
    : state_(std::make_unique<State>(database, std::move(kinds), std::move(options))) {}

JobRunner::~JobRunner() { stop(); }

void JobRunner::wake() {
  const std::lock_guard guard(state_->mutex);
  state_->woken = true;
  state_->changed.notify_all();
}

void JobRunner::stop() { state_->stop(); }

}  // namespace qianda::server
