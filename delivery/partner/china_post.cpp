#include "delivery/partner/china_post.h"

#include <algorithm>

#include <Poco/URI.h>

#include "core/base64.h"
#include "core/error.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/partner/strict_json.h"
#include "delivery/post/waybill.h"

namespace qianda::delivery {
namespace {

using core::Error;
using How = PartnerAnswer::How;
using Poco::Dynamic::Var;

constexpr std::size_t kLargestReply = 16 << 20;
constexpr int kOk = 200;
constexpr const char* kDocument = "1";  // contentsAttribute: 文件

std::string escaped(const std::string& text) {
  std::string out;
  Poco::URI::encode(text, "!#$&'()*+,/:;=?@[]|%\"<> ", out);
  return out;
}

// retBody is JSON within a text, or plain text, or (seen once) an object.
Var bodyOf(const Poco::JSON::Object& reply) {
  const Var body = reply.get("retBody");
  if (body.isEmpty() || !body.isString()) return body;
  const std::string text = body.extract<std::string>();
  const std::size_t at = text.find_first_not_of(" \r\n\t");
  if (at == std::string::npos) return {};
  return text[at] == '{' || text[at] == '[' ? parseStrictJson(text) : body;
}

class ChinaPost final : public PostalPartner {
 public:
  ChinaPost(PartnerSettings settings, Wire wire) : settings_(std::move(settings)), wire_(std::move(wire)) {}

  const std::string& name() const override { return settings_.name; }

  PartnerAnswer order(const PostalOrder& order, core::Instant now) override {
    return call(post_api::kOrder, writeJson(orderList(order, now)), now, [&](PartnerAnswer& answer, const Var& body) {
      const auto items = objectsOf(body, "retBody");
      if (items.size() != 1)
        return unknown(answer, "the reply has " + std::to_string(items.size()) + " items, not one");
      readOrdered(answer, *items.front(), order.orderNo, order.wantsReceipt);
    });
  }

  PartnerAnswer cancel(const std::string& orderNo, const std::string& waybill, const std::string& reason,
                       core::Instant now) override {
    JsonObject json = newObject();
    json->set("logisticsOrderNo", orderNo);
    json->set("waybillNo", waybill);
    json->set("cancelReason", reason);
    return call(post_api::kCancel, writeJson(json), now,
                [&](PartnerAnswer& answer, const Var&) { answer.waybill = waybill; });
  }

  PartnerAnswer label(const std::string&, const std::string& waybill, core::Instant now) override {
    JsonObject json = newObject();
    json->set("waybillNo", waybill);
    json->set("type", settings_.labelType);
    return call(post_api::kLabel, writeJson(json), now, [&](PartnerAnswer& answer, const Var& body) {
      answer.waybill = waybill;
      auto octets = body.isString() ? core::fromBase64(body.extract<std::string>()) : std::nullopt;
      if (!octets || !core::textOf(*octets).starts_with("%PDF-")) return unknown(answer, "the label is no PDF");
      answer.label = std::move(*octets);
    });
  }

  PartnerAnswer query(const std::string& orderNo, core::Instant now) override {
    JsonObject json = newObject();
    json->set("logisticsOrderNo", orderNo);
    return call(settings_.queryCode, writeJson(json), now, [&](PartnerAnswer& answer, const Var& body) {
      const auto items = objectsOf(body, "retBody");
      if (items.empty()) {
        answer.how = How::kNotFound;
        return;
      }
      // More than one parcel under one order number: a person has to look.
      if (items.size() != 1) return unknown(answer, "the order has " + std::to_string(items.size()) + " items");
      readOrdered(answer, *items.front(), orderNo, false);
    });
  }

  PartnerAnswer track(const std::string& waybill, core::Instant now) override {
    JsonObject json = newObject();
    json->set("waybillNo", waybill);
    json->set("direction", "0");
    return call(post_api::kTrack, writeJson(json), now, [&](PartnerAnswer& answer, const Var& body) {
      answer.waybill = waybill;
      Var list = body;
      if (body.type() == typeid(JsonObject)) list = body.extract<JsonObject>()->get("responseItems");
      for (const JsonObject& item : objectsOf(list, "responseItems")) {
        PostEvent one = readPostEvent(*item, "poll");
        if (!one.doubt.empty()) return unknown(answer, one.doubt);
        if (one.event.waybill != waybill) return unknown(answer, "it tells of " + one.event.waybill);
        answer.events.push_back(std::move(one.event));
      }
    });
  }

  PartnerAnswer receipt(const std::string& returnWaybill, core::Instant now) override {
    JsonObject json = newObject();
    json->set("waybillNo", returnWaybill);
    return call(settings_.receiptCode, writeJson(json), now, [&](PartnerAnswer& answer, const Var& body) {
      answer.waybill = returnWaybill;
      if (body.isEmpty()) {
        answer.how = How::kNotFound;
        return;
      }
      auto octets = body.isString() ? core::fromBase64(body.extract<std::string>()) : std::nullopt;
      if (!octets || octets->empty()) return unknown(answer, "the image is no base64");
      answer.image = std::move(*octets);
    });
  }

