// Who sends a request: the bearer of an API key (Authorization: Bearer qk_...), or the user of a session (cookie). A
// session's request that may change something must show that a page of ours sent it: X-CSRF-Token, and an Origin that
// is ours if the browser names one. Any thread.
#pragma once

#include <optional>
#include <string>

#include "server/accounts/sessions.h"

namespace qianda::server {

// The value of a cookie (RFC 6265 5.4); nothing when it is absent or named twice.
std::optional<std::string> findCookie(const Request& request, const std::string& name);
// The token of the session's cookie.
std::optional<std::string> findSessionToken(const Request& request);

// Set-Cookie for the session, and to take it away.
std::pair<std::string, std::string> sessionCookie(const std::string& token);
std::pair<std::string, std::string> endedSessionCookie();

// Kind kNobody when nothing valid is shown. Throws Problem 403 "csrf" for a session's request without its proof, 429
// for a key that asks too often. `publicUrl`: the address of the service, or "".
Principal authenticate(Accounts& accounts, const std::string& publicUrl, const Request& request);

// Throws Problem 403 "csrf" when a browser says that another site's page sent it.
void checkOrigin(const std::string& publicUrl, const Request& request);

}  // namespace qianda::server
