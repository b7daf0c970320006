// Legal holds: while one is on an envelope, nothing of it is erased, whatever was ordered. Placing one and beginning an
// erasure take turns on the envelope's row: a hold that was placed holds, one that comes too late is told so. Functions
// on a Transaction.
#pragma once

#include "contracts/retention/rules.h"

namespace qianda::contracts {

// Returns its id. Throws kNotFound for an envelope of nobody or another organisation, kConflict once its erasure began.
std::string placeHold(storage::Transaction& transaction, const Actor& actor, const std::string& envelope,
                      const std::string& ground, const std::string& reference, core::Instant now);
// Throws kNotFound, or kConflict when it was lifted before.
void liftHold(storage::Transaction& transaction, const Actor& actor, const std::string& id, const std::string& ground,
              core::Instant now);
LegalHold getHold(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
// By id, behind `after`.
std::vector<LegalHold> listHolds(storage::Transaction& transaction, const std::string& organisation,
                                 const std::string& after = {}, std::size_t limit = 100);
// Those that hold it now.
std::vector<LegalHold> listHoldsOn(storage::Transaction& transaction, const std::string& envelope);

}  // namespace qianda::contracts
