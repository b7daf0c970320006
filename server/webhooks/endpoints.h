// An organisation's webhook endpoints and their secrets. A URL is https and names no private address, unless the
// service is configured to allow that; addresses behind a name are judged at every delivery (outbound/address_policy).
// Functions on a Transaction, any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::server {

struct WebhookRules {
  bool allowsHttp = false;
  std::vector<std::string> privateHosts;      // "host" or "host:port" that may have private addresses
  std::string authorities;                    // PEM file of TLS trust anchors; empty: the system's
  std::chrono::milliseconds timeout{15'000};  // for one attempt
  std::size_t largestAnswer = 64u << 10;      // octets; a longer answer is a failed attempt
  std::chrono::hours disableAfter{24 * 5};    // of nothing but failures
  std::chrono::hours secretOverlap{24};       // how long an exchanged secret still signs
};

struct Target;
// Whether the rules name that host.
bool mayBePrivate(const Target& target, const WebhookRules& rules);

struct WebhookEndpoint {
  std::string id, organisation, url, description;
  std::vector<std::string> events;  // "envelope.completed", "envelope.*", "*"
  std::string state = "enabled", reason;
  std::optional<core::Instant> failingSince;
  std::string createdBy;
  core::Instant createdAt;
  bool takes(const std::string& type) const;
};

// Throws kInvalidInput or kUnsupported for a URL that the rules do not allow, and kInvalidInput for no or a malformed
// event type.
void checkEndpoint(const WebhookEndpoint& endpoint, const WebhookRules& rules);

// Fills in the id and returns the secret, shown once.
std::string createEndpoint(storage::Transaction& transaction, WebhookEndpoint& endpoint, const WebhookRules& rules,
                           core::Instant now);
std::optional<WebhookEndpoint> findEndpoint(storage::Transaction& transaction, const std::string& organisation,
                                            const std::string& id);
std::vector<WebhookEndpoint> listEndpoints(storage::Transaction& transaction, const std::string& organisation);
// URL, description, events and state; enabling it sends what waits.
void updateEndpoint(storage::Transaction& transaction, const WebhookEndpoint& endpoint, const WebhookRules& rules,
                    core::Instant now);
// With its deliveries and their log.
void deleteEndpoint(storage::Transaction& transaction, const std::string& id);

// A new secret; those before sign as well until the overlap is over.
std::string rotateSecret(storage::Transaction& transaction, const std::string& id, const WebhookRules& rules,
                         core::Instant now);
std::vector<std::string> activeSecrets(storage::Transaction& transaction, const std::string& id, core::Instant now);

}  // namespace qianda::server
