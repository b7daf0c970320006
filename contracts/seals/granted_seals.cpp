#include "contracts/seals/granted_seals.h"

#include "contracts/envelope/details.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"

namespace qianda::contracts {
namespace {

using storage::Transaction;
using Answer = std::variant<SealReservation, SealRefusal>;

// What an earlier attempt for this envelope reserved, if it did.
std::optional<SealReservation> findEarlier(Transaction& transaction, const std::string& seal,
                                           const std::string& subject) {
  const auto row = transaction.findRow(
      "SELECT r.id FROM seal_reservations r JOIN seal_grants g ON g.id = r.grant_id WHERE g.seal = $1 AND r.subject = "
      "$2 AND r.used > 0",
      {seal, subject});
  if (!row) return std::nullopt;
  return getReservation(transaction, row->text(0));
}

Answer allow(Transaction& transaction, const Actor& actor, const SealUse& use, core::Instant now) {
  const std::string subject = "envelope:" + use.envelope;
  if (const auto earlier = findEarlier(transaction, use.seal, subject)) {
    if (auto refusal = stillGranted(transaction, *earlier, now)) return std::move(*refusal);
    return *earlier;
  }
  Answer answer = reserveSeal(transaction, actor, {use.seal, use.templateId, subject, 1}, now);
  if (const auto* reservation = std::get_if<SealReservation>(&answer)) {
    settleSeal(transaction, *reservation, 1, "", actor, now);
  }
  return answer;
}

}  // namespace

OpenedSeal GrantedSeals::open(const SealUse& use, core::Instant now) {
  const Actor actor{use.organisation, use.who, "", ""};
  std::optional<Seal> seal;
  const Answer answer = database_.written<Answer>([&](Transaction& transaction) {
    seal = getSeal(transaction, use.organisation, use.seal);
    Answer found = allow(transaction, actor, use, now);
    if (const auto* refusal = std::get_if<SealRefusal>(&found)) {
      storage::appendAudit(
          transaction,
          {"organisation:" + use.organisation, use.organisation, now, "seal.refused", use.who, "", "",
           jsonOf(
               {{"seal", use.seal}, {"envelope", use.envelope}, {"grant", refusal->grant}, {"code", refusal->code}})});
    }
    return found;
  });
  if (const auto* refusal = std::get_if<SealRefusal>(&answer)) {
    throw core::Error(core::ErrorCode::kConflict, refusal->reason);
  }
  return {cabinet_.open(*seal, std::get<SealReservation>(answer)),
          signing::appearanceOf(signing::drawSeal(seal->design))};
}

}  // namespace qianda::contracts
