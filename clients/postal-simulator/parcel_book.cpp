#include "clients/postal-simulator/parcel_book.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"
#include "delivery/post/waybill.h"

namespace qianda::postal_simulator {
namespace {

using core::Error;
using core::ErrorCode;
using core::Instant;
using delivery::JsonObject;
using delivery::requireText;
using delivery::textAt;

constexpr const char* kPosted = "203";

JsonObject lineOf(const char* verb) {
  JsonObject line = delivery::newObject();
  line->set("do", verb);
  return line;
}

std::int64_t msOf(Instant instant) { return instant.time_since_epoch().count(); }

std::int64_t numberAt(const Poco::JSON::Object& line, const std::string& member) {
  const Poco::Dynamic::Var value = line.get(member);
  if (!value.isInteger() || value.isBoolean()) throw Error(ErrorCode::kInvalidInput, "\"" + member + "\" is no number");
  return value.convert<std::int64_t>();
}
Instant instantAt(const Poco::JSON::Object& line, const std::string& member) {
  return Instant(std::chrono::milliseconds(numberAt(line, member)));
}

struct Series {
  const char *digits, *s10;
};
constexpr Series kItems{"1272", "LZ"}, kReceipts{"9858", "LX"};

std::string padded(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return digits.size() >= width ? digits.substr(digits.size() - width)
                                : std::string(width - digits.size(), '0') + digits;
}

std::string numberOf(const Series& series, std::uint64_t sequence, bool isS10) {
  if (!isS10) return series.digits + padded(sequence, 9);
  const std::string digits = padded(sequence, 8);
  return series.s10 + digits + delivery::s10CheckDigit(digits) + "CN";
}

}  // namespace

bool Parcel::isTold(std::size_t event, Instant now) const {
  const Happening& one = events.at(event);
  return one.due <= now && (!cancelledAt || ignoresCancel || one.due <= *cancelledAt);
}

bool Parcel::isPosted(Instant now) const {
  return std::any_of(events.begin(), events.end(), [&](const Happening& one) {
    return one.step.code == kPosted && !one.step.isReceipt && !one.step.withdraws && one.due <= now;
  });
}

ParcelBook::ParcelBook(BookOptions options) : options_(std::move(options)) {
  if (options_.state.empty()) return;
  std::string text;
  if (std::filesystem::exists(options_.state)) text = core::readFile(options_.state);
  const std::size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  replay(text.substr(0, whole));
  journal_ = ::open(options_.state.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // What has no end was never answered.
  if (journal_ < 0 || ::ftruncate(journal_, static_cast<off_t>(whole)) != 0) {
    throw Error(ErrorCode::kSystem, "cannot write " + options_.state.string() + ": " + std::strerror(errno));
  }
}

ParcelBook::~ParcelBook() {
  if (journal_ >= 0) ::close(journal_);
}

void ParcelBook::append(const JsonObject& line, bool isDurable) {
  if (journal_ < 0) return;
  const std::string text = delivery::writeJson(line) + "\n";
  const ssize_t written = ::write(journal_, text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || (isDurable && ::fdatasync(journal_) != 0)) {
    throw Error(ErrorCode::kSystem, "cannot write " + options_.state.string() + ": " + std::strerror(errno));
  }
}

void ParcelBook::replay(const std::string& text) {
  std::size_t number = 1;
  for (std::size_t from = 0; from < text.size(); ++number) {
    const std::size_t end = text.find('\n', from);
    try {
      apply(*delivery::parseStrictObject(text.substr(from, end - from)));
    } catch (const Error& error) {
      throw Error(ErrorCode::kCorrupt, options_.state.string() + ":" + std::to_string(number) + ": " + error.what());
    }
    from = end + 1;
  }
}

// Both the journal's lines and what happens now go through here.
void ParcelBook::apply(const Poco::JSON::Object& line) {
  const std::string verb = requireText(line, "do");
  if (verb == "called") {
    ++calls_[{requireText(line, "partner"), requireText(line, "order")}];
  } else if (verb == "created") {
    Parcel parcel;
    parcel.partner = requireText(line, "partner");
    parcel.orderNo = requireText(line, "order");
    parcel.waybill = requireText(line, "waybill");
    parcel.returnWaybill = textAt(line, "return_waybill");
    parcel.name = textAt(line, "name");
    plan(parcel, parseScript(requireText(line, "script"), "script"), instantAt(line, "wall"), instantAt(line, "base"));
    orders_[{parcel.partner, parcel.orderNo}].push_back(parcel.waybill);
    if (!parcel.returnWaybill.empty()) receipts_[parcel.returnWaybill] = parcel.waybill;
    parcels_.insert_or_assign(parcel.waybill, std::move(parcel));
  } else if (verb == "cancelled") {
    Parcel& parcel = at(requireText(line, "waybill"));
    parcel.cancelledAt = instantAt(line, "wall");
    parcel.ignoresCancel = delivery::flagAt(line, "ignored");
  } else if (verb == "added") {
    plan(at(requireText(line, "waybill")), parseScript(requireText(line, "script"), "script"), instantAt(line, "wall"),
         instantAt(line, "base"));
  } else if (verb == "pushed") {
    Happening& event = at(requireText(line, "waybill")).events.at(static_cast<std::size_t>(numberAt(line, "event")));
    ++event.pushes;
    event.isAnswered |= delivery::flagAt(line, "answered");
  } else if (verb == "lost") {
    at(requireText(line, "waybill")).events.at(static_cast<std::size_t>(numberAt(line, "event"))).isLost = true;
  } else {
    throw Error(ErrorCode::kInvalidInput, "no such line: " + verb);
  }
}

void ParcelBook::plan(Parcel& parcel, const Script& script, Instant wall, Instant base) const {
  std::chrono::milliseconds offset{0};
  const bool isScripted = script.epoch || options_.epoch;
  for (const Step& step : script.steps) {
    offset += step.after;
    const auto fast =
        std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(offset.count()) / options_.speed));
    parcel.events.push_back({step, wall + fast, base + (isScripted ? offset : fast)});
  }
}

