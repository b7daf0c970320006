#include "signing/seal/cross_page_seal.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_of.h"
#include "tests/support/operators.h"

namespace qianda::signing {
namespace {

using test::errorOf;
using testing::HasSubstr;

const SealAppearance& seal() {
  static const SealAppearance drawn = drawSeal({SealKind::kCompany, "珠海示例科技有限公司", true});
  return drawn;
}

TEST(CrossPageSeal, SlicesFollowOneAnotherAndMakeUpTheSeal) {
  for (std::size_t pages : {2, 3, 7, 20}) {
    const SlicedSeal sliced = sliceSeal(seal(), pages);
    ASSERT_EQ(sliced.slices.size(), pages);
    double edge = 0;
    for (std::size_t i = 0; i < pages; ++i) {
      const SealSlice& slice = sliced.slices[i];
      EXPECT_EQ(slice.page, i);
      EXPECT_EQ(slice.seal, 0u);
      EXPECT_FALSE(slice.leftEdge);
      EXPECT_NEAR(slice.shift, edge, 1e-9);
      EXPECT_EQ(slice.height, 40);
      edge += slice.width;
    }
    EXPECT_NEAR(edge, 40, 1e-9);
  }
}

TEST(CrossPageSeal, ManyPagesGetSeveralWholeSeals) {
  for (std::size_t pages = 2; pages < 200; ++pages) {
    std::map<std::size_t, std::pair<double, std::size_t>> seals;  // width and slices of each
    std::size_t last = 0;
    for (const SealSlice& slice : sliceSeal(seal(), pages).slices) {
      EXPECT_GE(slice.seal, last) << "groups are consecutive";
      last = slice.seal;
      EXPECT_NEAR(slice.shift, seals[slice.seal].first, 1e-9);
      seals[slice.seal].first += slice.width;
      ++seals[slice.seal].second;
    }
    EXPECT_EQ(seals.size(), (pages + 19) / 20);
    for (const auto& [number, sum] : seals) {
      EXPECT_NEAR(sum.first, 40, 1e-9) << pages;
      EXPECT_GE(sum.second, 2u) << pages;
      EXPECT_LE(sum.second, 20u) << pages;
    }
  }
}

TEST(CrossPageSeal, LimitsCanBeSetByNumberAndByWidth) {
  const auto seals = [](CrossPageOptions options) { return sliceSeal(seal(), 12, options).slices.back().seal + 1; };
  CrossPageOptions options;
  EXPECT_EQ(seals(options), 1u);
  options.mostSheets = 5;
  EXPECT_EQ(seals(options), 3u);
  options.mostSheets = 20;
  options.narrowestSlice = 4;  // ten slices
  EXPECT_EQ(seals(options), 2u);
  for (const SealSlice& slice : sliceSeal(seal(), 12, options).slices) EXPECT_GE(slice.width, 4);
}

TEST(CrossPageSeal, BothFacesOfASheetCarryTheSameShare) {
  CrossPageOptions options;
  options.doubleSided = true;
  const SlicedSeal sliced = sliceSeal(seal(), 7, options);  // four sheets, the last back is blank
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(sliced.slices[i].leftEdge, i % 2 == 1);
    EXPECT_NEAR(sliced.slices[i].width, 10, 1e-9);
    EXPECT_NEAR(sliced.slices[i].shift, 10.0 * double(i / 2), 1e-9);
  }
}

TEST(CrossPageSeal, ASliceIsTheSharedFormMovedAndClipped) {
  const SlicedSeal sliced = sliceSeal(seal(), 4);
  EXPECT_EQ(sliced.whole.content, seal().content);
  const std::string content = sliceContent(sliced.slices[1], "Seal");
  EXPECT_EQ(content, "q 0 0 28.346 113.386 re W n 1 0 0 1 -28.346 0 cm\n/Seal Do\nQ\n");
  const Appearance alone = sliceAppearance(sliced, sliced.slices[1]);
  EXPECT_EQ(alone.width, 10);
  const test::Drawing drawing(alone.content);
  EXPECT_NEAR(drawing.left, (0.5 - 10) * 7200 / 25.4, 2) << "the border's line begins half its width inside";
}

TEST(CrossPageSeal, RefusesWhatCannotBeCrossed) {
  EXPECT_THAT(errorOf([] { sliceSeal(seal(), 1); }), HasSubstr("at least two sheets"));
  EXPECT_THAT(errorOf([] { sliceSeal(seal(), 0); }), HasSubstr("0 page"));
  CrossPageOptions options;
  options.doubleSided = true;
  EXPECT_THAT(errorOf([&] { sliceSeal(seal(), 2, options); }), HasSubstr("at least two sheets"));
  options.narrowestSlice = 20;
  EXPECT_THAT(errorOf([&] { sliceSeal(seal(), 9, options); }), HasSubstr("20.0 mm"));
  options.narrowestSlice = 0;
  EXPECT_THAT(errorOf([&] { sliceSeal(seal(), 9, options); }), HasSubstr("width"));
  options = {};
  options.mostSheets = 2;
  EXPECT_THAT(errorOf([&] { sliceSeal(seal(), 9, options); }), HasSubstr("at most 2 sheets"));
  options = {};
  options.middle = 1.5;
  EXPECT_THAT(errorOf([&] { sliceSeal(seal(), 9, options); }), HasSubstr("0 to 1"));
}

}  // namespace
}  // namespace qianda::signing
