#include "server/accounts/authenticate.h"

#include "core/text.h"
#include "server/accounts/api_keys.h"
#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

constexpr std::string_view kBearer = "bearer ";
constexpr std::size_t kTokenSize = 43;

bool isReading(const std::string& method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

std::optional<std::string> findBearerToken(const Request& request) {
  const auto header = request.findHeader("Authorization");
  if (!header || header->size() <= kBearer.size()) return std::nullopt;
  for (std::size_t i = 0; i < kBearer.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>((*header)[i])) != kBearer[i]) return std::nullopt;
  }
  return std::string(core::trim(std::string_view(*header).substr(kBearer.size())));
}

Principal bearerOf(Accounts& accounts, const std::string& key) {
  const auto bearer = findBearer(accounts, key);
  if (!bearer) return {};
  checkRate(accounts, "key:" + bearer->id, accounts.policy.requestsPerKey);
  return *bearer;
}

void checkCsrf(const std::string& publicUrl, const Request& request, const std::string& token) {
  checkOrigin(publicUrl, request);
  if (!isSameSecret(request.findHeader("X-CSRF-Token").value_or(""), csrfTokenOf(token))) {
    throw Problem(403, "csrf", "a session's request that changes something needs X-CSRF-Token (see /api/v1/me)");
  }
}

}  // namespace

std::optional<std::string> findCookie(const Request& request, const std::string& name) {
  std::optional<std::string> found;
  const auto [begin, end] = request.headers.equal_range("Cookie");
  for (auto header = begin; header != end; ++header) {
    std::string_view rest = header->second;
    while (!rest.empty()) {
      const std::size_t semicolon = rest.find(';');
      const std::string_view pair = core::trim(rest.substr(0, semicolon));
      rest = semicolon == std::string_view::npos ? std::string_view() : rest.substr(semicolon + 1);
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found) return std::nullopt;
      found = std::string(pair.substr(equals + 1));
    }
  }
  return found;
}

std::optional<std::string> findSessionToken(const Request& request) {
  const auto token = findCookie(request, kSessionCookie);
  return token && token->size() == kTokenSize ? token : std::nullopt;
}

std::pair<std::string, std::string> sessionCookie(const std::string& token) {
  return {"Set-Cookie", std::string(kSessionCookie) + "=" + token + "; Path=/; Secure; HttpOnly; SameSite=Strict"};
}

std::pair<std::string, std::string> endedSessionCookie() {
  return {"Set-Cookie", std::string(kSessionCookie) + "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"};
}

void checkOrigin(const std::string& publicUrl, const Request& request) {
  const auto origin = request.findHeader("Origin");
  if (!origin || (!publicUrl.empty() && *origin == publicUrl)) return;
  // Behind another name than the configured one: the page must come from the host it talks to.
  const std::size_t scheme = origin->find("://");
  const auto host = request.findHeader("Host");
  if (scheme != std::string::npos && host && origin->substr(scheme + 3) == *host) return;
  throw Problem(403, "csrf", "sent by a page of another site");
}

Principal authenticate(Accounts& accounts, const std::string& publicUrl, const Request& request) {
  if (const auto bearer = findBearerToken(request)) return bearerOf(accounts, *bearer);
  const auto token = findSessionToken(request);
  if (!token) return {};
  const auto session = accounts.database.looked<std::optional<Session>>([&](storage::Transaction& transaction) {
    return findSession(transaction, accounts.policy, accounts.clock(), *token);
  });
  if (!session) return {};
  if (!isReading(request.method)) checkCsrf(publicUrl, request, *token);
  touchSession(accounts, *session);
  return {Principal::Kind::kUser, session->user.organisation, session->user.id, session->user.role,
          permissionsOf(*session)};
}

}  // namespace qianda::server
