// Outlines of single characters for drawing, taken from the house's fonts by FreeType: serif first, then the fallbacks.
// Units are ems, origin at the left of the base line, cubic curves only. One source per thread.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/fonts.h"

namespace qianda::signing {

struct Point {
  double x = 0, y = 0;
};

struct PathStep {
  enum class Kind : char { kMove = 'm', kLine = 'l', kCurve = 'c' } kind;
  std::array<Point, 3> points;  // the end point comes last of those used: 1, 1 or 3
};

struct GlyphOutline {
  std::vector<PathStep> path;  // every kMove closes what was before it
  double advance = 0;
  double left = 0, right = 0;  // of the ink
};

class GlyphSource {
 public:
  explicit GlyphSource(core::FontRole first);
  ~GlyphSource();
  // Throws kInvalidInput, naming the character, when no font has it.
  GlyphOutline outlineOf(char32_t character);

 private:
  struct Faces;
  std::unique_ptr<Faces> faces_;
};

}  // namespace qianda::signing
