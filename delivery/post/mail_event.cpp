#include "delivery/post/mail_event.h"

#include <array>
#include <utility>

namespace qianda::delivery {
namespace {

struct KindEntry {
  MailEventKind kind;
  std::string_view name;
  int rank;
};
using enum MailEventKind;
// A cancellation comes before the posting of the same instant: that the item travels after all is then seen (P18).
constexpr std::array<KindEntry, 18> kKinds{{{kOrdered, "ordered", 0},
                                            {kPrinted, "printed", 1},
                                            {kCancelled, "cancelled", 2},
                                            {kPosted, "posted", 3},
                                            {kDeparted, "departed", 4},
                                            {kArrived, "arrived", 5},
                                            {kAtOffice, "at_office", 6},
                                            {kOut, "out", 7},
                                            {kFailed, "failed", 8},
                                            {kPickupHeld, "pickup_held", 9},
                                            {kSigned, "signed", 10},
                                            {kReturning, "returning", 11},
                                            {kReturned, "returned", 12},
                                            {kLost, "lost", 13},
                                            {kChanged, "changed", 14},
                                            {kIgnored, "ignored", 15},
                                            {kUnknown, "unknown", 16},
                                            {kWithdrawn, "withdrawn", 17}}};

constexpr std::array<std::pair<ReturnReason, std::string_view>, 13> kReasons{
    {{ReturnReason::kNone, "none"},
     {ReturnReason::kRefused, "refused"},
     {ReturnReason::kWrongAddress, "wrong_address"},
     {ReturnReason::kMoved, "moved"},
     {ReturnReason::kNotKnown, "not_known"},
     {ReturnReason::kAbsent, "absent"},
     {ReturnReason::kNotCollected, "not_collected"},
     {ReturnReason::kDeceased, "deceased"},
     {ReturnReason::kClosed, "closed"},
     {ReturnReason::kContentsMismatch, "contents_mismatch"},
     {ReturnReason::kWeatherOrTraffic, "weather_or_traffic"},
     {ReturnReason::kOther, "other"},
     {ReturnReason::kUnclassified, "unclassified"}}};

constexpr std::array<std::pair<SignerClass, std::string_view>, 11> kSigners{
    {{SignerClass::kNone, "none"},
     {SignerClass::kAddressee, "addressee"},
     {SignerClass::kGuardian, "guardian"},
     {SignerClass::kLegalRepresentative, "legal_representative"},
     {SignerClass::kOffice, "office"},
     {SignerClass::kAgent, "agent"},
     {SignerClass::kDesignated, "designated"},
     {SignerClass::kFamily, "family"},
     {SignerClass::kOpponent, "opponent"},
     {SignerClass::kOther, "other"},
     {SignerClass::kUnknown, "unknown"}}};

// docs/postal-partners.md. Last column: the meaning is inferred from public client code, not from China Post's own
// list.
constexpr std::array<OpCode, 25> kOpCodes{{{"203", "收寄计费信息", kPosted, false},
                                           {"207", "撤回", kWithdrawn, true},
                                           {"303", "揽投配发", kDeparted, false},
                                           {"305", "揽投发运", kDeparted, false},
                                           {"306", "揽投解车", kAtOffice, false},
                                           {"307", "到达投递机构", kAtOffice, true},
                                           {"345", "发运", kDeparted, false},
                                           {"389", "处理中心封车", kDeparted, false},
                                           {"404", "航空", kIgnored, false},
                                           {"423", "航空", kIgnored, false},
                                           {"457", "航空", kIgnored, false},
                                           {"500", "航空", kIgnored, false},
                                           {"505", "航空", kIgnored, false},
                                           {"702", "投递邮件接收-下段", kOut, false},
                                           {"704", "投递结果反馈-妥投", kSigned, false},
                                           {"705", "投递结果反馈-未妥投", kFailed, false},
                                           {"708", "退回", kReturning, true},
                                           {"711", "退回妥投", kReturned, true},
                                           {"747", "转存单位、柜、代投点", kPickupHeld, true},
                                           {"748", "自取本人", kSigned, true},
                                           {"801", "撤单", kCancelled, true},
                                           {"802", "改址、改期", kChanged, true},
                                           {"912", "航空", kIgnored, false},
                                           {"954", "到达处理中心", kArrived, false},
                                           {"989", "离开处理中心", kDeparted, false}}};

template <class Table, class Key>
std::string_view nameIn(const Table& table, Key key) {
  for (const auto& [value, name] : table) {
    if (value == key) return name;
  }
  return {};
}

template <class Value, class Table>
std::optional<Value> findIn(const Table& table, std::string_view name) {
  for (const auto& [value, known] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view nameOf(MailEventKind kind) {
  for (const KindEntry& entry : kKinds) {
    if (entry.kind == kind) return entry.name;
  }
  return {};
}
std::string_view nameOf(ReturnReason reason) { return nameIn(kReasons, reason); }
std::string_view nameOf(SignerClass signer) { return nameIn(kSigners, signer); }

std::optional<MailEventKind> findMailEventKind(std::string_view name) {
  for (const KindEntry& entry : kKinds) {
    if (entry.name == name) return entry.kind;
  }
  return std::nullopt;
}
std::optional<ReturnReason> findReturnReason(std::string_view name) { return findIn<ReturnReason>(kReasons, name); }
std::optional<SignerClass> findSignerClass(std::string_view name) { return findIn<SignerClass>(kSigners, name); }

int rankOf(MailEventKind kind) {
  for (const KindEntry& entry : kKinds) {
    if (entry.kind == kind) return entry.rank;
  }
  return 0;
}

const OpCode* findOpCode(std::string_view code) {
  for (const OpCode& known : kOpCodes) {
    if (known.code == code) return &known;
  }
  return nullptr;
}

}  // namespace qianda::delivery
