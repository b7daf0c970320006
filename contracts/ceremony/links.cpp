#include "contracts/ceremony/links.h"

#include <openssl/rand.h>

#include "core/bytes.h"
#include "core/digest.h"
#include "core/error.h"

namespace qianda::contracts {

using storage::Transaction;

std::string drawSecret() {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::uint8_t octets[52];  // five of each eight bits are used: 260
  if (RAND_priv_bytes(octets, sizeof octets) != 1) {
    throw core::Error(core::ErrorCode::kSystem, "the random generator gave no bytes");
  }
  std::string secret;
  for (const std::uint8_t octet : octets) secret += kAlphabet[octet & 31];
  return secret;
}

std::string issueLink(Transaction& transaction, const Link& link, bool replacing, core::Instant now) {
  if (replacing) revokeLinks(transaction, link.envelope, link.party);
  std::string secret = drawSecret();
  transaction.insertAll(
      "INSERT INTO signing_links (secret_sha256, envelope, party, purpose, created_ms, expires_ms, revoked) VALUES", 7,
      {{core::sha256Hex(secret), link.envelope, link.party, link.purpose, now.time_since_epoch().count(),
        link.expires.time_since_epoch().count(), std::int64_t{0}}});
  return secret;
}

std::optional<Link> findLink(Transaction& transaction, const std::string& secret, core::Instant now) {
  const auto row = transaction.findRow(
      "SELECT envelope, party, purpose, expires_ms FROM signing_links WHERE secret_sha256 = $1 AND expires_ms > $2 AND "
      "revoked = 0",
      {core::sha256Hex(secret), now.time_since_epoch().count()});
  if (!row) return std::nullopt;
  return Link{row->text(0), row->text(1), row->text(2), core::Instant(std::chrono::milliseconds(row->number(3)))};
}

void revokeLinks(Transaction& transaction, const std::string& envelope, const std::string& party) {
  transaction.execute("UPDATE signing_links SET revoked = 1 WHERE envelope = $1 AND party = $2", {envelope, party});
}

}  // namespace qianda::contracts
