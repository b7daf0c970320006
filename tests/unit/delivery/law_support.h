// Short words for tests of the law: events by their codes and hours, everything a view says as one text. Times count
// from 2026-05-06 00:00 in China (a Wednesday after the holidays). Header only.
#pragma once

#include <string>
#include <vector>

#include "delivery/post/parcel.h"
#include "delivery/service/ruling.h"

namespace qianda::delivery::law {

inline const std::string kWaybill = "LZ290346175CN", kReceipt = "LZ290346189CN";

inline core::Date day(const std::string& text) { return core::parseDate(text).value(); }
// China time: "2026-05-06" at that hour.
inline core::Instant at(const std::string& date, double hours = 10) {
  return core::Instant(std::chrono::sys_days(day(date))) +
         std::chrono::milliseconds(static_cast<long long>((hours - 8) * 3600000));
}
inline core::Instant hour(double hours) { return at("2026-05-06", hours); }

inline MailEvent event(const std::string& code, double hours, const std::string& words = {}) {
  MailEvent event;
  const OpCode* known = findOpCode(code);
  event.kind = known != nullptr ? known->kind : MailEventKind::kUnknown;
  event.key = code + "@" + std::to_string(hours) + words;
  event.waybill = kWaybill;
  event.opTime = hour(hours);
  event.receivedAt = event.opTime + std::chrono::minutes(3);
  event.opCode = code;
  event.officeCode = "51900001";
  if (event.kind == MailEventKind::kSigned) event.signer = classifySigner(words);
  if (event.kind == MailEventKind::kFailed || event.kind == MailEventKind::kReturning)
    event.reason = classifyReason(words);
  event.isReturnLeg = event.kind == MailEventKind::kReturning || event.kind == MailEventKind::kReturned;
  return event;
}

inline ParcelOrderFacts order(ParcelState stage = ParcelState::kPrinted) {
  ParcelOrderFacts order;
  order.stage = stage;
  order.waybill = kWaybill;
  order.returnWaybill = kReceipt;
  order.orderedAt = hour(-2);
  return order;
}

inline std::string show(const std::optional<core::Instant>& instant) {
  return instant ? core::isoInstant(*instant) : "-";
}

inline std::string show(const ParcelView& view) {
  std::string text = std::string(nameOf(view.state)) + " posted " + show(view.postedAt) + " signed " +
                     show(view.signedAt) + " by " + std::string(nameOf(view.signer)) + view.signerName +
                     (view.signerIdOnReceipt ? "+id" : "") + " noted " + show(view.returnNotedAt) + " back " +
                     show(view.returnArrivedAt) + " for " + std::string(nameOf(view.returnReason)) + " lost " +
                     show(view.lostAt) + " held " + show(view.pickupHeldAt) + " last " + show(view.lastEventAt) +
                     " receipt " + show(view.receiptArrivedAt) + (view.isStale ? " stale" : "") +
                     (view.isAlarmed ? " alarm" : "") + (view.isReopened ? " reopened" : "") + "\nfailures";
  for (const FailedAttempt& failure : view.failures) {
    text += " " + core::isoInstant(failure.at) + failure.office + std::string(nameOf(failure.reason));
  }
  text += "\nquarantined";
  for (const Quarantined& each : view.quarantined) text += " " + each.key + "=" + each.reason;
  text += "\neffective";
  for (const std::string& key : view.effective) text += " " + key;
  return text;
}

}  // namespace qianda::delivery::law
