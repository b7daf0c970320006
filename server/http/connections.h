// All open connections of the service and how long each may stay in its phase. A thread watches the deadlines: a client
// that is late with its header or body is no longer listened to (the reader sees the end and answers 408), one that is
// late taking an answer is cut. Idle connections make room for new ones. Descriptors stay open as long as their
// Connection lives, so that nobody shuts a stranger's. Any thread may call any member.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <set>
#include <thread>

namespace qianda::server {

using Steady = std::chrono::steady_clock;

enum class Phase {
  kNew,   // accepted, nothing heard yet
  kIdle,  // between two requests
  kHead,  // the first octets of a request are here
  kBody,
  kHandling,  // without a deadline
  kWriting,
};

class Connections;

class Connection {
 public:
  Connection(Connections& all, int descriptor, Steady::time_point deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void enter(Phase phase, Steady::time_point deadline = Steady::time_point::max());
  bool isLate() const;  // its deadline passed in this or an earlier phase

 private:
  friend class Connections;
  Connections& all_;
  const int descriptor_;
  Phase phase_ = Phase::kNew;
  Steady::time_point deadline_, since_;
  bool late_ = false;
  bool ended_ = false;  // chosen to make room
};

class Connections {
 public:
  Connections();
  ~Connections();  // all of them must be gone

  std::size_t count() const;
  std::size_t idle() const;
  // Ends the connection that has been idle longest, else one that said nothing for a second; false when there is none.
  bool makeRoom();
  // From now on idle connections end as soon as what they have sent already is answered; new ones get a second to
  // speak.
  void beginStop();
  bool isStopping() const;
  // Waits until all are gone.
  bool waitForEnd(Steady::time_point until);
  // Cuts all of them, in whatever phase.
  std::size_t cutAll();

 private:
  friend class Connection;
  void watch();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Connection*> all_;
  bool stopping_ = false, closed_ = false;
  std::thread watcher_;
};

}  // namespace qianda::server
