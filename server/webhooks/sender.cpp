#include "server/webhooks/sender.h"

#include <random>

#include "contracts/envelope/details.h"
#include "core/error.h"
#include "server/outbound/address_policy.h"
#include "server/webhooks/deliveries.h"
#include "server/webhooks/signature.h"
#include "storage/audit/audit_log.h"
#include "storage/outbox/outbox.h"
#include "storage/sql/instant.h"

namespace qianda::server {
namespace {

using storage::Database;
using storage::Lease;
using storage::Row;
using storage::Transaction;

constexpr int kInFlight = 4;  // to one endpoint, of this process
constexpr std::size_t kLanesKept = 10'000;
constexpr auto kLongestRest = std::chrono::seconds(60);
constexpr int kGone = 410;

using storage::instantOf;
using storage::msOf;

OutboundPolicy policyOf(const WebhookRules& rules, bool isPrivate) {
  OutboundPolicy policy;
  policy.privateAddresses = isPrivate;
  policy.largestAnswer = rules.largestAnswer;
  policy.timeout = rules.timeout;
  policy.authorities = rules.authorities;
  return policy;
}

// Up to a tenth more or less, so that what failed together does not come back together.
std::chrono::milliseconds withJitter(std::chrono::milliseconds wait) {
  thread_local std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<std::int64_t> tenth(-wait.count() / 10, wait.count() / 10);
  return wait + std::chrono::milliseconds(tenth(random));
}

std::string shortened(const std::string& text) {
  constexpr std::size_t kLongest = 500;
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

}  // namespace

struct WebhookSender::Next {
  WebhookEndpoint endpoint;
  std::string delivery, event, body;
  std::int64_t attempts = 0;
  core::Instant due;
  std::vector<std::string> secrets;
  std::int64_t sequence = 0;
  std::string organisation;
};

struct WebhookSender::Outcome {
  bool success = false, answered = false;
  std::int64_t status = 0;
  std::string text;  // for the log
  core::Instant at;
  std::chrono::milliseconds latency{0};
};

std::string webhookBody(Transaction& transaction, const std::string& event) {
  const auto row = transaction.findRow(
      "SELECT type, created_ms, organisation, subject, sequence, data FROM outbox_events WHERE id = $1", {event});
  if (!row) throw core::Error(core::ErrorCode::kCorrupt, "no event " + event);
  std::string body = contracts::jsonOf({{"id", event},
                                        {"type", row->text(0)},
                                        {"timestamp", core::isoInstant(instantOf(row->number(1)))},
                                        {"organisation", row->text(2)},
                                        {"subject", row->text(3)},
                                        {"sequence", row->number(4)}});
  body.pop_back();
  return body + ",\"data\":" + row->text(5) + "}";
}

WebhookSender::WebhookSender(WebhookRules rules, Clock clock)
    : rules_(std::move(rules)),
      clock_(std::move(clock)),
      client_(policyOf(rules_, false)),
      privateClient_(policyOf(rules_, true)) {}

std::optional<core::Instant> WebhookSender::enter(const std::string& endpoint) {
  const std::lock_guard lock(mutex_);
  if (loads_.size() > kLanesKept)
    std::erase_if(loads_, [](const auto& one) { return one.second.inFlight == 0 && one.second.silences == 0; });
  Load& load = loads_[endpoint];
  const core::Instant now = clock_();
  if (load.restUntil > now) return load.restUntil;
  if (load.inFlight >= kInFlight) return now + withJitter(std::chrono::seconds(1));
  ++load.inFlight;
  return std::nullopt;
}

void WebhookSender::leave(const std::string& endpoint, bool answered) {
  const std::lock_guard lock(mutex_);
  Load& load = loads_[endpoint];
  --load.inFlight;
  load.silences = answered ? 0 : load.silences + 1;
  load.restUntil =
      answered ? core::Instant{}
               : clock_() + std::min<std::chrono::seconds>(kLongestRest, std::chrono::seconds(2 * load.silences));
}

WebhookSender::Outcome WebhookSender::send(const Next& next) {
  Outcome outcome;
  outcome.at = clock_();
  const auto begin = std::chrono::steady_clock::now();
  try {
    HttpRequest request;
    request.method = "POST";
    request.url = next.endpoint.url;
    request.headers = {{"Content-Type", "application/json"},
                       {"User-Agent", "Qianda-Webhooks/1"},
                       {"webhook-id", next.event},
                       {"webhook-timestamp", webhookTimestamp(outcome.at)},
                       {"webhook-signature", signWebhook(next.secrets, next.event, outcome.at, next.body)},
                       {"webhook-sequence", std::to_string(next.sequence)}};
    request.body.assign(next.body.begin(), next.body.end());
    const HttpClient& client = mayBePrivate(parseTarget(request.url), rules_) ? privateClient_ : client_;
    const HttpAnswer answer = client.send(request);
    outcome.answered = true;
    outcome.status = answer.status;
    outcome.success = answer.status >= 200 && answer.status < 300;
    outcome.text = "HTTP " + std::to_string(answer.status);
    if (answer.status >= 300 && answer.status < 400) outcome.text += ": redirects are not followed";
  } catch (const core::Error& error) {
    if (error.code() == core::ErrorCode::kCorrupt || error.code() == core::ErrorCode::kSystem) throw;
    outcome.text = shortened(error.what());
  }
  outcome.latency = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  return outcome;
}

bool WebhookSender::record(Database& database, const Next& next, const Outcome& outcome) {
  const std::int64_t number = next.attempts + 1;
  const bool isLast = number > static_cast<std::int64_t>(kWebhookSchedule.size());
  const std::string state = outcome.success ? "delivered" : isLast ? "dead" : "pending";
  const core::Instant now = clock_();
  const core::Instant due =
      state == "pending" ? now + withJitter(kWebhookSchedule[static_cast<std::size_t>(next.attempts)]) : now;
  bool isRecorded = false;
  database.write([&](Transaction& transaction) {
    // The endpoint first: whoever records for it takes its turn, as `publish` below asks.
    transaction.execute(
        outcome.success ? "UPDATE webhook_endpoints SET failing_since_ms = 0 WHERE id = $1 AND failing_since_ms > $2"
                        : "UPDATE webhook_endpoints SET failing_since_ms = CASE WHEN failing_since_ms = 0 THEN $1 ELSE "
                          "failing_since_ms END WHERE id = $2",
        outcome.success ? storage::Values{next.endpoint.id, std::int64_t{0}}
                        : storage::Values{msOf(now), next.endpoint.id});
    isRecorded = transaction.execute(
                     "UPDATE webhook_deliveries SET state = $1, attempts = $2, due_ms = $3, done_ms = $4, last_outcome "
                     "= $5 WHERE id = $6 AND state = 'pending' AND attempts = $7",
                     {state, number, msOf(due), state == "pending" ? std::int64_t{0} : msOf(now), outcome.text,
                      next.delivery, next.attempts}) == 1;
    if (!isRecorded) return;
    transaction.insertAll(
        "INSERT INTO webhook_attempts (delivery, number, at_ms, status, latency_ms, outcome) VALUES", 6,
        {{next.delivery, number, msOf(outcome.at), outcome.status, outcome.latency.count(), outcome.text}});
    if (outcome.success) return;
    const auto failing = transaction.findRow(
        "SELECT failing_since_ms FROM webhook_endpoints WHERE id = $1 AND state = 'enabled'", {next.endpoint.id});
    if (!failing) return;
    const bool isTooLong = now - instantOf(failing->number(0)) >= rules_.disableAfter;
    if (outcome.status != kGone && !isTooLong) return;
    const std::string reason = outcome.status == kGone
                                   ? "the receiver answered 410 Gone"
                                   : "nothing but failures since " + core::isoInstant(instantOf(failing->number(0)));
    transaction.execute("UPDATE webhook_endpoints SET state = 'disabled', reason = $1 WHERE id = $2",
                        {reason, next.endpoint.id});
    const std::string details =
        contracts::jsonOf({{"endpoint", next.endpoint.id}, {"url", next.endpoint.url}, {"reason", reason}});
    storage::publish(transaction, {next.organisation, next.endpoint.id, "webhook.endpoint_disabled", details}, now);
    storage::appendAudit(transaction, {"organisation:" + next.organisation, next.organisation, now,
                                       "webhook.endpoint_disabled", "system", "", "", details});
  });
  return isRecorded;
}

void WebhookSender::runLane(Database& database, Lease lease) {
  const std::size_t colon = lease.subject.find(':');
  const std::string id = lease.subject.substr(0, colon), subject = lease.subject.substr(colon + 1);
  for (;;) {
    std::optional<Next> next;
    database.read([&](Transaction& transaction) {
      const auto row = transaction.findRow(
          "SELECT d.id, d.event, d.attempts, d.due_ms, d.sequence, p.organisation FROM webhook_deliveries d JOIN "
          "webhook_endpoints p ON p.id = d.endpoint WHERE d.endpoint = $1 AND d.subject = $2 AND d.state = 'pending' "
          "AND p.state = 'enabled' ORDER BY d.round, d.sequence LIMIT 1",
          {id, subject});
      if (!row) return;
      next.emplace();
      next->delivery = row->text(0);
      next->event = row->text(1);
      next->attempts = row->number(2);
      next->due = instantOf(row->number(3));
      next->sequence = row->number(4);
      next->organisation = row->text(5);
      next->endpoint = findEndpoint(transaction, next->organisation, id).value();
      next->secrets = activeSecrets(transaction, id, clock_());
      next->body = webhookBody(transaction, next->event);
    });
    const core::Instant now = clock_();
    if (!next) {
      return database.write([&](Transaction& transaction) { storage::finishWork(transaction, lease, now); });
    }
    std::optional<core::Instant> later;
    if (next->due > now) later = next->due;
    if (!later) later = enter(id);
    if (later) {
      return database.write(
          [&](Transaction& transaction) { storage::postponeWork(transaction, lease, *later, "not due"); });
    }
    Outcome outcome;
    try {
      if (!storage::renewLease(database, lease, now, rules_.timeout * 2 + std::chrono::seconds(30)))
        throw core::Error(core::ErrorCode::kConflict, "the lease of a webhook lane was lost");
      outcome = send(*next);
    } catch (...) {
      leave(id, true);
      throw;
    }
    leave(id, outcome.answered);
    if (!record(database, *next, outcome))
      throw core::Error(core::ErrorCode::kConflict, "a webhook delivery was recorded by another");
  }
}

}  // namespace qianda::server
