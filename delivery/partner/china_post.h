// China Post's protocol for agreement customers (协议客户 API, api.ems.com.cn; docs/postal-partners.md, from public
// client code and notes on 《中小电商企业接口规范 V2.7》): a form whose field "logitcsInterface" (sic) is sealed
// (sm4_envelope.h), answered by {retCode, retMsg, retBody: JSON within a text, ...}. retCode 00000 is done; one that
// begins with S is a failure of the system, after which nobody knows (kUnknown); every other one is a refusal. Pushes
// come one event a message.
#pragma once

#include <memory>

#include <Poco/JSON/Object.h>

#include "delivery/partner/partner_settings.h"

namespace qianda::delivery {

namespace post_api {
inline constexpr const char *kOrder = "020003", *kCancel = "020006", *kLabel = "010004", *kTrack = "040001",
                            *kPush = "040002", *kDone = "00000", *kFailed = "S00001";
}

std::unique_ptr<PostalPartner> makeChinaPost(PartnerSettings settings, Wire wire);
std::unique_ptr<PushReader> makeChinaPostReader(PartnerSettings settings);

// sha256(waybillNo|opCode|opTime|opOrgCode|deliverCode|attemptDeliveryCode): no id of an event is ever told.
std::string postEventKey(const std::string& waybill, const std::string& opCode, const std::string& opTime,
                         const std::string& office, const std::string& deliverCode, const std::string& attemptCode);

struct PostEvent {
  MailEvent event;
  std::string doubt;  // why it should not take effect: a field that has not the form it always has, or ""
};
// One item of 040001 or 040002. Throws kInvalidInput when waybill, code or time is missing or no such thing.
PostEvent readPostEvent(const Poco::JSON::Object& item, const std::string& source);

}  // namespace qianda::delivery
