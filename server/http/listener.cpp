#include "server/http/listener.h"

#include <algorithm>
#include <thread>

#include <Poco/Net/NetException.h>
#include <fcntl.h>

#include "server/http/guarded_socket.h"

namespace qianda::server {
namespace {

const Poco::Timespan kTick(0, 50'000);
constexpr std::chrono::seconds kLongestClosing{2};

// A program this process starts must not hold our port or our clients.
void keepFromChildren(const Poco::Net::Socket& socket) { ::fcntl(socket.impl()->sockfd(), F_SETFD, FD_CLOEXEC); }

}  // namespace

Listener::Listener(Poco::Net::ServerSocket socket, Floor& floor) : floor_(floor), socket_(std::move(socket)) {
  reset(socket_.impl()->sockfd());  // shared with `socket_`, which closes it
  keepFromChildren(socket_);
}

Listener::~Listener() { reset(); }

void Listener::closePort() {
  std::unique_lock lock(mutex_);
  if (!closing_) latest_ = Steady::now() + kLongestClosing;
  closing_ = true;
  changed_.wait(lock, [&] { return closed_; });
}

bool Listener::poll(const Poco::Timespan& timeout, int mode) {
  std::unique_lock lock(mutex_);
  if (!closing_) {
    lock.unlock();
    return ServerSocketImpl::poll(std::min(timeout, kTick), mode);
  }
  if (!closed_ && Steady::now() < latest_ && ServerSocketImpl::poll(Poco::Timespan(0, 0), mode)) return true;
  if (!closed_) {
    reset();
    socket_.close();
    closed_ = true;
    changed_.notify_all();
  }
  changed_.wait_for(lock, std::chrono::microseconds(kTick.totalMicroseconds()));  // until Poco's acceptor ends
  return false;
}

Poco::Net::StreamSocket Listener::accept(Poco::Net::SocketAddress& client) {
  try {
    return socket_.acceptConnection(client);
  } catch (const Poco::Exception&) {  // gone already, or no descriptor left: the backlog waits
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    throw;
  }
}

Poco::Net::SocketImpl* Listener::acceptConnection(Poco::Net::SocketAddress& client) {
  Poco::Net::StreamSocket accepted = accept(client);
  keepFromChildren(accepted);
  accepted.setBlocking(true);
  ++accepted_;
  const std::size_t most = floor_.limits.connections, open = floor_.connections.count();
  const bool full = open >= most && !floor_.connections.makeRoom();
  if (open >= most + kRefusing) {
    ++dropped_;
    throw Poco::Net::NetException("too many connections");  // Poco's acceptor goes on with the next
  }
  if (full) ++refused_;
  return new GuardedSocket(std::move(accepted), floor_, full);
}

void Listener::count(HttpServer::Load& load) const {
  load.accepted = accepted_;
  load.refused = refused_;
  load.dropped = dropped_;
}

}  // namespace qianda::server
