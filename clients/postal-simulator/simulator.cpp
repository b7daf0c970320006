#include "clients/postal-simulator/simulator.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/ThreadPool.h>

#include "clients/postal-simulator/dialects.h"
#include "clients/postal-simulator/pusher.h"
#include "core/error.h"

namespace qianda::postal_simulator {
namespace {

using core::Error;
using core::ErrorCode;
using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr std::size_t kLargestBody = 8 << 20;
constexpr int kQueued = 1024, kSlice = 10;  // of a pause, ms
const Poco::Timespan kSilence(30, 0), kIdle(60, 0);

// How often each operation was asked for, and the most requests in one second of the wall clock.
class Counts {
 public:
  void add(const std::string& operation) {
    const std::lock_guard lock(mutex_);
    ++byOperation_[operation];
    const std::int64_t second = core::now().time_since_epoch().count() / 1000;
    inSecond_ = second == second_ ? inSecond_ + 1 : 1;
    second_ = second;
    busiest_ = std::max(busiest_, inSecond_);
  }
  delivery::JsonObject json() const {
    const std::lock_guard lock(mutex_);
    delivery::JsonObject json = delivery::newObject();
    for (const auto& [operation, count] : byOperation_) json->set(operation, count);
    json->set("busiest_second", busiest_);
    return json;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> byOperation_;
  std::int64_t second_ = 0, inSecond_ = 0, busiest_ = 0;
};

struct House {
  std::map<std::string, delivery::PartnerSettings> partners;
  ParcelBook book;
  Faults faults;
  Counts counts;
  std::atomic<bool> isStopping = false;
  Pusher pusher;
  Desk desk;

  House(std::map<std::string, delivery::PartnerSettings> named, const SimulatorOptions& options)
      : partners(std::move(named)),
        book(options.book),
        pusher(book, faults, partners, {options.pushers, options.retry}),
        desk(book, faults, options.rules, options.otherwise,
             [this](const Parcel& parcel, std::size_t first) { pusher.add(parcel, first); }) {
    if (!options.faults.empty()) faults.set(*delivery::parseStrictObject(options.faults));
    pusher.setTarget(options.pushTarget);
    pusher.resume();
  }
};

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit Handler(House& house) : house_(house) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    const std::string uri = request.getURI();
    std::string body(kLargestBody, '\0');
    request.stream().read(body.data(), static_cast<std::streamsize>(body.size()));
    body.resize(static_cast<std::size_t>(request.stream().gcount()));
    if (uri.starts_with("/control")) {
      send(response, control(request.getMethod(), uri, body));
    } else {
      serve(request, response, uri, body);
    }
  }

 private:
  static void send(HTTPServerResponse& response, const Told& told) {
    response.setStatusAndReason(static_cast<HTTPResponse::HTTPStatus>(told.status));
    response.setContentType("application/json");
    response.sendBuffer(told.body.data(), told.body.size());
  }

  static Told problem(int status, const std::string& reason) {
    delivery::JsonObject json = delivery::newObject();
    json->set("error", reason);
    return {status, delivery::writeJson(json)};
  }

  Told control(const std::string& method, const std::string& uri, const std::string& body) {
    try {
      if (method == "GET" && (uri == "/control/state" || uri == "/control/state?orders=0"))
        return state(uri.back() != '0');
      if (method == "POST" && uri == "/control") setControl(*delivery::parseStrictObject(body));
      if (uri == "/control") return controls();
      if (method == "POST" && uri == "/control/events") {
        const auto json = delivery::parseStrictObject(body);
        house_.desk.add(delivery::requireText(*json, "waybill"),
                        parseScript(delivery::requireText(*json, "script"), "script"));
        return {200, "{}"};
      }
      return problem(404, "no such control");
    } catch (const Error& error) {
      return problem(400, error.what());
    }
  }

  void setControl(Poco::JSON::Object& json) {
    const bool hasTarget = json.has("push");
    const std::string target = delivery::textAt(json, "push");
    json.remove("push");
    house_.faults.set(json);
    if (hasTarget) house_.pusher.setTarget(target);
  }

  Told controls() {
    delivery::JsonObject json = house_.faults.json();
    json->set("push", house_.pusher.target());
    return {200, delivery::writeJson(json)};
  }

  Told state(bool withParcels) {
    delivery::JsonObject json = house_.book.json(core::now(), withParcels);
    json->set("requests", house_.counts.json());
    return {200, delivery::writeJson(json)};
  }

