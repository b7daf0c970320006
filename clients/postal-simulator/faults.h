// What goes wrong at the simulated partner, by probability, from a seed: the same seed and the same calls give the same
// faults. Set at start and while it runs (docs/postal-simulator.md). Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <random>
#include <string>
#include <string_view>

#include "delivery/partner/strict_json.h"

namespace qianda::postal_simulator {

enum class Fault {
  // Of replies.
  kOutage,        // 500 before anything is done
  kLate,          // done and answered after delay_ms
  kDropReply,     // done, and the connection closed
  kDelay,         // done, answered after delay_ms
  kAnswerTwice,   // done, the reply sent twice
  kGarbageReply,  // done, answered with something unreadable
  kSlowReply,     // done, an octet every slow_ms
  // Of pushes.
  kLosePush,     // never sent
  kDuplicate,    // sent again `duplicates` times after it was answered well
  kReorder,      // held back for up to reorder_ms while later ones go out
  kWrongSender,  // these go out instead of the genuine one, which is tried again unless it was answered well
  kStale,        // an hour old
  kGarbagePush,
  kOversize,
  kForged,  // made with another key
  // Of parcels.
  kWithdraw,       // the last event is told and withdrawn
  kIgnoredCancel,  // the cancellation is confirmed, and yet it travels
  kCount,
};

struct FaultNumbers {
  int delayMs = 1000, slowMs = 20, duplicates = 2, reorderMs = 200;
};

class Faults {
 public:
  // {"drop_reply": 0.3, "delay_ms": 90000, "only": "order", "times": 5, "seed": 7, "idempotency": "same"}; members that
  // are not named stay. Throws kInvalidInput naming the member, and then changes nothing.
  void set(const Poco::JSON::Object& json);
  delivery::JsonObject json() const;

  // Draws, and counts it against `times`. `operation`: of a request, which must be the one of `only`.
  bool strikes(Fault fault, std::string_view operation = {});
  bool isSet(Fault fault) const;
  FaultNumbers numbers() const;
  std::string idempotency() const;  // of orders: "same" parcel, a "second" one, "refuse"
  std::uint64_t below(std::uint64_t limit);

 private:
  struct State {
    std::array<double, static_cast<std::size_t>(Fault::kCount)> chances{};
    FaultNumbers numbers;
    std::string only, idempotency = "same";
    std::int64_t times = -1;  // how many faults may still strike, -1: any number
    std::int64_t seed = 1;
  };
  mutable std::mutex mutex_;
  State state_;
  std::mt19937_64 random_{1};
};

}  // namespace qianda::postal_simulator
