#include "delivery/partner/event_words.h"

#include <algorithm>

namespace qianda::delivery {

bool hasAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

MailEventKind kindByWords(MailEventKind kind, std::string_view words) {
  if (kind != MailEventKind::kSigned) return kind;
  if (hasAny(words, {"退回妥投", "退回件妥投", "退回签收"})) return MailEventKind::kReturned;
  const bool isLeft = hasAny(words, {"柜", "代投点", "家门口", "驿站", "物业", "自提点"});
  return isLeft && !hasAny(words, {"自取", "取件", "取出"}) ? MailEventKind::kPickupHeld : kind;
}

bool isReturnLeg(MailEventKind kind, std::string_view words) {
  if (kind == MailEventKind::kReturning || kind == MailEventKind::kReturned) return true;
  // "未妥投，拒收，将退回" is no step of the way back yet.
  return kind != MailEventKind::kFailed && hasAny(words, {"退回"});
}

}  // namespace qianda::delivery
