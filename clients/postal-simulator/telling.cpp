#include "clients/postal-simulator/telling.h"

#include "core/digest.h"
#include "delivery/partner/china_post.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/partner/webhook_signature.h"

namespace qianda::postal_simulator {
namespace {

using delivery::JsonObject;
using delivery::MailEventKind;

constexpr const char *kSendingOffice = "51900000", *kDeliveryOffice = "51900010", *kWithdrawal = "207";

MailEventKind kindOf(const Step& step) {
  const auto* code = delivery::findOpCode(step.code);
  return code ? code->kind : MailEventKind::kUnknown;
}

std::string nameOf(const Step& step) {
  const auto* code = delivery::findOpCode(step.code);
  return code ? std::string(code->nameZh) : "其他";
}

std::string detail(const Step& step, const char* key, const std::string& otherwise = {}) {
  const auto found = step.details.find(key);
  return found == step.details.end() ? otherwise : found->second;
}

bool isAtDelivery(MailEventKind kind) {
  using Kind = MailEventKind;
  return kind != Kind::kOrdered && kind != Kind::kPrinted && kind != Kind::kPosted && kind != Kind::kReturned;
}

std::string officeOf(const Step& step) {
  return detail(step, "office", isAtDelivery(kindOf(step)) != step.isReceipt ? kDeliveryOffice : kSendingOffice);
}

std::string signerOf(const Step& step) {
  const std::string name = detail(step, "name");
  return name.empty() ? step.words : name + "（" + step.words + "）";
}

std::string descriptionOf(const Step& step) {
  if (const std::string text = detail(step, "text"); !text.empty()) return text;
  const std::string reason = step.words.empty() ? "" : "，原因：" + step.words;
  switch (kindOf(step)) {
    case MailEventKind::kSigned:
      return "已签收" + (step.words.empty() ? "" : "，签收人：" + signerOf(step)) +
             (step.hasIdNumber ? "，证件号已登记" : "");
    case MailEventKind::kFailed:
      return "未妥投" + reason;
    case MailEventKind::kReturning:
      return "退回" + reason;
    case MailEventKind::kReturned:
      return "退回妥投" + reason;
    default:
      return nameOf(step) + (step.words.empty() ? "" : "，" + step.words);
  }
}

// The last event of that code before `index`; index itself when there is none.
std::size_t withdrawnBy(const Parcel& parcel, std::size_t index) {
  const Step& step = parcel.events[index].step;
  for (std::size_t at = index; at-- > 0;) {
    const Step& one = parcel.events[at].step;
    if (!one.withdraws && one.code == step.code && one.isReceipt == step.isReceipt) return at;
  }
  return index;
}

const std::string& waybillOf(const Parcel& parcel, std::size_t index) {
  return parcel.events[index].step.isReceipt && !parcel.returnWaybill.empty() ? parcel.returnWaybill : parcel.waybill;
}

std::string idOf(const Parcel& parcel, std::size_t index) {
  return "ev-" + parcel.waybill + "-" + std::to_string(index);
}

}  // namespace

JsonObject postItem(const Parcel& parcel, std::size_t index) {
  const Happening& event = parcel.events.at(index);
  JsonObject item = delivery::newObject();
  item->set("waybillNo", waybillOf(parcel, index));
  item->set("orderNo", parcel.orderNo);
  item->set("opTime", delivery::postTime(event.opTime));
  const std::size_t withdrawn = event.step.withdraws ? withdrawnBy(parcel, index) : index;
  const Step& told = parcel.events[withdrawn].step;
  item->set("opCode", event.step.withdraws ? kWithdrawal : event.step.code);
  item->set("opName", event.step.withdraws ? "撤回" : nameOf(event.step));
  item->set("opDesc", event.step.withdraws
                          ? "撤回 " + told.code + " " + delivery::postTime(parcel.events[withdrawn].opTime)
                          : descriptionOf(event.step));
  item->set("opOrgCode", officeOf(told));
  item->set("opOrgName", officeOf(told) == kSendingOffice ? "示例收寄部" : "示例投递部");
  item->set("opOrgProvName", "广东省");
  item->set("opOrgCity", "珠海市");
  item->set("operatorNo", "51900001");
  item->set("operatorName", "样例");
  item->set("deliverCode", detail(told, "deliver"));
  item->set("attemptDeliveryCode", detail(told, "attempt"));
  return item;
}

JsonObject plainItem(const Parcel& parcel, std::size_t index) {
  const Happening& event = parcel.events.at(index);
  const Step& step = event.step;
  const MailEventKind kind = kindOf(step);
  const bool isBack = kind == MailEventKind::kReturning || kind == MailEventKind::kReturned;
  JsonObject item = delivery::newObject();
  item->set("id", idOf(parcel, index));
  item->set("waybill", waybillOf(parcel, index));
  item->set("kind", std::string(delivery::nameOf(step.withdraws ? MailEventKind::kWithdrawn : kind)));
  item->set("at", core::isoInstant(event.opTime));
  item->set("code", step.code);
  item->set("name", nameOf(step));
  item->set("text", descriptionOf(step));
  item->set("office_code", officeOf(step));
  if (step.withdraws) {
    item->set("withdraws", idOf(parcel, withdrawnBy(parcel, index)));
  } else if (kind == MailEventKind::kSigned) {
    item->set("signer", step.words);
    item->set("signer_name", detail(step, "name"));
    item->set("id_checked", step.hasIdNumber);
  } else if (kind == MailEventKind::kFailed || isBack) {
    item->set("reason", step.words);
  }
  item->set("return_leg", isBack);
  return item;
}

PushRequest pushOf(const delivery::PartnerSettings& settings, const Parcel& parcel, std::size_t index,
                   const PushForm& form) {
  JsonObject json = delivery::newObject();
  if (form.padding > 0) json->set("padding", std::string(form.padding, 'x'));
  if (settings.protocol == "china_post") {
    json->set("logitcsInterface",
              delivery::sealSm4(delivery::writeJson(postItem(parcel, index)), form.key, settings.pushesCarryKey));
    json->set("method", delivery::post_api::kPush);
    json->set("msgType", settings.msgType);
    json->set("senderNo", form.senderNo);
    json->set("serialNo", form.serial);
    json->set("timeStamp", delivery::postTime(form.sentAt));
    json->set("version", settings.version);
    return {{{"Content-Type", "application/json"}}, delivery::writeJson(json)};
  }
  json->set("type", "mail.events");
  Poco::JSON::Array events;
  events.add(plainItem(parcel, index));
  json->set("events", events);
  PushRequest push;
  push.body = delivery::writeJson(json);
  push.headers = delivery::signWebhook({form.key}, form.serial, form.sentAt, push.body);
  push.headers.emplace_back("Content-Type", "application/json");
  return push;
}

}  // namespace qianda::postal_simulator
