// Keywords on pages as pdftotext reads them, turned, cropped and cut into words in many ways.
#include "clients/cli/keyword_placement.h"

#include <cmath>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli/text_boxes.h"
#include "tests/support/error_of.h"
#include "tests/support/plain_pdf.h"
#include "tests/support/process.h"

namespace qianda::cli {
namespace {

using core::ErrorCode;
using signing::SeenBox;
using test::errorOf;
using testing::AllOf;
using testing::HasSubstr;

constexpr double kMm = 72 / 25.4;
constexpr double kSize = 12;  // points; every letter is as wide

// Letters of the test's font: A..J are 甲方（盖章）：乙⽅(a Kangxi radical) and U+0001.
constexpr const char* kLetters[] = {"7532", "65B9", "FF08", "76D6", "7AE0", "FF09", "FF1A", "4E59", "2F45", "0001"};

struct Text {
  double x, y;
  std::string letters;
};

std::string pageContent(const std::vector<Text>& texts) {
  std::string content = "BT /F1 12 Tf\n";
  for (const Text& text : texts) content += fmt::format("1 0 0 1 {} {} Tm ({}) Tj\n", text.x, text.y, text.letters);
  return content + "ET";
}

// One page for each element.
std::string textPdf(const std::vector<std::vector<Text>>& pages, const std::string& extra = "/MediaBox[0 0 400 600]") {
  std::string map =
      "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
      "1 begincodespacerange <00> <FF> endcodespacerange 10 beginbfchar\n";
  for (std::size_t i = 0; i < std::size(kLetters); ++i) map += fmt::format("<{:02X}> <{}>\n", 'A' + i, kLetters[i]);
  map += "endbfchar endcmap CMapName currentdict /CMap defineresource pop end end";
  std::string kids, widths;
  for (std::size_t i = 0; i < pages.size(); ++i) kids += fmt::format("{} 0 R ", 6 + 2 * i);
  for (int i = 0; i < 10; ++i) widths += "1000 ";
  std::vector<std::string> objects{
      "<</Type/Catalog/Pages 2 0 R>>", fmt::format("<</Type/Pages/Kids[{}]/Count {}>>", kids, pages.size()),
      "<</Type/Font/Subtype/TrueType/BaseFont/Sample/FirstChar 65/LastChar 74/Widths[" + widths +
          "]/FontDescriptor 5 0 R/ToUnicode 4 0 R>>",
      test::streamOf(map),
      "<</Type/FontDescriptor/FontName/Sample/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900/Descent -200"
      "/CapHeight 700/StemV 80/MissingWidth 500>>"};
  for (const auto& texts : pages) {
    objects.push_back(fmt::format("<</Type/Page/Parent 2 0 R{}/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>",
                                  extra, objects.size() + 2));
    objects.push_back(test::streamOf(pageContent(texts)));
  }
  return test::pdfOf(objects);
}

KeywordPlace find(const std::string& pdf, const std::string& keyword, std::size_t occurrence = 1) {
  KeywordQuery query;
  query.keyword = keyword;
  query.occurrence = occurrence;
  return findKeyword(pdf, query).at(0);
}

// The box of `letters` letters whose base line begins at x, y (points), with room for what fonts say of their height.
void expectAround(const SeenBox& box, double x, double y, double letters) {
  EXPECT_NEAR(box.left, x / kMm, 0.1);
  EXPECT_NEAR(box.width, letters * kSize / kMm, 0.1);
  EXPECT_LE(box.bottom, y / kMm + 0.1);
  EXPECT_GE(box.bottom, (y - 5) / kMm);
  EXPECT_GE(box.bottom + box.height, (y + 8) / kMm);
  EXPECT_LE(box.bottom + box.height, (y + 14) / kMm);
}

TEST(Keyword, IsFoundWhereItStands) {
  const KeywordPlace place = find(textPdf({{{50, 100, "ABCDEF"}}}), "甲方（盖章）");
  EXPECT_EQ(place.page, 0u);
  expectAround(place.box, 50, 100, 6);
}

TEST(Keyword, MayBeAPartOfAWordOrSpanSeveral) {
  const std::string inside = textPdf({{{50, 100, "HBCDEFGABCDEFG"}}});  // 乙方（盖章）：甲方（盖章）：
  expectAround(find(inside, "甲方（盖章）").box, 50 + 7 * kSize, 100, 6);
  const std::string words = textPdf({{{50, 100, "AB CDEF"}}});
  expectAround(find(words, "甲方（盖章）").box, 50, 100, 6.5);
  expectAround(find(words, "甲 方 ( 盖章 )").box, 50, 100, 6.5);
  const std::string radical = textPdf({{{50, 100, "AICDEF"}}});
  expectAround(find(radical, "甲方(盖章)").box, 50, 100, 6);
}

TEST(Keyword, OccurrencesCountInOrderOverPages) {
  const std::string pdf = textPdf({{{50, 500, "ABCDEF"}, {50, 100, "ABCDEF"}}, {}, {{80, 300, "ABCDEF"}}});
  expectAround(find(pdf, "甲方", 1).box, 50, 500, 2);
  expectAround(find(pdf, "甲方", 2).box, 50, 100, 2);
  EXPECT_EQ(find(pdf, "甲方", 3).page, 2u);
  KeywordQuery query;
  query.keyword = "甲方";
  query.occurrence = 0;
  EXPECT_EQ(findKeyword(pdf, query).size(), 3u);
  query.page = 2;
  const auto last = findKeyword(pdf, query);
  ASSERT_EQ(last.size(), 1u);
  expectAround(last[0].box, 80, 300, 2);
}

TEST(Keyword, ShownCornerAndUserUnitCount) {
  const std::string cropped = textPdf({{{50, 100, "ABCDEF"}}}, "/MediaBox[10 20 400 600]/CropBox[30 40 330 440]");
  expectAround(find(cropped, "甲方").box, 20, 60, 2);
  const SeenBox doubled = find(textPdf({{{50, 100, "ABCDEF"}}}, "/MediaBox[0 0 400 600]/UserUnit 2"), "方").box;
  EXPECT_NEAR(doubled.left, 2 * (50 + kSize) / kMm, 0.1);
  EXPECT_NEAR(doubled.width, 2 * kSize / kMm, 0.1);
}

// The same ink seen after turning: what was x from the left runs along another edge.
TEST(Keyword, OnTurnedPages) {
  const test::TempFolder folder;
  core::writeFile(folder / "in.pdf", textPdf({{{50, 100, "HBCDEFGABCDEFG"}, {50, 300, "AB CD EF"}}}));
  const double width = 400 / kMm, height = 600 / kMm;
  const SeenBox upright = find(core::readFile(folder / "in.pdf"), "甲方").box;
  for (int turn : {90, 180, 270}) {
    SCOPED_TRACE(turn);
    const test::Output done =
        test::run({"qpdf", "--rotate=" + std::to_string(turn) + ":1", folder / "in.pdf", folder / "out.pdf"});
    ASSERT_EQ(done.status, 0) << done.err;
    KeywordQuery query;
    query.keyword = "甲方";
    query.occurrence = 0;
    const auto places = findKeyword(core::readFile(folder / "out.pdf"), query);
    ASSERT_EQ(places.size(), 2u);
    for (const SeenBox& found : {upright, find(core::readFile(folder / "in.pdf"), "甲方", 2).box}) {
      SeenBox wanted = found;
      if (turn == 90) wanted = {found.bottom, width - found.left - found.width, found.height, found.width};
      if (turn == 180)
        wanted = {width - found.left - found.width, height - found.bottom - found.height, found.width, found.height};
      if (turn == 270) wanted = {height - found.bottom - found.height, found.left, found.height, found.width};
      const bool there = std::any_of(places.begin(), places.end(), [&](const KeywordPlace& place) {
        return std::fabs(place.box.left - wanted.left) < 0.2 && std::fabs(place.box.bottom - wanted.bottom) < 0.2 &&
               std::fabs(place.box.width - wanted.width) < 0.2 && std::fabs(place.box.height - wanted.height) < 0.2;
      });
      EXPECT_TRUE(there) << wanted.left << " " << wanted.bottom << "; found " << places[0].box.left << " "
                         << places[0].box.bottom << ", " << places[1].box.left << " " << places[1].box.bottom;
    }
  }
}

TEST(Keyword, ThatIsMissingIsNamedWithWhatWasSearched) {
  const std::string pdf = textPdf({{{50, 100, "ABCDEF"}}, {{50, 100, "ABCDEF"}}});
  const auto missing = [&](KeywordQuery query) {
    return errorOf([&] { findKeyword(pdf, query); }, ErrorCode::kNotFound);
  };
  EXPECT_THAT(missing({"乙方", {}, 1}), AllOf(HasSubstr("乙方"), HasSubstr("2 page(s)")));
  EXPECT_THAT(missing({"甲方", {}, 3}), AllOf(HasSubstr("2 time(s)"), HasSubstr("occurrence 3")));
  EXPECT_THAT(missing({"甲方", 1, 2}), AllOf(HasSubstr("1 time(s)"), HasSubstr("page 2")));
  EXPECT_THAT(errorOf([&] { findKeyword(pdf, {"甲方", 2}); }), HasSubstr("no page 3"));
  EXPECT_THAT(errorOf([&] { findKeyword(pdf, {" \u3000"}); }), HasSubstr("empty"));
  EXPECT_THAT(errorOf([&] { findKeyword(pdf, {"\xE7"}); }), HasSubstr("UTF-8"));
  EXPECT_NE(errorOf([&] { findKeyword("no PDF", {"甲方"}); }), "accepted");
}

TEST(Keyword, APrankOfTheProgramIsAnErrorNotAHang) {
  const test::TempFolder folder;
  const auto program = [&](const std::string& script) {
    core::writeFile(folder / "program", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(folder / "program", std::filesystem::perms::owner_all);
    KeywordQuery query{"甲方"};
    query.program = folder / "program";
    query.timeLimit = std::chrono::milliseconds(200);
    return query;
  };
  const std::string pdf = textPdf({{{50, 100, "ABCDEF"}}});
  const auto answer = [&](const std::string& script, ErrorCode code) {
    const KeywordQuery query = program(script);
    return errorOf([&] { findKeyword(pdf, query); }, code);
  };
  EXPECT_THAT(answer("exec sleep 60", ErrorCode::kUnavailable), HasSubstr("200 ms"));
  EXPECT_THAT(answer("echo broken >&2; exit 1", ErrorCode::kInvalidInput), HasSubstr("broken"));
  EXPECT_THAT(answer("for a; do :; done; echo '<doc><page>' >$a", ErrorCode::kSystem), HasSubstr("cannot be read"));
  EXPECT_THAT(answer("for a; do :; done; echo '<doc/>' >$a", ErrorCode::kInvalidInput), HasSubstr("damaged"));
  KeywordQuery none{"甲方"};
  none.program = folder / "none";
  EXPECT_THAT(errorOf([&] { findKeyword(pdf, none); }, ErrorCode::kSystem), HasSubstr("poppler-utils"));
}

TEST(Words, HostileAnswersAreHarmless) {
  EXPECT_EQ(
      parseWords(
          "<doc><page><line><word xMin=\"1\" yMin=\"2\" xMax=\"3\" yMax=\"4\">a&amp;\x01</word></line></page></doc>")
          .at(0)
          .at(0)
          .at(0)
          .text,
      "a&\uFFFD");
  EXPECT_THAT(
      errorOf([] { parseWords("<doc><page><line><word xMin=\"nan\"/></line></page></doc>"); }, ErrorCode::kSystem),
      HasSubstr("xMin"));
  // Entities of the outside are not fetched.
  const test::TempFolder folder;
  core::writeFile(folder / "secret", "secret");
  const std::string outside =
      "<!DOCTYPE doc [<!ENTITY e SYSTEM \"" + (folder / "secret").string() +
      "\">]>"
      "<doc><page><line><word xMin=\"1\" yMin=\"2\" xMax=\"3\" yMax=\"4\">&e;</word></line></page></doc>";
  EXPECT_THAT(errorOf([&] { parseWords(outside); }, ErrorCode::kSystem), HasSubstr("external entity"));
  // A control character in a PDF's text does not keep the rest from being found.
  expectAround(find(textPdf({{{50, 200, "J"}, {50, 100, "ABCDEF"}}}), "甲方").box, 50, 100, 2);
}

}  // namespace
}  // namespace qianda::cli
