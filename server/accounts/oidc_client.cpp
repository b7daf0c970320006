#include "server/accounts/oidc_client.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include "core/error.h"
#include "server/accounts/secrets.h"
#include "server/http/json.h"
#include "server/http/problem.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;

constexpr auto kKept = std::chrono::minutes(10), kBetweenKeyFetches = std::chrono::minutes(1);
constexpr std::size_t kMostProviders = 1000;

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::kInvalidInput, "OpenID provider: " + reason, "the identity provider's answer is not accepted");
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

bool OidcClient::isIssuer(const std::string& issuer) const {
  const bool isSecure = issuer.starts_with("https://");
  if (!isSecure && !(plainHttp_ && issuer.starts_with("http://"))) return false;
  try {
    const Poco::URI uri(issuer);
    return !uri.getHost().empty() && uri.getRawQuery().empty() && uri.getFragment().empty() &&
           uri.getUserInfo().empty() && issuer.size() <= 300;
  } catch (const Poco::Exception&) {
    return false;
  }
}

void OidcClient::checkEndpoint(const std::string& url, const char* name) const {
  if (!url.starts_with("https://") && !(plainHttp_ && url.starts_with("http://"))) {
    refuse(std::string(name) + " is not an https address");
  }
}

std::string OidcClient::fetch(const HttpRequest& request) const {
  const HttpAnswer answer = http_.send(request);
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
  checkEndpoint(provider.authorization, "authorization_endpoint");
  checkEndpoint(provider.token, "token_endpoint");
  checkEndpoint(provider.keysAddress, "jwks_uri");
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
