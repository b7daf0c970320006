#include "contracts/seals/seal_grants.h"

#include "contracts/envelope/details.h"
#include "contracts/seals/seals.h"
#include "core/error.h"
#include "core/id.h"
#include "storage/audit/audit_log.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using core::Instant;
using storage::Row;
using storage::Transaction;

constexpr const char* kColumns =
    "SELECT id, organisation, seal, template, grantee, not_before_ms, not_after_ms, quota, used, reserved, state, "
    "purpose, requested_by, requested_ms, decided_by, decided_ms, revoked_by, revoked_ms, reason FROM seal_grants ";

using storage::instantOf;
using storage::msOf;
std::optional<Instant> findInstant(const Row& row, std::size_t column) {
  const auto ms = row.findNumber(column);
  return ms ? std::optional(instantOf(*ms)) : std::nullopt;
}

SealGrant grantOf(const Row& row) {
  SealGrant grant;
  grant.id = row.text(0);
  grant.organisation = row.text(1);
  grant.seal = row.text(2);
  grant.templateId = row.text(3);
  grant.grantee = row.text(4);
  grant.notBefore = instantOf(row.number(5));
  grant.notAfter = instantOf(row.number(6));
  grant.quota = row.number(7);
  grant.used = row.number(8);
  grant.reserved = row.number(9);
  grant.state = row.text(10);
  grant.purpose = row.text(11);
  grant.requestedBy = row.text(12);
  grant.requestedAt = instantOf(row.number(13));
  grant.decidedBy = row.findText(14).value_or("");
  grant.decidedAt = findInstant(row, 15);
  grant.revokedBy = row.findText(16).value_or("");
  grant.revokedAt = findInstant(row, 17);
  grant.reason = row.text(18);
  return grant;
}

void note(Transaction& transaction, const Actor& actor, const std::string& type, const std::string& details,
          Instant at) {
  storage::appendAudit(transaction, {"organisation:" + actor.organisation, actor.organisation, at, type, actor.name,
                                     actor.peer, actor.device, details});
}

void decide(Transaction& transaction, const Actor& actor, const std::string& id, const std::string& state,
            const std::string& reason, Instant now) {
  const SealGrant grant = getGrant(transaction, actor.organisation, id);
  if (grant.requestedBy == actor.name) {
    throw Error(ErrorCode::kConflict, "grant " + id + " must be decided by another person than who asked for it");
  }
  if (transaction.execute("UPDATE seal_grants SET state = $1, decided_by = $2, decided_ms = $3, reason = $4 WHERE id = "
                          "$5 AND state = 'proposed'",
                          {state, actor.name, msOf(now), reason, id}) != 1) {
    throw Error(ErrorCode::kConflict, "grant " + id + " is " + grant.state + ": nothing is left to decide");
  }
  note(transaction, actor, "seal.grant_" + state, jsonOf({{"grant", id}, {"seal", grant.seal}}), now);
}

// Why this grant does not do at the moment; nothing when it does.
std::optional<SealRefusal> refusalOf(const SealGrant& grant, std::int64_t documents, Instant now) {
  const auto refuse = [&](const char* code, const std::string& reason) {
    return SealRefusal{grant.id, code, "grant " + grant.id + " " + reason};
  };
  if (grant.state == "proposed") return refuse("not_approved", "waits for its approval by a second person");
  if (grant.state == "rejected") return refuse("rejected", "was rejected: " + grant.reason);
  if (grant.state == "revoked") return refuse("revoked", "was revoked: " + grant.reason);
  if (now < grant.notBefore) return refuse("not_yet", "begins at " + core::isoInstant(grant.notBefore));
  if (now >= grant.notAfter) return refuse("ended", "ended at " + core::isoInstant(grant.notAfter));
  const std::int64_t left = grant.quota - grant.used - grant.reserved;
  if (documents > left) {
    return refuse("quota", "has " + std::to_string(left) + " of " + std::to_string(grant.quota) + " documents left, " +
                               std::to_string(documents) + " are wanted");
  }
  return std::nullopt;
}

std::optional<SealRefusal> refusalOf(const Seal& seal, Instant now) {
  if (seal.state != "active") {
    return SealRefusal{"", "seal_" + seal.state, "seal " + seal.id + " is " + seal.state + ": " + seal.stateReason};
  }
  if (now >= seal.notAfter) {
    return SealRefusal{"", "seal_expired",
                       "the certificate of seal " + seal.id + " ended at " + core::isoInstant(seal.notAfter)};
  }
  return std::nullopt;
}

}  // namespace

