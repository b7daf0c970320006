// How long an envelope is kept: a table of classes with what the law asks for at least, what an organisation
// lengthened, and the end from which the years are counted. 劳动合同法 50: the text of an ended labour contract, 2
// years. 保障农民工工资支付条例 28: a construction project's records of its workers, 3 years after the project was
// completed and all wages were paid. Ends are days in China; without a known end nothing is ever due. Functions on a
// Transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contracts/envelope/envelope.h"

namespace qianda::contracts {

struct RetentionRule {
  std::string name;                   // of the class: "labour_contract", "construction"
  std::int64_t least = 0, years = 0;  // the law's and the organisation's
  std::string law;
};
std::vector<RetentionRule> listRetentionRules(storage::Transaction& transaction, const std::string& organisation);
// Throws kInvalidInput for fewer years than the law's or more than 100, kNotFound for no such class.
void setRetentionRule(storage::Transaction& transaction, const Actor& actor, const std::string& name,
                      std::int64_t years, core::Instant now);

// What the organisation's contracts are, unless an envelope's note says otherwise.
std::string retentionClass(storage::Transaction& transaction, const std::string& organisation);
void setRetentionClass(storage::Transaction& transaction, const Actor& actor, const std::string& name,
                       core::Instant now);

struct RetentionNote {
  std::string className;  // empty: the organisation's; a note never leads to fewer years than that
  std::optional<core::Date> ended, settled;
  std::string ground;
};
// Throws kNotFound for an envelope of nobody or another organisation, kConflict once its erasure began.
void noteEnd(storage::Transaction& transaction, const Actor& actor, const std::string& envelope,
             const RetentionNote& note, core::Instant now);

struct LegalHold {
  std::string id, envelope, ground, reference, placedBy, liftedBy, liftGround;
  core::Instant placedAt;
  std::optional<core::Instant> liftedAt;
};

struct RetentionState {
  RetentionRule rule;
  std::optional<core::Date> end;  // of the contract, or of its construction project
  std::string endSource;          // "noted", "termination", "renewal", "term_end", "contract", "not_concluded"
  std::optional<core::Date> due;  // the first day on which it may be erased
  std::vector<LegalHold> holds;   // that hold it now
};
RetentionState retentionOf(storage::Transaction& transaction, const Envelope& envelope);
// Why it must not be erased on that day: empty, or one sentence.
std::string keepReason(const RetentionState& state, core::Date today);

// Envelopes of the organisation that may be erased on that day and are not; `next` empty at the end.
struct DueEnvelopes {
  std::vector<std::pair<Envelope, RetentionState>> items;
  std::string next;
};
DueEnvelopes listDue(storage::Transaction& transaction, const std::string& organisation, core::Date today,
                     const std::string& after, std::size_t examined = 500);

}  // namespace qianda::contracts
