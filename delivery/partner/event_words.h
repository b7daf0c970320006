// What the words of an event say that its code or kind does not: 妥投 is told of items that came back and of items left
// in a locker, too (docs/postal-partners.md), and neither is service. Pure.
#pragma once

#include <initializer_list>
#include <string_view>

#include "delivery/post/mail_event.h"

namespace qianda::delivery {

bool hasAny(std::string_view text, std::initializer_list<std::string_view> words);

// A kSigned whose words are of a return is kReturned, of a locker, doorstep or property manager kPickupHeld.
MailEventKind kindByWords(MailEventKind kind, std::string_view words);
// Of the way back, by its kind or its words.
bool isReturnLeg(MailEventKind kind, std::string_view words);

}  // namespace qianda::delivery