std::string proposeGrant(Transaction& transaction, const Actor& actor, const SealGrant& wanted, Instant now) {
  getSeal(transaction, actor.organisation, wanted.seal);
  if (wanted.quota < 1 || wanted.quota > kLargestQuota) {
    throw Error(ErrorCode::kInvalidInput, "quota: between 1 and " + std::to_string(kLargestQuota) + " documents");
  }
  if (wanted.notBefore >= wanted.notAfter || wanted.notAfter <= now) {
    throw Error(ErrorCode::kInvalidInput, "not_after: behind not_before and in the future");
  }
  if (!wanted.grantee.starts_with("user:") && !wanted.grantee.starts_with("api_key:")) {
    throw Error(ErrorCode::kInvalidInput, "grantee: user:<id> or api_key:<id>");
  }
  const std::string id = core::DocumentId::at(now).text();
  transaction.insertAll(
      "INSERT INTO seal_grants (id, organisation, seal, template, grantee, not_before_ms, not_after_ms, quota, used, "
      "reserved, state, purpose, requested_by, requested_ms, reason) VALUES",
      15,
      {{id, actor.organisation, wanted.seal, wanted.templateId, wanted.grantee, msOf(wanted.notBefore),
        msOf(wanted.notAfter), wanted.quota, std::int64_t{0}, std::int64_t{0}, std::string("proposed"), wanted.purpose,
        actor.name, msOf(now), std::string()}});
  note(transaction, actor, "seal.grant_proposed",
       jsonOf({{"grant", id}, {"seal", wanted.seal}, {"grantee", wanted.grantee}, {"quota", wanted.quota}}), now);
  return id;
}

void approveGrant(Transaction& transaction, const Actor& actor, const std::string& id, Instant now) {
  decide(transaction, actor, id, "approved", "", now);
}

void rejectGrant(Transaction& transaction, const Actor& actor, const std::string& id, const std::string& reason,
                 Instant now) {
  decide(transaction, actor, id, "rejected", reason, now);
}

void revokeGrant(Transaction& transaction, const Actor& actor, const std::string& id, const std::string& reason,
                 Instant now) {
  const SealGrant grant = getGrant(transaction, actor.organisation, id);
  if (transaction.execute("UPDATE seal_grants SET state = 'revoked', revoked_by = $1, revoked_ms = $2, reason = $3 "
                          "WHERE id = $4 AND state IN ('proposed', 'approved')",
                          {actor.name, msOf(now), reason, id}) != 1) {
    throw Error(ErrorCode::kConflict, "grant " + id + " is " + grant.state + " and cannot be revoked");
  }
  note(transaction, actor, "seal.grant_revoked", jsonOf({{"grant", id}, {"seal", grant.seal}}), now);
}

