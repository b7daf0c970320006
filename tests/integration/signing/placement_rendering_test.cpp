// Where the ink is, by the eyes of Poppler and MuPDF: placed seals on turned pages, and cross-page seals put together.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "signing/pades/placement.h"
#include "signing/pdf/signature_fields.h"
#include "signing/seal/strokes.h"
#include "signing/seal/text_lines.h"
#include "tests/support/plain_pdf.h"
#include "tests/support/raster.h"

namespace qianda::signing {
namespace {

constexpr int kDpi = 254;
constexpr double kPixelsPerMm = 10;

std::string numbers(const auto& values) {
  std::string text = "[";
  for (double value : values) text += fmt::format("{:.4f} ", value);
  return text + "]";
}

struct Placed {
  Appearance appearance;
  std::size_t page;
  SeenBox box;
};

// Pages with the given entries, and the appearances as stamps on them.
std::string stamped(const std::vector<std::string>& pages, const std::vector<Placed>& stamps) {
  std::string kids;
  for (std::size_t i = 0; i < pages.size(); ++i) kids += std::to_string(i + 3) + " 0 R ";
  const auto objects = [&](const std::vector<std::string>& annotations) {
    std::vector<std::string> all{"<</Type/Catalog/Pages 2 0 R>>",
                                 fmt::format("<</Type/Pages/Kids[{}]/Count {}>>", kids, pages.size())};
    for (std::size_t i = 0; i < pages.size(); ++i) {
      all.push_back("<</Type/Page/Parent 2 0 R/Resources<<>>" + pages[i] + "/Annots[" + annotations[i] + "]>>");
    }
    return all;
  };
  std::vector<std::string> annotations(pages.size());
  const std::string bare = test::pdfOf(objects(annotations));
  auto opened = pdf::Document::open(bare);
  pdf::Document& document = std::get<pdf::Document>(opened);
  const auto references = pdf::listPages(document);
  std::vector<std::string> forms;
  for (const Placed& stamp : stamps) {
    const PagePlace place = placeOnPage(viewOfPage(document, references, stamp.page), stamp.box);
    annotations[stamp.page] += fmt::format("<</Type/Annot/Subtype/Stamp/F 4/Rect{}/AP<</N {} 0 R>>>>",
                                           numbers(place.rectangle), pages.size() + 3 + forms.size());
    const Appearance& shown = stamp.appearance;
    const std::array<double, 4> bounds{0, 0, shown.width * kPointsPerMillimetre, shown.height * kPointsPerMillimetre};
    forms.push_back(test::streamOf(
        shown.content, "/Type/XObject/Subtype/Form/BBox" + numbers(bounds) + "/Matrix" + numbers(place.matrix)));
  }
  std::vector<std::string> all = objects(annotations);
  all.insert(all.end(), forms.begin(), forms.end());
  return test::pdfOf(all);
}

// The smallest box around all that is not white, in mm as the reader sees it.
SeenBox inkOf(const test::Raster& page) {
  int left = page.width, right = -1, top = page.height, bottom = -1;
  for (int row = 0; row < page.height; ++row) {
    for (int column = 0; column < page.width; ++column) {
      if (page.white(column, row)) continue;
      left = std::min(left, column), right = std::max(right, column);
      top = std::min(top, row), bottom = std::max(bottom, row);
    }
  }
  return {left / kPixelsPerMm, (page.height - 1 - bottom) / kPixelsPerMm, (right - left + 1) / kPixelsPerMm,
          (bottom - top + 1) / kPixelsPerMm};
}

void expectNear(const SeenBox& ink, const SeenBox& wanted, double tolerance = 0.25) {
  EXPECT_NEAR(ink.left, wanted.left, tolerance);
  EXPECT_NEAR(ink.bottom, wanted.bottom, tolerance);
  EXPECT_NEAR(ink.width, wanted.width, tolerance);
  EXPECT_NEAR(ink.height, wanted.height, tolerance);
}

Appearance companySeal() { return appearanceOf(drawSeal({SealKind::kCompany, "珠海示例科技有限公司", false})); }

TEST(PlacementRendering, ASealStandsUprightWhereItWasPutOnEveryPage) {
  const SeenBox box{12, 30, 40, 40};
  for (const char* turn : {"0", "90", "180", "270"}) {
    for (const char* boxes :
         {"/MediaBox[0 0 400 600]", "/MediaBox[100 -50 500 550]", "/MediaBox[-20 10 500 700]/CropBox[30 40 330 440]"}) {
      SCOPED_TRACE(std::string(turn) + boxes);
      const std::string pdf = stamped({std::string(boxes) + "/Rotate " + turn}, {{companySeal(), 0, box}});
      for (const char* painter : {"pdftoppm", "mutool"}) {
        SCOPED_TRACE(painter);
        const test::Raster page = test::paintPages(pdf, kDpi, painter).at(0);
        expectNear(inkOf(page), box);
        const auto red = [&](double x, double y) {
          return page.red(static_cast<int>(x * kPixelsPerMm), page.height - 1 - static_cast<int>(y * kPixelsPerMm));
        };
        EXPECT_TRUE(red(32, 56)) << "a tip of the star points up";
        EXPECT_FALSE(red(32, 44)) << "and none down";
        EXPECT_FALSE(red(26, 50));
        EXPECT_FALSE(red(38, 50)) << "nor to the sides";
      }
    }
  }
}

TEST(PlacementRendering, AWideAppearanceKeepsItsShape) {
  const Stroke wave{{0.0, 0.0, {}, {}}, {0.4, 1.0, {}, {}}, {0.6, 0.0, {}, {}}, {1.0, 1.0, {}, {}}};
  const Appearance both = composeAppearance(
      drawStrokes({wave}), setTextLines({{"签署人：", "张示例"}, {"时间：", "2026-03-01 10:20:30"}}, 50),
      Arrangement::kBelow);
  const SeenBox box{20, 15, both.width, both.height};
  std::vector<SeenBox> inks;
  for (const char* turn : {"0", "90", "180", "270"}) {
    const std::string pdf = stamped({"/MediaBox[0 0 400 600]/Rotate " + std::string(turn)}, {{both, 0, box}});
    inks.push_back(inkOf(test::paintPages(pdf, kDpi).at(0)));
    EXPECT_GE(inks.back().left, box.left - 0.1);
    EXPECT_LE(inks.back().left + inks.back().width, box.left + box.width + 0.1);
    expectNear(inks.back(), inks.front());
  }
  EXPECT_NEAR(inks.front().height, both.height, 1.5);
}

TEST(PlacementRendering, MillimetresStayMillimetresUnderUserUnit) {
  const SeenBox box{12, 30, 40, 40};
  const std::string pdf = stamped({"/MediaBox[0 0 200 300]/UserUnit 2"}, {{companySeal(), 0, box}});
  expectNear(inkOf(test::paintPages(pdf, kDpi, "mutool").at(0)), box);
}

TEST(PlacementRendering, AWrongPlaceIsSeen) {  // the twin: the checks above must be able to fail
  const std::string pdf = stamped({"/MediaBox[0 0 400 600]/Rotate 90"}, {{companySeal(), 0, {12, 31, 40, 40}}});
  EXPECT_GT(std::fabs(inkOf(test::paintPages(pdf, kDpi).at(0)).bottom - 30), 0.25);
}

// 60 x 60 mm pages whose edges fall on pixels, each with its slice.
std::vector<test::Raster> slicedPages(const SlicedSeal& sliced, const char* turn) {
  const std::string page = fmt::format("/MediaBox[0 0 {0:.4f} {0:.4f}]/Rotate {1}", 60 * kPointsPerMillimetre, turn);
  const PageView view{1, 0, 0, 60 * kPointsPerMillimetre, 60 * kPointsPerMillimetre, 0, kPointsPerMillimetre};
  std::vector<Placed> stamps;
  for (const SealSlice& slice : sliced.slices) {
    stamps.push_back({sliceAppearance(sliced, slice), slice.page, boxOfSlice(view, slice)});
  }
  return test::paintPages(stamped(std::vector<std::string>(sliced.slices.size(), page), stamps), 254);
}

// Share of pixels that differ clearly between the seal and the slices of `order` side by side.
double difference(const test::Raster& whole, const std::vector<test::Raster>& pages, const SlicedSeal& sliced,
                  const std::vector<std::size_t>& order) {
  int different = 0, x = 100;  // the whole seal stands 10 mm from the left
  for (std::size_t index : order) {
    const SealSlice& slice = sliced.slices[index];
    const int width = static_cast<int>(std::lround(slice.width * kPixelsPerMm));
    const int from = slice.leftEdge ? 0 : pages[index].width - width;
    for (int row = 0; row < whole.height; ++row) {
      for (int column = 0; column < width; ++column) {
        const int a = whole.at(x + column, row, 1), b = pages[index].at(from + column, row, 1);
        different += std::abs(a - b) > 96;
      }
    }
    x += width;
  }
  EXPECT_EQ(x, 500);
  return different / (400.0 * whole.height);
}

TEST(CrossPageRendering, TheSlicesMakeUpTheWholeSeal) {
  CrossPageOptions options;
  options.bottom = 10;
  for (const char* turn : {"0", "90", "180", "270"}) {
    SCOPED_TRACE(turn);
    const test::Raster whole =
        test::paintPages(stamped({fmt::format("/MediaBox[0 0 {0:.4f} {0:.4f}]", 60 * kPointsPerMillimetre)},
                                 {{companySeal(), 0, {10, 10, 40, 40}}}),
                         254)
            .at(0);
    const SealAppearance seal = drawSeal({SealKind::kCompany, "珠海示例科技有限公司", false});
    for (std::size_t pages : {2, 4, 5}) {
      const SlicedSeal sliced = sliceSeal(seal, pages, options);
      const auto rendered = slicedPages(sliced, turn);
      std::vector<std::size_t> order(pages);
      for (std::size_t i = 0; i < pages; ++i) order[i] = i;
      EXPECT_LT(difference(whole, rendered, sliced, order), 0.002) << pages;
      std::swap(order[0], order[1]);
      EXPECT_GT(difference(whole, rendered, sliced, order), 0.03) << "exchanged pages are seen";
      for (std::size_t i = 0; i < pages; ++i) {  // and nothing but the slice is on the page
        const SeenBox ink = inkOf(rendered[i]);
        EXPECT_GE(ink.left, 60 - 40.0 / double(pages) - 0.15);
        EXPECT_GE(ink.bottom, 9.9);
        EXPECT_LE(ink.bottom + ink.height, 50.1);
      }
    }
  }
}

TEST(CrossPageRendering, BothFacesOfAPileShowTheWholeSeal) {
  CrossPageOptions options;
  options.bottom = 10;
  options.doubleSided = true;
  const SealAppearance seal = drawSeal({SealKind::kCompany, "珠海示例科技有限公司", false});
  const SlicedSeal sliced = sliceSeal(seal, 8, options);
  const auto rendered = slicedPages(sliced, "0");
  const test::Raster whole =
      test::paintPages(stamped({fmt::format("/MediaBox[0 0 {0:.4f} {0:.4f}]", 60 * kPointsPerMillimetre)},
                               {{appearanceOf(seal), 0, {10, 10, 40, 40}}}),
                       254)
          .at(0);
  EXPECT_LT(difference(whole, rendered, sliced, {0, 2, 4, 6}), 0.002);
  EXPECT_LT(difference(whole, rendered, sliced, {1, 3, 5, 7}), 0.002);
}

// One form for all slices, as a file should carry it: the same ink as slices with the drawing inside.
TEST(CrossPageRendering, ASharedFormGivesTheSameInk) {
  const SlicedSeal sliced = sliceSeal(drawSeal({SealKind::kCompany, "珠海示例科技有限公司", false}), 4);
  const std::string side = fmt::format("{:.4f}", 40 * kPointsPerMillimetre);
  const auto painted = [&](const std::string& content) {
    return test::paintPages(test::pdfOf({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                         "<</Type/Page/Parent 2 0 R/MediaBox[0 0 " + side + " " + side +
                                             "]/Resources<</XObject<</Seal 5 0 R>>>>/Contents 4 0 R>>",
                                         test::streamOf(content),
                                         test::streamOf(sliced.whole.content, "/Type/XObject/Subtype/Form/BBox[0 0 " +
                                                                                  side + " " + side + "]")}),
                            254)
        .at(0)
        .pixels;
  };
  for (const SealSlice& slice : sliced.slices) {
    EXPECT_EQ(painted(sliceContent(slice, "Seal")), painted(sliceAppearance(sliced, slice).content));
  }
}

}  // namespace
}  // namespace qianda::signing
