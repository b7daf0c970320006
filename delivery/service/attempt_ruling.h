// Rulings on single attempts, before any person decided: what the facts of one attempt say by themselves. `Bench` is
// what they look at and writes down which recalled rules they rested on. Pure; any thread, one bench a ruling.
#pragma once

#include <string_view>

#include "delivery/service/ruling.h"

namespace qianda::delivery {

struct Bench {
  const RecordFacts& record;
  const ServiceRules& rules;
  const WorkingCalendar& calendar;
  core::Date today;
  std::vector<std::string> recalled = {};  // keys looked at for the attempt at hand

  const ServiceRule& rule(std::string_view key);
  bool flag(std::string_view key) { return rule(key).value == "true"; }
  int number(std::string_view key) {
    rule(key);
    return rules.number(key);
  }
};

AttemptRuling ruleOnAttempt(Bench& bench, const AttemptFacts& attempt);

// The parts of it.
AttemptRuling ruleOnPost(Bench& bench, const AttemptFacts& attempt);
AttemptRuling ruleOnElectronic(Bench& bench, const AttemptFacts& attempt);
AttemptRuling ruleOnHand(Bench& bench, const AttemptFacts& attempt);  // direct, lien, collection, entrusted, forwarded
AttemptRuling ruleOnNotice(Bench& bench, const AttemptFacts& attempt);  // public

// By the table of verdicts; `moment` is the evidence, the day is the legal one.
AttemptRuling say(std::string_view code, std::optional<core::Instant> moment = {}, std::optional<core::Date> day = {});
// A person has to look; what would serve waits for that person.
AttemptRuling withReview(AttemptRuling ruling);
// What it means that someone of this class signed: a code of the table.
std::string_view judgeSigner(const Bench& bench, const AttemptFacts& attempt, SignerClass signer);
const EvidenceFacts* findEvidence(const AttemptFacts& attempt, EvidenceKind kind);      // the earliest
const EvidenceFacts* findLastEvidence(const AttemptFacts& attempt, EvidenceKind kind);  // the latest

}  // namespace qianda::delivery
