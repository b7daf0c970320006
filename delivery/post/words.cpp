#include <array>
#include <string>
#include <utility>

#include "delivery/post/mail_event.h"

namespace qianda::delivery {
namespace {

// Words as partners write them. A longer word stands before one it contains: what was read is taken out of the text.
// A weak word counts when no strong one is there ("无人", beside "无此地址").
template <class Class>
struct Word {
  std::string_view text;
  Class meaning;
  bool isWeak = false;
};

constexpr Word<ReturnReason> kReasonWords[] = {{"内件不符", ReturnReason::kContentsMismatch},
                                               {"内容不符", ReturnReason::kContentsMismatch},
                                               {"与清单不符", ReturnReason::kContentsMismatch},
                                               {"拒绝签收", ReturnReason::kRefused},
                                               {"拒绝接收", ReturnReason::kRefused},
                                               {"拒绝收件", ReturnReason::kRefused},
                                               {"拒收", ReturnReason::kRefused},
                                               {"拒签", ReturnReason::kRefused},
                                               {"查无此人", ReturnReason::kNotKnown},
                                               {"无此人", ReturnReason::kNotKnown},
                                               {"查无此单位", ReturnReason::kNotKnown},
                                               {"无此单位", ReturnReason::kNotKnown},
                                               {"迁移新址不明", ReturnReason::kMoved},
                                               {"新址不明", ReturnReason::kMoved},
                                               {"迁移", ReturnReason::kMoved},
                                               {"搬迁", ReturnReason::kMoved},
                                               {"迁址", ReturnReason::kMoved},
                                               {"搬走", ReturnReason::kMoved},
                                               {"已搬", ReturnReason::kMoved},
                                               {"无此地址", ReturnReason::kWrongAddress},
                                               {"名址有误", ReturnReason::kWrongAddress},
                                               {"名址不详", ReturnReason::kWrongAddress},
                                               {"地址有误", ReturnReason::kWrongAddress},
                                               {"地址错误", ReturnReason::kWrongAddress},
                                               {"地址不详", ReturnReason::kWrongAddress},
                                               {"地址欠详", ReturnReason::kWrongAddress},
                                               {"地址不清", ReturnReason::kWrongAddress},
                                               {"原写地址不详", ReturnReason::kWrongAddress},
                                               {"收件人死亡", ReturnReason::kDeceased},
                                               {"死亡", ReturnReason::kDeceased},
                                               {"去世", ReturnReason::kDeceased},
                                               {"身故", ReturnReason::kDeceased},
                                               {"注销", ReturnReason::kClosed},
                                               {"停业", ReturnReason::kClosed},
                                               {"歇业", ReturnReason::kClosed},
                                               {"倒闭", ReturnReason::kClosed},
                                               {"吊销", ReturnReason::kClosed},
                                               {"逾期未领", ReturnReason::kNotCollected, true},
                                               {"逾期不领", ReturnReason::kNotCollected, true},
                                               {"逾期无人领取", ReturnReason::kNotCollected, true},
                                               {"无人领取", ReturnReason::kNotCollected, true},
                                               {"未领取", ReturnReason::kNotCollected, true},
                                               {"无人", ReturnReason::kAbsent, true},
                                               {"联系不上", ReturnReason::kAbsent, true},
                                               {"无法联系", ReturnReason::kAbsent, true},
                                               {"无法接通", ReturnReason::kAbsent, true},
                                               {"关机", ReturnReason::kAbsent, true},
                                               {"不在家", ReturnReason::kAbsent, true},
                                               {"不在单位", ReturnReason::kAbsent, true},
                                               {"收件人不在", ReturnReason::kAbsent, true},
                                               {"外出", ReturnReason::kAbsent, true},
                                               {"放假", ReturnReason::kAbsent, true},
                                               {"天气", ReturnReason::kWeatherOrTraffic, true},
                                               {"台风", ReturnReason::kWeatherOrTraffic, true},
                                               {"暴雨", ReturnReason::kWeatherOrTraffic, true},
                                               {"交通", ReturnReason::kWeatherOrTraffic, true},
                                               {"其他", ReturnReason::kOther, true},
                                               {"其它", ReturnReason::kOther, true}};

constexpr Word<SignerClass> kSignerWords[] = {{"非本人", SignerClass::kOther},
                                              {"不是本人", SignerClass::kOther},
                                              {"非收件人", SignerClass::kOther},
                                              {"对方当事人", SignerClass::kOpponent},
                                              {"法定代表人", SignerClass::kLegalRepresentative},
                                              {"法人代表", SignerClass::kLegalRepresentative},
                                              {"主要负责人", SignerClass::kLegalRepresentative},
                                              {"法定代理人", SignerClass::kGuardian},
                                              {"监护人", SignerClass::kGuardian},
                                              {"指定代收人", SignerClass::kDesignated},
                                              {"诉讼代理人", SignerClass::kAgent},
                                              {"委托代理人", SignerClass::kAgent},
                                              {"代理人", SignerClass::kAgent},
                                              {"代理律师", SignerClass::kAgent},
                                              {"单位收发章", SignerClass::kOffice},
                                              {"收发章", SignerClass::kOffice},
                                              {"收发室", SignerClass::kOffice},
                                              {"值班室", SignerClass::kOffice},
                                              {"传达室", SignerClass::kOffice},
                                              {"办公室", SignerClass::kOffice},
                                              {"家门口", SignerClass::kOther},
                                              {"门口", SignerClass::kOther},
                                              {"同住成年家属", SignerClass::kFamily},
                                              {"成年家属", SignerClass::kFamily},
                                              {"家属", SignerClass::kFamily},
                                              {"家人", SignerClass::kFamily},
                                              {"配偶", SignerClass::kFamily},
                                              {"妻子", SignerClass::kFamily},
                                              {"丈夫", SignerClass::kFamily},
                                              {"父亲", SignerClass::kFamily},
                                              {"母亲", SignerClass::kFamily},
                                              {"儿子", SignerClass::kFamily},
                                              {"女儿", SignerClass::kFamily},
                                              {"他人", SignerClass::kOther},
                                              {"代投点", SignerClass::kOther},
                                              {"代收点", SignerClass::kOther},
                                              {"包裹柜", SignerClass::kOther},
                                              {"快递柜", SignerClass::kOther},
                                              {"智能柜", SignerClass::kOther},
                                              {"丰巢", SignerClass::kOther},
                                              {"驿站", SignerClass::kOther},
                                              {"物业", SignerClass::kOther},
                                              {"门卫", SignerClass::kOther},
                                              {"保安", SignerClass::kOther},
                                              {"前台", SignerClass::kOther},
                                              {"邻居", SignerClass::kOther},
                                              {"同事", SignerClass::kOther},
                                              {"朋友", SignerClass::kOther},
                                              {"室友", SignerClass::kOther},
                                              {"亲戚", SignerClass::kOther},
                                              {"代收", SignerClass::kOther, true},
                                              {"代签", SignerClass::kOther, true},
                                              {"本人", SignerClass::kAddressee}};

std::string withoutBlanks(std::string_view words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words.substr(i, 3) == "\u3000") {
      i += 2;
    } else if (words[i] != ' ' && words[i] != '\t' && words[i] != '\n' && words[i] != '\r') {
      text += words[i];
    }
  }
  return text;
}

