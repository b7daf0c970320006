// What a partner pushes becomes fact here: the raw octets, the events, the state of the parcels and the ruling on their
// records change in one transaction, and only when it is committed the partner is told that all is well (R9). The same
// octets again change nothing (R4); events of waybills nobody knows are kept and count once they are known. Messages
// that are forged, stale or unreadable are kept and change nothing else (R10). Functions on a Transaction, any thread.
#pragma once

#include <string>
#include <vector>

#include "delivery/partner/postal_partner.h"
#include "delivery/post/parcel_store.h"
#include "storage/sql/database.h"

namespace qianda::delivery {

struct PushEffect {
  std::string message;       // id of the kept octets
  bool isRepeated = false;   // the same octets came before
  std::uint64_t events = 0;  // that were new
  std::uint64_t strays = 0;  // events of waybills nobody knows
};
PushEffect takePush(storage::Transaction& transaction, const std::string& partner, const PushMessage& message,
                    const PushReading& reading, core::Instant now);

// Events however they came ("poll", "receipt"): kept, and the parcels they are of brought up to date. `actor` names who
// told: "partner:<name>".
struct EventsEffect {
  std::uint64_t added = 0, strays = 0;
};
EventsEffect takeEvents(storage::Transaction& transaction, const std::string& partner,
                        const std::vector<MailEvent>& events, const std::string& details, core::Instant now);

// Brings the parcel up to date with its events, and the ruling on its record when that may change. Returns the view.
ParcelView settleParcel(storage::Transaction& transaction, Parcel& parcel, core::Instant now);

struct KeptMessage {
  std::string id, partner, sha256, peer, verdict, reason;
  std::int64_t events = 0, strays = 0, times = 0;
  core::Instant receivedAt{};
};
// By id, behind `after`; `verdict` "" for every one.
std::vector<KeptMessage> listMessages(storage::Transaction& transaction, const std::string& partner,
                                      const std::string& verdict, const std::string& after, std::size_t limit);

}  // namespace qianda::delivery
