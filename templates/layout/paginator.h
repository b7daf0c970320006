// Lays out one document: runs the plan's programs, breaks the lines that are not static, and distributes everything
// over pages: no heading alone at the foot, at least two lines of a paragraph on either side of a page break, no value
// torn by one, table rows whole where they fit, header rows repeated. One object per thread, reused for every document.
// Vertical positions are points from the top of the page's text area, downward.
#pragma once

#include <vector>

#include "templates/layout/plan.h"
#include "templates/layout/setter.h"

namespace qianda::templates::layout {

struct LaidCell {
  const CellPlan* plan = nullptr;
  SetText* text = nullptr;  // of this document or of many; null where the plan's own is shown
  const SetText& shown() const { return text ? *text : plan->text; }
  std::uint32_t lineCount() const { return static_cast<std::uint32_t>(shown().lines.size()); }
};

struct LaidRow {
  std::uint32_t firstCell = 0, cellCount = 0;
  double height = 0;
};

struct LaidBlock {
  const BlockPlan* plan = nullptr;
  SetText* text = nullptr;                   // paragraph; as for a cell
  std::uint32_t firstRow = 0, rowCount = 0;  // table
  const SetText& shown() const { return text ? *text : plan->text; }
  std::uint32_t lineCount() const { return static_cast<std::uint32_t>(shown().lines.size()); }
};

// One piece of a block on one page.
struct Placement {
  std::uint32_t page = 0;
  double top = 0;
  std::uint32_t block = 0;
  std::uint32_t row = 0;                       // tables
  std::uint32_t firstLine = 0, lineCount = 0;  // paragraph: of the block's lines; split table row: lines of each cell
  bool wholeRow = true;
  double height = 0;
};

class Paginator {
 public:
  Paginator(const Body& body, const std::vector<BlockPlan>& plan);

  // Results stay valid until the next call.
  void layOut(Setter& setter);
  std::uint32_t pageCount() const { return page_ + 1; }
  const std::vector<Placement>& placements() const { return placements_; }
  const std::vector<LaidBlock>& blocks() const { return blocks_; }
  const std::vector<LaidRow>& rows() const { return rows_; }
  const std::vector<LaidCell>& cells() const { return cells_; }

 private:
  void setBlocks(Setter& setter);
  SetText* setText(const Program& program, const LineBox& box, std::size_t entry, Setter& setter);
  void setParagraph(const BlockPlan& plan, Setter& setter);
  void setTable(const BlockPlan& plan, Setter& setter);
  void setRow(const BlockPlan& table, const RowPlan& plan, std::size_t entry, Setter& setter);
  void paginate();
  void placeParagraph(std::uint32_t index);
  void placeTable(std::uint32_t index);
  void placeRow(std::uint32_t index, std::uint32_t row);
  void splitRow(std::uint32_t index, std::uint32_t row);
  double heightOf(const LaidBlock& block) const;
  static std::uint32_t openingLinesOf(const LaidBlock& block);
  double openingHeightOf(std::uint32_t index) const;  // what must stay with a heading before it
  void newPage();
  double left() const { return pageHeight_ - y_; }

  const Body& body_;
  const std::vector<BlockPlan>& plan_;
  double width_, pageHeight_;
  TextCache texts_;
  std::vector<LaidBlock> blocks_;
  std::vector<LaidRow> rows_;
  std::vector<LaidCell> cells_;
  std::vector<Placement> placements_;
  std::uint32_t page_ = 0;
  double y_ = 0;
};

}  // namespace qianda::templates::layout