SealGrant getGrant(Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto row =
      transaction.findRow(std::string(kColumns) + "WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) throw Error(ErrorCode::kNotFound, "no grant " + id, "there is no such grant");
  return grantOf(*row);
}

std::vector<SealGrant> listGrants(Transaction& transaction, const std::string& organisation, const std::string& seal,
                                  const std::string& after, std::size_t limit) {
  const auto most = static_cast<std::int64_t>(limit);
  const storage::Rows rows =
      seal.empty()
          ? transaction.query(std::string(kColumns) + "WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
                              {organisation, after, most})
          : transaction.query(
                std::string(kColumns) + "WHERE organisation = $1 AND seal = $2 AND id > $3 ORDER BY id LIMIT $4",
                {organisation, seal, after, most});
  std::vector<SealGrant> grants;
  for (const Row& row : rows) grants.push_back(grantOf(row));
  return grants;
}

std::variant<SealReservation, SealRefusal> reserveSeal(Transaction& transaction, const Actor& actor,
                                                       const SealRequest& request, Instant now) {
  const Seal seal = getSeal(transaction, actor.organisation, request.seal);
  if (auto refusal = refusalOf(seal, now)) return std::move(*refusal);
  SealRefusal nearest{"", "no_grant",
                      actor.name + " has no grant for seal " + request.seal + " and template " + request.templateId};
  // Those that end first are used first.
  for (const Row& row :
       transaction.query(std::string(kColumns) + "WHERE organisation = $1 AND seal = $2 AND grantee = $3 AND (template "
                                                 "= $4 OR template = '*') ORDER BY state, not_after_ms, id",
                         {actor.organisation, request.seal, actor.name, request.templateId})) {
    const SealGrant grant = grantOf(row);
    auto refusal = refusalOf(grant, request.documents, now);
    // The state may have changed since it was read: what counts is what this statement finds.
    if (!refusal &&
        transaction.execute("UPDATE seal_grants SET reserved = reserved + $1 WHERE id = $2 AND state = 'approved' AND "
                            "used + reserved + $3 <= quota",
                            {request.documents, grant.id, request.documents}) != 1) {
      refusal = refusalOf(getGrant(transaction, actor.organisation, grant.id), request.documents, now);
      if (!refusal) refusal = SealRefusal{grant.id, "quota", "grant " + grant.id + " was used up meanwhile"};
    }
    if (!refusal) {
      SealReservation reservation{
          core::DocumentId::at(now).text(), grant.id, seal.id, actor.organisation, request.subject, request.documents};
      if (transaction.execute("UPDATE seal_reservations SET remaining = remaining + $1 WHERE grant_id = $2 AND subject "
                              "= $3",
                              {request.documents, grant.id, request.subject}) == 1) {
        const auto before =
            transaction.findRow("SELECT id, remaining FROM seal_reservations WHERE grant_id = $1 AND subject = $2",
                                {grant.id, request.subject});
        reservation.id = before->text(0);
        reservation.remaining = before->number(1);
        return reservation;
      }
      transaction.insertAll(
          "INSERT INTO seal_reservations (id, grant_id, subject, remaining, used, created_ms) VALUES", 6,
          {{reservation.id, grant.id, request.subject, request.documents, std::int64_t{0}, msOf(now)}});
      return reservation;
    }
    // What could still be mended is named before what is over.
    const bool isNearer = nearest.grant.empty() || refusal->code == "quota" || refusal->code == "not_approved";
    if (isNearer) nearest = std::move(*refusal);
  }
  return nearest;
}

SealReservation getReservation(Transaction& transaction, const std::string& id) {
  const auto row = transaction.findRow(
      "SELECT r.id, r.grant_id, g.seal, g.organisation, r.subject, r.remaining FROM seal_reservations r JOIN "
      "seal_grants g ON g.id = r.grant_id WHERE r.id = $1",
      {id});
  if (!row) throw Error(ErrorCode::kNotFound, "no reservation " + id);
  return {row->text(0), row->text(1), row->text(2), row->text(3), row->text(4), row->number(5)};
}

std::optional<SealRefusal> stillGranted(Transaction& transaction, const SealReservation& reservation, Instant now) {
  if (auto refusal = refusalOf(getSeal(transaction, reservation.organisation, reservation.seal), now)) return refusal;
  return refusalOf(getGrant(transaction, reservation.organisation, reservation.grant), 0, now);
}

void settleSeal(Transaction& transaction, const SealReservation& reservation, std::int64_t documents,
                const std::string& digest, const Actor& actor, Instant now) {
  if (transaction.execute("UPDATE seal_reservations SET remaining = remaining - $1, used = used + $2 WHERE id = $3 AND "
                          "remaining >= $4",
                          {documents, documents, reservation.id, documents}) != 1) {
    throw Error(ErrorCode::kConflict, "less than " + std::to_string(documents) + " documents are reserved for " +
                                          reservation.subject + " under grant " + reservation.grant);
  }
  if (transaction.execute(
          "UPDATE seal_grants SET reserved = reserved - $1, used = used + $2 WHERE id = $3 AND reserved "
          ">= $4",
          {documents, documents, reservation.grant, documents}) != 1) {
    throw Error(ErrorCode::kCorrupt, "the counters of grant " + reservation.grant + " contradict its reservations");
  }
  const std::string id = core::DocumentId::at(now).text();
  transaction.insertAll(
      "INSERT INTO seal_uses (id, organisation, seal, grant_id, subject, documents, digest, at_ms) VALUES", 8,
      {{id, reservation.organisation, reservation.seal, reservation.grant, reservation.subject, documents, digest,
        msOf(now)}});
  note(transaction, actor, "seal.used",
       jsonOf({{"seal", reservation.seal},
               {"grant", reservation.grant},
               {"subject", reservation.subject},
               {"documents", documents},
               {"digest", digest}}),
       now);
}

void releaseSeal(Transaction& transaction, const std::string& reservation) {
  const auto row =
      transaction.findRow("SELECT grant_id, remaining FROM seal_reservations WHERE id = $1", {reservation});
  if (!row || row->number(1) == 0) return;
  if (transaction.execute("UPDATE seal_reservations SET remaining = 0 WHERE id = $1 AND remaining = $2",
                          {reservation, row->number(1)}) != 1) {
    throw Error(ErrorCode::kConflict, "reservation " + reservation + " is being used");
  }
  transaction.execute("UPDATE seal_grants SET reserved = reserved - $1 WHERE id = $2", {row->number(1), row->text(0)});
}

std::vector<LoggedSealUse> listSealUses(Transaction& transaction, const std::string& organisation,
                                        const std::string& seal, const std::string& after, std::size_t limit) {
  std::vector<LoggedSealUse> uses;
  for (const Row& row :
       transaction.query("SELECT id, seal, grant_id, subject, digest, documents, at_ms FROM seal_uses WHERE "
                         "organisation = $1 AND seal = $2 AND id > $3 ORDER BY id LIMIT $4",
                         {organisation, seal, after, static_cast<std::int64_t>(limit)})) {
    uses.push_back(
        {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.number(5), instantOf(row.number(6))});
  }
  return uses;
}

}  // namespace qianda::contracts
