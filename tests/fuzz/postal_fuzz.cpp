// Any octets as a push of a postal partner, bare and well sealed (so that what is behind the seal is reached as well),
// and as a partner's answer.
#include <cstdint>

#include "core/base64.h"
#include "core/error.h"
#include "delivery/partner/partner_settings.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/partner/webhook_signature.h"

namespace {

using namespace qianda;
using Verdict = delivery::PushReading::Verdict;

const core::Instant kNow = *delivery::parseIsoInstant("2026-03-02T09:00:00+08:00");

delivery::PartnerSettings settingsOf(const std::string& protocol) {
  delivery::PartnerSettings settings;
  settings.name = "partner";
  settings.protocol = protocol;
  settings.senderNo = "1100000000001";
  const std::string octets(protocol == "china_post" ? 16 : 32, 'k');
  settings.keys = {(protocol == "china_post" ? "" : "whsec_") + core::toBase64(core::viewOf(octets))};
  return settings;
}

void read(const delivery::PartnerSettings& settings, const delivery::PushMessage& message) {
  const auto reader = delivery::makePushReader(settings);
  const delivery::PushReading reading = reader->read(message, kNow);
  const bool hasEffect = reading.verdict == Verdict::kGood || reading.verdict == Verdict::kQuarantined;
  if (hasEffect == reading.events.empty() || reading.messageKey.empty()) __builtin_trap();
  if (reading.verdict != Verdict::kGood && reading.reason.empty()) __builtin_trap();
  for (const auto& event : reading.events) {
    if (event.key.size() != 64 || event.waybill.empty()) __builtin_trap();
  }
  reader->answer(reading, true);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const delivery::PartnerSettings post = settingsOf("china_post"), plain = settingsOf("signed_json");
  const std::string text(reinterpret_cast<const char*>(data), size);
  delivery::PushMessage message;
  message.body.assign(data, data + size);
  read(post, message);
  message.headers = delivery::signWebhook(plain.keys, "id", kNow, text);
  read(plain, message);
  const std::string outer = R"({"logitcsInterface":")" + delivery::sealSm4(text, post.keys.front()) +
                            R"(","method":"040002","msgType":"0","senderNo":"1100000000001","serialNo":"S1",)"
                            R"("timeStamp":"2026-03-02 09:00:00","version":"V1.0.0"})";
  message.body.assign(outer.begin(), outer.end());
  read(post, message);
  for (const delivery::PartnerSettings& settings : {post, plain}) {
    const auto partner = delivery::makePartner(settings, [&](const delivery::WireRequest&) {
      return delivery::WireReply{200, "application/json", core::Bytes(data, data + size)};
    });
    for (const auto& answer : {partner->query("QD1", kNow), partner->track("1272448151316", kNow),
                               partner->label("QD1", "1272448151316", kNow)}) {
      using How = delivery::PartnerAnswer::How;
      if (answer.how != How::kDone && (!answer.events.empty() || !answer.label.empty())) __builtin_trap();
    }
  }
  return 0;
}
