// Waiting for SIGTERM or SIGINT, for commands that serve until told to end. Made before any other thread starts, so
// that the signal reaches wait() alone.
#pragma once

#include <csignal>

namespace qianda::cli {

class Termination {
 public:
  Termination() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGTERM);
    ::sigaddset(&signals_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void wait() const {
    int signal = 0;
    ::sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_{};
};

}  // namespace qianda::cli
