#include "server/octet_server.h"

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

constexpr int kQueued = 256;
const Poco::Timespan kSilence(10, 0);  // longest wait for the next octets of a request
const Poco::Timespan kIdle(30, 0);

// False when the body is larger than `largest`.
bool readBody(std::istream& body, std::size_t largest, core::Bytes& octets) {
  octets.resize(largest + 1);
  body.read(reinterpret_cast<char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<std::size_t>(body.gcount()));
  return octets.size() <= largest;
}

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(const OctetService& service) : service_(service) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    if (request.getExpectContinue()) response.sendContinue();
    const std::string type = request.getContentType();
    OctetRequest heard{request.getMethod(), request.getURI(), type.substr(0, type.find(';')), {}};
    OctetAnswer answer;
    if (readBody(request.stream(), service_.largestBody, heard.body)) {
      answer = answerTo(heard);
    } else {
      response.setKeepAlive(false);  // the rest of the body is still on its way
      answer.status = HTTPResponse::HTTP_REQUEST_ENTITY_TOO_LARGE;
    }
    response.setStatusAndReason(static_cast<HTTPResponse::HTTPStatus>(answer.status));
    if (!answer.allow.empty()) response.set("Allow", answer.allow);
    if (!answer.mediaType.empty()) response.setContentType(answer.mediaType);
    response.sendBuffer(answer.body.data(), answer.body.size());
  }

 private:
  OctetAnswer answerTo(const OctetRequest& heard) const {
    try {
      return service_.answer(heard);
    } catch (const std::exception& error) {
      if (service_.onFault) service_.onFault(heard.method + " " + heard.target + ": " + error.what());
      return {HTTPResponse::HTTP_INTERNAL_SERVER_ERROR, "", {}, ""};
    }
  }

  const OctetService& service_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(OctetService service) : service_(std::move(service)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    return new Handler(service_);
  }

 private:
  const OctetService service_;
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

struct OctetServer::State {
  Poco::ThreadPool threads;
  Poco::Net::HTTPServer server;

  static Poco::Net::HTTPServerParams::Ptr parametersFor(int threads) {
    Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
    parameters->setMaxThreads(threads);
    parameters->setMaxQueued(kQueued);
    parameters->setTimeout(kSilence);
    parameters->setKeepAlive(true);
    parameters->setKeepAliveTimeout(kIdle);
    return parameters;
  }

  State(OctetService service, const std::string& bind, std::uint16_t port, int most)
      : threads(2, std::max(2, most) + 1),  // one of them accepts
        server(new Factory(std::move(service)), threads, listenOn(bind, port), parametersFor(most)) {}
};

OctetServer::OctetServer(OctetService service, const std::string& bind, std::uint16_t port) {
  const int threads = service.threads;
  state_ = std::make_unique<State>(std::move(service), bind, port, threads);
  state_->server.start();
}

OctetServer::~OctetServer() {
  state_->server.stopAll(true);
  state_->threads.joinAll();
}

std::string OctetServer::url() const { return "http://" + state_->server.socket().address().toString() + "/"; }

}  // namespace qianda::server