  void serve(HTTPServerRequest& request, HTTPServerResponse& response, const std::string& uri, std::string& body) {
    const std::size_t slash = std::min(uri.find('/', 1), uri.size());
    const auto partner = house_.partners.find(uri.substr(1, slash - 1));
    if (partner == house_.partners.end()) return send(response, problem(404, "no such partner"));
    Asked asked{uri.substr(slash), {}, std::move(body)};
    for (const auto& [name, value] : request) asked.headers.emplace_back(Poco::toLower(name), value);
    const bool isPost = partner->second.protocol == "china_post";
    const Question question = (isPost ? readPost : readPlain)(house_.desk, partner->second, asked);
    const std::string& operation = question.operation;
    house_.counts.add(operation.empty() ? "turned_away" : operation);
    if (operation.empty()) return send(response, question.refusal);
    Faults& faults = house_.faults;
    if (faults.strikes(Fault::kOutage, operation)) return send(response, problem(500, "out of order"));
    if (faults.strikes(Fault::kLate, operation)) await(Fault::kLate);
    Told told;
    try {
      told = question.answer();
    } catch (const Error& error) {
      told = problem(error.code() == ErrorCode::kInvalidInput ? 400 : 500, error.what());
    }
    if (faults.strikes(Fault::kGarbageReply, operation))
      told.body = "<html>" + told.body.substr(0, told.body.size() / 2);
    if (faults.strikes(Fault::kDelay, operation)) await(Fault::kDelay);
    if (faults.strikes(Fault::kDropReply, operation)) return detach(request).close();
    if (faults.strikes(Fault::kAnswerTwice, operation)) return write(detach(request), told, 2, 0);
    if (faults.strikes(Fault::kSlowReply, operation)) return write(detach(request), told, 1, faults.numbers().slowMs);
    send(response, told);
  }

  // For delay_ms, or until the fault is switched off or the simulator ends.
  void await(Fault fault) const {
    for (int left = house_.faults.numbers().delayMs; left > 0; left -= kSlice) {
      if (house_.isStopping || !house_.faults.isSet(fault)) return;
      pause(std::min(left, kSlice));
    }
  }

  static void pause(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

  static Poco::Net::StreamSocket detach(HTTPServerRequest& request) {
    return dynamic_cast<Poco::Net::HTTPServerRequestImpl&>(request).detachSocket();
  }

  static void write(Poco::Net::StreamSocket socket, const Told& told, int times, int pauseMs) {
    const std::string one = "HTTP/1.1 " + std::to_string(told.status) +
                            " Any\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                            std::to_string(told.body.size()) + "\r\n\r\n" + told.body;
    std::string text = one;
    for (int i = 1; i < times; ++i) text += one;
    const std::size_t step = pauseMs > 0 ? 1 : text.size();
    try {
      for (std::size_t at = 0; at < text.size(); at += step) {
        socket.sendBytes(text.data() + at, static_cast<int>(step), MSG_NOSIGNAL);
        if (pauseMs > 0) pause(pauseMs);
      }
    } catch (const Poco::Exception&) {  // the house has hung up
    }
    socket.close();
  }

  House& house_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(House& house) : house_(house) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override { return new Handler(house_); }

 private:
  House& house_;
};

Poco::Net::ServerSocket listenOn(const SimulatorOptions& options) {
  try {
    const Poco::Net::SocketAddress address(options.bind, options.port);
    if (!address.host().isLoopback()) throw Error(ErrorCode::kUsage, "a simulator stays on this machine");
    Poco::Net::ServerSocket socket;
    socket.bind(address, true, false);  // SO_REUSEPORT would share a taken port in silence
    socket.listen(kQueued);
    return socket;
  } catch (const Poco::Exception& error) {
    throw Error(ErrorCode::kUnavailable, "cannot listen on " + options.bind + " port " + std::to_string(options.port) +
                                             ": " + error.displayText());
  }
}

Poco::Net::HTTPServerParams::Ptr parametersOf(int threads) {
  Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
  parameters->setMaxThreads(threads);
  parameters->setMaxQueued(kQueued);
  parameters->setTimeout(kSilence);
  parameters->setKeepAlive(true);
  parameters->setKeepAliveTimeout(kIdle);
  return parameters;
}

std::map<std::string, delivery::PartnerSettings> byName(std::vector<delivery::PartnerSettings> partners) {
  std::map<std::string, delivery::PartnerSettings> named;
  for (auto& one : partners) {
    if (one.name == "control") throw Error(ErrorCode::kInvalidInput, "a partner cannot be called control here");
    const std::string name = one.name;
    named.emplace(name, std::move(one));
  }
  return named;
}

}  // namespace

struct Simulator::State {
  House house;
  Poco::ThreadPool threads;
  Poco::Net::HTTPServer server;

  State(std::vector<delivery::PartnerSettings> partners, const SimulatorOptions& options)
      : house(byName(std::move(partners)), options),
        threads(2, std::max(2, options.threads) + 1),  // one of them accepts
        server(new Factory(house), threads, listenOn(options), parametersOf(options.threads)) {}
};

Simulator::Simulator(std::vector<delivery::PartnerSettings> partners, const SimulatorOptions& options)
    : state_(std::make_unique<State>(std::move(partners), options)) {
  state_->server.start();
}

Simulator::~Simulator() {
  state_->house.isStopping = true;
  state_->server.stopAll(true);
  state_->threads.joinAll();
}

std::string Simulator::url() const { return "http://" + state_->server.socket().address().toString(); }

}  // namespace qianda::postal_simulator
