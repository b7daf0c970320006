// Sends the deliveries of one lane after the other: POST with the headers of Standard Webhooks (webhook-id, constant
// over all attempts; webhook-timestamp; webhook-signature) and webhook-sequence. Only 2xx is success; redirects are not
// followed. The schedule of attempts is kWebhookSchedule; after the last one a delivery is dead and the lane goes on.
// A success is recorded once: who finds the delivery changed meanwhile stops. A receiver that sees an event again sees
// it under the same webhook-id, after an answer of its own was lost. Thread-safe.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "server/outbound/http_client.h"
#include "server/webhooks/endpoints.h"
#include "storage/work/work_queue.h"

namespace qianda::server {

// Waits between attempts, each lengthened or shortened by up to a tenth.
inline constexpr std::array<std::chrono::seconds, 7> kWebhookSchedule{
    std::chrono::seconds(5),     std::chrono::seconds(30),     std::chrono::seconds(120),   std::chrono::seconds(600),
    std::chrono::seconds(3'600), std::chrono::seconds(21'600), std::chrono::seconds(86'400)};

class WebhookSender {
 public:
  using Clock = std::function<core::Instant()>;
  explicit WebhookSender(WebhookRules rules, Clock clock = core::now);

  // Sends what is due in that lane and ends the lease: finished, or postponed to when something is due next. Throws
  // kConflict when the lease was lost.
  void runLane(storage::Database& database, storage::Lease lease);

 private:
  struct Next;
  struct Outcome;
  Outcome send(const Next& next);
  // False when the delivery is no longer what it was.
  bool record(storage::Database& database, const Next& next, const Outcome& outcome);
  // An endpoint that does not answer shall not hold all workers: when to come back, or nothing when it may be asked.
  std::optional<core::Instant> enter(const std::string& endpoint);
  void leave(const std::string& endpoint, bool answered);

  const WebhookRules rules_;
  const Clock clock_;
  const HttpClient client_, privateClient_;  // the latter for hosts that the rules name
  struct Load {
    int inFlight = 0;
    int silences = 0;  // in a row
    core::Instant restUntil{};
  };
  std::mutex mutex_;
  std::map<std::string, Load> loads_;
};

// The octets that are sent for an event; the same at every attempt.
std::string webhookBody(storage::Transaction& transaction, const std::string& event);

}  // namespace qianda::server
