// The look of a seal, drawn as vectors in red (国发〔1999〕25号 and common local practice, LAW rules on sizes): name on
// the upper arc, star or emblem in the centre, use line below. The result is a PDF content stream (ISO 32000-1 8.5)
// whose origin is the lower left corner of a square of `sizeMm`; it needs no resources. Demo seals carry 示例.
#pragma once

#include <string>

namespace qianda::signing {

enum class SealKind { kCompany, kContract, kPersonnel, kUnion, kAuthority };

struct SealDesign {
  SealKind kind = SealKind::kCompany;
  std::string ownerName;  // on the arc; UTF-8
  bool demo = true;       // writes 示例 below the star and the use line, or in an empty centre
};

struct SealAppearance {
  std::string content;  // PDF operators; coordinates in points, clipped to the square
  double sizeMm = 40;
};

// Throws kInvalidInput for an empty name, one over 40 characters, or a character without a glyph (it is named).
SealAppearance drawSeal(const SealDesign& design);

}  // namespace qianda::signing
