// The whole table of the service. Each room of the API appends its lines; openapi.yaml says the same in the same order.
#include <iterator>

#include "server/api/account_routes.h"
#include "server/api/batch_routes.h"
#include "server/api/health_routes.h"
#include "server/api/seal_routes.h"
#include "server/api/template_routes.h"
#include "server/http/route.h"

namespace qianda::server {
namespace {

constexpr std::size_t kSmall = 16u << 10;  // octets of body

}  // namespace

std::vector<Route> routes() {
  using enum Access;
  std::vector<Route> all = {
      {.method = "GET",
       .pattern = "/healthz",
       .operation = "getHealth",
       .access = kPublic,
       .handler = getHealth,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/readyz",
       .operation = "getReadiness",
       .access = kPublic,
       .handler = getReadiness,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/metrics",
       .operation = "getMetrics",
       .access = kPublic,
       .handler = getMetrics,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/api/v1/openapi.yaml",
       .operation = "getDescription",
       .access = kPublic,
       .handler = getDescription,
       .largestBody = 0},

      // People and tenants
      {"POST", "/api/v1/login", "logIn", kPublic, "", logIn, kSmall},
      {"POST", "/api/v1/logout", "logOut", kUserOnly, "", logOut, 0},
      {"GET", "/api/v1/me", "getMe", kAccount, "", getMe, 0},
      {"POST", "/api/v1/me/second-factor", "proveSecondFactor", kUserOnly, "", proveSecondFactor, kSmall},
      {"POST", "/api/v1/me/password", "changePassword", kUserOnly, "account:write", changePassword, kSmall},
      {"POST", "/api/v1/me/totp", "enrolSecondFactor", kUserOnly, "account:write", enrolSecondFactor, kSmall},
      {"POST", "/api/v1/me/totp/confirm", "confirmSecondFactor", kUserOnly, "account:write", confirmSecondFactor,
       kSmall},
      {"POST", "/api/v1/me/totp/drop", "dropSecondFactor", kUserOnly, "account:write", dropSecondFactor, kSmall},
      {"POST", "/api/v1/me/recovery-codes", "renewRecoveryCodes", kUserOnly, "account:write", renewRecoveryCodes,
       kSmall},
      {"GET", "/api/v1/me/sessions", "listMySessions", kUserOnly, "account:write", listMySessions, 0},
      {"DELETE", "/api/v1/me/sessions", "endMySessions", kUserOnly, "account:write", endMySessions, 0},
      {"DELETE", "/api/v1/me/sessions/{session}", "endMySession", kUserOnly, "account:write", endMySession, 0},
      {"GET", "/api/v1/me/external-logins", "listExternalLogins", kUserOnly, "account:write", listExternalLogins, 0},
      {"POST", "/api/v1/me/external-logins", "linkExternalLogin", kUserOnly, "account:write", linkExternalLogin,
       kSmall},
      {"DELETE", "/api/v1/me/external-logins/{login}", "dropExternalLogin", kUserOnly, "account:write",
       dropExternalLogin, 0},
      {"GET", "/api/v1/oidc/{provider}/start", "startOidcLogin", kPublic, "", startOidcLogin, 0},
      {"GET", "/api/v1/oidc/{provider}/callback", "finishOidcLogin", kPublic, "", finishOidcLogin, 0},
      {"GET", "/api/v1/users", "listUsers", kAccount, "users:read", listUsers, 0},
      {"POST", "/api/v1/users", "createUser", kUserOnly, "users:write", createUser, kSmall},
      {"GET", "/api/v1/users/{user}", "getUser", kAccount, "users:read", getUser, 0},
      {"PATCH", "/api/v1/users/{user}", "changeUser", kUserOnly, "users:write", changeUser, kSmall},
      {"POST", "/api/v1/users/{user}/password", "resetPassword", kUserOnly, "users:write", resetPassword, 0},
      {"POST", "/api/v1/users/{user}/unlock", "unlockUser", kUserOnly, "users:write", unlockUser, 0},
      {"GET", "/api/v1/api-keys", "listApiKeys", kUserOnly, "keys:write", listApiKeys, 0},
      {"POST", "/api/v1/api-keys", "createApiKey", kUserOnly, "keys:write", createApiKey, kSmall},
      {"GET", "/api/v1/api-keys/{key}", "getApiKey", kUserOnly, "keys:write", getApiKey, 0},
      {"DELETE", "/api/v1/api-keys/{key}", "revokeApiKey", kUserOnly, "keys:write", revokeApiKey, 0},
      {"GET", "/api/v1/identity-providers", "listIdentityProviders", kUserOnly, "users:read", listIdentityProviders, 0},
      {"POST", "/api/v1/identity-providers", "addIdentityProvider", kUserOnly, "users:write", addIdentityProvider,
       kSmall},
      {"DELETE", "/api/v1/identity-providers/{provider}", "dropIdentityProvider", kUserOnly, "users:write",
       dropIdentityProvider, 0},
      {"GET", "/api/v1/organisations", "listOrganisations", kAccount, "organisations:read", listOrganisations, 0},
      {"POST", "/api/v1/organisations", "createOrganisation", kUserOnly, "organisations:write", createOrganisation,
       kSmall},
      {"GET", "/api/v1/organisations/{organisation}", "getOrganisation", kAccount, "organisations:read",
       getOrganisation, 0},
      {"PATCH", "/api/v1/organisations/{organisation}", "changeOrganisation", kUserOnly, "organisations:write",
       changeOrganisation, kSmall},
      {"POST", "/api/v1/organisations/{organisation}/users", "createFirstUser", kUserOnly, "organisations:write",
       createFirstUser, kSmall},
  };
  for (auto more : {templateRoutes(), sealRoutes(), batchRoutes()}) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return all;
}

}  // namespace qianda::server
