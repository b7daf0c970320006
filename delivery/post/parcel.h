// The state of a parcel, as a pure function of what we did with it and the set of events its partner told: the order of
// arrival plays no part, and neither do repetitions (promises R4, R5, R6). A parcel that is SIGNED, RETURNED, LOST or
// CANCELLED changes again only by P18 to P20 of docs/service-of-documents.md, or when the partner contradicts itself;
// an event older than a signature or a return never undoes it, however late it comes. Times are the partner's. Pure;
// any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delivery/post/mail_event.h"

namespace qianda::delivery {

enum class ParcelState {
  kDraft,
  kSealed,
  kQueued,
  kSubmitting,
  kAccepted,
  kRejected,
  kUnknown,  // submitted, and nobody knows whether the partner took it: ask, never order again
  kPrinted,
  kPosted,
  kTransit,
  kAtOffice,
  kOut,
  kFailed,
  kPickupHeld,
  kSigned,
  kReturning,
  kReturned,
  kLost,
  kCancelled,
};
std::string_view nameOf(ParcelState state);
std::optional<ParcelState> findParcelState(std::string_view name);
bool isFinal(ParcelState state);  // kRejected, kSigned, kReturned, kLost, kCancelled

struct ParcelOrderFacts {
  ParcelState stage = ParcelState::kDraft;  // how far we came by ourselves: kDraft to kPrinted, kRejected, kCancelled
  std::string waybill;                      // "" before it is accepted
  std::string returnWaybill;                // of the signed receipt (返单), or ""
  core::Instant orderedAt{};
};

struct StaleRules {  // hours without an event before a live parcel is STALE, by leg (P22)
  int acceptedHours = 48, transitHours = 72, officeHours = 48, heldHours = 168, returningHours = 120;
};

struct Quarantined {
  std::string key;
  // Without effect (P21): "waybill", "before_posting", "future", "year"; "withdraws_nothing": what it takes back is not
  // here. Contradictions, of which the later one counts and a person looks (isDoubtful): "signed_after_return",
  // "signed_after_lost", "returned_after_lost", "signed_twice" by two classes of signers or on two days,
  // "returned_twice" on two days, "lost_after_end".
  std::string reason;
};
bool isDoubtful(const Quarantined& quarantined);

struct FailedAttempt {  // one for each distinct (opTime, office)
  core::Instant at;
  std::string office;
  ReturnReason reason = ReturnReason::kNone;
};

struct ParcelView {
  ParcelState state = ParcelState::kDraft;
  std::vector<FailedAttempt> failures;
  std::optional<core::Instant> postedAt, signedAt, returnNotedAt, returnArrivedAt, lostAt, pickupHeldAt;
  SignerClass signer = SignerClass::kNone;
  std::string signerName;
  bool signerIdOnReceipt = false;
  ReturnReason returnReason = ReturnReason::kNone;
  bool isStale = false;
  bool isAlarmed = false;   // cancelled, and yet it travels (P18)
  bool isReopened = false;  // came back after it was signed for (P20)
  std::optional<core::Instant> lastEventAt;
  std::vector<Quarantined> quarantined;
  std::vector<std::string> effective;  // keys of the events that count, in order
  // The return leg's receipt under its own waybill (返单).
  std::optional<core::Instant> receiptArrivedAt;
};

// `asOf` decides about the future and about staleness only.
ParcelView viewParcel(const ParcelOrderFacts& order, const std::vector<MailEvent>& events, core::Instant asOf,
                      const StaleRules& stale = {});

}  // namespace qianda::delivery
