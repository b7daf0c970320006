#include "delivery/post/parcel.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace qianda::delivery {
namespace {

using namespace std::chrono_literals;
using core::Instant;
using enum ParcelState;

constexpr auto kSkew = 10min;            // of the partner's clock against ours (P21)
constexpr auto kOneDay = 24h;            // an event may be told for the day the order was placed on
constexpr auto kLongBefore = 24h * 180;  // a year that was written wrongly
constexpr auto kLongAfter = 24h * 366;   // 邮政法 49: inquiries end a year after posting

constexpr std::array<std::pair<ParcelState, std::string_view>, 19> kStates{{{kDraft, "draft"},
                                                                            {kSealed, "sealed"},
                                                                            {kQueued, "queued"},
                                                                            {kSubmitting, "submitting"},
                                                                            {kAccepted, "accepted"},
                                                                            {kRejected, "rejected"},
                                                                            {kUnknown, "unknown"},
                                                                            {kPrinted, "printed"},
                                                                            {kPosted, "posted"},
                                                                            {kTransit, "transit"},
                                                                            {kAtOffice, "at_office"},
                                                                            {kOut, "out"},
                                                                            {kFailed, "failed"},
                                                                            {kPickupHeld, "pickup_held"},
                                                                            {kSigned, "signed"},
                                                                            {kReturning, "returning"},
                                                                            {kReturned, "returned"},
                                                                            {kLost, "lost"},
                                                                            {kCancelled, "cancelled"}}};

bool isBeforePosting(ParcelState state) { return state < kPosted; }

// Everything told, so that the order of two events never depends on how they arrived.
auto orderOf(const MailEvent& event) {
  return std::tie(event.key, event.receivedAt, event.waybill, event.opCode, event.opName, event.opDesc,
                  event.officeCode, event.officeName, event.reason, event.signer, event.signerName, event.hasIdNumber,
                  event.isReturnLeg, event.withdraws, event.source, event.message);
}

bool isEarlier(const MailEvent* one, const MailEvent* other) {
  const int a = rankOf(one->kind), b = rankOf(other->kind);
  if (one->opTime != other->opTime || a != b) return std::tie(one->opTime, a) < std::tie(other->opTime, b);
  return orderOf(*one) < orderOf(*other);
}

// Of the same key the one that was told first. A withdrawal is never the same as what it takes back.
std::vector<const MailEvent*> distinct(const std::vector<MailEvent>& events) {
  std::map<std::pair<std::string_view, bool>, const MailEvent*> first;
  for (const MailEvent& event : events) {
    const MailEvent*& slot = first[{event.key, event.kind == MailEventKind::kWithdrawn}];
    if (slot == nullptr || event.receivedAt < slot->receivedAt ||
        (event.receivedAt == slot->receivedAt && isEarlier(&event, slot))) {
      slot = &event;
    }
  }
  std::vector<const MailEvent*> result;
  for (const auto& [key, event] : first) result.push_back(event);
  std::sort(result.begin(), result.end(), isEarlier);
  return result;
}

std::string faultOf(const MailEvent& event, const ParcelOrderFacts& order, Instant asOf) {
  const bool isOurs = event.waybill.empty() || (!order.waybill.empty() && event.waybill == order.waybill) ||
                      (!order.returnWaybill.empty() && event.waybill == order.returnWaybill);
  if (!isOurs) return "waybill";
  if (event.opTime > asOf + kSkew) return "future";
  if (order.orderedAt == Instant{}) return {};
  if (event.opTime < order.orderedAt - kLongBefore || event.opTime > order.orderedAt + kLongAfter) return "year";
  return event.opTime < order.orderedAt - kOneDay ? "before_posting" : "";
}

bool isWithdrawnBy(const MailEvent& withdrawal, const MailEvent& event) {
  if (&withdrawal == &event) return false;
  if (!withdrawal.withdraws.empty()) return event.key == withdrawal.withdraws;
  if (event.kind == MailEventKind::kWithdrawn) return false;
  return event.key == withdrawal.key || (event.opTime == withdrawal.opTime && event.opCode == withdrawal.opCode);
}

bool travels(MailEventKind kind) {
  switch (kind) {
    case MailEventKind::kDeparted:
    case MailEventKind::kArrived:
    case MailEventKind::kAtOffice:
    case MailEventKind::kOut:
    case MailEventKind::kFailed:
    case MailEventKind::kPickupHeld:
    case MailEventKind::kSigned:
    case MailEventKind::kReturning:
    case MailEventKind::kReturned:
    case MailEventKind::kLost:
      return true;
    default:
      return false;
  }
}

// Walks the events in order.
class Walk {
 public:
  Walk(ParcelState start, ParcelView& view) : view_(view) { view_.state = start; }

