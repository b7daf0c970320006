#include "qianda/client/webhooks.h"

#include <Poco/JSON/Array.h>

#include "clients/sdk/json_reader.h"
#include "clients/sdk/transport.h"

namespace qianda::client {
namespace {

Webhook webhookOf(const JsonReader& answer) {
  Webhook webhook;
  webhook.id = answer.text("id");
  webhook.url = answer.text("url");
  webhook.description = answer.text("description");
  webhook.events = answer.texts("events");
  webhook.state = answer.text("state");
  webhook.reason = answer.text("reason");
  webhook.failingSince = answer.text("failing_since");
  webhook.created = answer.text("created");
  webhook.secret = answer.findText("secret");
  return webhook;
}

WebhookDelivery deliveryOf(const JsonReader& answer) {
  WebhookDelivery delivery;
  delivery.id = answer.text("id");
  delivery.event = answer.text("event");
  delivery.type = answer.text("type");
  delivery.subject = answer.text("subject");
  delivery.sequence = answer.number("sequence");
  delivery.replay = answer.number("replay");
  delivery.attempts = answer.number("attempts");
  delivery.state = answer.text("state");
  delivery.nextAttempt = answer.text("next_attempt");
  delivery.created = answer.text("created");
  delivery.done = answer.text("done");
  delivery.outcome = answer.text("outcome");
  return delivery;
}

Call posting(const std::vector<std::string>& segments, const Poco::JSON::Object::Ptr& body) {
  return {.method = "POST", .path = pathOf(segments), .mediaType = "application/json", .body = dumpJson(body)};
}

std::int64_t replay(Client& client, const std::string& webhook, const std::string& member, const std::string& value) {
  auto body = newJson();
  body->set(member, value);
  const Call call = posting({"webhooks", webhook, "replay"}, body);
  return JsonReader::parse(client.transport().ask(call).body).number("replayed");
}

}  // namespace

Webhook createWebhook(Client& client, const std::string& url, const std::vector<std::string>& events,
                      const std::string& description) {
  auto body = newJson();
  body->set("url", url);
  Poco::JSON::Array::Ptr types = new Poco::JSON::Array;
  for (const std::string& type : events) types->add(type);
  body->set("events", types);
  if (!description.empty()) body->set("description", description);
  return webhookOf(JsonReader::parse(client.transport().ask(posting({"webhooks"}, body)).body));
}

std::vector<Webhook> listWebhooks(Client& client) {
  const Call call{.path = pathOf({"webhooks"}), .isRepeatable = true};
  return pageOf(JsonReader::parse(client.transport().ask(call).body), webhookOf).items;
}

void deleteWebhook(Client& client, const std::string& id) {
  client.transport().ask({.method = "DELETE", .path = pathOf({"webhooks", id})});
}

Page<WebhookDelivery> listDeliveries(Client& client, const std::string& webhook, const std::string& state,
                                     const std::string& before) {
  const Call call{.path = pathOf({"webhooks", webhook, "deliveries"}),
                  .query = {{"state", state}, {"before", before}},
                  .isRepeatable = true};
  return pageOf(JsonReader::parse(client.transport().ask(call).body), deliveryOf);
}

std::int64_t replayEvent(Client& client, const std::string& webhook, const std::string& event) {
  return replay(client, webhook, "event", event);
}

std::int64_t replaySince(Client& client, const std::string& webhook, const std::string& since) {
  return replay(client, webhook, "since", since);
}

}  // namespace qianda::client
