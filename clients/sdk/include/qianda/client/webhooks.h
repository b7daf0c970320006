// Webhooks (docs/webhooks.md): endpoints that a service sends events to, and the check of what a receiver got, by
// Standard Webhooks. Endpoints need the permission webhooks:write. Throws client::Error.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "qianda/client/client.h"

namespace qianda::client {

struct Webhook {
  std::string id = {}, url = {}, description = {};
  std::vector<std::string> events = {};  // types, "envelope.*" or "*"
  std::string state = {};                // "enabled", "disabled"
  std::string reason = {};
  std::string failingSince = {}, created = {};  // ISO 8601; empty: not failing
  std::string secret = {};                      // of createWebhook() alone: it is shown once
};

Webhook createWebhook(Client& client, const std::string& url, const std::vector<std::string>& events,
                      const std::string& description = {});
std::vector<Webhook> listWebhooks(Client& client);
void deleteWebhook(Client& client, const std::string& id);

struct WebhookDelivery {
  std::string id = {}, event = {}, type = {}, subject = {};
  std::int64_t sequence = 0;  // of the event within its subject, from 1
  std::int64_t replay = 0, attempts = 0;
  std::string state = {};  // "pending", "delivered", "dead"
  std::string nextAttempt = {}, created = {}, done = {};
  std::string outcome = {};  // of the last attempt
};
// Newest first, fifty a page. `state` empty: all; `before` is the `next` of the page before.
Page<WebhookDelivery> listDeliveries(Client& client, const std::string& webhook, const std::string& state = {},
                                     const std::string& before = {});

// Sends one event, or all since an instant (ISO 8601 with an offset), once more under the old id. How many.
std::int64_t replayEvent(Client& client, const std::string& webhook, const std::string& event);
std::int64_t replaySince(Client& client, const std::string& webhook, const std::string& since);

struct WebhookEvent {
  std::string id = {};  // the same over all attempts and replays: remember it
  std::string type = {}, timestamp = {}, organisation = {}, subject = {};
  std::int64_t sequence = 0;
  std::string data = {};  // a JSON object
};

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in any case

// What a receiver got, if it is genuine. `secret` is "whsec_..." of the endpoint, `body` the octets as received (before
// anything parsed them), `now` the receiver's clock. Asks nobody; compares in constant time. Throws, status 0:
//   webhook_malformed   a header or the secret is missing or no such thing, or a genuine body is no event
//   webhook_time        sent more than `tolerance` before or after `now`: a replay by somebody else, or a wrong clock
//   webhook_signature   no signature is that of these octets under this secret
// Duplicates are for the caller to see (`id`): an event comes again when its acknowledgement was lost.
WebhookEvent verifyWebhook(const std::string& secret, const Headers& headers, const std::string& body,
                           std::chrono::system_clock::time_point now,
                           std::chrono::seconds tolerance = std::chrono::minutes(5));

}  // namespace qianda::client