  void take(const MailEvent& event) {
    MailEventKind kind = event.kind;
    // Trap: 妥投 includes 退回妥投.
    if (kind == MailEventKind::kSigned && event.isReturnLeg) kind = MailEventKind::kReturned;
    if (kind == MailEventKind::kPosted || travels(kind)) revive();
    if (kind == MailEventKind::kReturning || kind == MailEventKind::kReturned) return comeBack(event, kind);
    if (kind == MailEventKind::kSigned && view_.state != kSigned) return sign(event);
    if (isFinal(view_.state)) return afterEnd(event, kind);
    switch (kind) {
      case MailEventKind::kOrdered:
        return raise(kAccepted);
      case MailEventKind::kPrinted:
        return raise(kPrinted);
      case MailEventKind::kCancelled:
        return cancel();
      case MailEventKind::kSigned:
        return sign(event);
      case MailEventKind::kLost:
        view_.state = kLost;
        view_.lostAt = event.opTime;
        return;
      case MailEventKind::kPosted:
        if (!view_.postedAt) view_.postedAt = event.opTime;
        raise(kPosted);
        return;
      default:
        break;
    }
    if (event.isReturnLeg) {  // 退回 itself was not told
      view_.state = kReturning;
    } else if (view_.state != kReturning) {
      move(event, kind);
    }
  }

 private:
  // P18: what was cancelled or refused and is on its way all the same.
  void revive() {
    if (view_.state != kCancelled && view_.state != kRejected) return;
    view_.state = kPrinted;
    view_.isAlarmed = true;
  }
  void raise(ParcelState state) {
    if (view_.state == ParcelState::kUnknown || view_.state < state) view_.state = state;
  }
  void cancel() {
    if (isBeforePosting(view_.state)) {
      view_.state = kCancelled;
    } else {
      view_.isAlarmed = true;
    }
  }
  void sign(const MailEvent& event) {
    // After 退回 a 妥投 may be that of the sender: it counts, as what is later does, and a person looks.
    if (view_.state == kReturning || view_.state == kReturned) doubt(event, "signed_after_return");
    if (view_.state == kLost) doubt(event, "signed_after_lost");
    view_.state = kSigned;
    view_.signedAt = event.opTime;
    view_.signer = event.signer;
    view_.signerName = event.signerName;
    view_.signerIdOnReceipt = event.hasIdNumber;
  }
  void comeBack(const MailEvent& event, MailEventKind kind) {
    if (view_.state == kReturned) {
      const bool isAnotherDay = core::chinaDate(*view_.returnArrivedAt) != core::chinaDate(event.opTime);
      if (kind == MailEventKind::kReturned && isAnotherDay) doubt(event, "returned_twice");
      return;
    }
    if (view_.state == kLost) doubt(event, "returned_after_lost");
    if (view_.state == kSigned) {  // P20: this return, not an earlier one
      view_.isReopened = true;
      view_.returnNotedAt = view_.returnArrivedAt = std::nullopt;
      view_.returnReason = ReturnReason::kNone;
    }
    const bool isNoted = kind == MailEventKind::kReturning;
    if (isNoted && !view_.returnNotedAt) view_.returnNotedAt = event.opTime;
    if (!isNoted) view_.returnArrivedAt = event.opTime;
    if (view_.returnReason == ReturnReason::kNone) view_.returnReason = event.reason;
    if (view_.returnReason == ReturnReason::kNone && !view_.failures.empty() && !view_.isReopened) {
      view_.returnReason = view_.failures.back().reason;
    }
    view_.state = isNoted ? kReturning : kReturned;
  }
  void move(const MailEvent& event, MailEventKind kind) {
    switch (kind) {
      case MailEventKind::kDeparted:
      case MailEventKind::kArrived:
        view_.state = kTransit;
        return;
      case MailEventKind::kAtOffice:
        view_.state = kAtOffice;
        return;
      case MailEventKind::kOut:
        view_.state = kOut;
        return;
      case MailEventKind::kFailed:
        return fail(event);
      case MailEventKind::kPickupHeld:
        view_.state = kPickupHeld;
        if (!view_.pickupHeldAt) view_.pickupHeldAt = event.opTime;
        return;
      default:
        return;
    }
  }
  void fail(const MailEvent& event) {
    view_.state = kFailed;
    const std::string& office = event.officeCode.empty() ? event.officeName : event.officeCode;
    for (FailedAttempt& known : view_.failures) {
      if (known.at != event.opTime || known.office != office) continue;
      if (known.reason == ReturnReason::kNone) known.reason = event.reason;
      return;
    }
    view_.failures.push_back({event.opTime, office, event.reason});
  }
  void afterEnd(const MailEvent& event, MailEventKind kind) {
    if (kind == MailEventKind::kSigned && !isSameSignature(event)) doubt(event, "signed_twice");
    if (kind == MailEventKind::kLost && view_.state != kLost) doubt(event, "lost_after_end");
    if (kind == MailEventKind::kCancelled && view_.state != kCancelled) view_.isAlarmed = true;
  }
  bool isSameSignature(const MailEvent& event) const {
    return view_.signer == event.signer && core::chinaDate(*view_.signedAt) == core::chinaDate(event.opTime);
  }
  void doubt(const MailEvent& event, const char* reason) { view_.quarantined.push_back({event.key, reason}); }

