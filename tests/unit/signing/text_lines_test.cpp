#include "signing/seal/text_lines.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_of.h"
#include "tests/support/operators.h"

namespace qianda::signing {
namespace {

using test::errorOf;
using testing::HasSubstr;

constexpr double kEm = 8 * 25.4 / 72;  // mm, of the default size

double rowsOf(const std::vector<TextLine>& lines, double width) {
  return setTextLines(lines, width).height / (kEm * 1.4);
}

TEST(TextLines, AreOutlinesInsideTheirBox) {
  const std::vector<TextLine> lines{{"签署人：", "张示例（珠海示例科技有限公司）"},
                                    {"时间：", "2026-03-01 10:20:30 +08:00"},
                                    {"证书序列号：", "4F2A99C0E1B37D5A88E1F0C2D34B5A6978"},
                                    {"", "Signed gladly."}};
  for (double width : {35.0, 55.0, 90.0}) {
    const Appearance text = setTextLines(lines, width);
    EXPECT_EQ(text.width, width);
    const test::Drawing drawing(text.content);
    EXPECT_TRUE(drawing.isWithin(width, text.height)) << width;
  }
}

TEST(TextLines, WrapBetweenIdeographsAndWordsAndWithinLongWords) {
  EXPECT_NEAR(rowsOf({{"", "一二三四五六七八九十"}}, kEm * 10.01), 1, 1e-6);
  EXPECT_NEAR(rowsOf({{"", "一二三四五六七八九十"}}, kEm * 9.99), 2, 1e-6);
  EXPECT_NEAR(rowsOf({{"", "一二三四五六七八九十"}}, kEm * 5.01), 2, 1e-6);
  EXPECT_NEAR(rowsOf({{"甲甲：", "一二三四五六七八九十"}}, kEm * 8.01), 2, 1e-6) << "the label has its column";
  EXPECT_NEAR(rowsOf({{"", std::string(40, 'W')}}, kEm * 10), 4, 1) << "a word without an end is cut";
  EXPECT_NEAR(rowsOf({{"甲：", ""}, {"乙：", "一"}}, kEm * 10), 2, 1e-6) << "a missing value keeps its line";
}

TEST(TextLines, NoLineBeginsWithClosingPunctuation) {
  // 四 would fill the line; the full stop takes 四 with it to the next one.
  const std::vector<TextLine> four{{"", "一二三四。"}}, three{{"", "一二三。"}};
  const Appearance text = setTextLines(four, kEm * 4.01);
  EXPECT_NEAR(text.height / (kEm * 1.4), 2, 1e-6);
  const test::Drawing drawing(text.content), control(setTextLines(three, kEm * 4.01).content);
  EXPECT_LT(drawing.right, 3.1 * kEm * 7200 / 25.4) << "only three letters in the first line";
  EXPECT_GT(control.right, 3.1 * kEm * 7200 / 25.4);
}

TEST(TextLines, RefusesWhatItCannotSet) {
  const auto refuses = [](std::vector<TextLine> lines, double width = 60, TextStyle style = {}) {
    return errorOf([&] { setTextLines(lines, width, style); });
  };
  EXPECT_THAT(refuses({}), HasSubstr("empty"));
  EXPECT_THAT(refuses({{"", ""}}), HasSubstr("empty"));
  EXPECT_THAT(refuses({{"", "a\nb"}}), HasSubstr("U+000A"));
  EXPECT_THAT(refuses({{"", "\xE7\x8F"}}), HasSubstr("UTF-8"));
  EXPECT_THAT(refuses({{"", "\U0001F9FF"}}), HasSubstr("U+1F9FF"));
  EXPECT_THAT(refuses({{"", std::string(1001, 'a')}}), HasSubstr("1000"));
  EXPECT_THAT(refuses({{"一二三四五六七：", "甲"}}, kEm * 11), HasSubstr("leaves no room"));
  EXPECT_THAT(refuses({{"", "甲"}}, 0), HasSubstr("mm"));
  EXPECT_THAT(refuses({{"", "甲"}}, 60, {2, 1.4, kInk}), HasSubstr("4 to 72"));
  EXPECT_THAT(refuses({{"", "甲"}}, 60, {8, 0.5, kInk}), HasSubstr("height"));
}

TEST(Appearance, PiecesStandBesideOrBelow) {
  const Appearance picture{"q Q\n", 40, 40}, text{"q Q\n", 55, 20};
  const Appearance beside = composeAppearance(picture, text, Arrangement::kBeside, 3);
  EXPECT_EQ(beside.width, 98);
  EXPECT_EQ(beside.height, 40);
  EXPECT_THAT(beside.content, HasSubstr("q 1 0 0 1 121.89 28.35 cm"));
  const Appearance below = composeAppearance(picture, text, Arrangement::kBelow, 3);
  EXPECT_EQ(below.width, 55);
  EXPECT_EQ(below.height, 63);
  EXPECT_THAT(below.content, HasSubstr("q 1 0 0 1 21.26 65.20 cm"));
  EXPECT_THAT(errorOf([&] { composeAppearance({{picture, 20, 0}}, 55, 40); }), HasSubstr("sticks out"));
  EXPECT_THAT(errorOf([&] { composeAppearance({{picture, std::nan(""), 0}}, 55, 40); }), HasSubstr("sticks out"));
}

}  // namespace
}  // namespace qianda::signing
