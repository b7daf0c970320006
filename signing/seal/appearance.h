// What a visible signature shows: PDF operators that need no resources, in points from the lower left corner of a
// rectangle of `width` by `height` millimetres, clipped to it (ISO 32000-1 8.10, the content of a Form XObject).
// Seals, handwriting and text lines all end as one of these and are put together here.
#pragma once

#include <string>
#include <vector>

namespace qianda::signing {

inline constexpr double kPointsPerMillimetre = 72 / 25.4;

struct Appearance {
  std::string content;
  double width = 0, height = 0;  // mm
};

struct AppearancePiece {
  Appearance appearance;
  double left = 0, bottom = 0;  // mm within the whole
};

// Several pieces on one rectangle, later ones on top. Throws kInvalidInput when a piece sticks out.
Appearance composeAppearance(const std::vector<AppearancePiece>& pieces, double width, double height);

enum class Arrangement { kBeside, kBelow };
// A picture (seal, handwriting) with text to its right, both centred in height, or below it, centred in width.
Appearance composeAppearance(const Appearance& picture, const Appearance& text, Arrangement arrangement,
                             double gap = 2);

}  // namespace qianda::signing
