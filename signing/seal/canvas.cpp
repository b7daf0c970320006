#include "signing/seal/canvas.h"

#include <cmath>

#include <fmt/format.h>

namespace qianda::signing {
namespace {

constexpr double kUnits = kPointsPerMillimetre * 100;  // of the canvas, in a millimetre

}  // namespace

Canvas::Canvas(double width, double height, Colour colour, Point origin)
    : appearance_{"", width, height}, origin_(origin) {
  const auto& [r, g, b] = colour;
  appearance_.content =
      fmt::format("q 0.01 0 0 0.01 0 0 cm 0 0 {0} {1} re W n {2:.3g} {3:.3g} {4:.3g} rg {2:.3g} {3:.3g} {4:.3g} RG\n",
                  std::lround(width * kUnits), std::lround(height * kUnits), r, g, b);
}

void Canvas::put(double x, double y) {
  for (const double value : {x, y}) {
    const fmt::format_int text(std::lround(value));
    appearance_.content.append(text.data(), text.size()).push_back(' ');
  }
}

void Canvas::putPlace(Point place) { put((place.x + origin_.x) * kUnits, (place.y + origin_.y) * kUnits); }

// Points of the path are written in thousandths.
void Canvas::fill(const std::vector<PathStep>& path, const Affine& place) {
  if (path.empty()) return;
  constexpr double kScale = kUnits / 1000;
  std::string& out = appearance_.content;
  out +=
      fmt::format("q {:.4f} {:.4f} {:.4f} {:.4f} {:.0f} {:.0f} cm\n", place.a * kScale, place.b * kScale,
                  place.c * kScale, place.d * kScale, (place.e + origin_.x) * kUnits, (place.f + origin_.y) * kUnits);
  for (const PathStep& step : path) {
    const std::size_t count = step.kind == PathStep::Kind::kCurve ? 3 : 1;
    for (std::size_t i = 0; i < count; ++i) put(step.points[i].x * 1000, step.points[i].y * 1000);
    out += static_cast<char>(step.kind);
    out += '\n';
  }
  out += "f Q\n";
}

void Canvas::circle(double radius, double width) {
  constexpr double kArc = 0.5522847498;
  const double r = radius, k = radius * kArc;
  appearance_.content += fmt::format("{} w\n", std::lround(width * kUnits));
  const Point points[] = {{r, 0},   {r, k},   {k, r},  {0, r},  {-k, r}, {-r, k}, {-r, 0},
                          {-r, -k}, {-k, -r}, {0, -r}, {k, -r}, {r, -k}, {r, 0}};
  for (std::size_t i = 0; i < std::size(points); ++i) {
    putPlace(points[i]);
    if (i % 3 == 0) appearance_.content += i == 0 ? "m\n" : "c\n";
  }
  appearance_.content += "s\n";
}

void Canvas::penCurve(Point from, const std::array<Point, 3>& curve, double width) {
  appearance_.content += fmt::format("1 J {} w ", std::lround(width * kUnits));
  putPlace(from);
  appearance_.content += "m ";
  for (const Point& point : curve) putPlace(point);
  appearance_.content += "c S\n";
}

Appearance Canvas::finish() && {
  appearance_.content += "Q\n";
  return std::move(appearance_);
}

}  // namespace qianda::signing
