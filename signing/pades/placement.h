// Where things stand on a page as its reader sees it: CropBox and Rotate applied (ISO 32000-1 7.7.3.3, 14.11.2), in
// millimetres (UserUnit counted) from the lower left corner of what is shown. From there to the page's own rectangle
// and the matrix that keeps an appearance upright (12.5.5). Nothing is moved to fit: outside the page is an error.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "signing/pdf/document.h"
#include "signing/seal/cross_page_seal.h"

namespace qianda::signing {

struct PageView {
  std::size_t number = 1;                 // as the reader counts, for messages
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // the shown part in the page's own units
  int rotation = 0;                       // clockwise: 0, 90, 180, 270
  double unitsPerMm = 72 / 25.4;          // 72 / 25.4 / UserUnit
  double width() const;                   // mm, as seen
  double height() const;
};

// `pages` are pdf::listPages(document), `page` is 0-based. Throws kInvalidInput when there is no such page (the number
// of pages is named) or its boxes make no area.
PageView viewOfPage(pdf::Document& document, const std::vector<pdf::Reference>& pages, std::size_t page);

// A place in mm as the reader sees it.
struct SeenBox {
  double left = 0, bottom = 0, width = 0, height = 0;
};
enum class Anchor { kLowerLeft, kCentre };
SeenBox boxAt(double x, double y, Anchor anchor, double width, double height);
// The slice of a cross-page seal on its edge of that page.
SeenBox boxOfSlice(const PageView& page, const SealSlice& slice);

struct PagePlace {
  std::array<double, 4> rectangle{};               // /Rect: left, bottom, right, top in the page's units
  std::array<double, 6> matrix{1, 0, 0, 1, 0, 0};  // /Matrix of the appearance's form, /BBox [0 0 width height]
};
// Throws kInvalidInput when the box is not wholly on the page; the message names `what`, page, place and page size.
PagePlace placeOnPage(const PageView& page, const SeenBox& box, const std::string& what = "seal");
// The other way: a rectangle in the page's units as the reader sees it.
SeenBox seenBoxOf(const PageView& page, const std::array<double, 4>& rectangle);

}  // namespace qianda::signing
