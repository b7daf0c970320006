#include <cmath>

#include <gtest/gtest.h>

#include "signing/seal/seal_appearance.h"
#include "tests/support/raster.h"
#include "tests/support/tiny_pdf.h"

namespace qianda::signing {
namespace {

constexpr double kPixelsPerMm = 20;

// A seal as Poppler paints it on white, asked by millimetres from its centre.
class Picture {
 public:
  explicit Picture(const SealAppearance& seal)
      : sizeMm_(seal.sizeMm), page_(test::paintPages(test::tinyPdf("<< >>", seal.content, 170).file(), 508).at(0)) {}
  bool red(double x, double y) const {
    const auto pixel = [&](double place) {
      return static_cast<int>(std::lround((sizeMm_ / 2 + place) * kPixelsPerMm));
    };
    return page_.red(pixel(x), page_.height - 1 - pixel(y));
  }
  // Share of red in a square around a point.
  double ink(double x, double y, double side) const {
    int red = 0, all = 0;
    for (double dx = -side / 2; dx < side / 2; dx += 0.1) {
      for (double dy = -side / 2; dy < side / 2; dy += 0.1, ++all) red += this->red(x + dx, y + dy);
    }
    return double(red) / all;
  }

 private:
  double sizeMm_;
  test::Raster page_;
};

TEST(SealRendering, ACompanySealHasBorderStarNameAndTheDemoMark) {
  const Picture seal(drawSeal({SealKind::kCompany, "珠海示例科技有限公司", true}));
  for (int degrees = 0; degrees < 360; degrees += 5) {
    const double angle = degrees * std::acos(-1) / 180;
    EXPECT_TRUE(seal.red(19.5 * std::cos(angle), 19.5 * std::sin(angle))) << degrees;
    EXPECT_FALSE(seal.red(18.6 * std::cos(angle), 18.6 * std::sin(angle))) << degrees;
  }
  EXPECT_TRUE(seal.red(0, 0));
  EXPECT_TRUE(seal.red(0, 6)) << "one tip of the star points up";
  EXPECT_FALSE(seal.red(0, -6)) << "and none down";
  EXPECT_GT(seal.ink(0, -11, 5), 0.1) << "示例";
  EXPECT_LT(seal.ink(0, -16, 4), 0.01);
  // Ten letters, 240/9 degrees apart, the outer ones 30 degrees below the horizon.
  for (int i = 0; i < 10; ++i) {
    const double angle = (210 - i * 240.0 / 9) * std::acos(-1) / 180;
    EXPECT_GT(seal.ink(16.3 * std::cos(angle), 16.3 * std::sin(angle), 3), 0.12) << i;
  }
}

TEST(SealRendering, ARealSealHasNoDemoMark) {
  EXPECT_EQ(Picture(drawSeal({SealKind::kCompany, "珠海示例科技有限公司", false})).ink(0, -11, 5), 0);
}

TEST(SealRendering, SpecialSealsHaveTheirUseLine) {
  const Picture contract(drawSeal({SealKind::kContract, "珠海示例科技有限公司", false}));
  EXPECT_GT(contract.ink(0, -10.4, 3), 0.1);
  EXPECT_TRUE(contract.red(0, 0));
  const Picture personnel(drawSeal({SealKind::kPersonnel, "珠海示例科技有限公司", false}));
  EXPECT_GT(personnel.ink(0, -10.4, 3), 0.1);
  EXPECT_EQ(personnel.ink(0, 0, 12), 0) << "an empty centre";
  EXPECT_GT(Picture(drawSeal({SealKind::kPersonnel, "珠海示例科技有限公司", true})).ink(0, 0, 5), 0.1);
}

TEST(SealRendering, TheCodeStandsOnTheLowerArcInsideTheBorder) {
  SealDesign design{SealKind::kContract, "珠海示例科技有限公司", true};
  const Picture without(drawSeal(design));
  design.code = "4404001234567";
  const Picture with(drawSeal(design));
  for (int degrees = 245; degrees <= 295; degrees += 10) {
    const double angle = degrees * std::acos(-1) / 180, x = 17.8 * std::cos(angle), y = 17.8 * std::sin(angle);
    EXPECT_GT(with.ink(x, y, 1.6), 0.05) << degrees;
    EXPECT_EQ(without.ink(x, y, 1.6), 0) << degrees;
    EXPECT_FALSE(with.red(18.8 * std::cos(angle), 18.8 * std::sin(angle))) << "free of the border";
    EXPECT_FALSE(with.red(16.4 * std::cos(angle), 16.4 * std::sin(angle))) << "free of what is above";
  }
}

TEST(SealRendering, AUnionSealHasTwoBorders) {
  const Picture seal(drawSeal({SealKind::kUnion, "珠海示例科技有限公司工会委员会", false}));
  for (int degrees = 0; degrees < 360; degrees += 5) {
    const double angle = degrees * std::acos(-1) / 180;
    int borders = 0;
    bool before = false;
    for (double r = 18.8; r < 20.9; r += 0.02) {
      const bool ink = seal.ink(r * std::cos(angle), r * std::sin(angle), 0.05) > 0;
      borders += ink && !before;
      before = ink;
    }
    EXPECT_EQ(borders, 2) << degrees;
  }
}

TEST(SealRendering, OtherSizesAreTheSameSealLarger) {
  SealDesign design{SealKind::kContract, "珠海示例科技有限公司", false};
  design.diameter = 58, design.border = 1.5, design.centre = SealCentre::kEmpty;
  const Picture seal(drawSeal(design));
  EXPECT_TRUE(seal.red(28.2, 0));
  EXPECT_FALSE(seal.red(27.2, 0));
  EXPECT_EQ(seal.ink(0, 0, 12), 0);
  EXPECT_GT(seal.ink(0, -15, 4), 0.1);
}

TEST(SealRendering, LettersOfALongNameDoNotTouch) {
  for (int length : {9, 16, 28, 40}) {
    std::string name;
    for (int i = 0; i < length; ++i) name += "一";  // one stroke as wide as its body: neighbours would meet
    const Picture seal(drawSeal({SealKind::kCompany, name, false}));
    int gaps = 0;
    bool inkBefore = false;
    for (double degrees = 235; degrees > -55; degrees -= 0.05) {
      const double angle = degrees * std::acos(-1) / 180;
      bool ink = false;
      for (double r = 12; r < 18.4; r += 0.05) ink |= seal.red(r * std::cos(angle), r * std::sin(angle));
      gaps += inkBefore && !ink;
      inkBefore = ink;
    }
    EXPECT_EQ(gaps, length);
  }
}

}  // namespace
}  // namespace qianda::signing
