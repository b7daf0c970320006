#include <algorithm>
#include <regex>

#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "delivery/partner/china_post.h"
#include "delivery/partner/event_words.h"
#include "delivery/partner/post_text.h"
#include "delivery/partner/strict_json.h"
#include "delivery/post/waybill.h"

namespace qianda::delivery {
namespace {

// What stands behind one of the labels, up to the next stop; "" without such a label.
std::string behind(std::string_view text, std::initializer_list<std::string_view> labels) {
  for (const std::string_view label : labels) {
    std::size_t at = text.find(label);
    if (at == std::string_view::npos) continue;
    at += label.size();
    std::size_t end = text.size();
    for (const std::string_view stop : {"，", "。", "；", ",", ";", "|"}) end = std::min(end, text.find(stop, at));
    return std::string(core::trim(text.substr(at, end - at)));
  }
  return {};
}

void readSigner(MailEvent& event, const std::string& words) {
  const std::string told = behind(words, {"签收人：", "签收人:"});
  std::string who = told.empty() ? words : told;
  for (const auto& [open, close] : {std::pair<std::string, std::string>{"（", "）"}, {"(", ")"}}) {
    const std::size_t from = told.find(open), to = told.find(close);
    if (from == std::string::npos || to == std::string::npos || to < from) continue;
    event.signerName = told.substr(0, from);  // 张三（本人）
    who = told.substr(from + open.size(), to - from - open.size());
    break;
  }
  event.signer = classifySigner(who);
  if (event.signer == SignerClass::kUnknown && event.signerName.empty()) event.signerName = told;
  event.hasIdNumber = hasAny(words, {"证件号已登记", "证件已核验", "已核验证件", "已登记证件"});
}

// 207 撤销: the code and time of what is taken back stand in its words, office and codes beside them (decision 0030).
std::string withdrawnKey(const MailEvent& event) {
  static const std::regex kNamed(R"(([0-9]{3})\D+([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}))");
  std::smatch match;
  if (!std::regex_search(event.opDesc, match, kNamed)) return {};
  return postEventKey(event.waybill, match[1], match[2], event.officeCode, event.deliverCode, event.attemptCode);
}

bool isCode(const std::string& text) {
  return text.size() <= 16 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
}

std::string doubtAbout(const MailEvent& event, const std::string& traceNo) {
  if (!isWaybill(event.waybill)) return "waybillNo is no number of an item";
  if (!traceNo.empty() && traceNo != event.waybill) return "traceNo and waybillNo differ";
  for (const std::string* code : {&event.opCode, &event.officeCode, &event.deliverCode, &event.attemptCode}) {
    if (!isCode(*code)) return "\"" + *code + "\" is no code";
  }
  return {};
}

}  // namespace

std::string postEventKey(const std::string& waybill, const std::string& opCode, const std::string& opTime,
                         const std::string& office, const std::string& deliverCode, const std::string& attemptCode) {
  return core::sha256Hex(waybill + "|" + opCode + "|" + opTime + "|" + office + "|" + deliverCode + "|" + attemptCode);
}

PostEvent readPostEvent(const Poco::JSON::Object& item, const std::string& source) {
  PostEvent reading;
  MailEvent& event = reading.event;
  const std::string traceNo = textAt(item, "traceNo"), waybillNo = textAt(item, "waybillNo");
  event.waybill = waybillNo.empty() ? traceNo : waybillNo;
  if (event.waybill.empty()) throw core::Error(core::ErrorCode::kInvalidInput, "\"waybillNo\" is missing");
  event.opCode = requireText(item, "opCode");
  const std::string opTime = requireText(item, "opTime");
  const auto instant = parsePostTime(opTime);
  if (!instant) throw core::Error(core::ErrorCode::kInvalidInput, "\"opTime\" is no time");
  event.opTime = *instant;
  event.opName = textAt(item, "opName");
  event.opDesc = textAt(item, "opDesc");
  event.officeCode = textAt(item, "opOrgCode");
  event.officeName = textAt(item, "opOrgName");
  event.deliverCode = textAt(item, "deliverCode");
  event.attemptCode = textAt(item, "attemptDeliveryCode");
  event.source = source;
  event.key = postEventKey(event.waybill, event.opCode, opTime, event.officeCode, event.deliverCode, event.attemptCode);
  const std::string words = event.opName + " " + event.opDesc;
  const OpCode* code = findOpCode(event.opCode);
  event.kind = code ? kindByWords(code->kind, words) : MailEventKind::kUnknown;
  if (textAt(item, "effect") == "0") {  // the form of the older service: the same event again, without effect
    event.withdraws = event.key;
    event.key = core::sha256Hex("withdrawn|" + event.key);
    event.kind = MailEventKind::kWithdrawn;
  } else if (event.kind == MailEventKind::kWithdrawn) {
    event.withdraws = withdrawnKey(event);
  }
  using Kind = MailEventKind;
  if (event.kind == Kind::kSigned) readSigner(event, event.opDesc.empty() ? event.opName : event.opDesc);
  if (event.kind == Kind::kFailed || event.kind == Kind::kReturning || event.kind == Kind::kReturned) {
    const std::string reason = behind(event.opDesc, {"原因：", "原因:"});
    event.reason = classifyReason(reason.empty() ? event.opDesc : reason);
  }
  event.isReturnLeg = isReturnLeg(event.kind, words);
  reading.doubt = doubtAbout(event, traceNo);
  return reading;
}

}  // namespace qianda::delivery
