#include "signing/pades/placement.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "core/error.h"

namespace qianda::signing {
namespace {

using pdf::Document;
using pdf::Object;

constexpr double kTolerance = 0.01;  // mm

[[noreturn]] void refuse(const std::string& reason) { throw core::Error(core::ErrorCode::kInvalidInput, reason); }

// An inheritable page attribute (7.7.3.4).
const Object& inherited(Document& document, const pdf::Reference& page, std::string_view key) {
  static const Object kNone;
  const Object* node = &document.object(page.number);
  for (int depth = 0; depth < 64 && node->is(Object::Type::kDictionary); ++depth) {
    const Object& value = document.get(*node, key);
    if (!value.is(Object::Type::kNull)) return value;
    node = &document.get(*node, "Parent");
  }
  return kNone;
}

struct Box {
  double x0, y0, x1, y1;
  bool hasArea() const { return x1 - x0 > 1e-3 && y1 - y0 > 1e-3; }
};

std::optional<Box> boxOf(Document& document, const Object& array) {
  if (!array.is(Object::Type::kArray) || array.array->size() != 4) return std::nullopt;
  double v[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const Object& value = document.resolve((*array.array)[i]);
    if (!value.isNumber() || !(std::fabs(value.number()) < 1e7)) return std::nullopt;
    v[i] = value.number();
  }
  return Box{std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]), std::max(v[1], v[3])};
}

bool isTurned(const PageView& page) { return page.rotation % 180 != 0; }

}  // namespace

double PageView::width() const { return (isTurned(*this) ? y1 - y0 : x1 - x0) / unitsPerMm; }
double PageView::height() const { return (isTurned(*this) ? x1 - x0 : y1 - y0) / unitsPerMm; }

PageView viewOfPage(Document& document, const std::vector<pdf::Reference>& pages, std::size_t index) {
  if (index >= pages.size()) refuse(fmt::format("the file has no page {}; it has {} page(s)", index + 1, pages.size()));
  const pdf::Reference& page = pages[index];
  // What readers assume without a MediaBox is US Letter; a CropBox shows no more than the MediaBox has.
  Box box = boxOf(document, inherited(document, page, "MediaBox")).value_or(Box{0, 0, 612, 792});
  if (const auto crop = boxOf(document, inherited(document, page, "CropBox"))) {
    const Box common{std::max(box.x0, crop->x0), std::max(box.y0, crop->y0), std::min(box.x1, crop->x1),
                     std::min(box.y1, crop->y1)};
    if (common.hasArea()) box = common;
  }
  if (!box.hasArea()) refuse(fmt::format("page {} has no area", index + 1));
  const Object& turn = inherited(document, page, "Rotate");
  const double degrees = turn.isNumber() ? turn.number() : 0;
  if (!(std::fabs(degrees) < 1e6) || std::fmod(degrees, 90) != 0) {
    refuse(fmt::format("page {} is rotated by {} degrees, which is no multiple of 90", index + 1, degrees));
  }
  const Object& unit = document.get(document.object(page.number), "UserUnit");
  const double userUnit = unit.isNumber() && unit.number() > 0 && unit.number() < 1e6 ? unit.number() : 1;
  return {index + 1,
          box.x0,
          box.y0,
          box.x1,
          box.y1,
          (static_cast<int>(degrees) % 360 + 360) % 360,
          kPointsPerMillimetre / userUnit};
}

SeenBox boxAt(double x, double y, Anchor anchor, double width, double height) {
  if (anchor == Anchor::kLowerLeft) return {x, y, width, height};
  return {x - width / 2, y - height / 2, width, height};
}

SeenBox boxOfSlice(const PageView& page, const SealSlice& slice) {
  const double bottom = slice.middle ? *slice.middle * page.height() - slice.height / 2 : slice.bottom;
  return {slice.leftEdge ? 0 : page.width() - slice.width, bottom, slice.width, slice.height};
}

PagePlace placeOnPage(const PageView& page, const SeenBox& box, const std::string& what) {
  const bool inside = box.width > 0 && box.height > 0 && box.left >= -kTolerance && box.bottom >= -kTolerance &&
                      box.left + box.width <= page.width() + kTolerance &&
                      box.bottom + box.height <= page.height() + kTolerance;
  if (!inside) {
    refuse(
        fmt::format("the {} of {:.1f} x {:.1f} mm at {:.1f}, {:.1f} mm from the lower left corner is not wholly on "
                    "page {}, which is {:.1f} x {:.1f} mm",
                    what, box.width, box.height, box.left, box.bottom, page.number, page.width(), page.height()));
  }
  const double u = box.left * page.unitsPerMm, v = box.bottom * page.unitsPerMm;
  const double w = box.width * page.unitsPerMm, h = box.height * page.unitsPerMm;
  switch (page.rotation) {
    case 90:
      return {{page.x1 - v - h, page.y0 + u, page.x1 - v, page.y0 + u + w}, {0, 1, -1, 0, 0, 0}};
    case 180:
      return {{page.x1 - u - w, page.y1 - v - h, page.x1 - u, page.y1 - v}, {-1, 0, 0, -1, 0, 0}};
    case 270:
      return {{page.x0 + v, page.y1 - u - w, page.x0 + v + h, page.y1 - u}, {0, -1, 1, 0, 0, 0}};
    default:
      return {{page.x0 + u, page.y0 + v, page.x0 + u + w, page.y0 + v + h}, {1, 0, 0, 1, 0, 0}};
  }
}

SeenBox seenBoxOf(const PageView& page, const std::array<double, 4>& r) {
  const double x0 = std::min(r[0], r[2]), x1 = std::max(r[0], r[2]), y0 = std::min(r[1], r[3]),
               y1 = std::max(r[1], r[3]);
  double left = x0 - page.x0, bottom = y0 - page.y0, width = x1 - x0, height = y1 - y0;
  if (isTurned(page)) std::swap(width, height);
  if (page.rotation == 90) left = y0 - page.y0, bottom = page.x1 - x1;
  if (page.rotation == 180) left = page.x1 - x1, bottom = page.y1 - y1;
  if (page.rotation == 270) left = page.y1 - y1, bottom = x0 - page.x0;
  return {left / page.unitsPerMm, bottom / page.unitsPerMm, width / page.unitsPerMm, height / page.unitsPerMm};
}

}  // namespace qianda::signing
