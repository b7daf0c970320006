// Words, codes and numbers of the partner as legal classes.
#include <set>

#include <gtest/gtest.h>

#include "delivery/post/mail_event.h"
#include "delivery/post/waybill.h"

namespace qianda::delivery {
namespace {

TEST(LawWords, SignersByTheirRealTexts) {
  struct Case {
    const char* words;
    SignerClass signer;
  };
  for (const Case& each : {Case{"本人签收", SignerClass::kAddressee},
                           Case{"W本人", SignerClass::kAddressee},
                           Case{"邮件已签收，签收人：本人", SignerClass::kAddressee},
                           Case{"他人", SignerClass::kOther},
                           Case{"M他人", SignerClass::kOther},
                           Case{"他人代本人签收", SignerClass::kOther},
                           Case{"非本人签收", SignerClass::kOther},
                           Case{"已签收", SignerClass::kUnknown},
                           Case{"已妥收", SignerClass::kUnknown},
                           Case{"妥投", SignerClass::kUnknown},
                           Case{"已代收【家人】", SignerClass::kFamily},
                           Case{"已代收", SignerClass::kOther},
                           Case{"同住成年家属", SignerClass::kFamily},
                           Case{"收发章", SignerClass::kOffice},
                           Case{"N收发章", SignerClass::kOffice},
                           Case{"单位收发章", SignerClass::kOffice},
                           Case{"收 发\u3000室", SignerClass::kOffice},
                           Case{"家门口", SignerClass::kOther},
                           Case{"代投点", SignerClass::kOther},
                           Case{"包裹柜", SignerClass::kOther},
                           Case{"物业代收", SignerClass::kOther},
                           Case{"法定代理人", SignerClass::kGuardian},
                           Case{"法定代表人", SignerClass::kLegalRepresentative},
                           Case{"委托代理人", SignerClass::kAgent},
                           Case{"指定代收人", SignerClass::kDesignated},
                           Case{"对方当事人", SignerClass::kOpponent},
                           Case{"本人家属", SignerClass::kUnknown},          // two classes: nobody knows
                           Case{"本人或单位收发章", SignerClass::kUnknown},  // likewise
                           Case{"不是家属", SignerClass::kUnknown},
                           Case{"张三", SignerClass::kUnknown},
                           Case{"", SignerClass::kNone},
                           Case{" \u3000", SignerClass::kNone}}) {
    EXPECT_EQ(nameOf(classifySigner(each.words)), nameOf(each.signer)) << each.words;
  }
}

TEST(LawWords, ReasonsByTheirRealTexts) {
  struct Case {
    const char* words;
    ReturnReason reason;
  };
  for (const Case& each : {Case{"收件人拒收", ReturnReason::kRefused},
                           Case{"本人拒绝签收", ReturnReason::kRefused},
                           Case{"内件不符，拒收", ReturnReason::kContentsMismatch},
                           Case{"名址有误", ReturnReason::kWrongAddress},
                           Case{"无此地址", ReturnReason::kWrongAddress},
                           Case{"地址不详，电话联系不上", ReturnReason::kWrongAddress},
                           Case{"迁移新址不明", ReturnReason::kMoved},
                           Case{"查无此人", ReturnReason::kNotKnown},
                           Case{"查无此人，已搬迁", ReturnReason::kNotKnown},
                           Case{"家中无人", ReturnReason::kAbsent},
                           Case{"收件人电话无法接通", ReturnReason::kAbsent},
                           Case{"逾期未领", ReturnReason::kNotCollected},
                           Case{"收件人死亡", ReturnReason::kDeceased},
                           Case{"单位已注销", ReturnReason::kClosed},
                           Case{"因台风延误", ReturnReason::kWeatherOrTraffic},
                           Case{"其他", ReturnReason::kOther},
                           Case{"拒收，地址有误", ReturnReason::kUnclassified},  // two that do not agree
                           Case{"并非拒收", ReturnReason::kUnclassified},
                           Case{"客户要求改日", ReturnReason::kUnclassified},
                           Case{"refused", ReturnReason::kUnclassified},
                           Case{"", ReturnReason::kNone}}) {
    EXPECT_EQ(nameOf(classifyReason(each.words)), nameOf(each.reason)) << each.words;
  }
}

TEST(LawWords, CodesAreThoseOfTheTable) {
  struct Case {
    const char* code;
    MailEventKind kind;
    bool isInferred;
  };
  for (const Case& each : {Case{"203", MailEventKind::kPosted, false},   Case{"303", MailEventKind::kDeparted, false},
                           Case{"305", MailEventKind::kDeparted, false}, Case{"345", MailEventKind::kDeparted, false},
                           Case{"389", MailEventKind::kDeparted, false}, Case{"989", MailEventKind::kDeparted, false},
                           Case{"954", MailEventKind::kArrived, false},  Case{"306", MailEventKind::kAtOffice, false},
                           Case{"307", MailEventKind::kAtOffice, true},  Case{"702", MailEventKind::kOut, false},
                           Case{"705", MailEventKind::kFailed, false},   Case{"747", MailEventKind::kPickupHeld, true},
                           Case{"704", MailEventKind::kSigned, false},   Case{"748", MailEventKind::kSigned, true},
                           Case{"708", MailEventKind::kReturning, true}, Case{"711", MailEventKind::kReturned, true},
                           Case{"802", MailEventKind::kChanged, true},   Case{"801", MailEventKind::kCancelled, true},
                           Case{"207", MailEventKind::kWithdrawn, true}, Case{"912", MailEventKind::kIgnored, false},
                           Case{"457", MailEventKind::kIgnored, false},  Case{"505", MailEventKind::kIgnored, false},
                           Case{"404", MailEventKind::kIgnored, false},  Case{"423", MailEventKind::kIgnored, false},
                           Case{"500", MailEventKind::kIgnored, false}}) {
    const OpCode* code = findOpCode(each.code);
    ASSERT_NE(code, nullptr) << each.code;
    EXPECT_EQ(code->kind, each.kind) << each.code;
    EXPECT_EQ(code->isInferred, each.isInferred) << each.code;
    EXPECT_FALSE(code->nameZh.empty());
  }
  EXPECT_EQ(findOpCode("999"), nullptr);
  EXPECT_EQ(findOpCode(""), nullptr);
}

TEST(LawWords, NamesGoBothWays) {
  std::set<std::string_view> names;
  std::set<int> ranks;
  for (int i = 0; i <= static_cast<int>(MailEventKind::kUnknown); ++i) {
    const auto kind = static_cast<MailEventKind>(i);
    EXPECT_EQ(findMailEventKind(nameOf(kind)), kind);
    names.insert(nameOf(kind));
    ranks.insert(rankOf(kind));
  }
  EXPECT_EQ(names.size(), 18u);
  EXPECT_EQ(ranks.size(), 18u);
  EXPECT_FALSE(names.contains(""));
  for (int i = 0; i <= static_cast<int>(ReturnReason::kUnclassified); ++i) {
    EXPECT_EQ(findReturnReason(nameOf(static_cast<ReturnReason>(i))), static_cast<ReturnReason>(i));
  }
  for (int i = 0; i <= static_cast<int>(SignerClass::kUnknown); ++i) {
    EXPECT_EQ(findSignerClass(nameOf(static_cast<SignerClass>(i))), static_cast<SignerClass>(i));
  }
  EXPECT_EQ(findMailEventKind("nonsense"), std::nullopt);
  EXPECT_LT(rankOf(MailEventKind::kCancelled), rankOf(MailEventKind::kPosted));
  EXPECT_LT(rankOf(MailEventKind::kSigned), rankOf(MailEventKind::kReturning));
}

TEST(LawWaybill, ChecksS10AndTakesThirteenDigits) {
  for (const char* good : {"LZ290346175CN", "RB123456785GB", "1272448151316", "9858638312956"}) {
    EXPECT_TRUE(isWaybill(good)) << good;
  }
  EXPECT_EQ(s10CheckDigit("29034617"), '5');
  EXPECT_EQ(s10CheckDigit("47312482"), '9');  // UPU S10's own example
  EXPECT_EQ(s10CheckDigit("00000000"), '5');  // 11 becomes 5
  EXPECT_EQ(s10CheckDigit("2903461"), '\0');
  EXPECT_EQ(s10CheckDigit("2903461x"), '\0');
  for (const char* bad : {"", "LZ29034617CN", "lz290346175cn", "LZ2903461750CN", "127244815131", "12724481513167",
                          "L1290346175CN", "LZ29034617XCN", "127244815131x"}) {
    EXPECT_EQ(checkWaybill(bad), WaybillFault::kShape) << bad;
  }
  // Every single wrong digit is found.
  const std::string number = "LZ290346175CN";
  for (std::size_t at = 2; at < 11; ++at) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string other = number;
      other[at] = digit;
      if (other != number && checkWaybill(other) == WaybillFault::kNone) {
        // 0 and 5 stand for two remainders each: the only pairs that may be taken for one another.
        const char check = s10CheckDigit(std::string_view(other).substr(2, 8));
        EXPECT_TRUE(check == '5' || check == '0') << other;
      }
    }
  }
  EXPECT_EQ(checkWaybill("LZ290346176CN"), WaybillFault::kCheckDigit);
  EXPECT_EQ(checkWaybill("LZ290346165CN"), WaybillFault::kCheckDigit);
}

}  // namespace
}  // namespace qianda::delivery
