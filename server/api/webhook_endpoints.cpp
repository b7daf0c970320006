#include "contracts/envelope/details.h"
#include "core/error.h"
#include "server/api/evidence_routes.h"
#include "server/http/fields.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "server/webhooks/deliveries.h"

namespace qianda::server {
namespace {

using storage::Transaction;

constexpr std::size_t kMostEndpoints = 50;

void record(Transaction& transaction, const Request& request, const std::string& type, const WebhookEndpoint& endpoint,
            core::Instant now) {
  const std::string& organisation = request.principal.organisation;
  storage::appendAudit(transaction,
                       auditEntryOf(request, "organisation:" + organisation, organisation, type,
                                    contracts::jsonOf({{"endpoint", endpoint.id}, {"url", endpoint.url}}), now));
}

void checkFields(Fields& body, const WebhookEndpoint& endpoint, const WebhookRules& rules) {
  if (body.hasFaults()) return;
  try {
    checkEndpoint(endpoint, rules);
  } catch (const core::Error& error) {
    body.fault(std::string(error.what()).find("event") == std::string::npos ? "url" : "events", "format",
               error.clientMessage());
  }
}

Response answerNothing() {
  Response response;
  response.status = 204;
  return response;
}

}  // namespace

Json webhookJson(const WebhookEndpoint& endpoint) {
  Json events = Json::array();
  for (const std::string& type : endpoint.events) events.push(type);
  return Json::object(
      {{"id", endpoint.id},
       {"url", endpoint.url},
       {"description", endpoint.description},
       {"events", events},
       {"state", endpoint.state},
       {"reason", endpoint.reason},
       {"failing_since", endpoint.failingSince ? Json(core::isoInstant(*endpoint.failingSince)) : Json()},
       {"created", core::isoInstant(endpoint.createdAt)}});
}

WebhookEndpoint webhookOf(Transaction& transaction, const Request& request) {
  auto endpoint = findEndpoint(transaction, request.principal.organisation, request.parameter("webhook"));
  if (!endpoint) throw Problem(404, "not_found", "there is no such webhook");
  return *endpoint;
}

Response listWebhooks(Services& services, const Request& request) {
  Json items = Json::array();
  services.database->read([&](Transaction& transaction) {
    items = Json::array();
    for (const WebhookEndpoint& one : listEndpoints(transaction, request.principal.organisation))
      items.push(webhookJson(one));
  });
  return answerJson(Json::object({{"items", items}}));
}

Response createWebhook(Services& services, const Request& request) {
  const WebhookRules& rules = evidenceOf(services).webhooks;
  Fields body(request);
  WebhookEndpoint endpoint;
  endpoint.organisation = request.principal.organisation;
  endpoint.url = body.text("url", {.most = 2000});
  endpoint.description = body.findText("description", {.least = 0, .most = 200}).value_or("");
  endpoint.events = body.texts("events", 1, 50, {.most = 100});
  endpoint.createdBy = request.principal.id;
  checkFields(body, endpoint, rules);
  body.finish();
  std::string secret;
  const core::Instant now = services.clock();
  services.database->write([&](Transaction& transaction) {
    if (listEndpoints(transaction, endpoint.organisation).size() >= kMostEndpoints)
      throw Problem(409, "too_many", "an organisation has at most " + std::to_string(kMostEndpoints) + " webhooks");
    secret = createEndpoint(transaction, endpoint, rules, now);
    record(transaction, request, "webhook.created", endpoint, now);
  });
  return answerJson(webhookJson(endpoint).set("secret", secret), 201);
}

Response getWebhook(Services& services, const Request& request) {
  Json json;
  services.database->read([&](Transaction& transaction) { json = webhookJson(webhookOf(transaction, request)); });
  return answerJson(json);
}

Response changeWebhook(Services& services, const Request& request) {
  EvidenceServices& evidence = evidenceOf(services);
  Fields body(request);
  const auto url = body.findText("url", {.most = 2000});
  const auto description = body.findText("description", {.least = 0, .most = 200});
  const auto events = body.has("events") ? body.texts("events", 1, 50, {.most = 100}) : std::vector<std::string>();
  const auto state = body.findChoice("state", {"enabled", "disabled"});
  WebhookEndpoint endpoint;
  services.database->read([&](Transaction& transaction) { endpoint = webhookOf(transaction, request); });
  if (url) endpoint.url = *url;
  if (description) endpoint.description = *description;
  if (!events.empty()) endpoint.events = events;
  if (state) {
    endpoint.state = *state;
    endpoint.reason = *state == "disabled" ? "disabled by its owner" : "";
  }
  checkFields(body, endpoint, evidence.webhooks);
  body.finish();
  const core::Instant now = services.clock();
  services.database->write([&](Transaction& transaction) {
    updateEndpoint(transaction, endpoint, evidence.webhooks, now);
    record(transaction, request, "webhook.changed", endpoint, now);
    endpoint = webhookOf(transaction, request);
  });
  services.wakeJobs();
  return answerJson(webhookJson(endpoint));
}

Response deleteWebhook(Services& services, const Request& request) {
  const core::Instant now = services.clock();
  services.database->write([&](Transaction& transaction) {
    const WebhookEndpoint endpoint = webhookOf(transaction, request);
    deleteEndpoint(transaction, endpoint.id);
    record(transaction, request, "webhook.deleted", endpoint, now);
  });
  return answerNothing();
}

Response rotateWebhookSecret(Services& services, const Request& request) {
  const WebhookRules& rules = evidenceOf(services).webhooks;
  const core::Instant now = services.clock();
  std::string secret;
  services.database->write([&](Transaction& transaction) {
    const WebhookEndpoint endpoint = webhookOf(transaction, request);
    secret = rotateSecret(transaction, endpoint.id, rules, now);
    record(transaction, request, "webhook.secret_rotated", endpoint, now);
  });
  return answerJson(
      Json::object({{"secret", secret}, {"previous_until", core::isoInstant(now + rules.secretOverlap)}}));
}

}  // namespace qianda::server
