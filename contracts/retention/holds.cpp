#include "contracts/retention/holds.h"

#include "contracts/envelope/details.h"
#include "contracts/retention/erasures.h"
#include "core/error.h"
#include "core/id.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Row;
using storage::Transaction;

constexpr const char* kColumns =
    "SELECT id, envelope, ground, reference, placed_by, placed_ms, lifted_by, lifted_ms, lift_ground FROM legal_holds ";

LegalHold holdOf(const Row& row) {
  LegalHold hold;
  hold.id = row.text(0);
  hold.envelope = row.text(1);
  hold.ground = row.text(2);
  hold.reference = row.text(3);
  hold.placedBy = row.text(4);
  hold.placedAt = core::Instant(std::chrono::milliseconds(row.number(5)));
  hold.liftedBy = row.text(6);
  if (row.number(7) > 0) hold.liftedAt = core::Instant(std::chrono::milliseconds(row.number(7)));
  hold.liftGround = row.text(8);
  return hold;
}

std::vector<LegalHold> holdsOf(const storage::Rows& rows) {
  std::vector<LegalHold> holds;
  for (const Row& row : rows) holds.push_back(holdOf(row));
  return holds;
}

}  // namespace

std::string placeHold(Transaction& transaction, const Actor& actor, const std::string& envelope,
                      const std::string& ground, const std::string& reference, core::Instant now) {
  const Envelope locked = lockForRetention(transaction, actor.organisation, envelope);
  if (ground.empty() || reference.empty()) {
    throw Error(ErrorCode::kInvalidInput, "a hold has a ground and a reference, such as the number of a case");
  }
  const std::string id = core::DocumentId::at(now).text();
  transaction.insertAll(
      "INSERT INTO legal_holds (id, organisation, envelope, ground, reference, placed_by, placed_ms, lifted_by, "
      "lifted_ms, lift_ground) VALUES",
      10,
      {{id, actor.organisation, envelope, ground, reference, actor.name, now.time_since_epoch().count(), std::string(),
        std::int64_t{0}, std::string()}});
  recordPrivately(transaction, locked, actor, "retention.hold_placed",
                  jsonOf({{"hold", id}, {"ground", ground}, {"reference", reference}}), now);
  return id;
}

void liftHold(Transaction& transaction, const Actor& actor, const std::string& id, const std::string& ground,
              core::Instant now) {
  const LegalHold hold = getHold(transaction, actor.organisation, id);
  const Envelope locked = lockEnvelope(transaction, hold.envelope);
  if (ground.empty()) throw Error(ErrorCode::kInvalidInput, "who lifts a hold says why");
  if (transaction.execute("UPDATE legal_holds SET lifted_by = $1, lifted_ms = $2, lift_ground = $3 WHERE id = $4 AND "
                          "lifted_ms = 0",
                          {actor.name, now.time_since_epoch().count(), ground, id}) == 0) {
    throw Error(ErrorCode::kConflict, "hold " + id + " was lifted before");
  }
  recordPrivately(transaction, locked, actor, "retention.hold_lifted",
                  jsonOf({{"hold", id}, {"ground", ground}, {"reference", hold.reference}}), now);
}

LegalHold getHold(Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto row =
      transaction.findRow(std::string(kColumns) + "WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) throw Error(ErrorCode::kNotFound, "there is no hold " + id, "there is no such hold");
  return holdOf(*row);
}

std::vector<LegalHold> listHolds(Transaction& transaction, const std::string& organisation, const std::string& after,
                                 std::size_t limit) {
  return holdsOf(transaction.query(std::string(kColumns) + "WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
                                   {organisation, after, static_cast<std::int64_t>(limit)}));
}

std::vector<LegalHold> listHoldsOn(Transaction& transaction, const std::string& envelope) {
  return holdsOf(
      transaction.query(std::string(kColumns) + "WHERE envelope = $1 AND lifted_ms = 0 ORDER BY id", {envelope}));
}

}  // namespace qianda::contracts
