// Numbers that identify people and companies, by their standards: the resident identity number of GB 11643-1999 (six
// digits of region, date of birth, sequence, check character by ISO 7064 MOD 11-2) and the unified social credit code
// of GB 32100-2015 (alphabet without I O S V Z, weights 3^i mod 31). The region is not looked up: 000000 marks samples.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::templates {

// What makes a resident identity number wrong; kNone when it is right.
enum class IdFault { kNone, kLength, kOldForm, kCharacters, kBirthDate, kCheckCharacter };

struct ResidentId {
  IdFault fault = IdFault::kNone;
  core::Date birth;
  bool male = false;
};

// Expects upper case; born after `today` counts as kBirthDate.
ResidentId readResidentId(std::string_view text, core::Date today);
// Of the first 17 digits.
char residentIdCheckCharacter(std::string_view text);

bool isUsccAlphabet(std::string_view text);
bool isUscc(std::string_view text);
// Of the first 17 characters, which must be of the alphabet.
char usccCheckCharacter(std::string_view text);

// A mainland mobile (13800000000), landline with area code (0756-2222222) or service number (4008000000), with or
// without +86, spaces, hyphens and brackets; a Hong Kong or Macao number with its code (+853-66000000). Nullopt for
// anything else.
std::optional<std::string> canonicalPhone(std::string_view text);

}  // namespace qianda::templates
