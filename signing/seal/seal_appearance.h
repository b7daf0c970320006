// The look of a seal, drawn as vectors in red (国发〔1999〕25号 and common local practice; there is no single national
// size, so sizes can be given): name on the upper arc, star or nothing in the centre, use line below, 13-digit police
// code on the lower arc. The result is a PDF content stream (ISO 32000-1 8.5) whose origin is the lower left corner of
// a square of `sizeMm`; it needs no resources. A drawn picture is not a registered seal: demo seals carry 示例.
// National and trade-union emblems are not drawn; the star stands in their place.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "signing/seal/appearance.h"

namespace qianda::signing {

enum class SealKind {
  kCompany,
  kContract,
  kPersonnel,
  kUnion,
  kAuthority,
  kStateCompany,
  kIndividual,
  kDepartment,
  kArbitration
};
enum class SealCentre { kStar, kEmpty };

struct SealShape {
  SealKind kind;
  const char* name;                      // "company", for command lines and configuration
  const char* chinese;                   // 有限公司公章
  double diameter, border, innerBorder;  // mm; innerBorder 0 = none
  SealCentre centre;
  const char* use;  // the line below the centre; empty = none
};
// All kinds, in the order of the enumeration.
std::span<const SealShape> listSealShapes();
const SealShape& shapeOf(SealKind kind);
std::optional<SealKind> findSealKind(std::string_view name);

struct SealDesign {
  SealKind kind = SealKind::kCompany;
  std::string ownerName;  // on the arc; UTF-8
  bool demo = true;       // writes 示例 below the star and the use line, or in an empty centre
  // What differs from the kind's shape:
  std::optional<std::string> use = {};  // another use line; empty = none
  int number = 0;                       // 1 to 99 behind the use line: 合同专用章(2); 0 = none
  std::string code = {};                // 13 digits, or empty
  double diameter = 0, border = 0;      // mm; 0 = the kind's own
  std::optional<SealCentre> centre = {};
};

struct SealAppearance {
  std::string content;  // PDF operators; coordinates in points, clipped to the square
  double sizeMm = 40;
};

// Throws kInvalidInput for an empty name, one over 40 characters, a use line over 16, a code that is not 13 digits, a
// diameter outside 10 to 60 mm, a border over a tenth of it, or a character without a glyph (it is named).
SealAppearance drawSeal(const SealDesign& design);
Appearance appearanceOf(const SealAppearance& seal);

}  // namespace qianda::signing
