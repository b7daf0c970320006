// What the fields of an envelope's document were filled with, and what the rules said of it, written in the transaction
// that makes the envelope: its roster may be gone when evidence is asked for. Functions on a Transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/sql/database.h"

namespace qianda::contracts {

struct EvidenceSnapshot {
  std::string envelope;
  std::string fields;     // a JSON object, name -> value, in the template's order
  std::string ruleCheck;  // a JSON object: "rules" (version), "faults"
};

// Throws kConflict when an envelope has one.
void storeSnapshots(storage::Transaction& transaction, const std::vector<EvidenceSnapshot>& snapshots);
std::optional<EvidenceSnapshot> findSnapshot(storage::Transaction& transaction, const std::string& envelope);

}  // namespace qianda::contracts
