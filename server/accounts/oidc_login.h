// Signing in at an organisation's own identity provider (OpenID Connect Core 1.0, authorization code flow with PKCE,
// state and nonce). A user is found by the provider and its claim "sub" alone, never by an e-mail address or a name;
// the link is made by the user, from a session. A login begun in one browser ends in no other: a cookie ties it to its
// state, which counts once and for ten minutes. The second factor of the account is asked for as after a password.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/accounts/login.h"

namespace qianda::server {

inline constexpr const char* kFlowCookie = "__Host-qianda-oidc";

struct IdentityProvider {
  std::string id, organisation, name, issuer, client, secret;
  std::int64_t createdMs = 0;
};

struct NewIdentityProvider {
  std::string name, issuer, client, secret;
};
// Throws Problem 422 for an address that cannot be an issuer, 409 "issuer_taken".
std::string addIdentityProvider(storage::Transaction& transaction, Accounts& accounts, const Actor& actor,
                                const std::string& organisation, const NewIdentityProvider& provider);
std::vector<IdentityProvider> listIdentityProviders(storage::Transaction& transaction, const std::string& organisation);
// With all links to it. Problem 404 also for one of another organisation.
void dropIdentityProvider(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                          const std::string& organisation, const std::string& id);

struct StartedFlow {
  std::string location, browserToken;  // where the browser goes, and the cookie's value
};
// `linkedUser`: who links their account; nothing for a login. Problem 404 for an unknown provider, or one of another
// organisation than the linking user's.
StartedFlow startFlow(Accounts& accounts, const Actor& actor, const std::string& provider, const std::string& redirect,
                      const std::optional<User>& linkedUser);

struct FlowReturn {
  std::string provider, redirect, state, code, browserToken;
  std::optional<std::string> issuer;  // RFC 9207
};
// A session for a login; nothing when an account was linked. Throws Problem 401 "oidc_failed" or "oidc_not_linked", 409
// "login_linked".
std::optional<OpenedSession> finishFlow(Accounts& accounts, const Actor& actor, const FlowReturn& back);

struct ExternalLogin {
  std::string id, providerName, issuer, subject;
  std::int64_t createdMs = 0;
};
std::vector<ExternalLogin> listExternalLogins(storage::Transaction& transaction, const std::string& user);
// Problem 404 also for one of another user.
void dropExternalLogin(storage::Transaction& transaction, core::Instant at, const Actor& actor, const User& user,
                       const std::string& id);

}  // namespace qianda::server
