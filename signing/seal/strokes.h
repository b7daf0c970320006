// A handwritten signature from the pen events of a phone or tablet, drawn as vectors: Catmull-Rom splines through the
// points, as cubic curves with a round pen whose width follows the pressure or, where there is none, the speed. Points
// are fractions of the pad, x to the right and y DOWN as pointer events give them. What the pen wrote is scaled into a
// box in millimetres without distortion. Input comes from a browser and is checked; a fault names the stroke and the
// point.
#pragma once

#include <optional>
#include <vector>

#include "signing/seal/appearance.h"
#include "signing/seal/canvas.h"

namespace qianda::signing {

struct StrokePoint {
  double x = 0, y = 0;             // 0..1 of the pad's width and height
  std::optional<double> pressure;  // 0..1
  std::optional<double> time;      // milliseconds, never falling within a stroke
};
using Stroke = std::vector<StrokePoint>;

struct StrokeBox {
  double width = 50, height = 20;  // mm
  double padAspect = 2;            // width / height of the pad the points are fractions of
  double pen = 0.7;                // mm, the widest line
  Colour colour = kInk;
};

inline constexpr std::size_t kMostStrokes = 500, kMostPoints = 10'000;

// Throws kInvalidInput: no strokes or too many points, a value that is not a number or out of range, time that runs
// backwards, nothing but dots, a box or a pad without a proper size.
Appearance drawStrokes(const std::vector<Stroke>& strokes, const StrokeBox& box = {});

}  // namespace qianda::signing
