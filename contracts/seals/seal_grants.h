// Who may seal what, as data: a grant joins a seal, a template (or every one), a person or an API key, a window of time
// and a number of documents. It counts after a second person approved it (授权审批: never who asked for it). Documents
// are reserved before they are sealed and settled afterwards, in the transaction that makes them exist; the counters
// move by compare-and-set, so that used + reserved never exceed the quota, whoever races. A revocation counts at once:
// nothing new is reserved, and who seals on a reservation asks stillGranted() before every group. What was sealed
// before is settled and logged all the same. Functions on a Transaction; any thread.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "contracts/actor.h"
#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct SealGrant {
  std::string id, organisation, seal;
  std::string templateId;  // or "*"
  std::string grantee;     // "user:<id>", "api_key:<id>"
  core::Instant notBefore, notAfter;
  std::int64_t quota = 0, used = 0, reserved = 0;
  std::string state = "proposed";  // "approved", "rejected", "revoked"
  std::string purpose;
  std::string requestedBy;
  core::Instant requestedAt;
  std::string decidedBy, revokedBy, reason;
  std::optional<core::Instant> decidedAt, revokedAt;
};

inline constexpr std::int64_t kLargestQuota = 10'000'000;

// Proposes it in the actor's name; returns its id. Throws kNotFound for a seal of nobody or another organisation,
// kInvalidInput for an empty window or a quota outside 1 to kLargestQuota.
std::string proposeGrant(storage::Transaction& transaction, const Actor& actor, const SealGrant& wanted,
                         core::Instant now);
// Throws kNotFound; kConflict when it was decided before or when the actor proposed it.
void approveGrant(storage::Transaction& transaction, const Actor& actor, const std::string& id, core::Instant now);
void rejectGrant(storage::Transaction& transaction, const Actor& actor, const std::string& id,
                 const std::string& reason, core::Instant now);
// Of a proposed or approved one, by anybody whose route admits it. Throws kNotFound or kConflict.
void revokeGrant(storage::Transaction& transaction, const Actor& actor, const std::string& id,
                 const std::string& reason, core::Instant now);

SealGrant getGrant(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
// By id, behind `after`; of one seal, or of all.
std::vector<SealGrant> listGrants(storage::Transaction& transaction, const std::string& organisation,
                                  const std::string& seal, const std::string& after = {}, std::size_t limit = 100);

struct SealRequest {
  std::string seal, templateId;
  std::string subject;  // "batch:<id>", "envelope:<id>": what will be sealed
  std::int64_t documents = 1;
};

struct SealReservation {
  std::string id, grant, seal, organisation, subject;
  std::int64_t remaining = 0;
};

// Why not: the grant that came nearest (empty: none at all) and a sentence that names both.
struct SealRefusal {
  std::string grant;
  std::string code;  // "no_grant", "not_approved", "not_yet", "ended", "revoked", "quota", "seal_suspended", ...
  std::string reason;
};

// For the actor, who is the grantee. A second call for the same subject under the same grant adds to the first.
std::variant<SealReservation, SealRefusal> reserveSeal(storage::Transaction& transaction, const Actor& actor,
                                                       const SealRequest& request, core::Instant now);
SealReservation getReservation(storage::Transaction& transaction, const std::string& id);

// Nothing: the next group may be sealed.
std::optional<SealRefusal> stillGranted(storage::Transaction& transaction, const SealReservation& reservation,
                                        core::Instant now);

// `documents` of the reservation were sealed; `digest` as in the table seal_uses. Throws kConflict when less is
// reserved.
void settleSeal(storage::Transaction& transaction, const SealReservation& reservation, std::int64_t documents,
                const std::string& digest, const Actor& actor, core::Instant now);
// What was not used goes back. Doing it again does nothing.
void releaseSeal(storage::Transaction& transaction, const std::string& reservation);

struct LoggedSealUse {
  std::string id, seal, grant, subject, digest;
  std::int64_t documents = 0;
  core::Instant at;
};
std::vector<LoggedSealUse> listSealUses(storage::Transaction& transaction, const std::string& organisation,
                                        const std::string& seal, const std::string& after = {},
                                        std::size_t limit = 100);

}  // namespace qianda::contracts
