// API keys of organisations: "qk_<id>_<secret>", shown once, kept as a hash. A key has some of its creator's
// permissions and never more than the creator's role has now; it ends at its expiry (a year at most), when it is
// revoked, and when its creator or organisation is closed, at the next request.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/accounts/accounts.h"

namespace qianda::server {

struct ApiKey {
  std::string id, organisation, creator, name;
  std::set<std::string> scopes;
  std::int64_t createdMs = 0, expiresMs = 0;
  std::optional<std::int64_t> revokedMs, usedMs;  // used: to ten minutes
};

struct NewApiKey {
  std::string name;
  std::set<std::string> scopes;
  core::Instant expires;
};
struct CreatedApiKey {
  std::string id, key;
};
// `creator` is the user who asks. Throws Problem 422 for scopes the creator lacks or an expiry that is past or too far.
CreatedApiKey createApiKey(storage::Transaction& transaction, const Accounts& accounts, const Actor& actor,
                           const Principal& creator, const NewApiKey& key);
std::vector<ApiKey> listApiKeys(storage::Transaction& transaction, const std::string& organisation,
                                const std::string& after, int most);
// Problem 404 also for one of another organisation; nothing happens to one that is revoked.
ApiKey getApiKey(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
void revokeApiKey(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                  const std::string& organisation, const std::string& id);

// Who bears it, if it is a key that counts now. Notes its use.
std::optional<Principal> findBearer(Accounts& accounts, const std::string& key);

}  // namespace qianda::server
