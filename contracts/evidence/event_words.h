// What the entries of an envelope's audit stream are called for people, and which part of the evidence each belongs to.
// Constant data.
#pragma once

#include <string_view>
#include <vector>

namespace qianda::contracts {

enum class EvidencePart { kCourse, kNotice, kIdentity, kWill, kSignature, kDelivery };

struct EventWords {
  std::string_view type, zh, en;
  EvidencePart part;
};
const std::vector<EventWords>& eventWords();
// Null for a type that is not in the table; it is shown by its own name.
const EventWords* findEventWords(std::string_view type);

}  // namespace qianda::contracts
