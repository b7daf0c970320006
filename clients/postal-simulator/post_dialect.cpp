#include <algorithm>

#include <Poco/URI.h>

#include "clients/postal-simulator/dialects.h"
#include "clients/postal-simulator/telling.h"
#include "core/base64.h"
#include "core/error.h"
#include "core/id.h"
#include "delivery/partner/china_post.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"

namespace qianda::postal_simulator {
namespace {

using core::Error;
using delivery::JsonObject;
using delivery::PartnerSettings;
using delivery::requireText;
using delivery::textAt;
using How = Outcome::How;

constexpr const char* kUnknownCustomer = "B00010";

std::map<std::string, std::string> formOf(const std::string& body) {
  std::map<std::string, std::string> form;
  for (const auto& [key, value] : Poco::URI("http://host/?" + body).getQueryParameters()) {
    if (!form.emplace(key, value).second) throw Error(core::ErrorCode::kInvalidInput, key + " is there twice");
  }
  return form;
}

Told reply(const std::string& code, const std::string& message, const Poco::Dynamic::Var& body = {}) {
  JsonObject json = delivery::newObject();
  json->set("serialNo", core::DocumentId::random().text());
  json->set("retCode", code);
  json->set("retMsg", message);
  json->set("retBody", body);
  json->set("retDate", delivery::postTime(core::now()));
  json->set("success", code == delivery::post_api::kDone);
  return {200, delivery::writeJson(json)};
}

Told done(const Poco::Dynamic::Var& body = {}) { return reply(delivery::post_api::kDone, "成功", body); }

Told failure(const PartnerSettings& settings, const Outcome& outcome) {
  if (outcome.how == How::kRefused) return reply(outcome.code, outcome.reason);
  return reply(settings.absentCodes.empty() ? "B00001" : settings.absentCodes.front(), "查无此订单");
}

JsonObject orderedJson(const Parcel& parcel) {
  JsonObject json = delivery::newObject();
  json->set("logisticsOrderNo", parcel.orderNo);
  json->set("waybillNo", parcel.waybill);
  if (!parcel.returnWaybill.empty()) json->set("receiptWaybillNo", parcel.returnWaybill);
  return json;
}

delivery::PostalAddress addressOf(const Poco::JSON::Object& order, const std::string& member) {
  const auto json = order.getObject(member);
  if (!json) throw Error(core::ErrorCode::kInvalidInput, "\"" + member + "\" is missing");
  return {requireText(*json, "name"), textAt(*json, "mobile"), textAt(*json, "postCode"), textAt(*json, "prov"),
          textAt(*json, "city"),      textAt(*json, "county"), textAt(*json, "address")};
}

Told order(Desk& desk, const PartnerSettings& settings, const Poco::Dynamic::Var& json) {
  const auto items = delivery::objectsOf(json, "the order");
  if (items.size() != 1) throw Error(core::ErrorCode::kInvalidInput, "one order at a time");
  const Poco::JSON::Object& item = *items.front();
  delivery::PostalOrder order;
  order.orderNo = requireText(item, "logisticsOrderNo");
  order.from = addressOf(item, "sender");
  order.to = addressOf(item, "receiver");
  order.wantsReceipt = textAt(item, "receiptFlag") == settings.receiptFlag;
  for (const JsonObject& cargo : delivery::objectsOf(item.get("cargos"), "cargos")) {
    order.contents.push_back(requireText(*cargo, "cargoName"));
  }
  const Outcome outcome = desk.order(settings.name, order);
  return outcome.how == How::kDone ? done(delivery::writeJson(orderedJson(outcome.parcels.front())))
                                   : failure(settings, outcome);
}

Told cancel(Desk& desk, const PartnerSettings& settings, const Poco::Dynamic::Var& json) {
  const auto item = json.extract<JsonObject>();
  const Outcome outcome =
      desk.cancel(settings.name, requireText(*item, "logisticsOrderNo"), requireText(*item, "waybillNo"));
  return outcome.how == How::kDone ? done() : failure(settings, outcome);
}

Told label(Desk& desk, const PartnerSettings& settings, const Poco::Dynamic::Var& json) {
  const Outcome outcome = desk.label(requireText(*json.extract<JsonObject>(), "waybillNo"));
  return outcome.how == How::kDone ? done(core::toBase64(core::viewOf(outcome.file))) : failure(settings, outcome);
}

Told query(Desk& desk, const PartnerSettings& settings, const Poco::Dynamic::Var& json) {
  const Outcome outcome = desk.query(settings.name, requireText(*json.extract<JsonObject>(), "logisticsOrderNo"));
  if (outcome.how != How::kDone) return failure(settings, outcome);
  Poco::JSON::Array list;
  for (const Parcel& parcel : outcome.parcels) list.add(orderedJson(parcel));
  return done(delivery::writeJson(list));
}

Told track(Desk& desk, const PartnerSettings& settings, const Poco::Dynamic::Var& json) {
  const std::string waybill = requireText(*json.extract<JsonObject>(), "waybillNo");
  const Outcome outcome = desk.track(waybill);
  if (outcome.how != How::kDone) return failure(settings, outcome);
  const Parcel& parcel = outcome.parcels.front();
  Poco::JSON::Array items;
  for (const std::size_t index : toldOf(parcel, waybill != parcel.waybill, core::now())) {
    items.add(postItem(parcel, index));
  }
  JsonObject body = delivery::newObject();
  body->set("responseItems", items);
  return done(delivery::writeJson(body));
}

Told receipt(Desk& desk, const PartnerSettings&, const Poco::Dynamic::Var& json) {
  const Outcome outcome = desk.receipt(requireText(*json.extract<JsonObject>(), "waybillNo"));
  return outcome.how == How::kDone ? done(core::toBase64(core::viewOf(outcome.file))) : done();
}

struct Operation {
  std::string code;
  const char* name;
  Told (*run)(Desk&, const PartnerSettings&, const Poco::Dynamic::Var&);
};

}  // namespace

Question readPost(Desk& desk, const PartnerSettings& settings, const Asked& asked) {
  namespace api = delivery::post_api;
  const Operation operations[] = {{api::kOrder, "order", &order},        {api::kCancel, "cancel", &cancel},
                                  {api::kLabel, "label", &label},        {api::kTrack, "track", &track},
                                  {settings.queryCode, "query", &query}, {settings.receiptCode, "receipt", &receipt}};
  try {
    auto form = formOf(asked.body);
    if (form["senderNo"] != settings.senderNo || form["authorization"] != settings.authorization) {
      return {"", reply(kUnknownCustomer, "客户代码或授权码不正确"), {}};
    }
    if (!delivery::parsePostTime(form["timeStamp"])) return {"", reply(kUnknownCustomer, "timeStamp 不正确"), {}};
    const auto opening = delivery::openSm4(form["logitcsInterface"], settings.keys.front());
    if (opening.outcome != delivery::Sm4Opening::Outcome::kOpened) {
      return {"", reply(kUnknownCustomer, "解密失败: " + opening.reason), {}};
    }
    const Poco::Dynamic::Var json = delivery::parseStrictJson(opening.json);
    for (const Operation& operation : operations) {
      if (form["apiCode"] != operation.code) continue;
      return {operation.name, {}, [&desk, &settings, json, run = operation.run] { return run(desk, settings, json); }};
    }
    return {"", reply(kUnknownCustomer, "apiCode 不正确"), {}};
  } catch (const Error& error) {
    return {"", reply(kUnknownCustomer, error.what()), {}};
  } catch (const Poco::Exception& error) {
    return {"", reply(kUnknownCustomer, error.displayText()), {}};
  }
}

}  // namespace qianda::postal_simulator
