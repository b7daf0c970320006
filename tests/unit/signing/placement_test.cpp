#include "signing/pades/placement.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signing/pdf/signature_fields.h"
#include "tests/support/error_of.h"
#include "tests/support/plain_pdf.h"

namespace qianda::signing {
namespace {

using test::errorOf;
using testing::AllOf;
using testing::HasSubstr;
using testing::Pointwise;

constexpr double kMm = 72 / 25.4;

// Entries of the page and of its parent.
PageView view(const std::string& page, const std::string& parent = "", std::size_t number = 0) {
  const std::string pdf =
      test::pdfOf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1" + parent + ">>",
                   "<</Type/Page/Parent 2 0 R" + page + ">>", "90"});
  auto opened = pdf::Document::open(pdf);
  pdf::Document& document = std::get<pdf::Document>(opened);
  return viewOfPage(document, pdf::listPages(document), number);
}

std::array<double, 4> rectangle(const std::string& page, const SeenBox& box) {
  return placeOnPage(view(page), box).rectangle;
}

auto isNear(std::array<double, 4> wanted) { return Pointwise(testing::DoubleNear(1e-9), wanted); }

TEST(Placement, ThePageIsWhatTheReaderSees) {
  const PageView plain = view("/MediaBox[0 0 400 600]");
  EXPECT_NEAR(plain.width(), 400 / kMm, 1e-9);
  EXPECT_NEAR(plain.height(), 600 / kMm, 1e-9);
  EXPECT_NEAR(view("/MediaBox[0 0 400 600]/Rotate 90").width(), 600 / kMm, 1e-9);
  EXPECT_NEAR(view("/MediaBox[0 0 400 600]/Rotate 4 0 R").width(), 600 / kMm, 1e-9) << "a reference";
  EXPECT_EQ(view("/MediaBox[0 0 400 600]/Rotate -90").rotation, 270);
  EXPECT_EQ(view("/MediaBox[0 0 400 600]/Rotate 450").rotation, 90);
  EXPECT_NEAR(view("", "/MediaBox[0 0 300 500]/Rotate 180").width(), 300 / kMm, 1e-9) << "inherited";
  EXPECT_NEAR(view("/MediaBox[400 600 0 0]").height(), 600 / kMm, 1e-9) << "corners in any order";
  EXPECT_NEAR(view("").width(), 612 / kMm, 1e-9) << "no MediaBox at all";
  EXPECT_NEAR(view("/MediaBox[0 0 400 600]/CropBox[-50 10 300 900]").width(), 300 / kMm, 1e-9) << "within the media";
  EXPECT_NEAR(view("/MediaBox[0 0 400 600]/CropBox[500 700 600 900]").width(), 400 / kMm, 1e-9) << "beside it: ignored";
  EXPECT_NEAR(view("/MediaBox[0 0 400 600]/UserUnit 2.5").width(), 1000 / kMm, 1e-9);
}

