#include "signing/seal/seal_appearance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "signing/seal/glyph_outline.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;

constexpr double kPointsPerMm = 72 / 25.4;
constexpr double kUnitsPerPoint = 100;  // coordinates are whole hundredths of a point under one scaling
constexpr double kUnits = kPointsPerMm * kUnitsPerPoint;
constexpr std::size_t kMaxName = 40;

struct Shape {
  double diameter, border, innerBorder;  // mm; innerBorder 0 = none
  bool star;
  const char* use;
};
constexpr Shape kShapes[] = {
    {40, 1.0, 0, true, ""},             // kCompany
    {40, 1.0, 0, true, "合同专用章"},   // kContract
    {40, 1.0, 0, false, "人事专用章"},  // kPersonnel
    {42, 1.0, 0.1, true, ""},           // kUnion
    {42, 1.2, 0, true, ""},             // kAuthority
};

// x' = a x + c y + e, y' = b x + d y + f, from ems or mm to mm around the seal's centre.
struct Affine {
  double a = 1, b = 0, c = 0, d = 1, e = 0, f = 0;
};

// Writes paths in whole units under a scaling of their own, so that a letter costs few digits and the same letter twice
// compresses well. The origin of the square is its lower left corner.
class Canvas {
 public:
  explicit Canvas(double sizeMm) : half_(sizeMm / 2) {
    const long side = std::lround(sizeMm * kUnits);
    out_ = fmt::format("q 0.01 0 0 0.01 0 0 cm 0 0 {0} {0} re W n 0.902 0 0.071 rg 0.902 0 0.071 RG\n", side);
  }

  // Points of the path are written in thousandths.
  void fill(const std::vector<PathStep>& path, const Affine& place) {
    if (path.empty()) return;
    constexpr double kScale = kUnits / 1000;
    out_ += fmt::format("q {:.4f} {:.4f} {:.4f} {:.4f} {:.0f} {:.0f} cm\n", place.a * kScale, place.b * kScale,
                        place.c * kScale, place.d * kScale, (place.e + half_) * kUnits, (place.f + half_) * kUnits);
    for (const PathStep& step : path) {
      const std::size_t count = step.kind == PathStep::Kind::kCurve ? 3 : 1;
      for (std::size_t i = 0; i < count; ++i) put(step.points[i].x * 1000, step.points[i].y * 1000);
      out_ += static_cast<char>(step.kind);
      out_ += '\n';
    }
    out_ += "f Q\n";
  }

  void circle(double radius, double width) {
    constexpr double kArc = 0.5522847498;
    const double r = radius, k = radius * kArc;
    out_ += fmt::format("{} w\n", std::lround(width * kUnits));
    const Point points[] = {{r, 0},   {r, k},   {k, r},  {0, r},  {-k, r}, {-r, k}, {-r, 0},
                            {-r, -k}, {-k, -r}, {0, -r}, {k, -r}, {r, -k}, {r, 0}};
    for (std::size_t i = 0; i < std::size(points); ++i) {
      put((points[i].x + half_) * kUnits, (points[i].y + half_) * kUnits);
      if (i % 3 == 0) out_ += i == 0 ? "m\n" : "c\n";
    }
    out_ += "s\n";
  }

  std::string finish() { return out_ + "Q\n"; }

 private:
  void put(double x, double y) {
    for (const double value : {x, y}) {
      const fmt::format_int text(std::lround(value));
      out_.append(text.data(), text.size()).push_back(' ');
    }
  }

  double half_;
  std::string out_;
};

std::vector<PathStep> starPath(double radius) {
  constexpr double kInner = 0.381966;  // where the edges of a five-pointed star cross
  std::vector<PathStep> path;
  for (int i = 0; i < 10; ++i) {
    const double r = i % 2 == 0 ? radius : radius * kInner;
    const double angle = (90 + 36 * i) * std::numbers::pi / 180;
    path.push_back(
        {i == 0 ? PathStep::Kind::kMove : PathStep::Kind::kLine, {Point{r * std::cos(angle), r * std::sin(angle)}}});
  }
  return path;
}

struct Letter {
  GlyphOutline outline;
  double width;   // ems it takes on its line
  double middle;  // of its ink or body, in ems
};
constexpr double kBodyMiddle = 0.38;  // ideographs stand from -0.12 to 0.88 em

