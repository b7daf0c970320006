#include "server/accounts/oidc_client.h"

#include <algorithm>

#include <Poco/URI.h>

#include "core/error.h"
#include "server/accounts/secrets.h"
#include "server/http/json.h"
#include "server/http/problem.h"
#include "server/outbound/address_policy.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr auto kKept = std::chrono::minutes(10), kBetweenKeyFetches = std::chrono::minutes(1);
constexpr std::size_t kMostProviders = 1000;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kInvalidInput, "OpenID provider: " + reason, "the identity provider's answer is not accepted");
}

OutboundPolicy policyFor(bool isPrivate) {
  OutboundPolicy policy;
  policy.privateAddresses = isPrivate;
  policy.largestAnswer = std::size_t{1} << 20;
  return policy;
}

std::string encoded(const std::string& text) {
  std::string out;
  Poco::URI::encode(text, ":/?#[]@!$&'()*+,;=", out);
  return out;
}

Json parseObject(const std::string& text) {
  try {
    Json json = parseJson(text);
    if (json.kind() == Json::Kind::kObject) return json;
  } catch (const Problem&) {
  }
  refuse("the answer is not a JSON object");
}

std::string textAt(const Json& object, const char* name) {
  const Json* member = object.find(name);
  if (!member || member->kind() != Json::Kind::kText) refuse(std::string("the answer has no ") + name);
  return member->text();
}

}  // namespace

OidcClient::OidcClient(std::vector<std::string> privateHosts)
    : privateHosts_(std::move(privateHosts)), public_(policyFor(false)), private_(policyFor(true)) {}

bool OidcClient::isPrivateHost(const std::string& url) const {
  const Target target = parseTarget(url);
  return std::any_of(privateHosts_.begin(), privateHosts_.end(),
                     [&](const std::string& entry) { return entry == target.host || entry == target.authority; });
}

bool OidcClient::isAllowed(const std::string& url) const {
  try {
    return parseTarget(url).isSecure || isPrivateHost(url);
  } catch (const Error&) {
    return false;
  }
}

bool OidcClient::isIssuer(const std::string& issuer) const {
  return issuer.size() <= 300 && issuer.find_first_of("?#") == std::string::npos && isAllowed(issuer);
}

std::string OidcClient::fetch(const HttpRequest& request) const {
  const HttpAnswer answer = (isPrivateHost(request.url) ? private_ : public_).send(request);
  if (answer.status != 200) refuse(request.url + " answered " + std::to_string(answer.status));
  return std::string(core::textOf(answer.body));
}

OidcClient::Provider OidcClient::provider(const std::string& issuer, core::Instant now) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = providers_.find(issuer);
    if (known != providers_.end() && now - known->second.discovered < kKept) return known->second;
  }
  const std::string base = issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer;
  const Json found = parseObject(fetch({"GET", base + "/.well-known/openid-configuration", {}, {}}));
  if (textAt(found, "issuer") != issuer) refuse("the discovered issuer is another");
  Provider provider{textAt(found, "authorization_endpoint"),
                    textAt(found, "token_endpoint"),
                    textAt(found, "jwks_uri"),
                    {},
                    now,
                    now};
  for (const std::string& url : {provider.authorization, provider.token, provider.keysAddress}) {
    if (!isAllowed(url)) refuse(url + " is not an https address");
  }
  provider.keys = parseJsonWebKeys(fetch({"GET", provider.keysAddress, {}, {}}));
  const std::lock_guard lock(mutex_);
  if (providers_.size() >= kMostProviders) providers_.clear();
  return providers_[issuer] = provider;
}

JsonWebKeys OidcClient::keysWith(const std::string& issuer, const std::string& keyId, core::Instant now) {
  Provider known = provider(issuer, now);
  if (known.keys.contains(keyId) || now - known.keysFetched < kBetweenKeyFetches) return known.keys;
  known.keys = parseJsonWebKeys(fetch({"GET", known.keysAddress, {}, {}}));
  known.keysFetched = now;
  const std::lock_guard lock(mutex_);
  providers_[issuer] = known;
  return known.keys;
}

std::string OidcClient::authorizationEndpoint(const std::string& issuer, core::Instant now) {
  return provider(issuer, now).authorization;
}

IdToken OidcClient::exchange(const OidcExchange& exchange) {
  HttpRequest request{"POST", provider(exchange.issuer, exchange.now).token, {}, {}};
  const std::string form = "grant_type=authorization_code&code=" + encoded(exchange.code) +
                           "&redirect_uri=" + encoded(exchange.redirect) +
                           "&code_verifier=" + encoded(exchange.verifier);
  const core::BytesView octets = core::viewOf(form);
  request.body.assign(octets.begin(), octets.end());
  // RFC 6749 2.3.1.
  const std::string credentials = encoded(exchange.client) + ":" + encoded(exchange.secret);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"},
                     {"Authorization", "Basic " + toBase64(core::viewOf(credentials))}};
  const std::string token = textAt(parseObject(fetch(request)), "id_token");
  const JsonWebKeys keys = keysWith(exchange.issuer, keyIdOf(token), exchange.now);
  return checkIdToken(token, keys, {exchange.issuer, exchange.client, exchange.nonce, exchange.now});
}

}  // namespace qianda::server