 private:
  static void unknown(PartnerAnswer& answer, const std::string& reason) {
    answer.how = How::kUnknown;
    answer.reason = reason;
    answer.events.clear();
  }

  static JsonObject addressJson(const PostalAddress& address) {
    JsonObject json = newObject();
    json->set("name", address.name);
    json->set("postCode", address.postcode);
    json->set("mobile", address.phone);
    json->set("prov", address.province);
    json->set("city", address.city);
    json->set("county", address.district);
    json->set("address", address.street);
    return json;
  }

  Poco::JSON::Array orderList(const PostalOrder& order, core::Instant now) const {
    JsonObject json = newObject();
    json->set("ecommerceUserId", settings_.userCode.empty() ? settings_.senderNo : settings_.userCode);
    json->set("logisticsOrderNo", order.orderNo);
    json->set("createdTime", postTime(now));
    json->set("contentsAttribute", kDocument);
    json->set("bizProductNo", settings_.product);
    if (order.wantsReceipt) json->set("receiptFlag", settings_.receiptFlag);
    json->set("sender", addressJson(order.from));
    json->set("receiver", addressJson(order.to));
    Poco::JSON::Array cargos;
    for (const std::string& title : order.contents) {
      JsonObject cargo = newObject();
      cargo->set("cargoName", title);
      cargo->set("cargoQuantity", 1);
      cargos.add(cargo);
    }
    json->set("cargos", cargos);
    json->set("remarks", "共" + std::to_string(order.pages) + "页");
    Poco::JSON::Array list;
    list.add(json);
    return list;
  }

  static void readOrdered(PartnerAnswer& answer, const Poco::JSON::Object& item, const std::string& orderNo,
                          bool wantsReceipt) {
    const std::string told = textAt(item, "logisticsOrderNo");
    answer.waybill = textAt(item, "waybillNo");
    answer.returnWaybill = textAt(item, "receiptWaybillNo");
    if (!told.empty() && told != orderNo) return unknown(answer, "the reply is about the order " + told);
    if (!isWaybill(answer.waybill)) return unknown(answer, "waybillNo is no number of an item");
    if (!answer.returnWaybill.empty() && !isWaybill(answer.returnWaybill)) {
      return unknown(answer, "receiptWaybillNo is no number of an item");
    }
    if (wantsReceipt && answer.returnWaybill.empty()) return unknown(answer, "receiptWaybillNo is missing");
  }

  WireRequest requestOf(const std::string& code, const std::string& json, core::Instant now) const {
    const std::pair<const char*, std::string> fields[] = {
        {"apiCode", code},
        {"senderNo", settings_.senderNo},
        {"authorization", settings_.authorization},
        {"timeStamp", postTime(now)},
        {"version", settings_.version},
        {"msgType", settings_.msgType},
        {"userCode", settings_.userCode},
        {"logitcsInterface", sealSm4(json, settings_.keys.front())},
    };
    std::string form;
    for (const auto& [key, value] : fields) form += (form.empty() ? "" : "&") + std::string(key) + "=" + escaped(value);
    return {"POST",
            "",
            {{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"}},
            core::Bytes(form.begin(), form.end())};
  }

  template <typename Read>
  PartnerAnswer call(const std::string& code, const std::string& json, core::Instant now, Read read) const {
    PartnerAnswer answer;
    WireReply reply;
    try {
      reply = wire_(requestOf(code, json, now));
    } catch (const Error& error) {
      if (error.code() == core::ErrorCode::kInvalidInput) throw;  // nothing was sent
      unknown(answer, error.what());
      return answer;
    }
    answer.raw = reply.body;
    if (reply.status != kOk) {
      unknown(answer, "HTTP " + std::to_string(reply.status));
    } else if (reply.body.size() > kLargestReply) {
      unknown(answer, "the reply is too large");
    } else {
      try {
        judge(answer, read);
      } catch (const Error& error) {
        unknown(answer, error.what());
      }
    }
    return answer;
  }

  template <typename Read>
  void judge(PartnerAnswer& answer, Read read) const {
    const JsonObject reply = parseStrictObject(core::textOf(answer.raw));
    answer.code = requireText(*reply, "retCode");
    answer.reason = textAt(*reply, "retMsg");
    const auto& absent = settings_.absentCodes;
    if (answer.code == post_api::kDone) {
      answer.how = How::kDone;
      read(answer, bodyOf(*reply));
    } else if (std::find(absent.begin(), absent.end(), answer.code) != absent.end()) {
      answer.how = How::kNotFound;
    } else {
      answer.how = answer.code.starts_with('S') ? How::kUnknown : How::kRefused;
    }
  }

  const PartnerSettings settings_;
  const Wire wire_;
};

}  // namespace

std::unique_ptr<PostalPartner> makeChinaPost(PartnerSettings settings, Wire wire) {
  return std::make_unique<ChinaPost>(std::move(settings), std::move(wire));
}

}  // namespace qianda::delivery
