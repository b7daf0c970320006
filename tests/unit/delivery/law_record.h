// Service records for tests of rulings: attempts by each method with little to write. Header only.
#pragma once

#include "tests/unit/delivery/law_support.h"

namespace qianda::delivery::law {

inline const core::Instant kAsOf = at("2026-08-31");

inline ParcelView parcel(const std::vector<MailEvent>& events, ParcelState stage = ParcelState::kPrinted) {
  return viewParcel(order(stage), events, kAsOf);
}
// Signed on 2026-05-07 at 10:00 by `words`, with or without the ID number on the receipt.
inline ParcelView signedParcel(const std::string& words, bool hasId = true) {
  std::vector<MailEvent> events{event("203", 1), event("702", 30), event("704", 34, words)};
  events[2].hasIdNumber = hasId;
  return parcel(events);
}
// Tried on three days, return noted on 2026-05-09, back on 2026-05-12.
inline ParcelView returnedParcel(const std::string& words) {
  return parcel({event("203", 1), event("705", 15, words), event("705", 39, words), event("705", 63, words),
                 event("708", 82, words), event("711", 154)});
}

inline AttemptFacts attempt(ServiceMethod method, int number = 1) {
  AttemptFacts attempt;
  attempt.id = "a" + std::to_string(number);
  attempt.number = number;
  attempt.method = method;
  attempt.startedAt = hour(0);
  attempt.address.ground = AddressGround::kConfirmed;
  attempt.address.since = at("2026-04-01");
  attempt.address.consentAt = at("2026-04-01");
  return attempt;
}
inline AttemptFacts post(ParcelView view, int number = 1) {
  AttemptFacts facts = attempt(ServiceMethod::kPostal, number);
  facts.parcel = std::move(view);
  return facts;
}
inline EvidenceFacts evidence(EvidenceKind kind, core::Instant when, SignerClass signer = SignerClass::kNone) {
  EvidenceFacts facts;
  facts.id = std::string(nameOf(kind)) + core::isoInstant(when);
  facts.kind = kind;
  facts.at = facts.recordedAt = when;
  facts.signer = signer;
  if (kind == EvidenceKind::kNote) facts.staff = 2;
  return facts;
}
inline AttemptFacts with(AttemptFacts facts, std::initializer_list<EvidenceFacts> evidence) {
  facts.evidence.insert(facts.evidence.end(), evidence.begin(), evidence.end());
  return facts;
}
inline RecordFacts record(std::vector<AttemptFacts> attempts) {
  RecordFacts facts;
  facts.attempts = std::move(attempts);
  return facts;
}
inline DecisionFacts decide(HumanDecision decision, const std::string& date = "2026-07-01",
                            const std::string& attempt = "a1") {
  DecisionFacts facts;
  facts.decision = decision;
  facts.attempt = attempt;
  facts.by = "李示例";
  facts.reason = "经查";
  facts.at = at(date);
  return facts;
}
inline RecordRuling rule(const RecordFacts& facts, const ServiceRules& rules = ServiceRules::shipped()) {
  return ruleOn(facts, rules, WorkingCalendar::shipped(), kAsOf);
}
inline std::string dayOf(const std::optional<core::Date>& date) { return date ? core::isoDate(*date) : "-"; }

}  // namespace qianda::delivery::law
