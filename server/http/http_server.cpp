#include "server/http/http_server.h"

#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/ThreadPool.h>

#include "core/error.h"
#include "server/http/listener.h"
#include "server/http/request_handler.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr int kBacklog = 1024;
const Poco::Timespan kThreadIdle(0, 250'000);  // how long a stop waits for idle threads

Poco::Net::ServerSocket listenOn(const std::string& address, std::uint16_t port, const Poco::Net::Context::Ptr& tls) {
  try {
    const Poco::Net::SocketAddress where(address, port);
    Poco::Net::ServerSocket socket = tls ? Poco::Net::SecureServerSocket(tls) : Poco::Net::ServerSocket();
    socket.bind(where, true, false);  // SO_REUSEPORT would share a taken port in silence
    socket.listen(kBacklog);
    socket.setBlocking(false);  // a client may be gone between poll and accept
    return socket;
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kUnavailable,
                "cannot listen on " + address + " port " + std::to_string(port) + ": " + error.displayText());
  }
}

struct ListenerSocket : Poco::Net::ServerSocket {
  explicit ListenerSocket(const Poco::AutoPtr<Listener>& listener)
      : ServerSocket(Poco::AutoPtr<Listener>(listener).duplicate(), true) {}
};

Poco::Timespan timespan(std::chrono::milliseconds time) { return Poco::Timespan(time.count() * 1000); }

Poco::Net::HTTPServerParams::Ptr parametersOf(const HttpLimits& limits, int threads) {
  Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
  parameters->setMaxThreads(threads);
  parameters->setMaxQueued(threads);  // never that many: the listener bounds connections
  parameters->setThreadIdleTime(kThreadIdle);
  parameters->setTimeout(timespan(limits.headerTime));
  parameters->setKeepAlive(true);
  parameters->setKeepAliveTimeout(timespan(limits.keepAliveTime));
  parameters->setMaxKeepAliveRequests(static_cast<int>(limits.keepAliveRequests));
  return parameters;
}

}  // namespace

struct HttpServer::State {
  State(HttpHooks h, const HttpLimits& l, Poco::Net::ServerSocket socket, bool secure)
      : floor(std::move(h), l),
        isSecure(secure),
        listening(socket.address()),
        most(static_cast<int>(l.connections + Listener::kRefusing)),
        listener(new Listener(std::move(socket), floor)),
        threads("http", 2, 2 * most),  // one that ends a connection is not free at once
        server(new RequestHandlers(floor), threads, ListenerSocket(listener), parametersOf(l, most)) {
    server.start();
  }

  ~State() {
    server.stop();
    threads.joinAll();
  }

  Floor floor;
  const bool isSecure;
  const Poco::Net::SocketAddress listening;
  const int most;
  Poco::AutoPtr<Listener> listener;
  Poco::ThreadPool threads;
  Poco::Net::HTTPServer server;
};

HttpServer::HttpServer(HttpHooks hooks, const HttpLimits& limits, const std::string& address, std::uint16_t port,
                       Poco::Net::Context::Ptr tls)
    : state_(std::make_unique<State>(std::move(hooks), limits, listenOn(address, port, tls), !tls.isNull())) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds(0)); }

std::string HttpServer::url() const {
  return (state_->isSecure ? "https://" : "http://") + state_->listening.toString();
}

std::size_t HttpServer::stop(std::chrono::milliseconds grace) {
  const Steady::time_point until = Steady::now() + grace;
  state_->listener->closePort();
  Connections& connections = state_->floor.connections;
  connections.beginStop();
  const std::size_t cut = connections.waitForEnd(until) ? 0 : connections.cutAll();
  state_->server.stop();
  return cut;
}

HttpServer::Load HttpServer::load() const {
  Load load;
  load.connections = state_->floor.connections.count();
  load.idle = state_->floor.connections.idle();
  load.streams = state_->floor.streams;
  state_->listener->count(load);
  return load;
}

}  // namespace qianda::server
