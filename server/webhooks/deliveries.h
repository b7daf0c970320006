// Deliveries: one for each event and endpoint that wants it, and one more for each replay. The events of one subject
// form a lane to an endpoint: they go out one after the other, the next when the one before was taken or given up. A
// lane is one piece of durable work ("webhook_lane", subject "<endpoint>:<subject>").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::server {

inline constexpr const char* kWebhookLane = "webhook_lane";
inline constexpr const char* kWebhookRelay = "webhook_relay";

// Hands events that were published since to all who wait for them, at most about `most` of them; returns how many.
std::size_t relayEvents(storage::Database& database, core::Instant now, std::size_t most = 500);

struct WebhookDelivery {
  std::string id, endpoint, event, subject, type;
  std::int64_t round = 0, sequence = 0;
  std::string state;
  std::int64_t attempts = 0;
  core::Instant due, createdAt;
  std::optional<core::Instant> doneAt;
  std::string lastOutcome;
};
struct WebhookAttempt {
  std::int64_t number = 0;
  core::Instant at;
  std::int64_t status = 0, latencyMs = 0;
  std::string outcome;
};

// Newest first, from before the id `before` (empty: from the newest); `state` empty: all.
std::vector<WebhookDelivery> listDeliveries(storage::Transaction& transaction, const std::string& endpoint,
                                            const std::string& state, const std::string& before, std::int64_t most);
std::vector<WebhookAttempt> listAttempts(storage::Transaction& transaction, const std::string& delivery);

// Sends an event once more, under its old id. False when that is waiting to be sent anyway. Throws kNotFound when the
// endpoint's organisation has no such event.
bool replayEvent(storage::Transaction& transaction, const std::string& endpoint, const std::string& event,
                 core::Instant now);
// All events since then that the endpoint takes; the number that is sent.
std::size_t replaySince(storage::Database& database, const std::string& endpoint, core::Instant since,
                        core::Instant now);
// An event "webhook.test" for this endpoint alone; its id.
std::string sendTest(storage::Transaction& transaction, const std::string& organisation, const std::string& endpoint,
                     core::Instant now);

// Asks for the work of every lane with something to send.
void wakeLanes(storage::Transaction& transaction, const std::string& endpoint, core::Instant now);

}  // namespace qianda::server
