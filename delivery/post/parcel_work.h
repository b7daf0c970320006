// What the postal queue does at a partner for one parcel: order it, ask what became of it, cancel it. Handlers of
// delivery/queue/postal_workers.h; each bears repetition and ends its task in the transaction with its effect. An order
// is written as SUBMITTING before the partner is called; who finds that state later asks first and never orders blindly
// (P6, R2): an order counts as absent when the partner says so and `unknownWait` has passed since the last call that
// may still be under way. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "core/actor.h"
#include "delivery/partner/postal_partner.h"
#include "delivery/post/parcel_store.h"
#include "delivery/queue/postal_workers.h"

namespace qianda::delivery {

struct PostalPolicy {
  std::chrono::milliseconds unknownWait{180'000};                // longer than any call to a partner can last
  std::chrono::milliseconds trackEvery{1'800'000};               // between two looks at a live parcel
  std::chrono::milliseconds receiptWait{30LL * 24 * 3'600'000};  // for a signed receipt after the parcel was signed for
  StaleRules stale;
};

struct PostalHouse {
  storage::Database& database;
  std::function<PostalPartner&(const std::string& name)> partner;  // throws kNotFound
  PostalPolicy policy;
  std::function<core::Instant()> clock = core::now;
};

// The order of a parcel as the partner gets it: its record's recipient, its attempt's address.
PostalOrder orderOf(storage::Transaction& transaction, const Parcel& parcel);
// Whom a court's letters come back to. findSender gives nothing before one is set.
std::optional<PostalAddress> findSender(storage::Transaction& transaction, const std::string& organisation);
void setSender(storage::Transaction& transaction, const core::Actor& actor, const PostalAddress& sender,
               core::Instant now);

TaskEnd orderParcel(const PostalHouse& house, const PostalTask& task);
TaskEnd trackParcel(const PostalHouse& house, const PostalTask& task);
TaskEnd cancelParcel(const PostalHouse& house, const PostalTask& task);

// Asked for by a person. Throws kConflict when it is too late: the item travels or is at its end.
void askCancel(storage::Transaction& transaction, const core::Actor& actor, const std::string& parcel,
               const std::string& reason, core::Instant now);
// The letter is printed; `pages` must be those of the documents in it (P7). Throws kConflict for another count or
// stage.
void notePrinted(storage::Transaction& transaction, const core::Actor& actor, const std::string& parcel,
                 std::int64_t pages, core::Instant now);

}  // namespace qianda::delivery
