// Judges a whole roster before anything is made of it: form, law, fonts, doubled persons. Reads it once, in parallel;
// memory does not grow with the rows but for the faults themselves and eight octets per row.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/time.h"
#include "templates/fault.h"
#include "templates/typesetter.h"

namespace qianda::contracts {

struct RosterVerdict {
  std::uint64_t rows = 0;
  std::vector<templates::Fault> faults;    // blocking, by row and column
  std::vector<templates::Fault> warnings;  // to warn and to inform
  templates::CharacterSet characters;      // what the values use
  bool passes() const { return faults.empty() && rows > 0; }
};

RosterVerdict checkRoster(const templates::FrozenTemplate& frozen, const std::filesystem::path& roster,
                          core::Date signingDay, unsigned threads);

// "row 3, column 5 (证件号码), value \"...\": ... [format]"
std::string describe(const templates::Fault& fault);

}  // namespace qianda::contracts
