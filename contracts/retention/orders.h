// Orders to erase: proposed by one person, approved by another (as grants of seals are), done as durable work, one
// piece for each envelope, after the persons who signed were told and had their time to fetch their copy. What is held,
// is not due or has no known end is refused when it is ordered and again, under the envelope's lock, when it is to be
// erased. Functions on a Transaction.
#pragma once

#include "contracts/envelope/services.h"
#include "contracts/retention/rules.h"

namespace qianda::contracts {

inline constexpr const char* kEraseWork = "erase_envelope";  // the subject is the envelope
inline constexpr std::size_t kMostErasedAtOnce = 1000;

struct ErasureItem {
  std::string envelope, state, reason;
};
struct ErasureOrder {
  std::string id, organisation, ground, state, proposedBy, decidedBy, reason;
  core::Instant proposedAt;
  std::optional<core::Instant> decidedAt;
  std::vector<ErasureItem> items;  // of getErasureOrder
};

// Returns its id. Throws kConflict naming the envelope that must be kept or is ordered already, kNotFound for one of
// nobody or another organisation, kInvalidInput for none or too many.
std::string proposeErasure(storage::Transaction& transaction, const Actor& actor,
                           const std::vector<std::string>& envelopes, const std::string& ground, core::Instant now);
// Tells the persons and asks for the work. Throws kNotFound; kConflict when it was decided before or when the actor
// proposed it.
void approveErasure(storage::Transaction& transaction, const Actor& actor, const std::string& id, core::Instant now);
// By another person than who proposed it, or withdrawn by who did; an approved one as long as nothing of it began.
void rejectErasure(storage::Transaction& transaction, const Actor& actor, const std::string& id,
                   const std::string& reason, core::Instant now);
ErasureOrder getErasureOrder(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
std::vector<ErasureOrder> listErasureOrders(storage::Transaction& transaction, const std::string& organisation,
                                            const std::string& after = {}, std::size_t limit = 100);

}  // namespace qianda::contracts
