#include "signing/seal/cross_page_seal.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.h"

namespace qianda::signing {
namespace {

[[noreturn]] void refuse(const std::string& reason) { throw core::Error(core::ErrorCode::kInvalidInput, reason); }

constexpr std::size_t kFewest = 3;  // else an odd number of sheets would leave one alone

std::size_t sheetsOfOneSeal(const SealAppearance& seal, const CrossPageOptions& options) {
  if (!(options.narrowestSlice > 0)) refuse("the narrowest slice of a cross-page seal must have a width");
  if (options.middle && !(*options.middle >= 0 && *options.middle <= 1)) {
    refuse("the middle of a cross-page seal is a fraction of the page's height, 0 to 1");
  }
  const double wide = std::floor(seal.sizeMm / options.narrowestSlice + 1e-6);
  const std::size_t most =
      wide < static_cast<double>(options.mostSheets) ? static_cast<std::size_t>(wide) : options.mostSheets;
  if (most < kFewest) {
    refuse(
        fmt::format("a cross-page seal of {:.1f} mm with slices of at least {:.1f} mm, for at most {} sheets, cannot "
                    "cross {} sheets",
                    seal.sizeMm, options.narrowestSlice, options.mostSheets, kFewest));
  }
  return most;
}

// Clipped to the slice, the seal moved so that the slice begins at 0.
std::string framed(const SealSlice& slice, const std::string& content) {
  return fmt::format("q 0 0 {:.3f} {:.3f} re W n 1 0 0 1 {:.3f} 0 cm\n{}Q\n", slice.width * kPointsPerMillimetre,
                     slice.height * kPointsPerMillimetre, -slice.shift * kPointsPerMillimetre, content);
}

}  // namespace

SlicedSeal sliceSeal(const SealAppearance& seal, std::size_t pages, const CrossPageOptions& options) {
  const std::size_t most = sheetsOfOneSeal(seal, options);
  const std::size_t pagesOfSheet = options.doubleSided ? 2 : 1;
  const std::size_t sheets = pages / pagesOfSheet + pages % pagesOfSheet;
  if (sheets < 2) refuse(fmt::format("a cross-page seal needs at least two sheets; the file has {} page(s)", pages));
  const std::size_t seals = (sheets - 1) / most + 1;
  SlicedSeal sliced{appearanceOf(seal), {}};
  for (std::size_t page = 0; page < pages; ++page) {
    const std::size_t sheet = page / pagesOfSheet;
    // Group g has the sheets from g * sheets / seals on: sizes differ by one at most, and none is below two.
    std::size_t group = sheet * seals / sheets;
    while ((group + 1) * sheets / seals <= sheet) ++group;
    const std::size_t first = group * sheets / seals, count = (group + 1) * sheets / seals - first;
    SealSlice slice;
    slice.page = page;
    slice.seal = group;
    slice.leftEdge = page % pagesOfSheet == 1;
    slice.width = seal.sizeMm / static_cast<double>(count);
    slice.shift = slice.width * static_cast<double>(sheet - first);
    slice.height = seal.sizeMm;
    slice.bottom = options.bottom;
    slice.middle = options.middle;
    sliced.slices.push_back(slice);
  }
  return sliced;
}

std::string sliceContent(const SealSlice& slice, const std::string& name) {
  return framed(slice, "/" + name + " Do\n");
}

Appearance sliceAppearance(const SlicedSeal& sliced, const SealSlice& slice) {
  return {framed(slice, sliced.whole.content), slice.width, slice.height};
}

}  // namespace qianda::signing