bool isDenied(std::string_view before) {
  for (std::string_view no : {"非", "未", "没有", "不是", "并无", "否认"}) {
    if (before.ends_with(no)) return true;
  }
  return false;
}

// Takes `word` out of the text wherever it is; whether it was there and not denied. Denied it says nothing certain.
bool take(std::string& text, std::string_view word, bool& hasDenial) {
  bool found = false;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if (isDenied(std::string_view(text).substr(0, at))) {
      hasDenial = true;
    } else {
      found = true;
    }
    text.replace(at, word.size(), "|");
  }
  return found;
}

// The one class the text names, `none` when it names none, `doubt` when it names two that do not agree.
template <class Class, std::size_t Size, class Agree>
Class classify(const Word<Class> (&table)[Size], std::string_view words, Class doubt, Agree agree) {
  std::string text = withoutBlanks(words);
  std::optional<Class> strong, weak;
  bool hasDenial = false;
  for (const Word<Class>& word : table) {
    if (!take(text, word.text, hasDenial)) continue;
    std::optional<Class>& slot = word.isWeak ? weak : strong;
    if (!slot) {
      slot = word.meaning;
    } else if (!word.isWeak && *slot != word.meaning) {
      slot = agree(*slot, word.meaning);
      if (*slot == doubt) return doubt;
    }
  }
  if (hasDenial) return doubt;
  return strong ? *strong : weak ? *weak : doubt;
}

bool isOfAddress(ReturnReason reason) {
  return reason == ReturnReason::kWrongAddress || reason == ReturnReason::kMoved || reason == ReturnReason::kNotKnown;
}

}  // namespace

ReturnReason classifyReason(std::string_view words) {
  if (withoutBlanks(words).empty()) return ReturnReason::kNone;
  return classify(kReasonWords, words, ReturnReason::kUnclassified, [](ReturnReason one, ReturnReason other) {
    // 内件不符拒收 is an objection to the contents; two words about the address are one reason.
    if (one == ReturnReason::kContentsMismatch && other == ReturnReason::kRefused) return one;
    return isOfAddress(one) && isOfAddress(other) ? one : ReturnReason::kUnclassified;
  });
}

SignerClass classifySigner(std::string_view words) {
  if (withoutBlanks(words).empty()) return SignerClass::kNone;
  return classify(kSignerWords, words, SignerClass::kUnknown, [](SignerClass one, SignerClass other) {
    // Somebody else beside whoever it is: not certain enough for a class that serves.
    return one == SignerClass::kOther || other == SignerClass::kOther ? SignerClass::kOther : SignerClass::kUnknown;
  });
}

}  // namespace qianda::delivery
