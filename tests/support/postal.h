// What tests of postal partners share: settings with keys made at run time, a wire that is a function, pushes as the
// partner would send them.
#pragma once

#include <functional>

#include <openssl/rand.h>

#include "core/base64.h"
#include "delivery/partner/partner_settings.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/partner/webhook_signature.h"

namespace qianda::test {

inline std::string randomKey(std::size_t octets) {
  core::Bytes key(octets);
  if (RAND_bytes(key.data(), static_cast<int>(octets)) != 1) throw std::runtime_error("no random octets");
  return core::toBase64(key);
}

inline delivery::PartnerSettings postSettings() {
  delivery::PartnerSettings settings;
  settings.name = "post";
  settings.protocol = "china_post";
  settings.address = "http://127.0.0.1:1";
  settings.keys = {randomKey(16)};
  settings.senderNo = "1100000000001";
  settings.authorization = "authorization-of-the-test";
  return settings;
}

inline delivery::PartnerSettings plainSettings() {
  delivery::PartnerSettings settings;
  settings.name = "plain";
  settings.protocol = "signed_json";
  settings.address = "http://127.0.0.1:1";
  settings.keys = {"whsec_" + randomKey(32)};
  return settings;
}

inline delivery::PostalOrder anOrder(const std::string& orderNo = "QD2026000001", bool wantsReceipt = false) {
  delivery::PostalOrder order;
  order.orderNo = orderNo;
  order.from = {"示例劳动人事争议仲裁委员会", "07560000000", "519000", "广东省", "珠海市", "香洲区", "示例路1号"};
  order.to = {"张示例", "13800000000", "519000", "广东省", "珠海市", "斗门区", "样例街2号"};
  order.contents = {"应诉通知书", "举证通知书"};
  order.pages = 7;
  order.wantsReceipt = wantsReceipt;
  return order;
}

inline core::Bytes octetsOf(const std::string& text) { return {text.begin(), text.end()}; }

// 2026-03-02T09:00:00+08:00
inline core::Instant morning() { return *delivery::parseIsoInstant("2026-03-02T09:00:00+08:00"); }

struct PostPush {
  std::string inner =
      R"({"waybillNo":"1272448151316","orderNo":"QD2026000001","opTime":"2026-03-02 08:55:00","opCode":"704",)"
      R"("opName":"投递结果反馈-妥投","opDesc":"已妥投，签收人：张示例（本人），证件号已登记","opOrgCode":"51900001",)"
      R"("opOrgName":"斗门投递部","deliverCode":"10","attemptDeliveryCode":""})";
  std::string senderNo = "1100000000001", method = "040002", msgType = "0", serialNo = "S1",
              timeStamp = "2026-03-02 09:00:00";
  bool appendsKey = true;

  delivery::PushMessage message(const delivery::PartnerSettings& settings) const {
    return around(delivery::sealSm4(inner, settings.keys.front(), appendsKey));
  }
  delivery::PushMessage around(const std::string& sealed) const {
    delivery::PushMessage push;
    push.body = octetsOf(R"({"logitcsInterface":")" + sealed + R"(","method":")" + method + R"(","msgType":")" +
                         msgType + R"(","senderNo":")" + senderNo + R"(","serialNo":")" + serialNo +
                         R"(","timeStamp":")" + timeStamp + R"(","version":"V1.0.0"})");
    push.peer = "127.0.0.1";
    return push;
  }
};

inline std::string plainEvent(const std::string& id = "ev1") {
  return R"({"type":"mail.events","events":[{"id":")" + id +
         R"(","waybill":"W-1","kind":"signed","at":"2026-03-02T08:55:00+08:00","code":"704","name":"妥投",)"
         R"("office_code":"51900001","office_name":"斗门投递部","signer":"addressee","signer_name":"张示例",)"
         R"("id_checked":true}]})";
}

inline delivery::PushMessage plainPush(const std::vector<std::string>& keys, const std::string& body,
                                       core::Instant at = morning(), const std::string& id = "msg-1") {
  delivery::PushMessage push;
  push.headers = delivery::signWebhook(keys, id, at, body);
  push.body = octetsOf(body);
  push.peer = "127.0.0.1";
  return push;
}

}  // namespace qianda::test
