// People and tenants over HTTP: docs/accounts.md. Each handler reads the request, calls server/accounts, writes JSON.
#pragma once

#include "server/accounts/accounts.h"
#include "server/accounts/sessions.h"
#include "server/http/json.h"
#include "server/http/route.h"
#include "server/services.h"

namespace qianda::server {

Accounts& accountsOf(Services& services);
// Of the cookie of the request, which has a principal.
Session sessionOf(Services& services, const Request& request);
// "2026-01-31T08:00:00+08:00"
Json instantJson(std::int64_t ms);
Json instantJson(const std::optional<std::int64_t>& ms);
Response answerNothing();  // 204

// account_session.cpp
Response logIn(Services& services, const Request& request);
Response logOut(Services& services, const Request& request);
Response getMe(Services& services, const Request& request);
Response proveSecondFactor(Services& services, const Request& request);
Response changePassword(Services& services, const Request& request);
Response listMySessions(Services& services, const Request& request);
Response endMySession(Services& services, const Request& request);
Response endMySessions(Services& services, const Request& request);

// account_second_factor.cpp
Response enrolSecondFactor(Services& services, const Request& request);
Response confirmSecondFactor(Services& services, const Request& request);
Response dropSecondFactor(Services& services, const Request& request);
Response renewRecoveryCodes(Services& services, const Request& request);

// account_users.cpp
Response listUsers(Services& services, const Request& request);
Response createUser(Services& services, const Request& request);
Response getUser(Services& services, const Request& request);
Response changeUser(Services& services, const Request& request);
Response resetPassword(Services& services, const Request& request);
Response unlockUser(Services& services, const Request& request);

// account_keys.cpp
Response listApiKeys(Services& services, const Request& request);
Response createApiKey(Services& services, const Request& request);
Response getApiKey(Services& services, const Request& request);
Response revokeApiKey(Services& services, const Request& request);

// account_organisations.cpp
Response listOrganisations(Services& services, const Request& request);
Response createOrganisation(Services& services, const Request& request);
Response getOrganisation(Services& services, const Request& request);
Response changeOrganisation(Services& services, const Request& request);
Response createFirstUser(Services& services, const Request& request);

// account_oidc.cpp
Response listIdentityProviders(Services& services, const Request& request);
Response addIdentityProvider(Services& services, const Request& request);
Response dropIdentityProvider(Services& services, const Request& request);
Response startOidcLogin(Services& services, const Request& request);
Response finishOidcLogin(Services& services, const Request& request);
Response listExternalLogins(Services& services, const Request& request);
Response linkExternalLogin(Services& services, const Request& request);
Response dropExternalLogin(Services& services, const Request& request);

// {"stage", "csrf_token", "user", "permissions", ...} with the session's cookie.
Response answerSession(const std::string& token, const Session& session, Json body = Json::object());
Json userJson(const User& user);

}  // namespace qianda::server
