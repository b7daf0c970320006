// What the simulated partner does, whichever protocol asks: orders, cancellations, labels, queries, tracks, receipts.
// Thread-safe.
#pragma once

#include "clients/postal-simulator/faults.h"
#include "clients/postal-simulator/parcel_book.h"

namespace qianda::postal_simulator {

struct Outcome {
  enum class How { kDone, kRefused, kNotFound } how = How::kDone;
  std::string code, reason;
  std::vector<Parcel> parcels;  // of order, query, track, receipt
  std::string file;             // of label and receipt
  static Outcome refused(const std::string& code, const std::string& reason) {
    return {How::kRefused, code, reason, {}, {}};
  }
};

class Desk {
 public:
  // `placed` is called for a parcel that is new, with the first of its events that was not there before.
  using Placed = std::function<void(const Parcel&, std::size_t first)>;
  Desk(ParcelBook& book, Faults& faults, ScriptRules rules, Script otherwise, Placed placed);

  Outcome order(const std::string& partner, const delivery::PostalOrder& order);
  Outcome cancel(const std::string& partner, const std::string& orderNo, const std::string& waybill);
  Outcome label(const std::string& waybill) const;
  Outcome query(const std::string& partner, const std::string& orderNo) const;
  Outcome track(const std::string& waybill) const;
  Outcome receipt(const std::string& returnWaybill) const;
  void add(const std::string& waybill, const Script& script);

 private:
  Script scriptFor(const delivery::PostalOrder& order) const;

  ParcelBook& book_;
  Faults& faults_;
  const ScriptRules rules_;
  const Script otherwise_;
  const Placed placed_;
};

// The events of a parcel that have happened, of its way there or of its receipt's way back.
std::vector<std::size_t> toldOf(const Parcel& parcel, bool isReceipt, core::Instant now);

}  // namespace qianda::postal_simulator
