#include <gtest/gtest.h>

#include "core/text.h"
#include "templates/layout/charset.h"
#include "templates/layout/glyph.h"
#include "templates/layout/line_breaks.h"
#include "templates/layout/program.h"

namespace qianda::templates::layout {
namespace {

std::vector<Glyph> glyphsOf(std::u32string_view text) {
  Charset charset;
  const std::vector<bool> breaks = breaksOf(text);
  std::vector<Glyph> glyphs;
  for (std::size_t i = 0; i < text.size(); ++i) {
    Glyph glyph = charset.glyphFor(text[i], false);
    if (breaks[i]) glyph.flags |= kMayBreakBefore;
    if (hasEmptyRightHalf(text[i])) glyph.flags |= kEmptyRightHalf;
    if (text[i] == U' ') glyph.flags |= kSpace;
    glyphs.push_back(glyph);
  }
  return glyphs;
}

std::vector<std::string> linesOf(std::u32string_view text, std::int32_t room, std::int32_t firstIndent = 0) {
  const std::vector<Glyph> glyphs = glyphsOf(text);
  std::vector<Line> lines;
  LineBox box;
  box.room = room;
  box.firstIndent = firstIndent;
  breakLines(glyphs, 0, glyphs.size(), box, lines);
  std::vector<std::string> out;
  for (const Line& line : lines) out.push_back(core::encodeUtf8(text.substr(line.first, line.count)));
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST(BreakLines, FillsLinesWithChineseText) {
  EXPECT_EQ(linesOf(U"甲乙丙丁戊己庚辛", 3000), (Lines{"甲乙丙", "丁戊己", "庚辛"}));
  EXPECT_EQ(linesOf(U"甲乙丙丁戊己庚辛", 4000, 2000), (Lines{"甲乙", "丙丁戊己", "庚辛"}));
}

TEST(BreakLines, NoLineStartsWithClosingOrEndsWithOpeningPunctuation) {
  EXPECT_EQ(linesOf(U"甲乙丙丁，戊己", 4500), (Lines{"甲乙丙丁，", "戊己"}));        // half of ， hangs
  EXPECT_EQ(linesOf(U"甲乙丙丁”。戊己", 4500), (Lines{"甲乙丙", "丁”。戊", "己"}));  // two do not
  EXPECT_EQ(linesOf(U"甲乙丙（丁戊）己", 4000), (Lines{"甲乙丙", "（丁戊）", "己"}));
  EXPECT_EQ(linesOf(U"甲乙丙“丁戊”己", 4000), (Lines{"甲乙丙", "“丁戊”", "己"}));
  EXPECT_EQ(linesOf(U"甲乙丙《丁戊》", 4000), (Lines{"甲乙丙", "《丁戊》"}));
}

TEST(BreakLines, KeepsNumbersAndWordsWhole) {
  EXPECT_EQ(linesOf(U"合计8,500.00元整", 4500), (Lines{"合计", "8,500.00", "元整"}));
  EXPECT_EQ(linesOf(U"见Contract一", 5000), (Lines{"见", "Contract", "一"}));
}

TEST(BreakLines, ARunWithoutOpportunityBreaksWhereItMust) {
  const Lines lines = linesOf(std::u32string(30, U'W'), 5000);
  EXPECT_GT(lines.size(), 2u);
  std::string joined;
  for (const std::string& line : lines) joined += line;
  EXPECT_EQ(joined, std::string(30, 'W'));
}

// The pair table decides at run time what ICU decides in full for static text: they must agree on what values hold.
TEST(PairTable, AgreesWithIcuOnNamesAddressesAndAmounts) {
  for (std::u32string_view text :
       {U"欧阳㼆䶮", U"阿依古丽·买买提", U"珠海市香洲区凤凰北路1234号翠湖花园9栋2单元1803房（原名翡翠苑）", U"8,500.00",
        U"2026年1月31日", U"91000000MA5TEST01X", U"负责“华南大区”的销售、回款；每周不少于5次。",
        U"软件开发工程师（C++/Rust）", U"《员工手册》第3.2条", U"100%", U"a@b.example",
        U"5年以上经验，熟悉Linux、MySQL等"}) {
    const std::vector<bool> full = breaksOf(text);
    for (std::size_t i = 1; i < text.size(); ++i) {
      EXPECT_EQ(mayBreakBetween(breakClassOf(text[i - 1]), breakClassOf(text[i])), full[i])
          << core::encodeUtf8(text) << " at " << i;
    }
  }
}

TEST(Charset, KnowsRareCharactersAndTheirFonts) {
  Charset charset;
  charset.glyphFor(U'甲', false);
  charset.freeze();
  EXPECT_EQ(charset.find(U'甲', false).slot, Slot::kRegular);
  EXPECT_EQ(charset.find(U'甲', true).slot, Slot::kFieldBold);
  for (char32_t c : std::u32string_view(U"㼆䶮𠮷𬭸喆珺"))
    EXPECT_EQ(charset.find(c, false).slot, Slot::kFieldRegular);
  EXPECT_EQ(charset.find(U'𪚥', false).slot, Slot::kFallbackA);
  EXPECT_EQ(charset.find(U'\U0002B740', false).slot, Slot::kFallbackB);
  EXPECT_TRUE(Charset::isMissing(charset.find(U'\U00013000', false)));
}

}  // namespace qianda::templates::layout
