#include "clients/postal-simulator/desk.h"

#include <algorithm>

#include "clients/postal-simulator/paper.h"
#include "core/error.h"

namespace qianda::postal_simulator {
namespace {

constexpr const char *kTwice = "B00002", *kScript = "B00003", *kNoParcel = "B00004", *kPostedAlready = "B00005",
                     *kRefusal = "B00006", *kWithoutNumber = "B00007";
constexpr std::string_view kDeny = "DENY";
constexpr std::size_t kTruncated = 60;  // octets of an image that cannot be read
const char* const kSigned = "704";

Outcome done(const Parcel& parcel) { return {Outcome::How::kDone, {}, {}, {parcel}, {}}; }
Outcome notFound() { return {Outcome::How::kNotFound, {}, {}, {}, {}}; }

}  // namespace

std::vector<std::size_t> toldOf(const Parcel& parcel, bool isReceipt, core::Instant now) {
  std::vector<std::size_t> told;
  for (std::size_t i = 0; i < parcel.events.size(); ++i) {
    if (parcel.events[i].step.isReceipt == isReceipt && parcel.isTold(i, now)) told.push_back(i);
  }
  return told;
}

Desk::Desk(ParcelBook& book, Faults& faults, ScriptRules rules, Script otherwise, Placed placed)
    : book_(book),
      faults_(faults),
      rules_(std::move(rules)),
      otherwise_(std::move(otherwise)),
      placed_(std::move(placed)) {}

Script Desk::scriptFor(const delivery::PostalOrder& order) const {
  std::vector<std::string> texts{order.to.street};
  texts.insert(texts.end(), order.contents.begin(), order.contents.end());
  for (const std::string& text : texts) {
    if (const std::string directive = directiveIn(text); !directive.empty()) {
      return parseScript(directive, "the script of " + order.orderNo);
    }
  }
  const Script* script = rules_.find(order.orderNo);
  return script ? *script : otherwise_;
}

Outcome Desk::order(const std::string& partner, const delivery::PostalOrder& order) {
  if (order.orderNo.empty()) return Outcome::refused(kWithoutNumber, "订单号为空");
  book_.countOrder(partner, order.orderNo);
  const auto there = book_.findOrdered(partner, order.orderNo);
  const std::string idempotency = faults_.idempotency();
  if (!there.empty() && idempotency == "same") return done(there.front());
  if (!there.empty() && idempotency == "refuse") return Outcome::refused(kTwice, "订单号重复");
  Script script;
  try {
    script = scriptFor(order);
  } catch (const core::Error& error) {
    return Outcome::refused(kScript, error.what());
  }
  if (script.steps.front().code == kDeny) return Outcome::refused(kRefusal, script.steps.front().words);
  if (faults_.strikes(Fault::kWithdraw)) {
    Script longer = parseScript(script.text + ".1s-W" + script.steps.back().code, "the script of " + order.orderNo);
    if (!script.steps.back().isReceipt && !script.steps.back().withdraws) script = std::move(longer);
  }
  const Parcel parcel = book_.create(partner, order, script, core::now());
  placed_(parcel, 0);
  return done(parcel);
}

Outcome Desk::cancel(const std::string& partner, const std::string& orderNo, const std::string& waybill) {
  const auto now = core::now();
  const auto parcel = book_.find(waybill);
  if (!parcel || parcel->partner != partner || parcel->orderNo != orderNo) {
    return Outcome::refused(kNoParcel, "查无此订单");
  }
  if (parcel->cancelledAt) return done(*parcel);
  if (parcel->isPosted(now)) return Outcome::refused(kPostedAlready, "邮件已收寄，不能撤单");
  book_.cancel(parcel->waybill, faults_.strikes(Fault::kIgnoredCancel), now);
  return done(*parcel);
}

Outcome Desk::label(const std::string& waybill) const {
  const auto parcel = book_.find(waybill);
  if (!parcel) return Outcome::refused(kNoParcel, "查无此单");
  Outcome outcome = done(*parcel);
  outcome.file = labelPdf(waybill, parcel->orderNo);
  return outcome;
}

Outcome Desk::query(const std::string& partner, const std::string& orderNo) const {
  auto parcels = book_.findOrdered(partner, orderNo);
  if (parcels.empty()) return notFound();
  return {Outcome::How::kDone, {}, {}, std::move(parcels), {}};
}

Outcome Desk::track(const std::string& waybill) const {
  const auto parcel = book_.find(waybill);
  return parcel ? done(*parcel) : notFound();
}

Outcome Desk::receipt(const std::string& returnWaybill) const {
  const auto parcel = book_.find(returnWaybill);
  if (!parcel || parcel->returnWaybill != returnWaybill) return notFound();
  std::string image = "none";
  for (const std::size_t index : toldOf(*parcel, true, core::now())) {
    const Step& step = parcel->events[index].step;
    const auto found = step.details.find("image");
    if (found != step.details.end()) {
      image = found->second;
    } else if (step.code == kSigned) {
      image = "scan";
    }
  }
  if (image == "none") return notFound();
  Outcome outcome = done(*parcel);
  outcome.file = receiptPng(returnWaybill);
  if (image == "unreadable") outcome.file.resize(kTruncated);
  return outcome;
}

void Desk::add(const std::string& waybill, const Script& script) {
  const std::size_t first = book_.add(waybill, script, core::now());
  placed_(*book_.find(waybill), first);
}

}  // namespace qianda::postal_simulator
