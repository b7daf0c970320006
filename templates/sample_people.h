// Invented people, places and jobs for sample rosters. Nothing is taken from a register: names come from lists made up
// here (with compound surnames, characters rarely found in fonts, names with ·), roads do not exist, identity numbers
// and credit codes carry the region 000000. Deterministic: the same seed and index give the same person everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::templates {

// SplitMix64: small, and the same on every platform, unlike the distributions of <random>.
class SampleRandom {
 public:
  explicit SampleRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // In [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high);
  bool isOneIn(std::int64_t chances) { return between(1, chances) == 1; }
  template <typename T>
  const T& pick(std::span<const T> items) {
    return items[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(items.size()) - 1))];
  }
  template <typename T, std::size_t N>
  const T& pick(const T (&items)[N]) {
    return pick(std::span<const T>(items));
  }

 private:
  std::uint64_t state_;
};

struct SampleJob {
  std::string_view position;
  std::span<const std::string_view> duties;  // sentences
};

std::string samplePersonName(SampleRandom& random);
std::string sampleAddress(SampleRandom& random);  // in Zhuhai, short or long
const SampleJob& sampleJob(SampleRandom& random);
// Different for every index below ten million; 19 to 46 years old on `today`.
std::string sampleResidentId(std::uint64_t index, std::uint64_t seed, core::Date today);
std::string sampleUscc(std::uint64_t index);
std::string sampleMobile(std::uint64_t index, std::uint64_t seed);

}  // namespace qianda::templates
