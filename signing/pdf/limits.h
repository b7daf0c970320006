// Bounds on what a hostile file can make the reader do. Beyond them a file is refused, never half read in silence.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qianda::signing::pdf {

inline constexpr std::size_t kLargestFile = std::size_t{1} << 31;  // octets
inline constexpr int kDeepestNesting = 64;                         // arrays and dictionaries within one object
inline constexpr std::uint32_t kLargestObjectNumber = 8'388'607;   // ISO 32000-1 annex C
inline constexpr std::size_t kMostRevisions = 1000;                // /Prev links followed
inline constexpr std::size_t kLargestDecoded = std::size_t{64}
                                               << 20;  // octets of one decoded cross-reference or object stream
inline constexpr std::size_t kMostFields = 100'000;    // form fields visited
inline constexpr std::size_t kMostObjectsInStream = 200'000;

}  // namespace qianda::signing::pdf
