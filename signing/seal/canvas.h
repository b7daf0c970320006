// Writes paths as PDF operators (ISO 32000-1 8.5) for the drawings of this folder. Coordinates are millimetres from an
// origin of the drawing's choice; they are written as whole hundredths of a point under one scaling, so that a letter
// costs few digits and the same letter twice compresses well. Everything is clipped to the rectangle.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "signing/seal/appearance.h"
#include "signing/seal/glyph_outline.h"

namespace qianda::signing {

// x' = a x + c y + e, y' = b x + d y + f, from ems or mm to mm.
struct Affine {
  double a = 1, b = 0, c = 0, d = 1, e = 0, f = 0;
};

struct Colour {
  double red = 0, green = 0, blue = 0;
};
inline constexpr Colour kSealRed{0.902, 0, 0.071};
inline constexpr Colour kInk{0, 0, 0};

class Canvas {
 public:
  Canvas(double width, double height, Colour colour, Point origin = {});

  void fill(const std::vector<PathStep>& path, const Affine& place);
  void circle(double radius, double width);  // around the origin
  // A curve drawn with a round pen; a curve without extent is a dot.
  void penCurve(Point from, const std::array<Point, 3>& curve, double width);

  Appearance finish() &&;

 private:
  void put(double x, double y);      // as it is
  void putPlace(Point millimetres);  // from mm

  Appearance appearance_;
  Point origin_;
};

}  // namespace qianda::signing
