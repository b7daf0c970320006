#include "clients/postal-simulator/pusher.h"

#include <algorithm>
#include <iostream>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>
#include <openssl/rand.h>

#include "core/base64.h"
#include "core/error.h"
#include "delivery/partner/china_post.h"

namespace qianda::postal_simulator {
namespace {

constexpr std::string_view kPlace = "{partner}";
constexpr int kMostGrowth = 4;  // doublings of the pause between tries
constexpr std::size_t kPadding = 200'000;
constexpr std::chrono::hours kStaleness{1};
const Poco::Timespan kPatience(20, 0);

std::string randomText(std::size_t octets) {
  std::string text(octets, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(octets)) != 1) {
    throw core::Error(core::ErrorCode::kSystem, "no random octets");
  }
  return text;
}

// Of the protocol's form, and nobody's.
std::string foreignKey(const std::string& protocol) {
  const bool isPost = protocol == "china_post";
  return (isPost ? "" : "whsec_") + core::toBase64(core::viewOf(randomText(isPost ? 16 : 32)));
}

bool isWell(const std::string& protocol, int status, const std::string& body) {
  if (protocol != "china_post") return status >= 200 && status < 300;
  if (status != 200) return false;
  try {
    return delivery::textAt(*delivery::parseStrictObject(body), "code") == delivery::post_api::kDone;
  } catch (const core::Error&) {
    return false;
  }
}

}  // namespace

// Kept open between pushes of one thread.
struct Pusher::Connection {
  std::string authority;
  std::unique_ptr<Poco::Net::HTTPClientSession> session;

  // Nothing when no whole answer came.
  std::optional<std::pair<int, std::string>> post(const std::string& address, const PushRequest& push) {
    try {
      const Poco::URI uri(address);
      if (!session || authority != uri.getAuthority()) {
        session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
        session->setKeepAlive(true);
        session->setTimeout(kPatience);
        authority = uri.getAuthority();
      }
      Poco::Net::HTTPRequest request("POST", uri.getPathEtc(), "HTTP/1.1");
      for (const auto& [name, value] : push.headers) request.set(name, value);
      request.setContentLength(static_cast<std::streamsize>(push.body.size()));
      session->sendRequest(request) << push.body << std::flush;
      Poco::Net::HTTPResponse response;
      std::string body;
      Poco::StreamCopier::copyToString(session->receiveResponse(response), body);
      if (!response.getKeepAlive()) session.reset();
      return std::pair(static_cast<int>(response.getStatus()), body);
    } catch (const Poco::Exception&) {
      session.reset();
      return std::nullopt;
    }
  }
};

Pusher::Pusher(ParcelBook& book, Faults& faults, std::map<std::string, delivery::PartnerSettings> partners,
               Options options)
    : book_(book), faults_(faults), partners_(std::move(partners)), options_(options) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { work(); });
}

Pusher::~Pusher() {
  {
    const std::lock_guard lock(mutex_);
    isStopped_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pusher::setTarget(const std::string& target) {
  if (!target.empty() && (!target.starts_with("http://") || target.find(kPlace) == std::string::npos)) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "pushes go to an address such as http://127.0.0.1:8080/postal/{partner}");
  }
  const std::lock_guard lock(mutex_);
  target_ = target;
  if (target.empty()) return;
  for (Item& item : parked_) items_.push(std::move(item));
  parked_.clear();
  changed_.notify_all();
}

std::string Pusher::target() const {
  const std::lock_guard lock(mutex_);
  return target_;
}

void Pusher::put(Item item) {
  const std::lock_guard lock(mutex_);
  items_.push(std::move(item));
  changed_.notify_one();
}

void Pusher::add(const Parcel& parcel, std::size_t first) {
  // Behind events that are still to be told it will be their turn anyway.
  for (std::size_t i = 0; i < first; ++i) {
    if (!parcel.events[i].isAnswered && !parcel.events[i].isLost) return;
  }
  if (first < parcel.events.size()) put({parcel.events[first].due, parcel.waybill, first, false, 0});
}

