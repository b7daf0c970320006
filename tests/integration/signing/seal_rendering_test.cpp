#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "signing/seal/seal_appearance.h"
#include "tests/support/process.h"
#include "tests/support/tiny_pdf.h"

namespace qianda::signing {
namespace {

constexpr double kPixelsPerMm = 20;

// A seal as Poppler paints it on white, asked by millimetres from its centre.
class Picture {
 public:
  explicit Picture(const SealAppearance& seal) : sizeMm_(seal.sizeMm) {
    const test::TempFolder folder;
    core::writeFile(folder / "seal.pdf", test::tinyPdf("<< >>", seal.content, 120).file());
    const test::Output drawn = test::run({"pdftoppm", "-r", "508", folder / "seal.pdf", folder / "seal"});
    EXPECT_EQ(drawn.status, 0) << drawn.err;
    EXPECT_EQ(drawn.err, "");
    std::istringstream file(core::readFile(folder / "seal-1.ppm"));
    std::string magic;
    int depth = 0;
    file >> magic >> width_ >> height_ >> depth;
    file.get();
    pixels_.resize(static_cast<std::size_t>(width_ * height_ * 3));
    file.read(pixels_.data(), static_cast<std::streamsize>(pixels_.size()));
  }
  bool red(double x, double y) const {
    const std::size_t column = static_cast<std::size_t>(std::lround((sizeMm_ / 2 + x) * kPixelsPerMm));
    const std::size_t row = static_cast<std::size_t>(height_ - 1 - std::lround((sizeMm_ / 2 + y) * kPixelsPerMm));
    const auto at = [&](std::size_t i) {
      return static_cast<unsigned char>(pixels_[(row * static_cast<std::size_t>(width_) + column) * 3 + i]);
    };
    return at(0) > 200 && at(1) < 100 && at(2) < 110;
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
  int width_ = 0, height_ = 0;
  std::string pixels_;
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