Parcel& ParcelBook::at(const std::string& waybill) {
  const auto receipt = receipts_.find(waybill);
  const auto found = parcels_.find(receipt == receipts_.end() ? waybill : receipt->second);
  if (found == parcels_.end()) throw Error(ErrorCode::kInvalidInput, "no parcel has the number " + waybill);
  return found->second;
}

void ParcelBook::countOrder(const std::string& partner, const std::string& orderNo) {
  const std::lock_guard lock(mutex_);
  JsonObject line = lineOf("called");
  line->set("partner", partner);
  line->set("order", orderNo);
  append(line, false);
  apply(*line);
}

Parcel ParcelBook::create(const std::string& partner, const delivery::PostalOrder& order, const Script& script,
                          Instant now) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t sequence = options_.firstNumber + parcels_.size() + 1;
  JsonObject line = lineOf("created");
  line->set("partner", partner);
  line->set("order", order.orderNo);
  line->set("waybill", numberOf(kItems, sequence, options_.isS10));
  line->set("return_waybill", order.wantsReceipt ? numberOf(kReceipts, sequence, options_.isS10) : "");
  line->set("name", order.to.name);
  line->set("script", script.text);
  line->set("wall", msOf(now));
  line->set("base", msOf(script.epoch ? *script.epoch : options_.epoch.value_or(now)));
  append(line, true);
  apply(*line);
  return at(requireText(*line, "waybill"));
}

std::vector<Parcel> ParcelBook::findOrdered(const std::string& partner, const std::string& orderNo) const {
  const std::lock_guard lock(mutex_);
  std::vector<Parcel> found;
  const auto order = orders_.find({partner, orderNo});
  if (order == orders_.end()) return found;
  for (const std::string& waybill : order->second) found.push_back(parcels_.at(waybill));
  return found;
}

std::optional<Parcel> ParcelBook::find(const std::string& waybill) const {
  const std::lock_guard lock(mutex_);
  const auto receipt = receipts_.find(waybill);
  const auto found = parcels_.find(receipt == receipts_.end() ? waybill : receipt->second);
  return found == parcels_.end() ? std::nullopt : std::optional(found->second);
}

void ParcelBook::cancel(const std::string& waybill, bool isIgnored, Instant now) {
  const std::lock_guard lock(mutex_);
  JsonObject line = lineOf("cancelled");
  line->set("waybill", waybill);
  line->set("ignored", isIgnored);
  line->set("wall", msOf(now));
  append(line, true);
  apply(*line);
}

