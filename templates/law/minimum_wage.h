// Minimum wages by place and date: a table, never a constant. A figure that was recalled and not read in a public
// notice is marked so; callers may leave such figures out, and findings by them say that the figure must be confirmed.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/time.h"

namespace qianda::templates::law {

struct MinimumWage {
  std::string_view place;          // 珠海
  std::string_view effectiveFrom;  // ISO date; holds until the next entry of the place
  std::int64_t monthly, hourly;    // fen; hourly is for part-time work
  bool isVerified;                 // read in a public notice, not recalled
  std::string_view source;
};

std::span<const MinimumWage> minimumWages();
// The figure in force on that day at the place named in the text ("珠海市香洲区…", "横琴"); null where none is on file.
const MinimumWage* findMinimumWage(std::string_view placeText, core::Date day, bool verifiedOnly = false);

}  // namespace qianda::templates::law