// Brackets and other punctuation take the room of their ink, so that （ ） leave no holes.
std::vector<Letter> lettersOf(GlyphSource& source, std::u32string_view text) {
  std::vector<Letter> letters;
  for (char32_t character : text) {
    GlyphOutline outline = source.outlineOf(character);
    const bool ink = !outline.path.empty() && outline.right - outline.left < 0.45;
    const double width = ink ? outline.right - outline.left + 0.16 : outline.advance;
    const double middle = ink ? (outline.left + outline.right) / 2 : outline.advance / 2;
    letters.push_back({std::move(outline), width, middle});
  }
  return letters;
}

double widthOf(const std::vector<Letter>& letters) {
  double width = 0;
  for (const Letter& letter : letters) width += letter.width;
  return width;
}

// A horizontal line of text, `height` mm tall, centred on (0, y), letters narrowed by `narrow`.
void drawLine(Canvas& canvas, const std::vector<Letter>& letters, double y, double height, double narrow) {
  const double sx = height * narrow;
  double x = -widthOf(letters) / 2;
  for (const Letter& letter : letters) {
    const double left = x + letter.width / 2 - letter.middle;
    canvas.fill(letter.outline.path, {sx, 0, 0, height, sx * left, y - height * kBodyMiddle});
    x += letter.width;
  }
}

// On the upper arc, from left to right, feet to the centre. Few letters stand 30 degrees apart; many share an arc that
// leaves the lower part free, and become narrower (and from about twenty on, lower) so that they do not touch.
void drawArc(Canvas& canvas, const std::vector<Letter>& letters, double radius, double outer) {
  const double ems = widthOf(letters);
  const double height = radius * std::clamp(0.30 - 0.0035 * ems, 0.17, 0.26);
  const double middle = outer - height / 2;
  const double widest = ems <= 16 ? 240 : ems <= 26 ? 256 : 270;
  const double gaps = ems - (letters.front().width + letters.back().width) / 2;
  const double step = (gaps > 0 ? std::min(30.0, widest / gaps) : 0) * std::numbers::pi / 180;  // an em's angle
  const double pitch = gaps > 0 ? step * (middle - height * 0.42) : height;
  const double width = std::min(height * 0.82, pitch * 0.93);
  double angle = std::numbers::pi / 2 + step * gaps / 2;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (i > 0) angle -= step * (letters[i - 1].width + letters[i].width) / 2;
    const double turn = angle - std::numbers::pi / 2, cos = std::cos(turn), sin = std::sin(turn);
    const Point shift{-letters[i].middle * width, middle - kBodyMiddle * height};
    canvas.fill(letters[i].outline.path, {width * cos, width * sin, -height * sin, height * cos,
                                          shift.x * cos - shift.y * sin, shift.x * sin + shift.y * cos});
  }
}

std::u32string checkedName(const SealDesign& design) {
  const auto name = core::decodeUtf8(core::trim(design.ownerName));
  if (!name) throw Error(ErrorCode::kInvalidInput, "a seal's name is not well-formed UTF-8");
  if (name->empty()) throw Error(ErrorCode::kInvalidInput, "a seal needs a name");
  if (name->size() > kMaxName) {
    throw Error(ErrorCode::kInvalidInput,
                fmt::format("a seal's name has {} characters; at most {} fit", name->size(), kMaxName));
  }
  return *name;
}

}  // namespace

SealAppearance drawSeal(const SealDesign& design) {
  const std::u32string name = checkedName(design);
  const Shape& shape = kShapes[static_cast<std::size_t>(design.kind)];
  const double radius = shape.diameter / 2;
  GlyphSource source(core::FontRole::kSerifBold);
  Canvas canvas(shape.diameter);
  canvas.circle(radius - shape.border / 2, shape.border);
  double inside = radius - shape.border;
  if (shape.innerBorder > 0) {
    inside -= 0.6;
    canvas.circle(inside, shape.innerBorder);
  }
  drawArc(canvas, lettersOf(source, name), radius, inside - radius * 0.055);
  if (shape.star) canvas.fill(starPath(radius * 0.34), {});

  const std::u32string use = *core::decodeUtf8(shape.use);
  if (!use.empty()) drawLine(canvas, lettersOf(source, use), -radius * 0.52, radius * 0.19, 0.8);
  if (design.demo) {
    const double y = !shape.star ? 0 : use.empty() ? -0.55 : -0.75;
    drawLine(canvas, lettersOf(source, U"示例"), radius * y, radius * 0.16, 1);
  }
  return {canvas.finish(), shape.diameter};
}

}  // namespace qianda::signing
