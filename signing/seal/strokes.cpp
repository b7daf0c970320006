#include "signing/seal/strokes.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.h"

namespace qianda::signing {
namespace {

[[noreturn]] void refuse(const std::string& reason) { throw core::Error(core::ErrorCode::kInvalidInput, reason); }

bool within(double value, double low, double high) { return value >= low && value <= high; }  // false for NaN

// A point on the paper, in mm, with the width the pen has there.
struct Mark {
  Point place;
  double width;
};
using Line = std::vector<Mark>;

void checkPoint(const Stroke& stroke, std::size_t i, std::size_t number) {
  const StrokePoint& point = stroke[i];
  const auto complain = [&](const char* what) { refuse(fmt::format("stroke {}, point {}: {}", number, i + 1, what)); };
  if (!within(point.x, 0, 1) || !within(point.y, 0, 1)) complain("x and y are fractions of the pad, 0 to 1");
  if (point.pressure && !within(*point.pressure, 0, 1)) complain("the pressure is 0 to 1");
  if (!point.time) return;
  if (!within(*point.time, 0, 1e15)) complain("the time is not a number of milliseconds");
  if (i > 0 && stroke[i - 1].time && *point.time < *stroke[i - 1].time) complain("time runs backwards");
}

void check(const std::vector<Stroke>& strokes, const StrokeBox& box) {
  if (!within(box.width, 2, 300) || !within(box.height, 2, 300))
    refuse("the box of a signature is 2 to 300 mm wide and high");
  if (!within(box.padAspect, 0.05, 20)) refuse("the pad's width is 0.05 to 20 times its height");
  if (!within(box.pen, 0.05, 5) || box.pen * 2 > std::min(box.width, box.height)) {
    refuse("the pen is 0.05 to 5 mm wide and fits the box twice");
  }
  if (strokes.empty()) refuse("the signature has no strokes");
  if (strokes.size() > kMostStrokes)
    refuse(fmt::format("the signature has {} strokes; at most {} are taken", strokes.size(), kMostStrokes));
  std::size_t points = 0;
  for (const Stroke& stroke : strokes) points += stroke.size();
  if (points > kMostPoints)
    refuse(fmt::format("the signature has {} points; at most {} are taken", points, kMostPoints));
  for (std::size_t s = 0; s < strokes.size(); ++s) {
    for (std::size_t i = 0; i < strokes[s].size(); ++i) checkPoint(strokes[s], i, s + 1);
  }
}

// From the pad to the paper: the extent of the ink fills the box less the pen's width, but a small scrawl is not blown
// up beyond four times what the whole pad would be.
class Frame {
 public:
  Frame(const std::vector<Stroke>& strokes, const StrokeBox& box) : aspect_(box.padAspect) {
    constexpr double kLargestZoom = 4, kSmallestExtent = 0.02;
    double x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9;
    for (const Stroke& stroke : strokes) {
      for (const StrokePoint& point : stroke) {
        x0 = std::min(x0, point.x * aspect_), x1 = std::max(x1, point.x * aspect_);
        y0 = std::min(y0, point.y), y1 = std::max(y1, point.y);
      }
    }
    const double dx = x1 - x0, dy = y1 - y0;
    if (!(std::max(dx, dy) >= kSmallestExtent)) refuse("the signature is only a dot");
    const double width = box.width - box.pen, height = box.height - box.pen;
    scale_ = std::min(width / std::max(dx, 1e-9), height / std::max(dy, 1e-9));
    scale_ = std::min(scale_, kLargestZoom * std::min(width / aspect_, height));
    left_ = (box.width - (x0 + x1) * scale_) / 2;
    top_ = (box.height + (y0 + y1) * scale_) / 2;
  }
  Point operator()(const StrokePoint& point) const {
    return {left_ + point.x * aspect_ * scale_, top_ - point.y * scale_};
  }

