// The append-only audit log: who did what when, in streams (one for each envelope, one for each organisation), each
// entry chained to the one before by its hash, so that nothing can be taken out, changed or moved within a stream
// unseen. Written in the transaction that does what the entry tells. Hash: SM3 (GB/T 32905) over the netstrings
// ("<octets>:<text>,") of: "qianda-audit-1", stream, seq, at (milliseconds since 1970), type, actor, peer, device,
// details, the previous hash (64 zeros for the first); hexadecimal.
#pragma once

#include <string>
#include <vector>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::storage {

struct AuditEntry {
  std::string stream;        // "envelope:<id>" or "organisation:<id>"
  std::string organisation;  // the tenant the stream belongs to
  core::Instant at;
  std::string type;            // "envelope.sent", "party.identity_verified": docs/evidence.md lists them
  std::string actor;           // "user:<id>", "api_key:<id>", "party:<id>", "system"
  std::string peer;            // address of the client, or ""
  std::string device;          // user agent, or ""
  std::string details = "{}";  // a JSON object with members in a fixed order
};

std::string auditHash(const AuditEntry& entry, std::int64_t seq, const std::string& previous);

void appendAudit(Transaction& transaction, const AuditEntry& entry);
// The next entries of one stream, in their order.
void appendAudit(Transaction& transaction, const std::vector<AuditEntry>& entries);
// The first entries of streams that do not exist yet, in one go. Throws kConflict when one does.
void startAuditStreams(Transaction& transaction, const std::vector<AuditEntry>& entries);

}  // namespace qianda::storage
