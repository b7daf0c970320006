// The whole table of the service. Each room of the API appends its lines; openapi.yaml says the same in the same order.
#include <iterator>

#include "server/api/account_routes.h"
#include "server/api/batch_routes.h"
#include "server/api/case_routes.h"
#include "server/api/ceremony_routes.h"
#include "server/api/envelope_routes.h"
#include "server/api/evidence_routes.h"
#include "server/api/health_routes.h"
#include "server/api/postal_routes.h"
#include "server/api/retention_routes.h"
#include "server/api/seal_routes.h"
#include "server/api/service_routes.h"
#include "server/api/template_routes.h"
#include "server/http/route.h"

namespace qianda::server {
namespace {

// Octets of body.
constexpr std::size_t kSmall = 32u << 10, kPicture = 4u << 20, kUpload = 48u << 20;

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
      // Envelopes
      {"GET", "/api/v1/envelopes", "listEnvelopes", kAccount, "envelopes:read", listEnvelopes, 0},
      {"POST", "/api/v1/envelopes", "createEnvelope", kAccount, "envelopes:write", createEnvelope, kUpload},
      {"GET", "/api/v1/envelopes/{envelope}", "getEnvelope", kAccount, "envelopes:read", getEnvelope, 0},
      {"POST", "/api/v1/envelopes/{envelope}/send", "sendEnvelope", kAccount, "envelopes:write", sendEnvelope, 0},
      {"POST", "/api/v1/envelopes/{envelope}/revoke", "revokeEnvelope", kAccount, "envelopes:write", revokeEnvelope,
       kSmall},
      {"POST", "/api/v1/envelopes/{envelope}/remind", "remindEnvelope", kAccount, "envelopes:write", remindEnvelope, 0},
      {"POST", "/api/v1/envelopes/{envelope}/parties/{party}/delegate", "delegateParty", kAccount, "envelopes:write",
       delegateParty, kSmall},
      {"POST", "/api/v1/envelopes/{envelope}/parties/{party}/link", "renewLink", kAccount, "envelopes:write", renewLink,
       0},
      {"GET", "/api/v1/envelopes/{envelope}/revisions", "listRevisions", kAccount, "envelopes:read", listRevisions, 0},
      {"GET", "/api/v1/envelopes/{envelope}/revisions/{number}/document", "getRevisionDocument", kAccount,
       "envelopes:read", getRevisionDocument, 0},
      {"GET", "/api/v1/envelopes/{envelope}/document", "getEnvelopeDocument", kAccount, "envelopes:read",
       getEnvelopeDocument, 0},
      {"POST", "/api/v1/envelopes/{envelope}/paper", "printEnvelope", kAccount, "envelopes:read", printEnvelope, 0},

      // The ceremony, and a person's own contracts
      {"GET", "/api/v1/ceremony", "getCeremony", kCeremony, "", getCeremony, 0},
      {"GET", "/api/v1/ceremony/qr", "getCeremonyQr", kCeremony, "", getCeremonyQr, 0},
      {"POST", "/api/v1/ceremony/notice", "acknowledgeNotice", kCeremony, "", acknowledgeNotice, kSmall},
      {"POST", "/api/v1/ceremony/identity", "claimIdentity", kCeremony, "", claimIdentity, kSmall},
      {"POST", "/api/v1/ceremony/code", "resendCode", kCeremony, "", resendCode, 0},
      {"POST", "/api/v1/ceremony/code/confirm", "confirmCode", kCeremony, "", confirmCode, kSmall},
      {"POST", "/api/v1/ceremony/face", "showFace", kCeremony, "", showFace, kPicture},
      {"GET", "/api/v1/ceremony/document", "getCeremonyDocument", kCeremony, "", getCeremonyDocument, 0},
      {"POST", "/api/v1/ceremony/pages", "notePages", kCeremony, "", notePages, kSmall},
      {"POST", "/api/v1/ceremony/strokes", "giveStrokes", kCeremony, "", giveStrokes, 1u << 20},
      {"POST", "/api/v1/ceremony/willingness/code", "sendWillingnessCode", kCeremony, "", sendWillingnessCode, 0},
      {"POST", "/api/v1/ceremony/willingness", "declareWillingness", kCeremony, "", declareWillingness, kSmall},
      {"POST", "/api/v1/ceremony/decline", "declineToSign", kCeremony, "", declineToSign, kSmall},
      {"GET", "/api/v1/ceremony/copy", "getCeremonyCopy", kCeremony, "", getCeremonyCopy, 0},
      {"POST", "/api/v1/ceremony/paper", "printCeremonyCopy", kCeremony, "", printCeremonyCopy, 0},
      {"POST", "/api/v1/worker/access", "requestAccess", kPublic, "", requestAccess, kSmall},
      {"POST", "/api/v1/worker/access/confirm", "openAccess", kPublic, "", openAccess, kSmall},
      {"GET", "/api/v1/worker/contracts", "listOwnContracts", kCeremony, "", listOwnContracts, 0},
      {"GET", "/api/v1/worker/contracts/{envelope}/document", "getOwnContract", kCeremony, "", getOwnContract, 0},
      {"POST", "/api/v1/worker/contracts/{envelope}/paper", "printOwnContract", kCeremony, "", printOwnContract, 0},
      {"GET", "/api/v1/paper-copies/{code}", "checkPaperCopy", kPublic, "", checkPaperCopy, 0},
  };
  for (auto more :
       {ceremonyPageRoutes(), templateRoutes(), sealRoutes(), batchRoutes(), evidenceRoutes(), retentionRoutes(),
        verificationRoutes(), caseRoutes(), stepRoutes(), serviceRoutes(), postalRoutes(), servedRoutes()}) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return all;
}

}  // namespace qianda::server