 private:
  double aspect_, scale_ = 1, left_ = 0, top_ = 0;
};

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

// Points nearer than a tenth of a millimetre to their neighbour say nothing. Widths follow what is known and change
// slowly, so that a jump of one sensor reading makes no knot.
Line lineOf(const Stroke& stroke, const Frame& frame, double pen) {
  constexpr double kNear = 0.1, kThinnest = 0.35, kSlow = 0.05, kInertia = 0.6;  // mm, of the pen, mm/ms
  Line line;
  const StrokePoint* last = nullptr;
  for (const StrokePoint& point : stroke) {
    const Point place = frame(point);
    if (last && distance(place, line.back().place) < kNear) continue;
    double share = 0.8;
    if (point.pressure) {
      share = kThinnest + (1 - kThinnest) * *point.pressure;
    } else if (last && point.time && last->time && *point.time > *last->time) {
      const double speed = distance(place, line.back().place) / (*point.time - *last->time);
      share = kThinnest + (1 - kThinnest) / (1 + speed / kSlow);
    }
    const double width = pen * share;
    line.push_back({place, last ? kInertia * line.back().width + (1 - kInertia) * width : width});
    last = &point;
  }
  return line;
}

Point between(Point a, Point b, double t) { return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t}; }

// Control points of the uniform Catmull-Rom spline from b to c, held within a third of the chord's length so that
// neighbours far away throw no loops, and within the box.
std::array<Point, 3> curveOf(Point a, Point b, Point c, Point d, const StrokeBox& box) {
  const double reach = distance(b, c) / 3 * 1.5;
  const auto control = [&](Point from, double dx, double dy) {
    const double length = std::hypot(dx, dy), factor = length > reach ? reach / length : 1;
    return Point{std::clamp(from.x + dx * factor, box.pen / 2, box.width - box.pen / 2),
                 std::clamp(from.y + dy * factor, box.pen / 2, box.height - box.pen / 2)};
  };
  return {control(b, (c.x - a.x) / 6, (c.y - a.y) / 6), control(c, (b.x - d.x) / 6, (b.y - d.y) / 6), c};
}

// Cuts the curve where its width changes, so that the steps are too small to see.
void drawTapered(Canvas& canvas, Mark from, std::array<Point, 3> curve, double endWidth) {
  constexpr double kStep = 0.04;  // mm
  const int pieces = std::clamp(static_cast<int>(std::fabs(endWidth - from.width) / kStep) + 1, 1, 8);
  for (int i = 0; i < pieces; ++i) {
    const double t = 1.0 / (pieces - i);  // of what is left (de Casteljau)
    const Point p01 = between(from.place, curve[0], t), p12 = between(curve[0], curve[1], t),
                p23 = between(curve[1], curve[2], t);
    const Point p012 = between(p01, p12, t), p123 = between(p12, p23, t), middle = between(p012, p123, t);
    const double width = from.width + (endWidth - from.width) * (i + 0.5) / pieces;
    canvas.penCurve(from.place, {p01, p012, middle}, width);
    from.place = middle;
    curve = {p123, p23, curve[2]};
  }
}

}  // namespace

Appearance drawStrokes(const std::vector<Stroke>& strokes, const StrokeBox& box) {
  check(strokes, box);
  const Frame frame(strokes, box);
  Canvas canvas(box.width, box.height, box.colour);
  for (const Stroke& stroke : strokes) {
    const Line line = lineOf(stroke, frame, box.pen);
    if (line.size() == 1) {
      const Point dot = line[0].place;
      canvas.penCurve(dot, {dot, dot, dot}, line[0].width);
    }
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      const Point before = line[i > 0 ? i - 1 : i].place, after = line[std::min(i + 2, line.size() - 1)].place;
      drawTapered(canvas, line[i], curveOf(before, line[i].place, line[i + 1].place, after, box), line[i + 1].width);
    }
  }
  return std::move(canvas).finish();
}

}  // namespace qianda::signing
