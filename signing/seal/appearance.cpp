#include "signing/seal/appearance.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"

namespace qianda::signing {

Appearance composeAppearance(const std::vector<AppearancePiece>& pieces, double width, double height) {
  constexpr double kTolerance = 0.01;
  Appearance whole{"", width, height};
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& [piece, left, bottom] = pieces[i];
    const bool inside = left >= -kTolerance && bottom >= -kTolerance && left + piece.width <= width + kTolerance &&
                        bottom + piece.height <= height + kTolerance;
    if (!inside) {
      throw core::Error(core::ErrorCode::kInvalidInput,
                        fmt::format("piece {} of an appearance ({:.1f} x {:.1f} mm at {:.1f}, {:.1f}) sticks out of "
                                    "its {:.1f} x {:.1f} mm",
                                    i + 1, piece.width, piece.height, left, bottom, width, height));
    }
    whole.content +=
        fmt::format("q 1 0 0 1 {:.2f} {:.2f} cm\n", left * kPointsPerMillimetre, bottom * kPointsPerMillimetre);
    whole.content += piece.content + "Q\n";
  }
  return whole;
}

Appearance composeAppearance(const Appearance& picture, const Appearance& text, Arrangement arrangement, double gap) {
  if (arrangement == Arrangement::kBeside) {
    const double height = std::max(picture.height, text.height);
    return composeAppearance(
        {{picture, 0, (height - picture.height) / 2}, {text, picture.width + gap, (height - text.height) / 2}},
        picture.width + gap + text.width, height);
  }
  const double width = std::max(picture.width, text.width);
  return composeAppearance(
      {{picture, (width - picture.width) / 2, text.height + gap}, {text, (width - text.width) / 2, 0}}, width,
      picture.height + gap + text.height);
}

}  // namespace qianda::signing