void Pusher::resume() {
  for (const Parcel& parcel : book_.all()) {
    std::size_t past = 0;  // behind the last one that is done
    const auto isDone = [&](std::size_t i) { return parcel.events[i].isAnswered || parcel.events[i].isLost; };
    for (std::size_t i = 0; i < parcel.events.size(); ++i) {
      if (isDone(i)) past = i + 1;
    }
    for (std::size_t i = 0; i < past; ++i) {
      if (!isDone(i)) put({parcel.events[i].due, parcel.waybill, i, true, 0});
    }
    if (past < parcel.events.size()) put({parcel.events[past].due, parcel.waybill, past, false, 0});
  }
}

void Pusher::work() {
  Connection connection;
  std::unique_lock lock(mutex_);
  while (!isStopped_) {
    if (items_.empty()) {
      changed_.wait(lock);
      continue;
    }
    if (const auto due = items_.top().due; due > core::now()) {
      changed_.wait_until(lock, due);
      continue;
    }
    Item item = items_.top();
    items_.pop();
    if (target_.empty()) {
      parked_.push_back(std::move(item));
      continue;
    }
    lock.unlock();
    try {
      handle(std::move(item), connection);
    } catch (const std::exception& error) {
      std::cerr << "qianda-postal-simulator: a push: " << error.what() << std::endl;
    }
    lock.lock();
  }
}

void Pusher::putNext(const Item& item, const Parcel& parcel) {
  if (item.isLoose) return;
  // Events may have been added meanwhile.
  const auto current = book_.find(parcel.waybill);
  const std::size_t next = item.event + 1;
  if (current && next < current->events.size()) put({current->events[next].due, parcel.waybill, next, false, 0});
}

void Pusher::handle(Item item, Connection& connection) {
  const auto parcel = book_.find(item.waybill);
  const auto now = core::now();
  if (!parcel || !parcel->isTold(item.event, now)) return;  // cancelled before
  if (item.tries == 0) {
    if (faults_.strikes(Fault::kLosePush)) {
      book_.losePush(item.waybill, item.event);
      return putNext(item, *parcel);
    }
    if (!item.isLoose && faults_.strikes(Fault::kReorder)) {
      putNext(item, *parcel);
      item.isLoose = true;
      item.due =
          now + std::chrono::milliseconds(1 + faults_.below(static_cast<std::uint64_t>(faults_.numbers().reorderMs)));
      return put(std::move(item));
    }
  }
  if (!send(*parcel, item.event, connection)) {
    item.due = now + options_.retry * (1 << std::min(item.tries, kMostGrowth));
    ++item.tries;
    return put(std::move(item));
  }
  if (faults_.strikes(Fault::kDuplicate)) {
    for (int i = 0; i < faults_.numbers().duplicates; ++i) send(*parcel, item.event, connection);
  }
  putNext(item, *parcel);
}

PushRequest Pusher::messageOf(const delivery::PartnerSettings& settings, const Parcel& parcel, std::size_t event) {
  PushForm form;
  form.serial = "SN" + parcel.waybill + "-" + std::to_string(event);
  form.sentAt = core::now() - (faults_.strikes(Fault::kStale) ? kStaleness : std::chrono::hours(0));
  form.senderNo = settings.senderNo;
  form.key = settings.keys.front();
  if (faults_.strikes(Fault::kForged)) form.key = foreignKey(settings.protocol);
  if (faults_.strikes(Fault::kWrongSender)) {
    form.senderNo = "9" + settings.senderNo;
    if (settings.protocol != "china_post") form.key = foreignKey(settings.protocol);
  }
  if (faults_.strikes(Fault::kOversize)) form.padding = kPadding;
  PushRequest push = pushOf(settings, parcel, event, form);
  if (faults_.strikes(Fault::kGarbagePush)) push.body = randomText(push.body.size() / 2);
  return push;
}

bool Pusher::send(const Parcel& parcel, std::size_t event, Connection& connection) {
  const delivery::PartnerSettings& settings = partners_.at(parcel.partner);
  std::string address = target();
  if (address.empty()) return false;
  address.replace(address.find(kPlace), kPlace.size(), settings.name);
  const auto answer = connection.post(address, messageOf(settings, parcel, event));
  const bool isAnswered = answer && isWell(settings.protocol, answer->first, answer->second);
  book_.countPush(parcel.waybill, event, isAnswered);
  return isAnswered;
}

}  // namespace qianda::postal_simulator
