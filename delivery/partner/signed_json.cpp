#include "delivery/partner/signed_json.h"

#include "core/base64.h"
#include "core/error.h"
#include "core/id.h"
#include "delivery/partner/strict_json.h"
#include "delivery/partner/webhook_signature.h"

namespace qianda::delivery {
namespace {

using core::Error;
using How = PartnerAnswer::How;
using Reply = Poco::JSON::Object;

constexpr std::size_t kLargestReply = 16 << 20;
constexpr int kOk = 200;

JsonObject addressJson(const PostalAddress& address) {
  JsonObject json = newObject();
  json->set("name", address.name);
  json->set("phone", address.phone);
  json->set("postcode", address.postcode);
  json->set("province", address.province);
  json->set("city", address.city);
  json->set("district", address.district);
  json->set("street", address.street);
  return json;
}

JsonObject orderJson(const PostalOrder& order) {
  Poco::JSON::Array contents;
  for (const std::string& title : order.contents) contents.add(title);
  JsonObject json = newObject();
  json->set("order_no", order.orderNo);
  json->set("from", addressJson(order.from));
  json->set("to", addressJson(order.to));
  json->set("contents", contents);
  json->set("pages", order.pages);
  json->set("wants_receipt", order.wantsReceipt);
  return json;
}

// Of members and values in turn.
JsonObject textsJson(std::initializer_list<std::pair<const char*, std::string>> members) {
  JsonObject json = newObject();
  for (const auto& [member, value] : members) json->set(member, value);
  return json;
}

core::Bytes octetsAt(const Reply& reply, const std::string& member) {
  auto octets = core::fromBase64(requireText(reply, member));
  if (!octets) throw Error(core::ErrorCode::kInvalidInput, "\"" + member + "\" is not base64");
  return std::move(*octets);
}

void mustBe(const Reply& reply, const std::string& member, const std::string& expected) {
  const std::string told = requireText(reply, member);
  if (told != expected) throw Error(core::ErrorCode::kInvalidInput, "\"" + member + "\" is " + told);
}

std::string freshId(const char* verb) { return std::string(verb) + "-" + core::DocumentId::random().text(); }

class SignedJson final : public PostalPartner {
 public:
  SignedJson(PartnerSettings settings, Wire wire) : settings_(std::move(settings)), wire_(std::move(wire)) {}

  const std::string& name() const override { return settings_.name; }

  PartnerAnswer order(const PostalOrder& order, core::Instant now) override {
    const auto read = [&](PartnerAnswer& answer, const Reply& reply) {
      readOrdered(answer, reply, order.orderNo);
      if (order.wantsReceipt) requireText(reply, "return_waybill");
    };
    return call(signed_json::kOrders, "order-" + order.orderNo, orderJson(order), now, read);
  }
  PartnerAnswer cancel(const std::string& orderNo, const std::string& waybill, const std::string& reason,
                       core::Instant now) override {
    return call(signed_json::kCancellations, "cancel-" + orderNo,
                textsJson({{"order_no", orderNo}, {"waybill", waybill}, {"reason", reason}}), now,
                [&](PartnerAnswer& answer, const Reply&) { answer.waybill = waybill; });
  }
  PartnerAnswer label(const std::string& orderNo, const std::string& waybill, core::Instant now) override {
    return call(signed_json::kLabels, freshId("label"), textsJson({{"order_no", orderNo}, {"waybill", waybill}}), now,
                [&](PartnerAnswer& answer, const Reply& reply) {
                  answer.waybill = waybill;
                  answer.label = octetsAt(reply, "label");
                  if (core::textOf(answer.label).starts_with("%PDF-")) return;
                  throw Error(core::ErrorCode::kInvalidInput, "\"label\" is no PDF");
                });
  }
  PartnerAnswer query(const std::string& orderNo, core::Instant now) override {
    return call(signed_json::kQueries, freshId("query"), textsJson({{"order_no", orderNo}}), now,
                [&](PartnerAnswer& answer, const Reply& reply) { readOrdered(answer, reply, orderNo); });
  }
  PartnerAnswer track(const std::string& waybill, core::Instant now) override {
    return call(signed_json::kTracks, freshId("track"), textsJson({{"waybill", waybill}}), now,
                [&](PartnerAnswer& answer, const Reply& reply) {
                  answer.waybill = waybill;
                  mustBe(reply, "waybill", waybill);
                  for (const JsonObject& item : objectsOf(reply.get("events"), "events")) {
                    mustBe(*item, "waybill", waybill);
                    answer.events.push_back(readSignedEvent(*item, "poll"));
                  }
                });
  }
  PartnerAnswer receipt(const std::string& returnWaybill, core::Instant now) override {
    return call(signed_json::kReceipts, freshId("receipt"), textsJson({{"waybill", returnWaybill}}), now,
                [&](PartnerAnswer& answer, const Reply& reply) {
                  answer.waybill = returnWaybill;
                  answer.image = octetsAt(reply, "image");
                });
  }

 private:
  static void readOrdered(PartnerAnswer& answer, const Reply& reply, const std::string& orderNo) {
    mustBe(reply, "order_no", orderNo);
    answer.waybill = requireText(reply, "waybill");
    answer.returnWaybill = textAt(reply, "return_waybill");
  }

  template <typename Read>
  PartnerAnswer call(const char* path, const std::string& id, const JsonObject& json, core::Instant now,
                     Read read) const {
    const std::string body = writeJson(json);
    WireRequest request{"POST", path, signWebhook(settings_.keys, id, now, body),
                        core::Bytes(body.begin(), body.end())};
    request.headers.emplace_back("Content-Type", "application/json");
    PartnerAnswer answer;
    try {
      const WireReply reply = wire_(request);
      answer.raw = reply.body;
      judge(answer, reply, read);
    } catch (const Error& error) {
      answer.how = How::kUnknown;
      answer.reason = error.what();
      answer.events.clear();
    }
    return answer;
  }

  template <typename Read>
  static void judge(PartnerAnswer& answer, const WireReply& wire, Read read) {
    if (wire.status != kOk || wire.body.size() > kLargestReply) {
      answer.reason = wire.status == kOk ? "the reply is too large" : "HTTP " + std::to_string(wire.status);
      return;
    }
    const JsonObject reply = parseStrictObject(core::textOf(wire.body));
    const std::string result = requireText(*reply, "result");
    answer.code = textAt(*reply, "code");
    answer.reason = textAt(*reply, "reason");
    if (result == signed_json::kDone) {
      read(answer, *reply);
      answer.how = How::kDone;
    } else if (result == signed_json::kRefused) {
      answer.how = How::kRefused;
    } else if (result == signed_json::kNotFound) {
      answer.how = How::kNotFound;
    } else {
      answer.reason = "\"result\" is " + result;
    }
  }

  const PartnerSettings settings_;
  const Wire wire_;
};

}  // namespace

std::unique_ptr<PostalPartner> makeSignedJson(PartnerSettings settings, Wire wire) {
  return std::make_unique<SignedJson>(std::move(settings), std::move(wire));
}

}  // namespace qianda::delivery
