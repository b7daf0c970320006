#include <algorithm>

#include "core/digest.h"
#include "core/error.h"
#include "delivery/partner/china_post.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/sm4_envelope.h"
#include "delivery/partner/strict_json.h"

namespace qianda::delivery {
namespace {

using core::Error;
using Verdict = PushReading::Verdict;

constexpr std::chrono::seconds kWindow{600};
constexpr std::size_t kMostEvents = 500, kLongestSerial = 64;

void conclude(PushReading& reading, Verdict verdict, const std::string& reason) {
  reading.verdict = verdict;
  reading.reason = reason;
  reading.events.clear();
}

class ChinaPostReader final : public PushReader {
 public:
  explicit ChinaPostReader(PartnerSettings settings) : settings_(std::move(settings)) {
    if (settings_.window.count() == 0) settings_.window = kWindow;
  }

  PushReading read(const PushMessage& message, core::Instant now) const override {
    PushReading reading;
    reading.messageKey = core::sha256Hex(core::textOf(message.body));
    try {
      judge(reading, message, now);
    } catch (const Error& error) {
      if (error.code() != core::ErrorCode::kInvalidInput) throw;
      conclude(reading, Verdict::kGarbage, error.what());
    }
    return reading;
  }

  PushAnswer answer(const PushReading& reading, bool accepted) const override {
    const bool isKept = reading.verdict == Verdict::kGood || reading.verdict == Verdict::kQuarantined;
    const bool isWell = isKept && accepted;
    JsonObject json = newObject();
    json->set("serialNo", reading.serial);
    json->set("code", isWell ? post_api::kDone : post_api::kFailed);
    json->set("codeMessage", isWell ? "成功" : isKept ? "暂未入库，请重发" : "报文不合法");
    json->set("senderNo", settings_.senderNo);
    const std::string text = writeJson(json);
    return {isKept && !accepted ? 503 : 200, "application/json", core::Bytes(text.begin(), text.end())};
  }

 private:
  void judge(PushReading& reading, const PushMessage& message, core::Instant now) const {
    if (message.body.size() > settings_.largestPush) {
      return conclude(reading, Verdict::kGarbage,
                      "it has more than " + std::to_string(settings_.largestPush) + " octets");
    }
    if (!isPeerAllowed(settings_.peers, message.peer)) {
      return conclude(reading, Verdict::kForged, message.peer + " is no address of this partner");
    }
    const JsonObject outer = parseStrictObject(core::textOf(message.body));
    const std::string sealed = requireText(*outer, "logitcsInterface"), serial = requireText(*outer, "serialNo");
    const auto sentAt = parsePostTime(requireText(*outer, "timeStamp"));
    if (!sentAt) return conclude(reading, Verdict::kGarbage, "\"timeStamp\" is no time");
    if (serial.size() > kLongestSerial) return conclude(reading, Verdict::kGarbage, "\"serialNo\" is too long");
    reading.serial = serial;
    // Nobody vouches for serialNo, which stands outside the envelope: the sealed octets belong to the key.
    reading.messageKey = serial + "-" + core::sha256Hex(sealed).substr(0, 32);
    const std::pair<const char*, const std::string*> expected[] = {
        {"senderNo", &settings_.senderNo}, {"msgType", &settings_.msgType}, {"method", nullptr}};
    for (const auto& [member, value] : expected) {
      const std::string told = requireText(*outer, member);
      if (told != (value ? *value : post_api::kPush)) {
        return conclude(reading, Verdict::kForged, std::string(member) + " is \"" + told + "\"");
      }
    }
    readSealed(reading, sealed);
    if (reading.verdict != Verdict::kGood) return;
    if (const auto off = now - *sentAt; off > settings_.window || off < -settings_.window) {
      reading.verdict = Verdict::kQuarantined;
      reading.reason =
          "timeStamp is " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(off).count()) + " s off";
    }
  }

  void readSealed(PushReading& reading, const std::string& sealed) const {
    Sm4Opening opening;
    for (const std::string& key : settings_.keys) {
      opening = openSm4(sealed, key, settings_.pushesCarryKey);
      if (opening.outcome != Sm4Opening::Outcome::kWrongKey) break;
    }
    if (opening.outcome != Sm4Opening::Outcome::kOpened) {
      const bool isMalformed = opening.outcome == Sm4Opening::Outcome::kMalformed;
      return conclude(reading, isMalformed ? Verdict::kGarbage : Verdict::kForged,
                      "logitcsInterface: " + opening.reason);
    }
    const auto items = objectsOf(parseStrictJson(opening.json), "logitcsInterface");
    if (items.empty() || items.size() > kMostEvents) {
      return conclude(reading, Verdict::kGarbage, "it tells of " + std::to_string(items.size()) + " events");
    }
    reading.verdict = Verdict::kGood;
    for (const JsonObject& item : items) {
      PostEvent one = readPostEvent(*item, "push");
      reading.events.push_back(std::move(one.event));
      if (one.doubt.empty()) continue;
      reading.verdict = Verdict::kQuarantined;
      reading.reason = one.doubt;
    }
  }

  PartnerSettings settings_;
};

}  // namespace

std::unique_ptr<PushReader> makeChinaPostReader(PartnerSettings settings) {
  return std::make_unique<ChinaPostReader>(std::move(settings));
}

}  // namespace qianda::delivery
