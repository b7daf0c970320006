#include "contracts/seals/seals.h"

#include "contracts/envelope/details.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Row;
using storage::Transaction;

constexpr const char* kColumns =
    "SELECT id, organisation, name, owner_name, kind, use_line, number, code, demo, key_reference, certificate, "
    "certificate_sha256, certificate_serial, not_after_ms, state, state_reason, created_by, created_ms FROM seals ";

using storage::instantOf;
using storage::msOf;

Seal sealOf(const Row& row) {
  Seal seal;
  seal.id = row.text(0);
  seal.organisation = row.text(1);
  seal.name = row.text(2);
  seal.design.ownerName = row.text(3);
  const auto kind = signing::findSealKind(row.text(4));
  if (!kind) throw Error(ErrorCode::kCorrupt, "seal " + seal.id + " is of no known kind: " + row.text(4));
  seal.design.kind = *kind;
  seal.design.use = row.findText(5);
  seal.design.number = static_cast<int>(row.number(6));
  seal.design.code = row.text(7);
  seal.design.demo = row.number(8) != 0;
  seal.keyReference = row.text(9);
  seal.certificate = core::fromHex(row.text(10));
  seal.certificateSha256 = row.text(11);
  seal.certificateSerial = row.text(12);
  seal.notAfter = instantOf(row.number(13));
  seal.state = row.text(14);
  seal.stateReason = row.text(15);
  seal.createdBy = row.text(16);
  seal.createdAt = instantOf(row.number(17));
  return seal;
}

void note(Transaction& transaction, const Actor& actor, const std::string& type, const std::string& details,
          core::Instant at) {
  storage::appendAudit(transaction, {"organisation:" + actor.organisation, actor.organisation, at, type, actor.name,
                                     actor.peer, actor.device, details});
}

}  // namespace

void insertSeal(Transaction& transaction, const Seal& seal, const Actor& actor) {
  if (transaction.findRow("SELECT id FROM seals WHERE organisation = $1 AND name = $2",
                          {seal.organisation, seal.name})) {
    throw Error(ErrorCode::kConflict, "there is a seal named " + seal.name + " already");
  }
  const signing::SealDesign& design = seal.design;
  transaction.insertAll(
      "INSERT INTO seals (id, organisation, name, owner_name, kind, use_line, number, code, demo, key_reference, "
      "certificate, certificate_sha256, certificate_serial, not_after_ms, state, state_reason, created_by, created_ms) "
      "VALUES",
      18,
      {{seal.id, seal.organisation, seal.name, design.ownerName, signing::shapeOf(design.kind).name,
        storage::optionalValue(design.use), std::int64_t{design.number}, design.code, std::int64_t{design.demo},
        seal.keyReference, core::toHex(seal.certificate), seal.certificateSha256, seal.certificateSerial,
        msOf(seal.notAfter), seal.state, seal.stateReason, seal.createdBy, msOf(seal.createdAt)}});
  note(transaction, actor, "seal.created", jsonOf({{"seal", seal.id}, {"certificate_sha256", seal.certificateSha256}}),
       seal.createdAt);
}

std::optional<Seal> findSeal(Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto row =
      transaction.findRow(std::string(kColumns) + "WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) return std::nullopt;
  return sealOf(*row);
}

Seal getSeal(Transaction& transaction, const std::string& organisation, const std::string& id) {
  auto seal = findSeal(transaction, organisation, id);
  if (!seal) throw Error(ErrorCode::kNotFound, "no seal " + id, "there is no such seal");
  return std::move(*seal);
}

std::vector<Seal> listSeals(Transaction& transaction, const std::string& organisation, const std::string& after,
                            std::size_t limit) {
  std::vector<Seal> seals;
  for (const Row& row :
       transaction.query(std::string(kColumns) + "WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
                         {organisation, after, static_cast<std::int64_t>(limit)})) {
    seals.push_back(sealOf(row));
  }
  return seals;
}

void changeSealState(Transaction& transaction, const Actor& actor, const std::string& id, const std::string& state,
                     const std::string& reason, core::Instant now) {
  const Seal seal = getSeal(transaction, actor.organisation, id);
  const bool isAllowed = (state == "active" && seal.state == "suspended") ||
                         (state == "suspended" && seal.state == "active") ||
                         (state == "revoked" && seal.state != "revoked");
  const bool isChanged =
      isAllowed && transaction.execute("UPDATE seals SET state = $1, state_reason = $2 WHERE id = $3 AND state = $4",
                                       {state, reason, id, seal.state}) == 1;
  if (!isChanged) {
    throw Error(ErrorCode::kConflict, "seal " + id + " is " + seal.state + " and cannot become " + state);
  }
  note(transaction, actor, "seal." + std::string(state == "active" ? "resumed" : state), jsonOf({{"seal", id}}), now);
}

}  // namespace qianda::contracts
