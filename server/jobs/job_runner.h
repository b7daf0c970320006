// Does durable work (storage/work): threads of this process take what is due, hold its lease while they work (renewed
// in the background), and end it as the handler says. Any number of processes may run the same kinds on one database. A
// lane is one runner with its own threads, so that long work never keeps short work waiting. Handlers are called from
// many threads at once and must bear being called again for the same piece of work: whoever dies is followed by
// another.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/work/work_queue.h"

namespace qianda::server {

struct JobEnd {
  enum class How {
    kFinished,   // the handler ended the lease itself, in the transaction with its effect
    kDone,       // nothing is left to do: end it
    kPostponed,  // again at `due`, for `reason`
    kDead,       // never again by itself, for `reason`
  };
  How how = How::kDone;
  core::Instant due{};
  std::string reason;
};

struct Job {
  const storage::Lease& lease;
  const std::atomic<bool>&
      stopping;  // the lease was lost, or the process stops: end soon, nothing more may be committed
};

struct JobKind {
  std::string kind;
  // What it throws postpones the work with growing pauses; after `mostAttempts` it is dead. kUnavailable never kills
  // it.
  std::function<JobEnd(const Job&)> handler;
  int mostAttempts = 20;
};

struct JobRunnerOptions {
  int threads = 2;
  std::chrono::milliseconds poll{250};     // between looks when nothing wakes the runner
  std::chrono::milliseconds lease{15000};  // renewed every third of it
  // Told about every throw of a handler: kind, subject, message.
  std::function<void(const std::string&, const std::string&, const std::string&)> onFault = {};
};

class JobRunner {
 public:
  JobRunner(storage::Database& database, std::vector<JobKind> kinds, JobRunnerOptions options = {});
  ~JobRunner();  // stops

  // Work was enqueued: look now. Cheap.
  void wake();
  // Takes nothing more, tells what runs to stop and waits for it. What did not end goes to others when its lease ends.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The pause before attempt n + 1 (n from 1): 1 s, doubled each time up to 5 minutes, up to a quarter more by chance.
std::chrono::milliseconds pauseAfter(std::int64_t attempts);

}  // namespace qianda::server
