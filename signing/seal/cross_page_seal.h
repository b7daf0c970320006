// The cross-page seal 骑缝章: one impression over the edges of a fanned pile, so that every page carries a vertical
// slice and no page can be exchanged unseen. Slices go left to right in the order of the pages on their right edges;
// laid side by side they are the whole seal. Printed on both sides, a sheet carries the same share on both faces: odd
// pages on the right edge, even pages on the left, and each face of the pile shows the whole seal (but for a last blank
// back). More sheets than one seal can carry get several seals over consecutive groups of nearly equal size.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "signing/seal/seal_appearance.h"

namespace qianda::signing {

struct CrossPageOptions {
  bool doubleSided = false;
  std::size_t mostSheets = 20;   // of one seal
  double narrowestSlice = 2;     // mm; lowers mostSheets for a small seal
  double bottom = 130;           // mm from the page's lower edge to the seal's
  std::optional<double> middle;  // instead: the seal's middle as a fraction of the page's height
};

struct SealSlice {
  std::size_t page = 0;  // 0-based
  std::size_t seal = 0;  // which impression, 0-based
  bool leftEdge = false;
  double shift = 0;              // mm from the seal's left edge to the slice's
  double width = 0, height = 0;  // mm
  double bottom = 0;             // as in the options
  std::optional<double> middle;
};

// The seal once, to be one Form XObject, and the slices that show parts of it.
struct SlicedSeal {
  Appearance whole;
  std::vector<SealSlice> slices;  // one for each page, in order
};

// Throws kInvalidInput for fewer than two sheets (there is nothing to cross) and for options that cannot be met.
SlicedSeal sliceSeal(const SealAppearance& seal, std::size_t pages, const CrossPageOptions& options = {});

// The content of a slice's own form, which shows the whole through /Resources << /XObject << /`name` ... >> >>.
std::string sliceContent(const SealSlice& slice, const std::string& name);
// The slice with the drawing in it, for who cannot share a form.
Appearance sliceAppearance(const SlicedSeal& sliced, const SealSlice& slice);

}  // namespace qianda::signing
