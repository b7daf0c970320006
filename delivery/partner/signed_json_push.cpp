#include "core/digest.h"
#include "core/error.h"
#include "delivery/partner/event_words.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/signed_json.h"
#include "delivery/partner/strict_json.h"
#include "delivery/partner/webhook_signature.h"

namespace qianda::delivery {
namespace {

using core::Error;
using Verdict = PushReading::Verdict;

constexpr std::chrono::seconds kWindow{300};
constexpr std::size_t kMostEvents = 500, kLongestId = 128;

std::string keyOf(const std::string& waybill, const std::string& id) { return core::sha256Hex(waybill + "|" + id); }

class SignedJsonReader final : public PushReader {
 public:
  explicit SignedJsonReader(PartnerSettings settings) : settings_(std::move(settings)) {
    if (settings_.window.count() == 0) settings_.window = kWindow;
  }

  PushReading read(const PushMessage& message, core::Instant now) const override {
    PushReading reading;
    reading.messageKey = core::sha256Hex(core::textOf(message.body));
    const auto conclude = [&](Verdict verdict, const std::string& reason) {
      reading.verdict = verdict;
      reading.reason = reason;
      return reading;
    };
    if (message.body.size() > settings_.largestPush) {
      return conclude(Verdict::kGarbage, "it has more than " + std::to_string(settings_.largestPush) + " octets");
    }
    if (!isPeerAllowed(settings_.peers, message.peer)) {
      return conclude(Verdict::kForged, message.peer + " is no address of this partner");
    }
    const std::string_view body = core::textOf(message.body);
    const WebhookCheck check = checkWebhook(settings_.keys, message.headers, body, now, settings_.window);
    if (!check.isReadable) return conclude(Verdict::kGarbage, check.reason);
    if (!check.isGenuine) return conclude(Verdict::kForged, check.reason);
    reading.messageKey = reading.serial = check.id;
    try {
      readEvents(reading, body);
    } catch (const Error& error) {
      if (error.code() != core::ErrorCode::kInvalidInput) throw;
      reading.events.clear();
      return conclude(Verdict::kGarbage, error.what());
    }
    return check.isInTime ? conclude(Verdict::kGood, "") : conclude(Verdict::kQuarantined, check.reason);
  }

  PushAnswer answer(const PushReading& reading, bool accepted) const override {
    const bool isKept = reading.verdict == Verdict::kGood || reading.verdict == Verdict::kQuarantined;
    JsonObject json = newObject();
    json->set("id", reading.serial);
    json->set("received", isKept && accepted);
    const std::string text = writeJson(json);
    const int status = !isKept ? (reading.verdict == Verdict::kForged ? 401 : 400) : accepted ? 200 : 503;
    return {status, "application/json", core::Bytes(text.begin(), text.end())};
  }

 private:
  static void readEvents(PushReading& reading, std::string_view body) {
    const JsonObject json = parseStrictObject(body);
    if (const std::string type = requireText(*json, "type"); type != "mail.events") {
      throw Error(core::ErrorCode::kInvalidInput, "\"type\" is " + type);
    }
    const auto items = objectsOf(json->get("events"), "events");
    if (items.empty() || items.size() > kMostEvents) {
      throw Error(core::ErrorCode::kInvalidInput, "it tells of " + std::to_string(items.size()) + " events");
    }
    for (const JsonObject& item : items) reading.events.push_back(readSignedEvent(*item, "push"));
  }

  PartnerSettings settings_;
};

}  // namespace

std::unique_ptr<PushReader> makeSignedJsonReader(PartnerSettings settings) {
  return std::make_unique<SignedJsonReader>(std::move(settings));
}

MailEvent readSignedEvent(const Poco::JSON::Object& item, const std::string& source) {
  MailEvent event;
  const std::string id = requireText(item, "id");
  event.waybill = requireText(item, "waybill");
  if (id.size() > kLongestId || event.waybill.size() > kLongestId) {
    throw Error(core::ErrorCode::kInvalidInput, "\"id\" or \"waybill\" is too long");
  }
  event.key = keyOf(event.waybill, id);
  const auto kind = findMailEventKind(requireText(item, "kind"));
  const auto at = parseIsoInstant(requireText(item, "at"));
  if (!at) throw Error(core::ErrorCode::kInvalidInput, "\"at\" is no time");
  event.opTime = *at;
  event.opCode = textAt(item, "code");
  event.opName = textAt(item, "name");
  event.opDesc = textAt(item, "text");
  const std::string words = event.opName + " " + event.opDesc;
  event.kind = kind ? kindByWords(*kind, words) : MailEventKind::kUnknown;
  event.officeCode = textAt(item, "office_code");
  event.officeName = textAt(item, "office_name");
  if (const std::string reason = textAt(item, "reason"); !reason.empty()) {
    const auto known = findReturnReason(reason);
    event.reason = known ? *known : classifyReason(reason);
  }
  if (const std::string signer = textAt(item, "signer"); !signer.empty()) {
    const auto known = findSignerClass(signer);
    event.signer = known ? *known : classifySigner(signer);
  }
  event.signerName = textAt(item, "signer_name");
  event.hasIdNumber = flagAt(item, "id_checked");
  event.isReturnLeg = flagAt(item, "return_leg") || isReturnLeg(event.kind, words);
  if (const std::string withdrawn = textAt(item, "withdraws"); !withdrawn.empty()) {
    event.withdraws = keyOf(event.waybill, withdrawn);
  }
  event.source = source;
  return event;
}

}  // namespace qianda::delivery
