#include "signing/seal/seal_appearance.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/operators.h"

namespace qianda::signing {
namespace {

using core::Error;
using testing::AllOf;
using testing::HasSubstr;

std::string errorOf(const std::string& name) {
  try {
    drawSeal({SealKind::kCompany, name, true});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), core::ErrorCode::kInvalidInput);
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << name;
  return {};
}

std::string repeated(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(SealAppearance, IsMadeOfPathsAloneInsideItsSquare) {
  for (const SealShape& shape : listSealShapes()) {
    for (int length : {1, 2, 4, 9, 16, 28, 40}) {
      SealDesign design{shape.kind, repeated("鑫", length), true};
      design.code = "4404001234567";
      const SealAppearance seal = drawSeal(design);
      const test::Drawing drawing(seal.content);
      EXPECT_TRUE(drawing.isWithin(seal.sizeMm, seal.sizeMm)) << shape.name << length;
      EXPECT_LT(seal.content.size(), 10'000u + 3'000u * static_cast<std::size_t>(length + 5)) << "鑫 is three 金";
    }
  }
}

TEST(SealAppearance, KindsHaveNamesSizesAndBorders) {
  const auto size = [](const char* name) { return shapeOf(findSealKind(name).value()).diameter; };
  EXPECT_EQ(size("company"), 40);
  EXPECT_EQ(size("contract"), 40);
  EXPECT_EQ(size("personnel"), 40);
  EXPECT_EQ(size("union"), 42);
  EXPECT_EQ(size("authority"), 42);
  EXPECT_EQ(size("state-company"), 42);
  EXPECT_EQ(size("individual"), 38);
  EXPECT_EQ(size("department"), 38);
  EXPECT_EQ(size("arbitration"), 45);
  EXPECT_FALSE(findSealKind("emperor"));
  for (const SealShape& shape : listSealShapes()) {
    EXPECT_EQ(&shapeOf(shape.kind), &shape);
    EXPECT_EQ(drawSeal({shape.kind, "甲", true}).sizeMm, shape.diameter);
  }
  EXPECT_GT(shapeOf(SealKind::kUnion).innerBorder, 0);
}

TEST(SealAppearance, EveryMeasureCanBeGiven) {
  SealDesign design{SealKind::kContract, "珠海示例科技有限公司", true};
  const std::string plain = drawSeal(design).content;
  const auto changes = [&](auto change) {
    SealDesign other = design;
    change(other);
    return drawSeal(other).content != plain;
  };
  EXPECT_TRUE(changes([](SealDesign& d) { d.use = "业务专用章"; }));
  EXPECT_TRUE(changes([](SealDesign& d) { d.use = ""; }));
  EXPECT_TRUE(changes([](SealDesign& d) { d.number = 2; }));
  EXPECT_TRUE(changes([](SealDesign& d) { d.code = "4404001234567"; }));
  EXPECT_TRUE(changes([](SealDesign& d) { d.border = 1.5; }));
  EXPECT_TRUE(changes([](SealDesign& d) { d.centre = SealCentre::kEmpty; }));
  EXPECT_FALSE(changes([](SealDesign& d) { d.centre = SealCentre::kStar; }));
  design.diameter = 58;
  EXPECT_EQ(drawSeal(design).sizeMm, 58);
  EXPECT_EQ(appearanceOf(drawSeal(design)).height, 58);
}

TEST(SealAppearance, RefusesMeasuresThatMakeNoSeal) {
  const auto refuses = [](auto change) {
    SealDesign design{SealKind::kContract, "珠海示例科技有限公司", true};
    change(design);
    try {
      drawSeal(design);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refuses([](SealDesign& d) { d.code = "440400123456"; }), HasSubstr("13 digits"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.code = "440400123456X"; }), HasSubstr("13 digits"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.diameter = 9; }), HasSubstr("10 to 60 mm"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.diameter = std::nan(""); }), HasSubstr("10 to 60 mm"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.border = 5; }), HasSubstr("border of 5 mm"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.border = -1; }), HasSubstr("border of -1 mm"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.number = 100; }), HasSubstr("1 to 99"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.use = "", d.number = 1; }), HasSubstr("no number"));
  EXPECT_THAT(refuses([](SealDesign& d) { d.use = repeated("章", 17); }), HasSubstr("17"));
}

TEST(SealAppearance, TheSameDesignGivesTheSameOctets) {
  const SealDesign design{SealKind::kContract, "珠海示例科技有限公司", true};
  EXPECT_EQ(drawSeal(design).content, drawSeal(design).content);
  EXPECT_NE(drawSeal(design).content, drawSeal({SealKind::kContract, "珠海示例科技有限公司", false}).content);
}

TEST(SealAppearance, DrawsRareCharactersWithTheFallbackFonts) {
  EXPECT_NO_THROW(drawSeal({SealKind::kCompany, "㼆䶮𠮷𬭸𪜀ABC（珠海）有限公司", true}));
}

TEST(SealAppearance, RefusesWhatItCannotDraw) {
  EXPECT_THAT(errorOf(""), HasSubstr("needs a name"));
  EXPECT_THAT(errorOf(" \u3000"), HasSubstr("needs a name"));
  EXPECT_THAT(errorOf(repeated("字", 41)), AllOf(HasSubstr("41"), HasSubstr("40")));
  EXPECT_THAT(errorOf("甲\U0001F9FF公司"), HasSubstr("U+1F9FF"));
  EXPECT_THAT(errorOf("\xE7\x8F"), HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace qianda::signing
