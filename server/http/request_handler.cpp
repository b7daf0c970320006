#include "server/http/request_handler.h"

#include <algorithm>
#include <sstream>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>

#include "core/error.h"
#include "server/http/body_reader.h"
#include "server/http/guarded_socket.h"
#include "server/http/head.h"

namespace qianda::server {
namespace {

using Poco::Net::HTTPResponse;

constexpr std::size_t kSentAtOnce = 32u << 10;  // of a body, with its head

bool hasBody(int status) { return status >= 200 && status != 204 && status != 304; }

// What a handler streams, in Poco's chunks (RFC 9112 7.1); to an HTTP/1.0 client without them.
class StreamWriter : public BodyWriter {
 public:
  StreamWriter(std::ostream& stream, const Connections& connections, Sent& sent)
      : stream_(stream), connections_(connections), sent_(sent) {}

  void write(std::string_view octets) override {
    stream_.write(octets.data(), static_cast<std::streamsize>(octets.size())).flush();
    if (!stream_) throw core::Error(core::ErrorCode::kUnavailable, "the client of a stream is gone");
    sent_.octets += octets.size();
  }
  bool stopping() const override { return connections_.isStopping(); }

 private:
  std::ostream& stream_;
  const Connections& connections_;
  Sent& sent_;
};

class Exchange : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Exchange(Floor& floor) : floor_(floor) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override {
    auto& socket =
        *static_cast<GuardedSocket*>(static_cast<Poco::Net::HTTPServerRequestImpl&>(request).socket().impl());
    try {
      answer(request, response, socket);
    } catch (const std::exception&) {  // the client is gone, or there is no memory for it
      response.setKeepAlive(false);
      socket.cut();
    }
  }

 private:
  void answer(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response, GuardedSocket& socket) {
    Request heard;
    heard.peer = socket.peer();
    if (socket.refusal()) return refuse(*socket.refusal(), heard, response, socket);
    Head head;
    try {
      head = headOf(request);
    } catch (const Problem& problem) {
      return refuse(problem, heard, response, socket);
    }
    heard.method = head.method;
    heard.path = head.path;
    heard.rawQuery = head.query;
    heard.headers = std::move(head.headers);
    heard.mediaType = mediaTypeOf(heard.findHeader("Content-Type").value_or(""));
    BodyReader body(head, request, socket, floor_);
    Response answered = floor_.hooks.answer(heard, [&](std::size_t largest) { return body.read(largest); });
    const bool clean = body.finish();
    if (!clean) socket.lingerAtEnd();
    limitStreams(answered, heard);
    keep(response, clean && head.keepAlive && !floor_.connections.isStopping());
    send(heard, answered, response, socket);
  }

  // Poco has set what its limits allow. HTTP/1.1 keeps a connection without saying so (RFC 9112 9.3).
  static void keep(Poco::Net::HTTPServerResponse& response, bool wanted) {
    if (!wanted || !response.getKeepAlive()) {
      response.set(HTTPResponse::CONNECTION, "close");
    } else if (response.getVersion() == HTTPResponse::HTTP_1_1) {
      response.erase(HTTPResponse::CONNECTION);
    }
  }

  void limitStreams(Response& answered, Request& heard) {
    if (!answered.stream || ++floor_.streams <= floor_.limits.streams) return;
    --floor_.streams;
    Problem problem(503, "overloaded", "too many streams at once; try again later");
    problem.headers.emplace_back("Retry-After", "5");
    answered = floor_.hooks.refuse(problem, heard);
  }

  void refuse(const Problem& problem, Request& heard, Poco::Net::HTTPServerResponse& response, GuardedSocket& socket) {
    keep(response, false);
    socket.lingerAtEnd();
    send(heard, floor_.hooks.refuse(problem, heard), response, socket);
  }

  void stream(const Response& answered, std::ostream& out, Sent& sent) {
    StreamWriter writer(out, floor_.connections, sent);
    try {
      out.flush();  // the head
      answered.stream(writer);
      sent.whole = out.good();
      return;
    } catch (const core::Error& error) {
      sent.failure = error.what();
    } catch (const Poco::Exception& error) {
      sent.failure = error.displayText();
    } catch (const std::exception& error) {
      sent.failure = error.what();
    } catch (...) {
      sent.failure = "an exception of another kind";
    }
    sent.whole = false;
  }

  static void describe(const Response& answered, Poco::Net::HTTPServerResponse& response) {
    response.setStatusAndReason(static_cast<HTTPResponse::HTTPStatus>(answered.status), statusPhrase(answered.status));
    for (const auto& [name, value] : answered.headers) response.add(name, value);
    if (!answered.mediaType.empty()) response.setContentType(answered.mediaType);
    if (answered.stream) {
      response.setChunkedTransferEncoding(response.getVersion() == HTTPResponse::HTTP_1_1);
    } else if (hasBody(answered.status)) {
      response.setContentLength64(static_cast<Poco::Int64>(answered.body.size()));
    }
  }

  // In one go, past Poco's buffer of 4 KiB, so that it is known here what the client took.
  static void sendWhole(const Response& answered, bool bodiless, const Poco::Net::HTTPServerResponse& response,
                        GuardedSocket& socket, Sent& sent) {
    std::ostringstream head;
    response.write(head);
    std::string octets = std::move(head).str();
    const std::string_view body = bodiless ? std::string_view() : std::string_view(answered.body);
    octets.append(body.substr(0, kSentAtOnce));
    socket.send(octets);
    socket.send(body.substr(std::min(body.size(), kSentAtOnce)));
    sent.octets = body.size();
  }

  void send(const Request& heard, const Response& answered, Poco::Net::HTTPServerResponse& response,
            GuardedSocket& socket) {
    Sent sent;
    sent.status = answered.status;
    describe(answered, response);
    const bool bodiless = heard.method == "HEAD" || !hasBody(answered.status);
    try {
      if (answered.stream && !bodiless) {
        stream(answered, response.send(), sent);
      } else {
        sendWhole(answered, bodiless, response, socket, sent);
      }
    } catch (const Poco::Exception&) {  // the client is gone
      sent.whole = false;
    }
    if (answered.stream) --floor_.streams;
    if (!sent.whole) {
      keep(response, false);
      socket.cut();  // else Poco's last chunk would make it look whole
    }
    sent.time = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - socket.begun());
    floor_.hooks.sent(heard, sent);
  }

  Floor& floor_;
};

}  // namespace

Poco::Net::HTTPRequestHandler* RequestHandlers::createRequestHandler(const Poco::Net::HTTPServerRequest& request) {
  // Poco says "100 Continue" by itself unless another status is set already; BodyReader says it when it reads.
  request.response().setStatus(HTTPResponse::HTTP_CONTINUE);
  return new Exchange(floor_);
}

}  // namespace qianda::server
