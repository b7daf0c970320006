// Signing links: a secret of 256 bits for one party of one envelope, good for a while, of which only the SHA-256 is
// kept. Who has the database has no link; who has a link is that party and nobody else. Functions on a Transaction.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct Link {
  std::string envelope, party;
  std::string purpose;  // "sign", "copy"
  core::Instant expires;
};

// 256 random bits as 52 upper-case characters of Crockford's base 32 (a QR code stays alphanumeric).
std::string drawSecret();

// Returns the secret. `replacing`: every earlier link of that party ends.
std::string issueLink(storage::Transaction& transaction, const Link& link, bool replacing, core::Instant now);
// Nothing for a secret that is unknown, over or revoked.
std::optional<Link> findLink(storage::Transaction& transaction, const std::string& secret, core::Instant now);
void revokeLinks(storage::Transaction& transaction, const std::string& envelope, const std::string& party);

}  // namespace qianda::contracts
