// What was erased under a retention rule, or is being so, and the proof of it: a statement of the platform with the
// hash and size of every revision, the rule, the end, who ordered and who approved, when and where, as JSON with the
// platform's detached CMS over its octets. Proofs stay. Functions on a Transaction.
#pragma once

#include <optional>
#include <string>

#include "contracts/envelope/envelope.h"

namespace qianda::contracts {

inline constexpr const char* kErasureFormat = "qianda-erasure-1";

struct Erasure {
  std::string envelope, organisation, order;
  std::string state;  // "erasing", "erased"
  core::Instant begun, erased;
  std::string statement, signature;  // of an erased one: JSON, and CMS in base64
};
std::optional<Erasure> findErasure(storage::Transaction& transaction, const std::string& envelope);

// The envelope until the transaction ends, for whoever holds or erases it: throws kNotFound when it is not the
// organisation's, kConflict when its erasure has begun.
Envelope lockForRetention(storage::Transaction& transaction, const std::string& organisation, const std::string& id);

}  // namespace qianda::contracts
