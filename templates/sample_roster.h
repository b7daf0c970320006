// Sample rosters: invented people with lawful contracts, for demonstrations, benches and tests. Works for any template,
// by the standard field names and otherwise by type, bounds and example; the header has the Chinese labels. Every row
// passes its own typing, and (for the standard fields) every law rule on `today` without a block or a warning.
#pragma once

#include <cstdint>
#include <ostream>

#include "core/time.h"
#include "templates/template.h"

namespace qianda::templates {

// The same template, seed and day give the same octets. Throws kUnsupported, naming the field, where no valid value can
// be made up (contradictory bounds).
void writeSampleRoster(const Template& form, std::uint64_t count, std::uint64_t seed, core::Date today,
                       std::ostream& out);

}  // namespace qianda::templates
