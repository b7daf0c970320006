// The listening socket as Poco's TCP server is given it: every connection it accepts is a GuardedSocket within the
// bound of connections, and it closes its port only when nobody waits there any more. Poco's acceptor calls poll() and
// acceptConnection(); any thread may call closePort().
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>

#include "server/http/floor.h"

namespace qianda::server {

class Listener : public Poco::Net::ServerSocketImpl {
 public:
  // How many connections may be told 503 at once; beyond them a newcomer is closed unheard.
  static constexpr std::size_t kRefusing = 16;

  // `socket` listens already; `floor` must outlive the listener.
  Listener(Poco::Net::ServerSocket socket, Floor& floor);

  // Accepts those who wait, then closes; returns when that is done. Needs Poco's acceptor.
  void closePort();
  void count(HttpServer::Load& load) const;

  bool poll(const Poco::Timespan& timeout, int mode) override;
  Poco::Net::SocketImpl* acceptConnection(Poco::Net::SocketAddress& client) override;

 protected:
  ~Listener() override;

 private:
  Poco::Net::StreamSocket accept(Poco::Net::SocketAddress& client);

  Floor& floor_;
  Poco::Net::ServerSocket socket_;
  std::atomic<std::uint64_t> accepted_ = 0, refused_ = 0, dropped_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closing_ = false, closed_ = false;
  Steady::time_point latest_{};  // when it closes though more wait
};

}  // namespace qianda::server
