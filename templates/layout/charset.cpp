#include "templates/layout/charset.h"

#include "core/error.h"
#include "core/text.h"
#include "templates/layout/line_breaks.h"

namespace qianda::templates::layout {

using fonts::FaceId;

Charset::Charset() {
  for (std::vector<char32_t>& codes : staticCodes_) codes.resize(0x10000);
}

Glyph Charset::glyphFor(char32_t codePoint, bool bold) {
  Glyph glyph;
  if (codePoint == U'☐' || codePoint == U'☑') {
    glyph.slot = Slot::kBoxes;
    glyph.code = codePoint == U'☐' ? kBoxEmpty : kBoxTicked;
    glyph.advance = 1000;
    return glyph;
  }
  const fonts::GlyphMetrics metrics = fonts::face(bold ? FaceId::kBold : FaceId::kRegular).find(codePoint);
  char32_t& owner = staticCodes_[bold][metrics.glyph];
  if (metrics.glyph == 0 || (owner != 0 && owner != codePoint)) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "the template's text has the character " + core::encodeUtf8({&codePoint, 1}) + " (" +
                          core::codePointName(codePoint) + "), which the text font " +
                          (metrics.glyph == 0 ? "lacks" : "cannot tell from " + core::codePointName(owner)));
  }
  owner = codePoint;
  glyph.slot = bold ? Slot::kBold : Slot::kRegular;
  glyph.code = metrics.glyph;
  glyph.advance = metrics.advance;
  return glyph;
}

void Charset::freeze() {
  for (const bool bold : {false, true}) {
    table_[bold].resize(kBasicPlane);
    for (char32_t c = 0; c < kBasicPlane; ++c) table_[bold][c] = findSlowly(c, bold);
  }
}

Glyph Charset::findSlowly(char32_t codePoint, bool bold) const {
  Glyph glyph;
  glyph.breakClass = breakClassOf(codePoint);
  if (hasEmptyRightHalf(codePoint)) glyph.flags |= kEmptyRightHalf;
  if (codePoint == U' ') glyph.flags |= kSpace;
  if (codePoint == U'☐' || codePoint == U'☑') {
    glyph.slot = Slot::kBoxes;
    glyph.code = codePoint == U'☐' ? kBoxEmpty : kBoxTicked;
    glyph.advance = 1000;
    return glyph;
  }
  const FaceId text = bold ? FaceId::kBold : FaceId::kRegular;
  const Slot fieldSlot = bold ? Slot::kFieldBold : Slot::kFieldRegular;
  const Slot staticSlot = bold ? Slot::kBold : Slot::kRegular;
  const std::pair<FaceId, Slot> chain[] = {
      {text, fieldSlot}, {FaceId::kFallbackA, Slot::kFallbackA}, {FaceId::kFallbackB, Slot::kFallbackB}};
  for (const auto& [id, slot] : chain) {
    const fonts::GlyphMetrics metrics = fonts::face(id).find(codePoint);
    if (metrics.glyph == 0) continue;
    glyph.code = metrics.glyph;
    glyph.advance = metrics.advance;
    glyph.slot = slot == fieldSlot && staticCodes_[bold][metrics.glyph] == codePoint ? staticSlot : slot;
    return glyph;
  }
  glyph.slot = Slot::kGap;
  return glyph;
}

}  // namespace qianda::templates::layout