  ParcelView& view_;
};

int staleHours(ParcelState state, const StaleRules& stale) {
  switch (state) {
    case kAccepted:
    case kPrinted:
      return stale.acceptedHours;
    case kPosted:
    case kTransit:
      return stale.transitHours;
    case kAtOffice:
    case kOut:
    case kFailed:
      return stale.officeHours;
    case kPickupHeld:
      return stale.heldHours;
    case kReturning:
      return stale.returningHours;
    default:
      return 0;
  }
}

bool isStaleAt(const ParcelView& view, const ParcelOrderFacts& order, Instant asOf, const StaleRules& stale) {
  const int hours = staleHours(view.state, stale);
  if (hours == 0) return false;
  if (!view.lastEventAt && order.orderedAt == Instant{}) return false;
  return asOf - view.lastEventAt.value_or(order.orderedAt) > std::chrono::hours(hours);
}

// Takes out of `events` what may not count: quarantined, withdrawn, and the withdrawals themselves.
std::vector<const MailEvent*> admit(std::vector<const MailEvent*> events, const ParcelOrderFacts& order, Instant asOf,
                                    ParcelView& view) {
  std::vector<const MailEvent*> admitted;
  for (const MailEvent* event : events) {
    if (std::string fault = faultOf(*event, order, asOf); !fault.empty()) {
      view.quarantined.push_back({event->key, fault});
    } else {
      admitted.push_back(event);
    }
  }
  // The latest withdrawal first: one may take back an earlier one.
  std::set<const MailEvent*> gone;
  for (auto each = admitted.rbegin(); each != admitted.rend(); ++each) {
    const MailEvent& withdrawal = **each;
    if (withdrawal.kind != MailEventKind::kWithdrawn || gone.contains(&withdrawal)) continue;
    bool found = false;
    for (const MailEvent* event : admitted) {
      if (!isWithdrawnBy(withdrawal, *event)) continue;
      gone.insert(event);
      found = true;
    }
    if (!found) view.quarantined.push_back({withdrawal.key, "withdraws_nothing"});
  }
  std::erase_if(admitted, [&](const MailEvent* event) {
    return gone.contains(event) || event->kind == MailEventKind::kWithdrawn;
  });
  return admitted;
}

bool isOfReceipt(const MailEvent& event, const ParcelOrderFacts& order) {
  return !order.returnWaybill.empty() && order.returnWaybill != order.waybill && event.waybill == order.returnWaybill;
}

}  // namespace

std::string_view nameOf(ParcelState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return {};
}

std::optional<ParcelState> findParcelState(std::string_view name) {
  for (const auto& [value, known] : kStates) {
    if (known == name) return value;
  }
  return std::nullopt;
}

bool isFinal(ParcelState state) {
  return state == kRejected || state == kSigned || state == kReturned || state == kLost || state == kCancelled;
}

bool isDoubtful(const Quarantined& quarantined) {
  const std::string& reason = quarantined.reason;
  return reason != "waybill" && reason != "before_posting" && reason != "future" && reason != "year";
}

ParcelView viewParcel(const ParcelOrderFacts& order, const std::vector<MailEvent>& events, Instant asOf,
                      const StaleRules& stale) {
  ParcelView view;
  const std::vector<const MailEvent*> admitted = admit(distinct(events), order, asOf, view);
  const auto isPosting = [&](const MailEvent* event) {
    return event->kind == MailEventKind::kPosted && !isOfReceipt(*event, order);
  };
  const auto posting = std::find_if(admitted.begin(), admitted.end(), isPosting);
  Walk walk(order.stage, view);
  for (const MailEvent* event : admitted) {
    if (isOfReceipt(*event, order)) {
      const bool isThere = event->kind == MailEventKind::kSigned || event->kind == MailEventKind::kReturned;
      if (isThere && !view.receiptArrivedAt) view.receiptArrivedAt = event->opTime;
      continue;
    }
    if (posting != admitted.end() && travels(event->kind) && event->opTime < (*posting)->opTime) {
      view.quarantined.push_back({event->key, "before_posting"});
      continue;
    }
    view.lastEventAt = event->opTime;
    if (event->kind == MailEventKind::kIgnored || event->kind == MailEventKind::kUnknown) continue;
    view.effective.push_back(event->key);
    walk.take(*event);
  }
  view.isStale = isStaleAt(view, order, asOf, stale);
  return view;
}

}  // namespace qianda::delivery
