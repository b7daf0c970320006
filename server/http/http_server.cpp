#include "server/http/http_server.h"

#include <atomic>
#include <thread>

#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <fcntl.h>

#include "core/error.h"
#include "server/http/connection_threads.h"
#include "server/http/session.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr int kBacklog = 1024;
constexpr std::size_t kRefusing = 16;  // connections that may be told 503 at once
const Poco::Timespan kAcceptWait(0, 50'000);

// A program this process starts must not hold our port or our clients.
void keepFromChildren(const Poco::Net::Socket& socket) { ::fcntl(socket.impl()->sockfd(), F_SETFD, FD_CLOEXEC); }

Poco::Net::ServerSocket listenOn(const std::string& address, std::uint16_t port, const Poco::Net::Context::Ptr& tls) {
  try {
    const Poco::Net::SocketAddress where(address, port);
    Poco::Net::ServerSocket socket = tls ? Poco::Net::SecureServerSocket(tls) : Poco::Net::ServerSocket();
    socket.bind(where, true, false);  // SO_REUSEPORT would share a taken port in silence
    keepFromChildren(socket);
    socket.listen(kBacklog);
    socket.setBlocking(false);  // a client may be gone between poll and accept
    return socket;
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kUnavailable,
                "cannot listen on " + address + " port " + std::to_string(port) + ": " + error.displayText());
  }
}

}  // namespace

struct HttpServer::State {
  State(HttpHooks h, const HttpLimits& l, const std::string& address, std::uint16_t port, Poco::Net::Context::Ptr tls)
      : floor(std::move(h), l),
        isSecure(tls),
        socket(listenOn(address, port, tls)),
        listening(socket.address()),
        threads(l.connections + kRefusing),
        acceptor([this] { accept(); }) {}

  void accept() {
    while (!closing) {
      if (wait()) acceptOne();
    }
    while (wait(Poco::Timespan(0, 0))) acceptOne();  // those who connected before the port closed
    socket.close();
  }

  bool wait(const Poco::Timespan& time = kAcceptWait) {
    try {
      return socket.poll(time, Poco::Net::Socket::SELECT_READ);
    } catch (const Poco::Exception&) {
      return false;
    }
  }

  void acceptOne() {
    try {
      Poco::Net::StreamSocket client = socket.acceptConnection();
      keepFromChildren(client);
      client.setBlocking(true);
      client.setNoDelay(true);
      ++accepted;
      admit(std::move(client));
    } catch (const Poco::Exception&) {  // gone already, or no descriptor left: the backlog waits
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  void admit(Poco::Net::StreamSocket client) {
    const std::size_t open = floor.connections.count();
    const bool full = open >= floor.limits.connections && !floor.connections.makeRoom();
    if (open >= floor.limits.connections + kRefusing) {
      ++dropped;
      return;
    }
    if (full) ++refused;
    auto connection = std::make_shared<Session>(floor, std::move(client), full);
    threads.run([connection = std::move(connection)]() mutable {
      connection->serve();
      connection.reset();
    });
  }

  Floor floor;
  const bool isSecure;
  Poco::Net::ServerSocket socket;
  const Poco::Net::SocketAddress listening;
  std::atomic<bool> closing = false;
  std::atomic<std::uint64_t> accepted = 0, refused = 0, dropped = 0;
  ConnectionThreads threads;
  std::thread acceptor;
};

HttpServer::HttpServer(HttpHooks hooks, const HttpLimits& limits, const std::string& address, std::uint16_t port,
                       Poco::Net::Context::Ptr tls)
    : state_(std::make_unique<State>(std::move(hooks), limits, address, port, std::move(tls))) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds(0)); }

std::string HttpServer::url() const {
  return (state_->isSecure ? "https://" : "http://") + state_->listening.toString();
}

std::size_t HttpServer::stop(std::chrono::milliseconds grace) {
  const Steady::time_point until = Steady::now() + grace;
  state_->closing = true;
  if (state_->acceptor.joinable()) state_->acceptor.join();
  state_->floor.connections.beginStop();
  if (state_->floor.connections.waitForEnd(until)) return 0;
  return state_->floor.connections.cutAll();
}

HttpServer::Load HttpServer::load() const {
  Load load;
  load.connections = state_->floor.connections.count();
  load.idle = state_->floor.connections.idle();
  load.streams = state_->floor.streams;
  load.accepted = state_->accepted;
  load.refused = state_->refused;
  load.dropped = state_->dropped;
  return load;
}

}  // namespace qianda::server
