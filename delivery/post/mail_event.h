// What happened to a mail item (邮件轨迹), in the house's own words, whichever partner told it. Events are facts: they
// are kept as told and never changed; one may say that an earlier one is withdrawn. They are ordered by (opTime, rank
// of the kind), never by arrival. Plain values. Source of kinds and codes: docs/postal-partners.md (China Post 协议客户
// opCode; UPU EMSEVT V3; EMS legacy action).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::delivery {

enum class MailEventKind {
  kOrdered,     // 下单
  kPrinted,     // 打印
  kPosted,      // 收寄: posting begins legally
  kDeparted,    // 离开处理中心
  kArrived,     // 到达处理中心
  kAtOffice,    // 到达投递机构
  kOut,         // 下段, out for delivery
  kFailed,      // 未妥投, with a reason
  kPickupHeld,  // 柜/代投点/物业/家门口: waits to be picked up, never service
  kSigned,      // 妥投, also picked up in person
  kReturning,   // 退回
  kReturned,    // 退回妥投, back at the sender
  kLost,        // 丢失, 被盗, 毁损, by event or by the answer to a 查单
  kChanged,     // 改址/改期: information
  kCancelled,   // 撤单
  kWithdrawn,   // the partner takes an earlier event back
  kIgnored,     // known and without meaning here (air legs)
  kUnknown,     // a code this program does not know: kept, never effective
};

// Why a delivery failed or an item came back (未妥投/退回原因), as legal classes.
enum class ReturnReason {
  kNone,
  kRefused,           // 拒收
  kWrongAddress,      // 名址有误/不详, 无此地址
  kMoved,             // 迁移
  kNotKnown,          // 查无此人
  kAbsent,            // 无人/联系不上
  kNotCollected,      // 逾期未领
  kDeceased,          // 死亡
  kClosed,            // 单位注销/停业
  kContentsMismatch,  // 内件不符
  kWeatherOrTraffic,  // 天气/交通
  kOther,             // 其他, as the partner says
  kUnclassified,      // words the table does not know: a person decides
};

// Who signed (签收人), as legal classes of 法院专递规定 7 and 9.
enum class SignerClass {
  kNone,                 // nobody signed
  kAddressee,            // 本人
  kGuardian,             // 法定代理人/监护人
  kLegalRepresentative,  // 法定代表人/主要负责人
  kOffice,               // 办公室/收发室/值班室, 收发章
  kAgent,                // 诉讼代理人
  kDesignated,           // 指定代收人
  kFamily,               // 同住成年家属
  kOpponent,             // the other party of the case, or its mailroom
  kOther,                // somebody else (他人), locker, property management
  kUnknown,              // words the table does not know
};

struct MailEvent {
  std::string key;  // unique for the parcel: the same event told twice has the same key
  std::string waybill;
  MailEventKind kind = MailEventKind::kUnknown;
  core::Instant opTime;      // by the partner's clock
  core::Instant receivedAt;  // by ours
  std::string opCode, opName, opDesc;
  std::string officeCode, officeName;
  std::string deliverCode, attemptCode;  // as the partner names them, or ""
  ReturnReason reason = ReturnReason::kNone;
  SignerClass signer = SignerClass::kNone;
  std::string signerName;    // as told, or ""
  bool hasIdNumber = false;  // the signer's ID number is on the receipt (法院专递规定 8)
  bool isReturnLeg = false;  // of the way back
  std::string withdraws;     // kWithdrawn: the key of the event it takes back; "" when only code and time are told
  std::string source;        // "push", "poll", "receipt", "inquiry", "user:<id>"
  std::string message;       // id of the raw message it was read from
};

// "posted", "at_office" ...: names for SQL and JSON; find* return nothing for a name that is none.
std::string_view nameOf(MailEventKind kind);
std::string_view nameOf(ReturnReason reason);
std::string_view nameOf(SignerClass signer);
std::optional<MailEventKind> findMailEventKind(std::string_view name);
std::optional<ReturnReason> findReturnReason(std::string_view name);
std::optional<SignerClass> findSignerClass(std::string_view name);
// Of kinds with the same opTime: the greater comes later.
int rankOf(MailEventKind kind);

// China Post's opCode (040001, 040002) to a kind; codes whose meaning is inferred say so. kUnknown for others.
struct OpCode {
  std::string_view code, nameZh;
  MailEventKind kind;
  bool isInferred;  // CHECK with the postal account manager (decision 0030)
};
const OpCode* findOpCode(std::string_view code);
// By the words of the partner: kUnclassified and kUnknown when no line of the table fits.
ReturnReason classifyReason(std::string_view words);
SignerClass classifySigner(std::string_view words);

}  // namespace qianda::delivery
