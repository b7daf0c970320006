#include "signing/seal/strokes.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_of.h"
#include "tests/support/operators.h"

namespace qianda::signing {
namespace {

using test::errorOf;
using testing::AllOf;
using testing::HasSubstr;

constexpr double kUnits = 7200 / 25.4;

Stroke wave(int points, double duration = 0) {
  Stroke stroke;
  for (int i = 0; i < points; ++i) {
    const double t = double(i) / (points - 1);
    stroke.push_back({t, 0.5 + 0.5 * std::sin(t * 12), {}, {}});
    if (duration > 0) stroke.back().time = t * duration;
  }
  return stroke;
}

// The widths of the pen, in order, in mm.
std::vector<double> widths(const std::string& content) {
  std::vector<double> found;
  std::istringstream words(content);
  std::string before;
  for (std::string word; words >> word; before = word) {
    if (word == "w") found.push_back(std::stod(before) / kUnits);
  }
  return found;
}

TEST(Strokes, AreCurvesInsideTheirBox) {
  for (double aspect : {0.5, 1.0, 2.0, 5.0}) {
    StrokeBox box;
    box.padAspect = aspect;
    const Appearance ink = drawStrokes({wave(80, 900), {{0.1, 0.1, 0.2, {}}, {0.9, 0.9, 1.0, {}}}}, box);
    EXPECT_EQ(ink.width, 50);
    EXPECT_EQ(ink.height, 20);
    const test::Drawing drawing(ink.content);
    EXPECT_TRUE(drawing.isWithin(50, 20)) << aspect;
    EXPECT_THAT(drawing.operators, testing::Contains("c"));
    for (double width : widths(ink.content)) {
      EXPECT_GE(width, 0.7 * 0.3);
      EXPECT_LE(width, 0.7 + 0.01);
    }
  }
}

TEST(Strokes, KeepTheirShapeUprightAndCentred) {
  // A right angle: down the left side, then along the bottom, on a pad twice as wide as high.
  Stroke corner;
  for (int i = 0; i <= 40; ++i) corner.push_back({0.2, 0.1 + 0.02 * i, {}, {}});
  for (int i = 1; i <= 40; ++i) corner.push_back({0.2 + 0.01 * i, 0.9, {}, {}});
  StrokeBox box;
  const test::Drawing drawing(drawStrokes({corner}, box).content);
  const double width = drawing.right - drawing.left, height = drawing.top - drawing.bottom;
  EXPECT_NEAR(width / height, 0.4 * 2 / 0.8, 0.02) << "the pad's aspect is kept";
  EXPECT_NEAR(height / kUnits, 20 - 0.7, 0.05) << "and the box is used";
  EXPECT_NEAR((drawing.left + drawing.right) / 2, 25 * kUnits, 0.2 * kUnits);
  const std::string content = drawStrokes({corner}, box).content;
  std::istringstream words(content.substr(content.find(" w ") + 3));
  double x = 0, y = 0;
  words >> x >> y;
  EXPECT_NEAR(y / kUnits, 20 - 0.35, 0.05) << "the pen begins above: y runs down on the pad";
  EXPECT_NEAR(x / kUnits, drawing.left / kUnits, 0.1);
}

TEST(Strokes, PressureAndSpeedChangeTheWidth) {
  Stroke pressed = wave(40), timed = wave(40);
  for (std::size_t i = 0; i < 40; ++i) {
    pressed[i].pressure = double(i) / 39;
    timed[i].time = i < 20 ? 100.0 * double(i) : 2000 + 2.0 * double(i);  // slow, then fast
  }
  const auto byPressure = widths(drawStrokes({pressed}).content), bySpeed = widths(drawStrokes({timed}).content);
  EXPECT_LT(byPressure.front(), byPressure.back() - 0.3);
  EXPECT_GT(bySpeed[bySpeed.size() / 4], bySpeed.back() + 0.1);
  for (std::size_t i = 1; i < byPressure.size(); ++i) EXPECT_LT(std::fabs(byPressure[i] - byPressure[i - 1]), 0.06);
}

TEST(Strokes, ASmallScrawlIsNotBlownUp) {
  const test::Drawing drawing(drawStrokes({{{0.5, 0.5, {}, {}}, {0.52, 0.5, {}, {}}}}).content);
  EXPECT_LE(drawing.right - drawing.left, 0.02 * 2 * 20 * 4 * kUnits + 2);
}

TEST(Strokes, RepeatedAndSinglePointsAreTaken) {
  const Stroke line{{0, 0.5, {}, {}}, {0, 0.5, {}, {}}, {1, 0.5, {}, {}}, {1, 0.5, {}, {}}};
  EXPECT_NO_THROW(drawStrokes({line, {{0.5, 0.2, {}, {}}}, {}}));
}

TEST(Strokes, RefusesWhatNoPenWrote) {
  const auto refuses = [](StrokePoint point) {
    return errorOf([&] { drawStrokes({wave(5), {{0.1, 0.1, {}, {}}, point}}); });
  };
  const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
  EXPECT_THAT(refuses({nan, 0, {}, {}}), HasSubstr("stroke 2, point 2"));
  EXPECT_THAT(refuses({0, infinite, {}, {}}), HasSubstr("stroke 2, point 2"));
  EXPECT_THAT(refuses({1.01, 0, {}, {}}), HasSubstr("0 to 1"));
  EXPECT_THAT(refuses({0, -0.01, {}, {}}), HasSubstr("0 to 1"));
  EXPECT_THAT(refuses({0, 0, nan, {}}), HasSubstr("pressure"));
  EXPECT_THAT(refuses({0, 0, 2.0, {}}), HasSubstr("pressure"));
  EXPECT_THAT(refuses({0, 0, {}, nan}), HasSubstr("milliseconds"));
  EXPECT_THAT(errorOf([] { drawStrokes({{{0, 0, {}, 5.0}, {1, 1, {}, 4.0}}}); }), HasSubstr("backwards"));
  EXPECT_THAT(errorOf([] { drawStrokes({}); }), HasSubstr("no strokes"));
  EXPECT_THAT(errorOf([] { drawStrokes({{}, {}}); }), HasSubstr("dot"));
  EXPECT_THAT(errorOf([] { drawStrokes({{{0.5, 0.5, {}, {}}, {0.505, 0.5, {}, {}}}}); }), HasSubstr("dot"));
  EXPECT_THAT(errorOf([] { drawStrokes(std::vector<Stroke>(501, wave(3))); }),
              AllOf(HasSubstr("501"), HasSubstr("500")));
  EXPECT_THAT(errorOf([] { drawStrokes({Stroke(10'001)}); }), AllOf(HasSubstr("10001"), HasSubstr("10000")));
}

TEST(Strokes, RefusesBoxesWithoutASize) {
  const auto refuses = [](auto change) {
    StrokeBox box;
    change(box);
    return errorOf([&] { drawStrokes({wave(5)}, box); });
  };
  EXPECT_THAT(refuses([](StrokeBox& b) { b.width = 0; }), HasSubstr("2 to 300 mm"));
  EXPECT_THAT(refuses([](StrokeBox& b) { b.height = std::nan(""); }), HasSubstr("2 to 300 mm"));
  EXPECT_THAT(refuses([](StrokeBox& b) { b.padAspect = 0; }), HasSubstr("pad"));
  EXPECT_THAT(refuses([](StrokeBox& b) { b.height = 4, b.pen = 3; }), HasSubstr("pen"));
}

}  // namespace
}  // namespace qianda::signing
