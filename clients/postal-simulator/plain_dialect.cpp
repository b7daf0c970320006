#include "clients/postal-simulator/dialects.h"
#include "clients/postal-simulator/telling.h"
#include "core/base64.h"
#include "core/error.h"
#include "delivery/partner/signed_json.h"
#include "delivery/partner/webhook_signature.h"

namespace qianda::postal_simulator {
namespace {

using core::Error;
using delivery::JsonObject;
using delivery::requireText;
using delivery::textAt;
using How = Outcome::How;
namespace api = delivery::signed_json;

constexpr std::chrono::seconds kWindow{300};
constexpr int kUnauthorized = 401, kNotFoundStatus = 404, kBadRequest = 400;

Told reply(const JsonObject& json) { return {200, delivery::writeJson(json)}; }

JsonObject result(const char* word) {
  JsonObject json = delivery::newObject();
  json->set("result", word);
  return json;
}

Told failure(const Outcome& outcome) {
  JsonObject json = result(outcome.how == How::kRefused ? api::kRefused : api::kNotFound);
  json->set("code", outcome.code);
  json->set("reason", outcome.reason);
  return reply(json);
}

Told ordered(const Outcome& outcome) {
  if (outcome.how != How::kDone) return failure(outcome);
  if (outcome.parcels.size() != 1) {
    return failure(Outcome::refused("several", "the order has more than one parcel"));
  }
  JsonObject json = result(api::kDone);
  json->set("order_no", outcome.parcels.front().orderNo);
  json->set("waybill", outcome.parcels.front().waybill);
  json->set("return_waybill", outcome.parcels.front().returnWaybill);
  return reply(json);
}

Told withFile(const char* member, const Outcome& outcome) {
  if (outcome.how != How::kDone) return failure(outcome);
  JsonObject json = result(api::kDone);
  json->set(member, core::toBase64(core::viewOf(outcome.file)));
  return reply(json);
}

delivery::PostalAddress addressOf(const Poco::JSON::Object& order, const std::string& member) {
  const auto json = order.getObject(member);
  if (!json) throw Error(core::ErrorCode::kInvalidInput, "\"" + member + "\" is missing");
  return {requireText(*json, "name"), textAt(*json, "phone"),    textAt(*json, "postcode"), textAt(*json, "province"),
          textAt(*json, "city"),      textAt(*json, "district"), textAt(*json, "street")};
}

Told order(Desk& desk, const std::string& partner, const Poco::JSON::Object& json) {
  delivery::PostalOrder order;
  order.orderNo = requireText(json, "order_no");
  order.from = addressOf(json, "from");
  order.to = addressOf(json, "to");
  order.wantsReceipt = delivery::flagAt(json, "wants_receipt");
  if (const auto contents = json.getArray("contents")) {
    for (const Poco::Dynamic::Var& title : *contents) order.contents.push_back(title.convert<std::string>());
  }
  return ordered(desk.order(partner, order));
}

Told cancel(Desk& desk, const std::string& partner, const Poco::JSON::Object& json) {
  const Outcome outcome = desk.cancel(partner, requireText(json, "order_no"), requireText(json, "waybill"));
  return outcome.how == How::kDone ? reply(result(api::kDone)) : failure(outcome);
}

Told label(Desk& desk, const std::string&, const Poco::JSON::Object& json) {
  return withFile("label", desk.label(requireText(json, "waybill")));
}

Told query(Desk& desk, const std::string& partner, const Poco::JSON::Object& json) {
  return ordered(desk.query(partner, requireText(json, "order_no")));
}

Told track(Desk& desk, const std::string&, const Poco::JSON::Object& json) {
  const std::string waybill = requireText(json, "waybill");
  const Outcome outcome = desk.track(waybill);
  if (outcome.how != How::kDone) return failure(outcome);
  const Parcel& parcel = outcome.parcels.front();
  Poco::JSON::Array events;
  for (const std::size_t index : toldOf(parcel, waybill != parcel.waybill, core::now())) {
    events.add(plainItem(parcel, index));
  }
  JsonObject answer = result(api::kDone);
  answer->set("waybill", waybill);
  answer->set("events", events);
  return reply(answer);
}

Told receipt(Desk& desk, const std::string&, const Poco::JSON::Object& json) {
  return withFile("image", desk.receipt(requireText(json, "waybill")));
}

struct Operation {
  const char *path, *name;
  Told (*run)(Desk&, const std::string&, const Poco::JSON::Object&);
};
constexpr Operation kOperations[] = {{api::kOrders, "order", &order}, {api::kCancellations, "cancel", &cancel},
                                     {api::kLabels, "label", &label}, {api::kQueries, "query", &query},
                                     {api::kTracks, "track", &track}, {api::kReceipts, "receipt", &receipt}};

}  // namespace

Question readPlain(Desk& desk, const delivery::PartnerSettings& settings, const Asked& asked) {
  const auto check = delivery::checkWebhook(settings.keys, asked.headers, asked.body, core::now(), kWindow);
  if (!check.isGenuine || !check.isInTime) return {"", {kUnauthorized, R"({"result":"unauthorized"})"}, {}};
  for (const Operation& operation : kOperations) {
    if (asked.path != operation.path) continue;
    try {
      const JsonObject json = delivery::parseStrictObject(asked.body);
      return {operation.name, {}, [&desk, &settings, json, run = operation.run] {
                return run(desk, settings.name, *json);
              }};
    } catch (const Error& error) {
      return {"", {kBadRequest, std::string(R"({"result":"malformed"})")}, {}};
    }
  }
  return {"", {kNotFoundStatus, R"({"result":"no_such_operation"})"}, {}};
}

}  // namespace qianda::postal_simulator