std::size_t ParcelBook::add(const std::string& waybill, const Script& script, Instant now) {
  const std::lock_guard lock(mutex_);
  const Parcel& parcel = at(waybill);
  const std::size_t before = parcel.events.size();
  // Without an epoch of its own it goes on where the clock of the partner's script stands.
  const Instant base = script.epoch                   ? *script.epoch
                       : options_.epoch && before > 0 ? parcel.events.back().opTime
                                                      : options_.epoch.value_or(now);
  JsonObject line = lineOf("added");
  line->set("waybill", parcel.waybill);
  line->set("script", script.text);
  line->set("wall", msOf(now));
  line->set("base", msOf(base));
  append(line, true);
  apply(*line);
  return before;
}

void ParcelBook::countPush(const std::string& waybill, std::size_t event, bool isAnswered) {
  const std::lock_guard lock(mutex_);
  JsonObject line = lineOf("pushed");
  line->set("waybill", waybill);
  line->set("event", static_cast<std::int64_t>(event));
  line->set("answered", isAnswered);
  append(line, false);
  apply(*line);
}

void ParcelBook::losePush(const std::string& waybill, std::size_t event) {
  const std::lock_guard lock(mutex_);
  JsonObject line = lineOf("lost");
  line->set("waybill", waybill);
  line->set("event", static_cast<std::int64_t>(event));
  append(line, false);
  apply(*line);
}

std::vector<Parcel> ParcelBook::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Parcel> parcels;
  for (const auto& [waybill, parcel] : parcels_) parcels.push_back(parcel);
  return parcels;
}

namespace {

JsonObject jsonOf(const Parcel& parcel, Instant now) {
  JsonObject json = delivery::newObject();
  json->set("waybill", parcel.waybill);
  json->set("return_waybill", parcel.returnWaybill);
  json->set("recipient", parcel.name);
  json->set("cancelled", parcel.cancelledAt.has_value());
  Poco::JSON::Array events;
  for (std::size_t i = 0; i < parcel.events.size(); ++i) {
    const Happening& one = parcel.events[i];
    JsonObject event = delivery::newObject();
    event->set("code", one.step.code);
    event->set("receipt", one.step.isReceipt);
    event->set("withdraws", one.step.withdraws);
    event->set("at", core::isoInstant(one.opTime));
    event->set("told", parcel.isTold(i, now));
    event->set("pushes", one.pushes);
    event->set("answered", one.isAnswered);
    event->set("lost", one.isLost);
    events.add(event);
  }
  json->set("events", events);
  return json;
}

}  // namespace

JsonObject ParcelBook::json(Instant now, bool withParcels) const {
  const std::lock_guard lock(mutex_);
  Poco::JSON::Array orders;
  std::int64_t told = 0, answered = 0, pushes = 0, cancelled = 0, lost = 0;
  for (const auto& [waybill, parcel] : parcels_) {
    cancelled += parcel.cancelledAt.has_value();
    for (std::size_t i = 0; i < parcel.events.size(); ++i) {
      told += parcel.isTold(i, now);
      answered += parcel.events[i].isAnswered;
      lost += parcel.events[i].isLost;
      pushes += parcel.events[i].pushes;
    }
  }
  for (const auto& [order, calls] : calls_) {
    if (!withParcels) break;
    JsonObject json = delivery::newObject();
    json->set("partner", order.first);
    json->set("order_no", order.second);
    json->set("calls", calls);
    Poco::JSON::Array parcels;
    if (const auto found = orders_.find(order); found != orders_.end()) {
      for (const std::string& waybill : found->second) parcels.add(jsonOf(parcels_.at(waybill), now));
    }
    json->set("parcels", parcels);
    orders.add(json);
  }
  JsonObject json = delivery::newObject();
  json->set("orders_called", static_cast<std::int64_t>(calls_.size()));
  json->set("parcels", static_cast<std::int64_t>(parcels_.size()));
  json->set("cancelled", cancelled);
  json->set("events_told", told);
  json->set("events_answered", answered);
  json->set("events_lost", lost);
  json->set("pushes", pushes);
  if (withParcels) json->set("orders", orders);
  return json;
}

}  // namespace qianda::postal_simulator
