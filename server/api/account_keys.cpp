#include "server/accounts/api_keys.h"
#include "server/api/account_routes.h"
#include "server/api/page.h"
#include "server/http/fields.h"

namespace qianda::server {
namespace {

Json keyJson(const ApiKey& key) {
  Json scopes = Json::array();
  for (const std::string& scope : key.scopes) scopes.push(scope);
  return Json::object({{"id", key.id},
                       {"name", key.name},
                       {"creator", key.creator},
                       {"scopes", scopes},
                       {"created", instantJson(key.createdMs)},
                       {"expires", instantJson(key.expiresMs)},
                       {"revoked", instantJson(key.revokedMs)},
                       {"used", instantJson(key.usedMs)}});
}

}  // namespace

Response listApiKeys(Services& services, const Request& request) {
  const Page page = pageOf(request);
  const auto keys = accountsOf(services).database.looked<std::vector<ApiKey>>([&](storage::Transaction& transaction) {
    return listApiKeys(transaction, request.principal.organisation, page.after, page.wanted());
  });
  return answerPage(page, keys, keyJson);
}

Response createApiKey(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  Fields body(request);
  NewApiKey key;
  key.name = body.text("name", {.most = 100});
  const auto scopes = body.texts("scopes", 1, 50, {.most = 40});
  key.scopes = {scopes.begin(), scopes.end()};
  key.expires = accounts.clock() + std::chrono::hours(24) * body.integer("days", 1, 366);
  body.finish();
  const CreatedApiKey made = accounts.database.written<CreatedApiKey>([&](storage::Transaction& transaction) {
    return createApiKey(transaction, accounts, actorOf(request), request.principal, key);
  });
  return answerJson(Json::object({{"id", made.id}, {"key", made.key}}), 201);
}

Response getApiKey(Services& services, const Request& request) {
  const ApiKey key = accountsOf(services).database.looked<ApiKey>([&](storage::Transaction& transaction) {
    return getApiKey(transaction, request.principal.organisation, request.parameter("key"));
  });
  return answerJson(keyJson(key));
}

Response revokeApiKey(Services& services, const Request& request) {
  Accounts& accounts = accountsOf(services);
  accounts.database.write([&](storage::Transaction& transaction) {
    revokeApiKey(transaction, accounts.clock(), actorOf(request), request.principal.organisation,
                 request.parameter("key"));
  });
  return answerNothing();
}

}  // namespace qianda::server
