#include "server/timestamp_server.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/ThreadPool.h>

#include "core/error.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;
using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr std::size_t kLargestQuery = 64 << 10;
constexpr int kQueued = 256;
const Poco::Timespan kSilence(10, 0);  // longest wait for the next octets of a request
const Poco::Timespan kIdle(30, 0);

// False when the body is larger than a query may be.
bool readBody(std::istream& body, core::Bytes& octets) {
  octets.resize(kLargestQuery + 1);
  body.read(reinterpret_cast<char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<std::size_t>(body.gcount()));
  return octets.size() <= kLargestQuery;
}

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(const signing::LocalTimestampAuthority& authority) : authority_(authority) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    core::Bytes query;
    const bool fits = readBody(request.stream(), query);
    const std::string type = request.getContentType();
    if (!fits) {
      response.setKeepAlive(false);  // the rest of the body is still on its way
      refuse(response, HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE);
    } else if (request.getMethod() != "POST") {
      response.set("Allow", "POST");
      refuse(response, HTTPResponse::HTTP_METHOD_NOT_ALLOWED);
    } else if (type.substr(0, type.find(';')) != "application/timestamp-query") {
      refuse(response, HTTPResponse::HTTP_UNSUPPORTED_MEDIA_TYPE);
    } else {
      answer(query, response);
    }
  }

 private:
  static void refuse(HTTPServerResponse& response, HTTPResponse::HTTPStatus status) {
    response.setStatusAndReason(status);
    response.setContentLength(0);
    response.send();
  }

  void answer(const core::Bytes& query, HTTPServerResponse& response) const {
    core::Bytes octets;
    try {
      octets = authority_.answer(query);
    } catch (const std::exception&) {
      return refuse(response, HTTPResponse::HTTP_INTERNAL_SERVER_ERROR);
    }
    response.setContentType("application/timestamp-reply");
    response.sendBuffer(octets.data(), octets.size());
  }

  const signing::LocalTimestampAuthority& authority_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(std::shared_ptr<const signing::LocalTimestampAuthority> authority)
      : authority_(std::move(authority)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    return new Handler(*authority_);
  }

 private:
  const std::shared_ptr<const signing::LocalTimestampAuthority> authority_;
};

Poco::Net::ServerSocket listenOn(const std::string& bind, std::uint16_t port) {
  try {
    Poco::Net::ServerSocket socket;
    socket.bind(Poco::Net::SocketAddress(bind, port), true, false);  // SO_REUSEPORT would share a taken port in silence
    socket.listen(kQueued);
    return socket;
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kUnavailable,
                "cannot listen on " + bind + " port " + std::to_string(port) + ": " + error.displayText());
  }
}

}  // namespace

struct TimestampServer::State {
  Poco::ThreadPool threads;
  Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
  Poco::Net::HTTPServer server;

  static Poco::Net::HTTPServerParams::Ptr configured(Poco::Net::HTTPServerParams::Ptr parameters, int threads) {
    parameters->setMaxThreads(threads);
    parameters->setMaxQueued(kQueued);
    parameters->setTimeout(kSilence);
    parameters->setKeepAlive(true);
    parameters->setKeepAliveTimeout(kIdle);
    return parameters;
  }

  State(std::shared_ptr<const signing::LocalTimestampAuthority> authority, const std::string& bind, std::uint16_t port,
        int most)
      : threads(2, std::max(2, most) + 1),  // one of them accepts
        server(new Factory(std::move(authority)), threads, listenOn(bind, port), configured(parameters, most)) {}
};

TimestampServer::TimestampServer(std::shared_ptr<const signing::LocalTimestampAuthority> authority,
                                 const std::string& bind, std::uint16_t port, int threads)
    : state_(std::make_unique<State>(std::move(authority), bind, port, threads)) {
  state_->server.start();
}

TimestampServer::~TimestampServer() {
  state_->server.stopAll(true);
  state_->threads.joinAll();
}

std::string TimestampServer::url() const { return "http://" + state_->server.socket().address().toString() + "/"; }

}  // namespace qianda::server
