#include "delivery/callbacks/receive.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base64.h"
#include "core/digest.h"
#include "core/id.h"
#include "core/json_text.h"
#include "delivery/queue/postal_queue.h"
#include "delivery/service/record_store.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::jsonOf;
using storage::msOf;
using storage::Transaction;
using Verdict = PushReading::Verdict;

// Of a message that changes nothing; a longer one is named by its digest and size alone.
constexpr std::size_t kLargestKept = 4096;

std::string_view nameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "good";
    case Verdict::kQuarantined:
      return "quarantined";
    case Verdict::kForged:
      return "forged";
    case Verdict::kGarbage:
      break;
  }
  return "garbage";
}

std::string headersText(const PushMessage& message) {
  std::string json = "{";
  for (const auto& [name, value] : message.headers) {
    json += (json.size() > 1 ? "," : "") + core::jsonText(name) + ":" + core::jsonText(value);
  }
  return json + "}";
}

// Whether a ruling may rest on a parcel in this state.
bool bears(ParcelState state) {
  using enum ParcelState;
  static constexpr ParcelState kBearing[] = {kFailed,   kPickupHeld, kSigned,    kReturning,
                                             kReturned, kLost,       kCancelled, kRejected};
  return std::find(std::begin(kBearing), std::end(kBearing), state) != std::end(kBearing);
}

// `notes` are the first in the audit log of what changes here.
ParcelView settle(Transaction& t, Parcel& parcel, std::vector<ServiceNote> notes, core::Instant now) {
  const ParcelView view = viewOf(t, parcel, {}, now);
  const ParcelState before = parcel.state;
  const core::Actor actor{parcel.organisation, "partner:" + parcel.partner, "", ""};
  const bool wasAlarmed = parcel.isAlarmed;
  refreshParcel(t, parcel, view, now);
  if (view.state != before) {
    notes.push_back({"parcel.state", jsonOf({{"parcel", parcel.id},
                                             {"from", std::string(nameOf(before))},
                                             {"to", std::string(nameOf(view.state))},
                                             {"waybill", parcel.waybill}})});
  }
  if (view.isAlarmed && !wasAlarmed) notes.push_back({"parcel.alarm", jsonOf({{"parcel", parcel.id}})});
  noteInService(t, actor, parcel.record, notes, now);
  // Asked for with each event that follows, filed once.
  if (parcel.wantsReceipt && view.receiptArrivedAt) enqueueTask(t, {"receipt", parcel.id, parcel.partner, now}, now);
  if (bears(before) || bears(view.state)) recompute(t, actor, parcel.record, now);
  return view;
}

}  // namespace

ParcelView settleParcel(Transaction& t, Parcel& parcel, core::Instant now) { return settle(t, parcel, {}, now); }

EventsEffect takeEvents(Transaction& t, const std::string& partner, const std::vector<MailEvent>& events,
                        const std::string& details, core::Instant now) {
  EventsEffect effect;
  effect.added = keepEvents(t, partner, events);
  std::map<std::string, std::uint64_t> waybills;  // events of each
  for (const MailEvent& event : events) ++waybills[event.waybill];
  const ServiceNote told{"parcel.events", details};
  // Whoever locks a parcel sees the events that others told meanwhile.
  if (waybills.size() == 1 && effect.added > 0) {
    if (auto parcel = lockParcelByWaybill(t, partner, waybills.begin()->first)) {
      settle(t, *parcel, {told}, now);
    } else {
      effect.strays = events.size();
    }
    return effect;
  }
  std::set<std::string> parcels;  // in one order for everybody who locks them
  for (const auto& [waybill, count] : waybills) {
    if (const auto parcel = findParcelByWaybill(t, partner, waybill)) {
      parcels.insert(parcel->id);
    } else {
      effect.strays += count;
    }
  }
  if (effect.added == 0) return effect;
  for (const std::string& id : parcels) {
    Parcel parcel = lockParcel(t, id);
    settle(t, parcel, {told}, now);
  }
  return effect;
}

PushEffect takePush(Transaction& t, const std::string& partner, const PushMessage& message, const PushReading& reading,
                    core::Instant now) {
  PushEffect effect;
  const std::string octets(message.body.begin(), message.body.end());
  const std::string sha256 = core::sha256Hex(octets);
  const bool isGood = reading.verdict == Verdict::kGood;
  std::int64_t times = 1;
  if (t.execute("UPDATE partner_messages SET times = times + 1, last_ms = $1 WHERE partner = $2 AND sha256 = $3",
                {msOf(now), partner, sha256}) > 0) {
    const auto known =
        t.findRow("SELECT verdict, times FROM partner_messages WHERE partner = $1 AND sha256 = $2", {partner, sha256});
    // Octets that nobody vouched for (a key not yet exchanged, a clock that was wrong, a forger) do not stand in the
    // way of the same ones well signed.
    effect.isRepeated = !isGood || known->text(0) == "good";
    if (effect.isRepeated) return effect;
    times = known->number(1);
    t.execute("DELETE FROM partner_messages WHERE partner = $1 AND sha256 = $2", {partner, sha256});
  }
  effect.message = core::DocumentId::at(now).text();
  if (isGood) {
    std::vector<MailEvent> events = reading.events;
    for (MailEvent& event : events) {
      event.receivedAt = now;
      event.source = "push";
      event.message = effect.message;
    }
    const EventsEffect taken = takeEvents(
        t, partner, events, jsonOf({{"message", effect.message}, {"sha256", sha256}, {"peer", message.peer}}), now);
    effect.events = taken.added;
    effect.strays = taken.strays;
  }
  const bool isKept = isGood || reading.verdict == Verdict::kQuarantined || octets.size() <= kLargestKept;
  t.insertAll(
      "INSERT INTO partner_messages (id, partner, sha256, message_key, peer, headers, body, verdict, reason, events, "
      "strays, times, received_ms, last_ms) VALUES",
      14,
      {{effect.message, partner, sha256, reading.messageKey, message.peer, headersText(message),
        isKept ? core::toBase64(message.body) : std::string(), std::string(nameOf(reading.verdict)),
        isKept ? reading.reason : reading.reason + " (" + std::to_string(octets.size()) + " octets, not kept)",
        static_cast<std::int64_t>(effect.events), static_cast<std::int64_t>(effect.strays), times, msOf(now),
        msOf(now)}});
  return effect;
}

std::vector<KeptMessage> listMessages(Transaction& t, const std::string& partner, const std::string& verdict,
                                      const std::string& after, std::size_t limit) {
  std::string sql =
      "SELECT id, partner, sha256, peer, verdict, reason, events, strays, times, received_ms FROM partner_messages "
      "WHERE partner = $1 AND id > $2";
  storage::Values values = {partner, after};
  if (!verdict.empty()) {
    values.emplace_back(verdict);
    sql += " AND verdict = $3";
  }
  values.emplace_back(static_cast<std::int64_t>(limit));
  sql += " ORDER BY id LIMIT $" + std::to_string(values.size());
  std::vector<KeptMessage> messages;
  for (const storage::Row& row : t.query(sql, values)) {
    messages.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.number(6),
                        row.number(7), row.number(8), storage::instantOf(row.number(9))});
  }
  return messages;
}

}  // namespace qianda::delivery
