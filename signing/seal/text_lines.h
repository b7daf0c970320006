// The words beside a seal or a handwritten signature (who, when, which certificate), drawn as outlines, so that they
// need no font in the file. Labels stand in a column; values wrap in the rest of the width: between ideographs, after
// spaces and, where nothing else fits, within a long word such as a serial number. No line begins with closing
// punctuation.
#pragma once

#include <string>
#include <vector>

#include "signing/seal/appearance.h"
#include "signing/seal/canvas.h"

namespace qianda::signing {

struct TextLine {
  std::string label;  // 签署人：; may be empty, then the value has the whole width
  std::string value;
};

struct TextStyle {
  double size = 8;          // points
  double lineHeight = 1.4;  // sizes
  Colour colour = kInk;
};

inline constexpr std::size_t kMostTextCharacters = 1000;  // of all lines

// As wide as given and as high as its lines. Throws kInvalidInput for no text or too much, ill-formed UTF-8, control
// characters, a character without a glyph (it is named), a size outside 4 to 72, a width too narrow for the labels.
Appearance setTextLines(const std::vector<TextLine>& lines, double width, const TextStyle& style = {});

}  // namespace qianda::signing