TEST(Placement, AllFourRotations) {
  // 20 x 10 mm, its lower left corner at 5, 3 mm as the reader sees it.
  const SeenBox box{5, 3, 20, 10};
  const std::string media = "/MediaBox[0 0 400 600]";
  const double u = 5 * kMm, v = 3 * kMm, w = 20 * kMm, h = 10 * kMm;
  EXPECT_THAT(rectangle(media, box), isNear({u, v, u + w, v + h}));
  EXPECT_THAT(rectangle(media + "/Rotate 90", box), isNear({400 - v - h, u, 400 - v, u + w}));
  EXPECT_THAT(rectangle(media + "/Rotate 180", box), isNear({400 - u - w, 600 - v - h, 400 - u, 600 - v}));
  EXPECT_THAT(rectangle(media + "/Rotate 270", box), isNear({v, 600 - u - w, v + h, 600 - u}));
  using Matrix = std::array<double, 6>;
  EXPECT_EQ(placeOnPage(view(media), box).matrix, (Matrix{1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(placeOnPage(view(media + "/Rotate 90"), box).matrix, (Matrix{0, 1, -1, 0, 0, 0}));
  EXPECT_EQ(placeOnPage(view(media + "/Rotate 180"), box).matrix, (Matrix{-1, 0, 0, -1, 0, 0}));
  EXPECT_EQ(placeOnPage(view(media + "/Rotate 270"), box).matrix, (Matrix{0, -1, 1, 0, 0, 0}));
}

TEST(Placement, CountsFromTheShownCorner) {
  const SeenBox box{5, 3, 20, 10};
  const double u = 5 * kMm, v = 3 * kMm, w = 20 * kMm, h = 10 * kMm;
  EXPECT_THAT(rectangle("/MediaBox[100 50 500 650]", box), isNear({100 + u, 50 + v, 100 + u + w, 50 + v + h}));
  const std::string cropped = "/MediaBox[-10 -20 400 600]/CropBox[30 40 330 440]";
  EXPECT_THAT(rectangle(cropped, box), isNear({30 + u, 40 + v, 30 + u + w, 40 + v + h}));
  EXPECT_THAT(rectangle(cropped + "/Rotate 90", box), isNear({330 - v - h, 40 + u, 330 - v, 40 + u + w}));
  EXPECT_THAT(rectangle("/MediaBox[0 0 400 600]/UserUnit 2", box), isNear({u / 2, v / 2, (u + w) / 2, (v + h) / 2}));
}

TEST(Placement, ARectangleIsFoundAgain) {
  const SeenBox box{5, 3, 20, 10};
  for (const char* turn : {"0", "90", "180", "270"}) {
    const PageView page =
        view("/MediaBox[-10 -20 400 600]/CropBox[30 40 330 440]/UserUnit 1.5/Rotate " + std::string(turn));
    const SeenBox again = seenBoxOf(page, placeOnPage(page, box).rectangle);
    EXPECT_NEAR(again.left, 5, 1e-9) << turn;
    EXPECT_NEAR(again.bottom, 3, 1e-9) << turn;
    EXPECT_NEAR(again.width, 20, 1e-9) << turn;
    EXPECT_NEAR(again.height, 10, 1e-9) << turn;
  }
}

TEST(Placement, AnchorsAndEdges) {
  const SeenBox centred = boxAt(100, 50, Anchor::kCentre, 40, 20);
  EXPECT_EQ(centred.left, 80);
  EXPECT_EQ(centred.bottom, 40);
  EXPECT_EQ(boxAt(100, 50, Anchor::kLowerLeft, 40, 20).left, 100);
  const PageView page = view("/MediaBox[0 0 400 600]/Rotate 90");
  SealSlice slice;
  slice.width = 10, slice.height = 40, slice.bottom = 60;
  const SeenBox right = boxOfSlice(page, slice);
  EXPECT_NEAR(right.left + right.width, 600 / kMm, 1e-9);
  EXPECT_EQ(right.bottom, 60);
  EXPECT_NO_THROW(placeOnPage(page, right));
  slice.leftEdge = true;
  slice.middle = 0.5;
  const SeenBox left = boxOfSlice(page, slice);
  EXPECT_EQ(left.left, 0);
  EXPECT_NEAR(left.bottom + 20, 200 / kMm, 1e-9);
}

TEST(Placement, OutsideThePageIsAnErrorThatNamesThePlace) {
  const PageView page = view("/MediaBox[0 0 400 600]/Rotate 90");  // 211.7 x 141.1 mm as seen
  EXPECT_THAT(
      errorOf([&] {
        placeOnPage(page, {180, 10, 40, 40});
      }),
      AllOf(HasSubstr("seal"), HasSubstr("page 1"), HasSubstr("180.0, 10.0 mm"), HasSubstr("211.7 x 141.1 mm")));
  EXPECT_NO_THROW(placeOnPage(page, {171, 10, 40, 40}));
  EXPECT_THAT(errorOf([&] { placeOnPage(page, {10, 110, 40, 40}, "signature"); }), HasSubstr("the signature of 40.0"));
  EXPECT_THAT(errorOf([&] { placeOnPage(page, {-1, 10, 40, 40}); }), HasSubstr("not wholly"));
  EXPECT_THAT(errorOf([&] { placeOnPage(page, {std::nan(""), 10, 40, 40}); }), HasSubstr("not wholly"));
  EXPECT_THAT(errorOf([&] { placeOnPage(page, {10, 10, 0, 40}); }), HasSubstr("not wholly"));
}

TEST(Placement, RefusesPagesThatCannotBeSeen) {
  EXPECT_THAT(errorOf([] { view("", "", 1); }), AllOf(HasSubstr("no page 2"), HasSubstr("1 page")));
  EXPECT_THAT(errorOf([] { view("/MediaBox[0 0 0 600]"); }), HasSubstr("no area"));
  EXPECT_THAT(errorOf([] { view("/Rotate 45"); }), HasSubstr("45 degrees"));
}

}  // namespace
}  // namespace qianda::signing
