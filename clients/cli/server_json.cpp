#include "clients/cli/server_json.h"

namespace qianda::cli {
namespace {

using Poco::Dynamic::Var;

Var orNull(const std::string& text) { return text.empty() ? Var() : Var(text); }

JsonArray::Ptr listOf(const std::vector<std::string>& texts) {
  JsonArray::Ptr array = newArray();
  for (const std::string& text : texts) array->add(text);
  return array;
}

// Members that are empty are left out, as of the shipped templates.
JsonObject::Ptr toJson(const client::TemplateField& field) {
  JsonObject::Ptr object = newObject();
  object->set("name", field.name);
  object->set("label", field.label);
  object->set("label_en", field.labelEn);
  object->set("type", field.type);
  object->set("required", field.isRequired);
  object->set("conditional", field.isConditional);
  for (const auto& [name, value] :
       {std::pair("default", field.preset), std::pair("min", field.minimum), std::pair("max", field.maximum),
        std::pair("unit", field.unit), std::pair("example", field.example)}) {
    if (!value.empty()) object->set(name, value);
  }
  if (!field.choices.empty()) {
    JsonArray::Ptr choices = newArray();
    for (const client::TemplateChoice& choice : field.choices) {
      JsonObject::Ptr one = newObject();
      one->set("value", choice.value);
      one->set("label", choice.label);
      choices->add(one);
    }
    object->set("choices", choices);
  }
  if (!field.columns.empty()) object->set("columns", listOf(field.columns));
  return object;
}

JsonObject::Ptr toJson(const client::Party& party) {
  JsonObject::Ptr object = newObject();
  object->set("name", party.name);
  object->set("field", party.field);
  object->set("kind", party.kind);
  object->set("stage", party.stage);
  object->set("state", party.state);
  object->set("display_name", party.displayName);
  object->set("changed", party.changed);
  if (party.kind == "person") {
    object->set("id_number", party.idNumber);
    object->set("phone", party.phone);
  } else {
    object->set("organisation", party.organisation);
    object->set("seal", party.seal);
  }
  if (party.revision > 0) object->set("revision", party.revision);
  return object;
}

}  // namespace

JsonObject::Ptr toJson(const client::Fault& fault) {
  JsonObject::Ptr object = newObject();
  object->set("row", fault.row);
  object->set("column", fault.column);
  object->set("field", fault.field);
  object->set("value", fault.value);
  object->set("rule", fault.code);
  object->set("severity", fault.severity);
  object->set("article", fault.article);
  object->set("computed", fault.computed);
  object->set("limit", fault.limit);
  object->set("message", fault.messageEn);
  object->set("message_zh", fault.message);
  return object;
}

JsonArray::Ptr toJson(const std::vector<client::Fault>& faults) {
  JsonArray::Ptr array = newArray();
  for (const client::Fault& fault : faults) array->add(toJson(fault));
  return array;
}

JsonObject::Ptr toJson(const client::Batch& batch) {
  JsonObject::Ptr object = newObject();
  object->set("id", batch.id);
  object->set("state", batch.state);
  object->set("reason", batch.reason);
  object->set("rows", batch.rows);
  object->set("made", batch.made);
  object->set("failed", batch.failed);
  object->set("cancel_asked", batch.isCancelAsked);
  object->set("template", batch.templateId);
  object->set("template_version", batch.templateVersion);
  object->set("seal", batch.seal);
  object->set("signing_order", batch.signingOrder);
  object->set("level", batch.level);
  object->set("revision", batch.revision);
  object->set("created_by", batch.createdBy);
  object->set("created_at", batch.createdAt);
  object->set("finished_at", orNull(batch.finishedAt));
  return object;
}

JsonObject::Ptr toJson(const client::BatchRow& row) {
  JsonObject::Ptr object = newObject();
  object->set("row", row.row);
  object->set("state", row.state);
  object->set("envelope", orNull(row.envelope));
  object->set("sha256", row.sha256);
  object->set("name", row.name);
  object->set("reason", row.reason);
  return object;
}

JsonObject::Ptr toJson(const client::Envelope& envelope) {
  JsonObject::Ptr object = newObject();
  object->set("id", envelope.id);
  object->set("kind", envelope.kind);
  object->set("title", envelope.title);
  object->set("template", envelope.templateId);
  object->set("template_version", envelope.templateVersion);
  object->set("level", envelope.level);
  object->set("state", envelope.state);
  object->set("stage", envelope.stage);
  object->set("revision", envelope.revision);
  object->set("reason", envelope.reason);
  object->set("created_by", envelope.createdBy);
  object->set("created", envelope.created);
  object->set("changed", envelope.changed);
  object->set("expires", orNull(envelope.expires));
  object->set("batch", orNull(envelope.batch));
  object->set("row", envelope.batch.empty() ? Var() : Var(envelope.row));
  JsonArray::Ptr parties = newArray();
  for (const client::Party& party : envelope.parties) parties->add(toJson(party));
  object->set("parties", parties);
  return object;
}

JsonObject::Ptr toJson(const client::Template& form) {
  JsonObject::Ptr object = newObject();
  object->set("id", form.id);
  object->set("version", form.version);
  object->set("title", form.title);
  object->set("title_en", form.titleEn);
  JsonArray::Ptr fields = newArray();
  for (const client::TemplateField& field : form.fields) fields->add(toJson(field));
  object->set("fields", fields);
  return object;
}

JsonObject::Ptr toJson(const client::Webhook& webhook) {
  JsonObject::Ptr object = newObject();
  object->set("id", webhook.id);
  object->set("url", webhook.url);
  object->set("description", webhook.description);
  object->set("events", listOf(webhook.events));
  object->set("state", webhook.state);
  object->set("reason", webhook.reason);
  object->set("failing_since", orNull(webhook.failingSince));
  object->set("created", webhook.created);
  if (!webhook.secret.empty()) object->set("secret", webhook.secret);
  return object;
}

JsonObject::Ptr toJson(const client::WebhookDelivery& delivery) {
  JsonObject::Ptr object = newObject();
  object->set("id", delivery.id);
  object->set("event", delivery.event);
  object->set("type", delivery.type);
  object->set("subject", delivery.subject);
  object->set("sequence", delivery.sequence);
  object->set("replay", delivery.replay);
  object->set("state", delivery.state);
  object->set("attempts", delivery.attempts);
  object->set("next_attempt", orNull(delivery.nextAttempt));
  object->set("created", delivery.created);
  object->set("done", orNull(delivery.done));
  object->set("outcome", delivery.outcome);
  return object;
}

}  // namespace qianda::cli
