#include "templates/law/minimum_wage.h"

#include <algorithm>
#include <array>
#include <string>

namespace qianda::templates::law {
namespace {

// In the order of the dates within a place.
constexpr std::array<MinimumWage, 3> kWages{{
    {"珠海", "2018-07-01", 172000, 1640, false, "recalled"},
    {"珠海", "2021-12-01", 190000, 1810, true, "Xinhua 2021-11-26, 南方日报 2021-11-27"},
    {"珠海", "2025-03-01", 208000, 1980, false, "recalled"},
}};

struct PlaceName {
  std::string_view name, place;
};
constexpr std::array<PlaceName, 5> kPlaceNames{
    {{"珠海", "珠海"}, {"香洲", "珠海"}, {"斗门", "珠海"}, {"金湾", "珠海"}, {"横琴", "珠海"}}};

}  // namespace

std::span<const MinimumWage> minimumWages() { return kWages; }

const MinimumWage* findMinimumWage(std::string_view placeText, core::Date day, bool verifiedOnly) {
  const auto named = std::find_if(kPlaceNames.begin(), kPlaceNames.end(), [&](const PlaceName& candidate) {
    return placeText.find(candidate.name) != std::string_view::npos;
  });
  if (named == kPlaceNames.end()) return nullptr;
  const std::string today = core::isoDate(day);
  const MinimumWage* found = nullptr;
  for (const MinimumWage& wage : kWages) {
    if (verifiedOnly && !wage.isVerified) continue;
    if (wage.place == named->place && wage.effectiveFrom <= today) found = &wage;
  }
  return found;
}

}  // namespace qianda::templates::law
