// What a service said, as the command line prints it: members as in the API; a roster's faults as `qianda batch --json`
// has them.
#pragma once

#include <qianda/client/batches.h>
#include <qianda/client/envelopes.h>
#include <qianda/client/templates.h>
#include <qianda/client/webhooks.h>

#include "clients/cli/output.h"

namespace qianda::cli {

JsonObject::Ptr toJson(const client::Fault& fault);
JsonArray::Ptr toJson(const std::vector<client::Fault>& faults);
JsonObject::Ptr toJson(const client::Batch& batch);
JsonObject::Ptr toJson(const client::BatchRow& row);
JsonObject::Ptr toJson(const client::Envelope& envelope);
JsonObject::Ptr toJson(const client::Template& form);
JsonObject::Ptr toJson(const client::Webhook& webhook);
JsonObject::Ptr toJson(const client::WebhookDelivery& delivery);

// {"items": [...], "next": ...}; null when there is no more.
template <typename Item>
JsonObject::Ptr toJson(const client::Page<Item>& page) {
  JsonObject::Ptr object = newObject();
  JsonArray::Ptr items = newArray();
  for (const Item& item : page.items) items->add(toJson(item));
  object->set("items", items);
  object->set("next", page.next.empty() ? Poco::Dynamic::Var() : Poco::Dynamic::Var(page.next));
  return object;
}

}  // namespace qianda::cli
