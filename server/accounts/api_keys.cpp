#include "server/accounts/api_keys.h"

#include <algorithm>
#include <sstream>

#include "core/id.h"
#include "server/accounts/permissions.h"
#include "server/accounts/secrets.h"
#include "server/accounts/users.h"

namespace qianda::server {
namespace {

using storage::Transaction;

constexpr std::string_view kPrefix = "qk_";
constexpr std::size_t kIdSize = 26, kSecretSize = 43;
constexpr std::int64_t kUsedMs = 600'000;
constexpr const char* kSelect =
    "SELECT id, organisation, creator, name, scopes, created_ms, expires_ms, revoked_ms, used_ms, hash FROM api_keys ";

std::set<std::string> split(const std::string& scopes) {
  std::istringstream stream(scopes);
  std::set<std::string> set;
  for (std::string scope; stream >> scope;) set.insert(scope);
  return set;
}

std::string join(const std::set<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += (text.empty() ? "" : " ") + scope;
  return text;
}

ApiKey read(const storage::Row& row) {
  return {row.text(0),   row.text(1),   row.text(2),       row.text(3),      split(row.text(4)),
          row.number(5), row.number(6), row.findNumber(7), row.findNumber(8)};
}

[[noreturn]] void refuseField(const std::string& pointer, const std::string& code, const std::string& message) {
  throw Problem(422, "body_invalid", message, {{pointer, "", "", code, message}});
}

}  // namespace

CreatedApiKey createApiKey(Transaction& transaction, const Accounts& accounts, const Actor& actor,
                           const Principal& creator, const NewApiKey& key) {
  const core::Instant now = accounts.clock();
  if (key.scopes.empty()) refuseField("/scopes", "too_few", "a key needs at least one scope");
  for (const std::string& scope : key.scopes) {
    // What belongs to a person alone is no scope.
    if (!creator.may(scope) || scope == "account:write")
      refuseField("/scopes", "choice", "not yours to give: " + scope);
  }
  if (key.expires <= now) refuseField("/expires", "too_small", "in the past");
  if (key.expires > now + accounts.policy.longestKey)
    refuseField("/expires", "too_large", "a key lasts a year at most");
  const std::string id = core::DocumentId::at(now).text(), secret = randomToken();
  const std::string text = std::string(kPrefix) + id + "_" + secret;
  transaction.execute(
      "INSERT INTO api_keys (id, organisation, creator, name, hash, scopes, created_ms, expires_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {id, creator.organisation, creator.id, key.name, hashOfSecret(text), join(key.scopes),
       now.time_since_epoch().count(), key.expires.time_since_epoch().count()});
  recordAccountEvent(transaction, now, actor, creator.organisation, "api_key.created",
                     {{"api_key", id}, {"name", key.name}, {"scopes", join(key.scopes)}});
  return {id, text};
}

std::vector<ApiKey> listApiKeys(Transaction& transaction, const std::string& organisation, const std::string& after,
                                int most) {
  std::vector<ApiKey> list;
  for (const storage::Row& row :
       transaction.query(std::string(kSelect) + "WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
                         {organisation, after, std::int64_t{most}})) {
    list.push_back(read(row));
  }
  return list;
}

ApiKey getApiKey(Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto row =
      transaction.findRow(std::string(kSelect) + "WHERE id = $1 AND organisation = $2", {id, organisation});
  if (!row) refuseUnknown("API key");
  return read(*row);
}

void revokeApiKey(Transaction& transaction, core::Instant at, const Actor& actor, const std::string& organisation,
                  const std::string& id) {
  getApiKey(transaction, organisation, id);
  const std::uint64_t revoked = transaction.execute(
      "UPDATE api_keys SET revoked_ms = $1 WHERE id = $2 AND revoked_ms IS NULL", {at.time_since_epoch().count(), id});
  if (revoked == 1) recordAccountEvent(transaction, at, actor, organisation, "api_key.revoked", {{"api_key", id}});
}

std::optional<Principal> findBearer(Accounts& accounts, const std::string& key) {
  if (key.size() != kPrefix.size() + kIdSize + 1 + kSecretSize || !key.starts_with(kPrefix)) return std::nullopt;
  const std::string id = key.substr(kPrefix.size(), kIdSize);
  const std::int64_t now = accounts.nowMs();
  bool isNoted = true;
  const auto principal =
      accounts.database.looked<std::optional<Principal>>([&](Transaction& transaction) -> std::optional<Principal> {
        const auto row = transaction.findRow(std::string(kSelect) + "WHERE id = $1", {id});
        if (!row || !isSameSecret(row->text(9), hashOfSecret(key))) return std::nullopt;
        const ApiKey found = read(*row);
        const auto creator = findUser(transaction, found.creator);
        if (found.revokedMs || found.expiresMs <= now || !creator || !creator->isActive()) return std::nullopt;
        const Role* role = findRole(creator->kind, creator->role);
        Principal bearer{Principal::Kind::kApiKey, found.organisation, found.id, "", {}};
        for (const std::string& scope : found.scopes) {
          if (role && role->permissions.contains(scope)) bearer.permissions.insert(scope);
        }
        isNoted = found.usedMs && now - *found.usedMs < kUsedMs;
        return bearer;
      });
  if (principal && !isNoted) {
    accounts.database.write([&](Transaction& transaction) {
      transaction.execute("UPDATE api_keys SET used_ms = $1 WHERE id = $2 AND (used_ms IS NULL OR used_ms < $3)",
                          {now, id, now - kUsedMs});
    });
  }
  return principal;
}

}  // namespace qianda::server
