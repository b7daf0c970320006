// The body made ready for setting: programs instead of inlines, column widths, and the lines of everything that is the
// same in all documents. Conditions are forward jumps, as in Program. Immutable, shared by threads.
#pragma once

#include <optional>
#include <vector>

#include "templates/body.h"
#include "templates/layout/program.h"
#include "templates/layout/set_text.h"

namespace qianda::templates::layout {

struct CellPlan {
  Program program;
  SetText text;  // of a static program
  ParagraphStyle style;
  double lineHeight = 0;
};

struct RowPlan {
  std::vector<CellPlan> cells;
  std::optional<std::size_t> list;
};

struct BlockPlan {
  enum class Kind { kParagraph, kTable, kRule, kPageBreak, kUnless, kGo };
  Kind kind = Kind::kParagraph;
  ParagraphStyle style;
  Program program;
  SetText text;  // of a static paragraph
  double lineHeight = 0;
  int form = -1;  // number of the Form XObject that shows a static paragraph
  std::vector<RowPlan> rows;
  std::vector<double> columnWidths;
  bool hasHeader = false, borderless = false, together = false;
  Expression condition;
  std::size_t target = 0;
};

inline constexpr double kQrSize = 62;  // points: 22 mm
inline constexpr double kQrGap = 10;
inline constexpr double kRowPadding = 3;        // above and below a cell's text
inline constexpr double kCellPadding = 4;       // left and right
inline constexpr double kSignatureHeight = 34;  // line height with a signature anchor

std::vector<BlockPlan> makePlan(const Body& body, StaticGlyphs& source);

LineBox lineBoxOf(const ParagraphStyle& style, double width, bool hasQr);

}  // namespace qianda::templates::layout
