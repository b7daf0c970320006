// What the typesetter's three parts share. Internal to templates/.
#pragma once

#include <array>
#include <memory>

#include "templates/body.h"
#include "templates/fonts/cff_slicer.h"
#include "templates/layout/charset.h"
#include "templates/layout/plan.h"
#include "templates/pdf/static_objects.h"
#include "templates/qr/qr_stamp.h"
#include "templates/typesetter.h"

namespace qianda::templates {

inline constexpr std::size_t kFieldSlots = 4;  // field regular, field bold, fallback A, fallback B
inline constexpr std::size_t fieldSlotIndex(layout::Slot slot) {
  return static_cast<std::size_t>(slot) - static_cast<std::size_t>(layout::Slot::kFieldRegular);
}

// A form field of the PDF: one per party with a seal or signature anchor.
struct PartyField {
  std::size_t party = 0;
  bool sealed = false;
  std::uint32_t appearance = 0;  // object number of the seal's appearance, or the empty one
  double sealSize = 0;
};

struct FrozenTemplate::State {
  std::shared_ptr<const Template> form;
  FreezeOptions options;
  layout::Charset charset;
  std::vector<layout::BlockPlan> plan;
  pdf::StaticFile file;
  std::vector<PartyField> fields;
  std::vector<bool> seals;  // per party
  std::unique_ptr<qr::QrStamp> qr;
};

struct FieldFonts::State {
  std::array<std::unique_ptr<fonts::CffSlicer>, 2> slicers;   // regular, bold
  std::array<std::unique_ptr<fonts::FontFace>, 2> fallbacks;  // all fallback glyphs of the batch, as small faces
};

// Distance from the top of a line to its baseline.
inline double baselineOffset(double lineHeight, double size) {
  return lineHeight - (lineHeight - size) / 2 - 0.14 * size;
}

}  // namespace qianda::templates
