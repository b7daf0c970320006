// Parcels and what partners told of them, in SQL. A parcel's own columns change by compare-and-set of its version, so
// that a worker that was thought dead changes nothing; its events are a set: the same one told again, by push or by
// poll, is there once. Events of a waybill that nobody knows yet are kept and count when the waybill is known.
// Functions on a Transaction, any thread.
#pragma once

#include <string>
#include <vector>

#include "delivery/post/parcel.h"
#include "storage/sql/database.h"

namespace qianda::delivery {

struct Parcel {
  std::string id;  // the order number
  std::string organisation, record, attempt, partner;
  ParcelState stage = ParcelState::kQueued;
  std::string waybill, returnWaybill;  // "" before
  std::string refusal;                 // why the partner did not take it
  bool wantsReceipt = false;
  core::Instant submittedAt{};
  std::string cancelReason;  // asked for; "" not
  std::string printBundle;   // document; "" before
  std::int64_t version = 0;
  ParcelState state = ParcelState::kQueued;  // with its events
  core::Instant lastEventAt{};
  bool isStale = false, isAlarmed = false;
  core::Instant createdAt{};
};

void insertParcel(storage::Transaction& transaction, const Parcel& parcel, core::Instant now);
Parcel getParcel(storage::Transaction& transaction, const std::string& id);  // throws kNotFound
// The same, and nobody else changes it until the transaction ends.
Parcel lockParcel(storage::Transaction& transaction, const std::string& id);
std::vector<Parcel> listParcelsOf(storage::Transaction& transaction, const std::string& record);
// By id, behind `after`; `state` "" for every one.
std::vector<Parcel> listParcels(storage::Transaction& transaction, const std::string& organisation,
                                const std::string& state, const std::string& after, std::size_t limit);
// By its own waybill or that of its receipt.
std::optional<Parcel> findParcelByWaybill(storage::Transaction& transaction, const std::string& partner,
                                          const std::string& waybill);

// The same, and nobody else changes it until the transaction ends.
std::optional<Parcel> lockParcelByWaybill(storage::Transaction& transaction, const std::string& partner,
                                          const std::string& waybill);

// Writes what may change, and raises the version; throws kConflict when the row's version is another.
void saveParcel(storage::Transaction& transaction, Parcel& parcel, core::Instant now);

std::vector<MailEvent> listEvents(storage::Transaction& transaction, const Parcel& parcel);
ParcelView viewOf(storage::Transaction& transaction, const Parcel& parcel, const StaleRules& stale, core::Instant asOf);
// The number that were new.
std::uint64_t keepEvents(storage::Transaction& transaction, const std::string& partner,
                         const std::vector<MailEvent>& events);
// Computes the view and saves what it says when that is another; true then.
bool refreshParcel(storage::Transaction& transaction, Parcel& parcel, const ParcelView& view, core::Instant now);

}  // namespace qianda::delivery
