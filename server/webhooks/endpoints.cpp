#include "server/webhooks/endpoints.h"

#include <algorithm>
#include <sstream>

#include <Poco/Net/IPAddress.h>

#include "core/error.h"
#include "core/id.h"
#include "server/outbound/address_policy.h"
#include "server/webhooks/deliveries.h"
#include "server/webhooks/signature.h"
#include "storage/sql/instant.h"

namespace qianda::server {
namespace {

using core::Error;
using core::ErrorCode;
using storage::Row;
using storage::Transaction;

constexpr std::string_view kColumns =
    "SELECT id, organisation, url, description, events, state, reason, failing_since_ms, created_by, created_ms FROM "
    "webhook_endpoints ";
constexpr std::size_t kLongestUrl = 2000;

using storage::instantOf;
using storage::msOf;

WebhookEndpoint endpointOf(const Row& row) {
  WebhookEndpoint endpoint;
  endpoint.id = row.text(0);
  endpoint.organisation = row.text(1);
  endpoint.url = row.text(2);
  endpoint.description = row.text(3);
  std::istringstream events(row.text(4));
  for (std::string type; events >> type;) endpoint.events.push_back(type);
  endpoint.state = row.text(5);
  endpoint.reason = row.text(6);
  if (row.number(7) > 0) endpoint.failingSince = instantOf(row.number(7));
  endpoint.createdBy = row.text(8);
  endpoint.createdAt = instantOf(row.number(9));
  return endpoint;
}

bool isEventType(const std::string& type) {
  if (type == "*") return true;
  std::string_view text = type;
  if (text.ends_with(".*")) text.remove_suffix(2);
  return !text.empty() && text.size() <= 100 && text.front() != '.' && text.back() != '.' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
}

std::string joined(const std::vector<std::string>& events) {
  std::string text;
  for (const std::string& type : events) text += (text.empty() ? "" : " ") + type;
  return text;
}

}  // namespace

bool WebhookEndpoint::takes(const std::string& type) const {
  return std::any_of(events.begin(), events.end(), [&](const std::string& one) {
    return one == "*" || one == type || (one.ends_with(".*") && type.starts_with(one.substr(0, one.size() - 1)));
  });
}

bool mayBePrivate(const Target& target, const WebhookRules& rules) {
  return std::any_of(rules.privateHosts.begin(), rules.privateHosts.end(), [&](const std::string& one) {
    return one == target.host || one == target.authority || one == target.host + ":" + std::to_string(target.port);
  });
}

void checkEndpoint(const WebhookEndpoint& endpoint, const WebhookRules& rules) {
  if (endpoint.url.size() > kLongestUrl) throw Error(ErrorCode::kInvalidInput, "the URL is too long");
  const Target target = parseTarget(endpoint.url);
  if (!target.isSecure && !rules.allowsHttp) throw Error(ErrorCode::kInvalidInput, "the URL must begin with https://");
  Poco::Net::IPAddress address;
  const bool isPrivateName = target.host == "localhost" || target.host.ends_with(".localhost");
  const bool isPrivateAddress = Poco::Net::IPAddress::tryParse(target.host, address) && isPrivate(address);
  if ((isPrivateName || isPrivateAddress) && !mayBePrivate(target, rules))
    throw Error(ErrorCode::kInvalidInput, "the URL names " + target.host + ", which is not a public address");
  if (endpoint.events.empty()) throw Error(ErrorCode::kInvalidInput, "no event types");
  for (const std::string& type : endpoint.events) {
    if (!isEventType(type)) throw Error(ErrorCode::kInvalidInput, "\"" + type + "\" is not an event type");
  }
}

std::string createEndpoint(Transaction& transaction, WebhookEndpoint& endpoint, const WebhookRules& rules,
                           core::Instant now) {
  checkEndpoint(endpoint, rules);
  endpoint.id = core::DocumentId::at(now).text();
  endpoint.createdAt = now;
  transaction.execute(
      "INSERT INTO webhook_endpoints (id, organisation, url, description, events, state, reason, failing_since_ms, "
      "created_by, created_ms) VALUES ($1, $2, $3, $4, $5, 'enabled', '', 0, $6, $7)",
      {endpoint.id, endpoint.organisation, endpoint.url, endpoint.description, joined(endpoint.events),
       endpoint.createdBy, msOf(now)});
  return rotateSecret(transaction, endpoint.id, rules, now);
}

std::optional<WebhookEndpoint> findEndpoint(Transaction& transaction, const std::string& organisation,
                                            const std::string& id) {
  const auto row =
      transaction.findRow(std::string(kColumns) + "WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) return std::nullopt;
  return endpointOf(*row);
}

std::vector<WebhookEndpoint> listEndpoints(Transaction& transaction, const std::string& organisation) {
  std::vector<WebhookEndpoint> endpoints;
  for (const Row& row :
       transaction.query(std::string(kColumns) + "WHERE organisation = $1 ORDER BY id", {organisation}))
    endpoints.push_back(endpointOf(row));
  return endpoints;
}

void updateEndpoint(Transaction& transaction, const WebhookEndpoint& endpoint, const WebhookRules& rules,
                    core::Instant now) {
  checkEndpoint(endpoint, rules);
  if (transaction.execute("UPDATE webhook_endpoints SET url = $1, description = $2, events = $3, state = $4, reason = "
                          "$5, failing_since_ms = 0 WHERE organisation = $6 AND id = $7",
                          {endpoint.url, endpoint.description, joined(endpoint.events), endpoint.state, endpoint.reason,
                           endpoint.organisation, endpoint.id}) == 0)
    throw Error(ErrorCode::kNotFound, "no such endpoint");
  if (endpoint.state == "enabled") wakeLanes(transaction, endpoint.id, now);
}

void deleteEndpoint(Transaction& transaction, const std::string& id) {
  transaction.execute(
      "DELETE FROM webhook_attempts WHERE delivery IN (SELECT id FROM webhook_deliveries WHERE endpoint = $1)", {id});
  transaction.execute("DELETE FROM webhook_deliveries WHERE endpoint = $1", {id});
  transaction.execute("DELETE FROM webhook_secrets WHERE endpoint = $1", {id});
  transaction.execute("DELETE FROM webhook_endpoints WHERE id = $1", {id});
}

std::string rotateSecret(Transaction& transaction, const std::string& id, const WebhookRules& rules,
                         core::Instant now) {
  const std::string secret = newWebhookSecret();
  transaction.execute("UPDATE webhook_secrets SET expires_ms = $1 WHERE endpoint = $2 AND expires_ms = 0",
                      {msOf(now + rules.secretOverlap), id});
  transaction.execute("DELETE FROM webhook_secrets WHERE endpoint = $1 AND expires_ms > 0 AND expires_ms <= $2",
                      {id, msOf(now)});
  transaction.execute("INSERT INTO webhook_secrets (endpoint, secret, created_ms, expires_ms) VALUES ($1, $2, $3, 0)",
                      {id, secret, msOf(now)});
  return secret;
}

std::vector<std::string> activeSecrets(Transaction& transaction, const std::string& id, core::Instant now) {
  std::vector<std::string> secrets;
  for (const Row& row : transaction.query("SELECT secret FROM webhook_secrets WHERE endpoint = $1 AND (expires_ms = 0 "
                                          "OR expires_ms > $2) ORDER BY created_ms DESC, secret",
                                          {id, msOf(now)}))
    secrets.push_back(row.text(0));
  return secrets;
}

}  // namespace qianda::server
