// The simulated partner's parcels: what was ordered, how often, what happens to each when. Every change is appended to
// a journal before it is answered, so that a process that is killed comes back with all of them. Whether an event has
// happened is a function of the clock: due at (creation + pause / speed) by the wall clock, told with the time of the
// script when it has an epoch, else with the time it is due. Thread-safe; what it returns are copies.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/postal-simulator/script.h"
#include "delivery/partner/postal_partner.h"
#include "delivery/partner/strict_json.h"

namespace qianda::postal_simulator {

struct Happening {
  Step step;
  core::Instant due, opTime;
  int pushes = 0;                           // sent
  bool isAnswered = false, isLost = false;  // answered well; never sent, by a fault
};

struct Parcel {
  std::string partner, orderNo, waybill, returnWaybill;
  std::string name;  // of the recipient
  std::vector<Happening> events;
  std::optional<core::Instant> cancelledAt;
  bool ignoresCancel = false;  // cancelled, and yet it travels

  bool isTold(std::size_t event, core::Instant now) const;  // it has happened, and cancellation did not come before
  bool isPosted(core::Instant now) const;                   // 收寄: from then on nothing is cancelled
};

struct BookOptions {
  std::filesystem::path state;  // journal; empty: kept in memory alone
  double speed = 1;
  std::optional<core::Instant> epoch;
  std::uint64_t firstNumber = 0;
  bool isS10 = false;  // numbers such as LZ290346175CN instead of thirteen digits
};

class ParcelBook {
 public:
  // Reads the journal. Throws kCorrupt with file and line, kSystem when it cannot be written.
  explicit ParcelBook(BookOptions options);
  ~ParcelBook();

  // One call of the order operation. A parcel that there is under the number is returned by `findOrdered`; it is the
  // caller's to decide whether another one is created.
  void countOrder(const std::string& partner, const std::string& orderNo);
  Parcel create(const std::string& partner, const delivery::PostalOrder& order, const Script& script,
                core::Instant now);
  std::vector<Parcel> findOrdered(const std::string& partner, const std::string& orderNo) const;
  std::optional<Parcel> find(const std::string& waybill) const;  // by its own or its receipt's number
  void cancel(const std::string& waybill, bool isIgnored, core::Instant now);
  // Adds events to a parcel, from now on; returns how many it had.
  std::size_t add(const std::string& waybill, const Script& script, core::Instant now);
  void countPush(const std::string& waybill, std::size_t event, bool isAnswered);
  void losePush(const std::string& waybill, std::size_t event);

  std::vector<Parcel> all() const;
  delivery::JsonObject json(core::Instant now, bool withParcels) const;

 private:
  void append(const delivery::JsonObject& line, bool isDurable);
  void replay(const std::string& text);
  void apply(const Poco::JSON::Object& line);
  void plan(Parcel& parcel, const Script& script, core::Instant wall, core::Instant base) const;
  Parcel& at(const std::string& waybill);

  const BookOptions options_;
  mutable std::mutex mutex_;
  int journal_ = -1;
  std::map<std::string, Parcel> parcels_;  // by waybill
  std::map<std::string, std::string> receipts_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> orders_;  // waybills, in order
  std::map<std::pair<std::string, std::string>, int> calls_;
};

}  // namespace qianda::postal_simulator
