#include "contracts/envelope/details.h"
#include "core/id.h"
#include "server/api/evidence_routes.h"
#include "server/http/fields.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "server/webhooks/deliveries.h"

namespace qianda::server {
namespace {

using storage::Transaction;

constexpr std::int64_t kPage = 50;

Json deliveryJson(const WebhookDelivery& one) {
  return Json::object({{"id", one.id},
                       {"event", one.event},
                       {"type", one.type},
                       {"subject", one.subject},
                       {"sequence", one.sequence},
                       {"replay", one.round},
                       {"state", one.state},
                       {"attempts", one.attempts},
                       {"next_attempt", one.state == "pending" ? Json(core::isoInstant(one.due)) : Json()},
                       {"created", core::isoInstant(one.createdAt)},
                       {"done", one.doneAt ? Json(core::isoInstant(*one.doneAt)) : Json()},
                       {"outcome", one.lastOutcome}});
}

std::optional<core::Instant> instantOf(const std::string& text) {
  // RFC 3339, whole seconds: 2026-01-31T08:00:00+08:00, or Z.
  if (text.size() < 20 || text[10] != 'T') return std::nullopt;
  const auto date = core::parseDate(text.substr(0, 10));
  int hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0;
  char sign = 'Z';
  if (!date || std::sscanf(text.c_str() + 11, "%2d:%2d:%2d%c%2d:%2d", &hour, &minute, &second, &sign, &zoneHour,
                           &zoneMinute) < 4)
    return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 14 || zoneMinute > 59) return std::nullopt;
  if (sign == 'Z' ? text.size() != 20 : (sign != '+' && sign != '-') || text.size() != 25) return std::nullopt;
  const int zone = (zoneHour * 60 + zoneMinute) * (sign == '-' ? -1 : sign == '+' ? 1 : 0);
  return core::Instant{std::chrono::hours(24 * core::toDays(*date) + hour) + std::chrono::minutes(minute - zone) +
                       std::chrono::seconds(second)};
}

}  // namespace

Response listWebhookDeliveries(Services& services, const Request& request) {
  const std::string state = request.findQuery("state").value_or("");
  if (!state.empty() && state != "pending" && state != "delivered" && state != "dead")
    throw Problem(400, "query_invalid", "state is pending, delivered or dead");
  const std::string before = request.findQuery("before").value_or("");
  if (!before.empty() && !core::DocumentId::parse(before)) throw Problem(400, "query_invalid", "before is an id");
  Json items, next;
  services.database->read([&](Transaction& transaction) {
    items = Json::array();
    next = Json();
    const auto all = listDeliveries(transaction, webhookOf(transaction, request).id, state, before, kPage + 1);
    for (std::size_t i = 0; i < all.size() && i < static_cast<std::size_t>(kPage); ++i)
      items.push(deliveryJson(all[i]));
    if (all.size() > static_cast<std::size_t>(kPage)) next = all[static_cast<std::size_t>(kPage) - 1].id;
  });
  return answerJson(Json::object({{"items", items}, {"next", next}}));
}

Response getWebhookDelivery(Services& services, const Request& request) {
  Json attempts;
  services.database->read([&](Transaction& transaction) {
    const WebhookEndpoint endpoint = webhookOf(transaction, request);
    const std::string& delivery = request.parameter("delivery");
    if (!transaction.findRow("SELECT 1 FROM webhook_deliveries WHERE endpoint = $1 AND id = $2",
                             {endpoint.id, delivery}))
      throw Problem(404, "not_found", "there is no such delivery");
    attempts = Json::array();
    for (const WebhookAttempt& one : listAttempts(transaction, delivery)) {
      attempts.push(Json::object({{"number", one.number},
                                  {"at", core::isoInstant(one.at)},
                                  {"status", one.status},
                                  {"latency_ms", one.latencyMs},
                                  {"outcome", one.outcome}}));
    }
  });
  return answerJson(Json::object({{"attempts", attempts}}));
}

Response replayWebhook(Services& services, const Request& request) {
  Fields body(request);
  const auto event = body.findId("event");
  const auto since = body.findText("since", {.most = 40});
  const auto from = since ? instantOf(*since) : std::nullopt;
  if (since && !from) body.fault("since", "format", "an instant such as 2026-01-31T08:00:00+08:00");
  if (event.has_value() == since.has_value()) body.fault("", "choice", "give either event or since");
  body.finish();
  const core::Instant now = services.clock();
  WebhookEndpoint endpoint;
  std::int64_t count = 0;
  services.database->write([&](Transaction& transaction) {
    endpoint = webhookOf(transaction, request);
    storage::appendAudit(
        transaction,
        auditEntryOf(
            request, "organisation:" + endpoint.organisation, endpoint.organisation, "webhook.replayed",
            contracts::jsonOf({{"endpoint", endpoint.id}, {event ? "event" : "since", event ? *event : *since}}), now));
    if (event) count = replayEvent(transaction, endpoint.id, *event, now) ? 1 : 0;
  });
  if (from) count = static_cast<std::int64_t>(replaySince(*services.database, endpoint.id, *from, now));
  services.wakeJobs();
  return answerJson(Json::object({{"replayed", count}}), 202);
}

Response testWebhook(Services& services, const Request& request) {
  std::string event;
  services.database->write([&](Transaction& transaction) {
    const WebhookEndpoint endpoint = webhookOf(transaction, request);
    event = sendTest(transaction, endpoint.organisation, endpoint.id, services.clock());
  });
  services.wakeJobs();
  return answerJson(Json::object({{"event", event}}), 202);
}

}  // namespace qianda::server
