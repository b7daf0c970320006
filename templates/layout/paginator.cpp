#include "templates/layout/paginator.h"

#include <algorithm>
#include <cmath>

namespace qianda::templates::layout {
namespace {

constexpr double kRuleHeight = 12;
constexpr double kTableGap = 6;  // above and below a table
constexpr double kSlack = 0.01;

}  // namespace

Paginator::Paginator(const Body& body, const std::vector<BlockPlan>& plan)
    : body_(body),
      plan_(plan),
      width_(body.page.width - body.page.left - body.page.right),
      pageHeight_(body.page.height - body.page.top - body.page.bottom) {}

void Paginator::layOut(Setter& setter) {
  texts_.begin();
  blocks_.clear();
  rows_.clear();
  cells_.clear();
  placements_.clear();
  page_ = 0;
  y_ = 0;
  setBlocks(setter);
  paginate();
}

void Paginator::setBlocks(Setter& setter) {
  for (std::size_t at = 0; at < plan_.size(); ++at) {
    const BlockPlan& plan = plan_[at];
    switch (plan.kind) {
      case BlockPlan::Kind::kUnless:
        if (!plan.condition.holds(setter.record())) at = plan.target - 1;
        break;
      case BlockPlan::Kind::kGo:
        at = plan.target - 1;
        break;
      case BlockPlan::Kind::kParagraph:
        setParagraph(plan, setter);
        break;
      case BlockPlan::Kind::kTable:
        setTable(plan, setter);
        break;
      default:
        blocks_.push_back({&plan, nullptr, 0, 0});
    }
  }
}

SetText* Paginator::setText(const Program& program, const LineBox& box, std::size_t entry, Setter& setter) {
  if (program.isStatic) return nullptr;
  if (SetText* known = texts_.find(program, setter.record())) {
    setter.reuse(*known);
    return known;
  }
  SetText& text = texts_.add(program);
  setter.run(program, entry, text);
  breakLines(text.glyphs, 0, text.glyphs.size(), box, text.lines);
  return &text;
}

void Paginator::setParagraph(const BlockPlan& plan, Setter& setter) {
  LaidBlock block;
  block.plan = &plan;
  block.text = setText(plan.program, lineBoxOf(plan.style, width_, plan.program.hasQr), 0, setter);
  blocks_.push_back(block);
}

void Paginator::setTable(const BlockPlan& plan, Setter& setter) {
  LaidBlock block;
  block.plan = &plan;
  block.firstRow = static_cast<std::uint32_t>(rows_.size());
  for (const RowPlan& row : plan.rows) {
    const std::size_t entries = row.list ? setter.record().values[*row.list].rows.size() : 1;
    for (std::size_t entry = 0; entry < entries; ++entry) setRow(plan, row, entry, setter);
  }
  block.rowCount = static_cast<std::uint32_t>(rows_.size()) - block.firstRow;
  blocks_.push_back(block);
}

void Paginator::setRow(const BlockPlan& table, const RowPlan& plan, std::size_t entry, Setter& setter) {
  LaidRow row;
  row.firstCell = static_cast<std::uint32_t>(cells_.size());
  row.cellCount = static_cast<std::uint32_t>(plan.cells.size());
  for (std::size_t column = 0; column < plan.cells.size(); ++column) {
    const CellPlan& cellPlan = plan.cells[column];
    LaidCell cell;
    cell.plan = &cellPlan;
    const double room = table.columnWidths[column] - 2 * kCellPadding;
    cell.text = setText(cellPlan.program, lineBoxOf(cellPlan.style, room, cellPlan.program.hasQr), entry, setter);
    double height = cell.lineCount() * cellPlan.lineHeight;
    if (cellPlan.program.hasQr) height = std::max(height, kQrSize);
    row.height = std::max(row.height, height + 2 * kRowPadding);
    cells_.push_back(cell);
  }
  rows_.push_back(row);
}

double Paginator::heightOf(const LaidBlock& block) const {
  switch (block.plan->kind) {
    case BlockPlan::Kind::kParagraph: {
      const double text = block.lineCount() * block.plan->lineHeight;
      return block.plan->program.hasQr ? std::max(text, kQrSize) : text;
    }
    case BlockPlan::Kind::kTable: {
      double height = 2 * kTableGap;
      for (std::uint32_t i = 0; i < block.rowCount; ++i) height += rows_[block.firstRow + i].height;
      return height;
    }
    case BlockPlan::Kind::kRule:
      return kRuleHeight;
    default:
      return 0;
  }
}

// The fewest lines that may stand before a page break: two, more where a value would be torn, all where fewer than two
// would remain.
std::uint32_t Paginator::openingLinesOf(const LaidBlock& block) {
  const std::vector<Line>& lines = block.shown().lines;
  if (lines.size() <= 3) return block.lineCount();
  for (std::uint32_t count = 2; count + 2 <= lines.size(); ++count) {
    if (!lines[count].splitsValue) return count;
  }
  return block.lineCount();
}

double Paginator::openingHeightOf(std::uint32_t index) const {
  if (index >= blocks_.size()) return 0;
  const LaidBlock& block = blocks_[index];
  const BlockPlan& plan = *block.plan;
  if (plan.kind == BlockPlan::Kind::kParagraph) {
    if (plan.style.keepWithNext) {
      return plan.style.spaceBefore + heightOf(block) + plan.style.spaceAfter + openingHeightOf(index + 1);
    }
    if (plan.program.hasQr) return plan.style.spaceBefore + heightOf(block);
    return plan.style.spaceBefore + openingLinesOf(block) * plan.lineHeight;
  }
  if (plan.kind != BlockPlan::Kind::kTable || block.rowCount == 0) return heightOf(block);
  if (plan.together) return heightOf(block);
  double height = kTableGap + rows_[block.firstRow].height;
  if (plan.hasHeader && block.rowCount > 1) height += rows_[block.firstRow + 1].height;
  return height;
}

void Paginator::newPage() {
  ++page_;
  y_ = 0;
}

void Paginator::paginate() {
  for (std::uint32_t index = 0; index < blocks_.size(); ++index) {
    const LaidBlock& block = blocks_[index];
    const BlockPlan& plan = *block.plan;
    if (plan.kind == BlockPlan::Kind::kPageBreak) {
      if (y_ > 0) newPage();
      continue;
    }
    if (y_ > 0 && openingHeightOf(index) > left() + kSlack && openingHeightOf(index) <= pageHeight_) newPage();
    if (plan.kind == BlockPlan::Kind::kParagraph) {
      placeParagraph(index);
    } else if (plan.kind == BlockPlan::Kind::kTable) {
      placeTable(index);
    } else {
      if (left() < kRuleHeight) newPage();
      placements_.push_back({page_, y_, index, 0, 0, 0, true, kRuleHeight});
      y_ += kRuleHeight;
    }
  }
}

void Paginator::placeParagraph(std::uint32_t index) {
  const LaidBlock& block = blocks_[index];
  const BlockPlan& plan = *block.plan;
  const std::vector<Line>& lines = block.shown().lines;
  if (y_ > 0) y_ += plan.style.spaceBefore;
  std::uint32_t next = 0;
  while (next < block.lineCount()) {
    const std::uint32_t remaining = block.lineCount() - next;
    std::uint32_t fitting =
        left() <= 0 ? 0 : static_cast<std::uint32_t>(std::floor((left() + kSlack) / plan.lineHeight));
    const bool wholeQr = !plan.program.hasQr || heightOf(block) <= left() + kSlack;
    if (fitting < remaining || !wholeQr) {
      fitting = wholeQr ? std::min(fitting, remaining) : 0;
      if (remaining <= 3 && next == 0) fitting = 0;                         // short paragraphs stay whole
      if (fitting > 0 && remaining - fitting < 2) fitting = remaining - 2;  // two lines on the next page
      if (fitting < 2 && next == 0) fitting = 0;                            // two lines on this page
      std::uint32_t whole = fitting;
      while (whole > 0 && lines[next + whole].splitsValue) --whole;
      if (whole >= 2 || (whole > 0 && next > 0) || y_ > 0) fitting = whole;
      if (fitting == 0 && y_ > 0) {
        newPage();
        continue;
      }
      if (fitting == 0) {
        fitting = std::clamp<std::uint32_t>(static_cast<std::uint32_t>(pageHeight_ / plan.lineHeight), 1, remaining);
      }
    } else {
      fitting = remaining;
    }
    const double height = fitting * plan.lineHeight;
    placements_.push_back({page_, y_, index, 0, next, fitting, true, height});
    y_ += height;
    next += fitting;
    if (next < block.lineCount()) newPage();
  }
  if (plan.program.hasQr) y_ += std::max(0.0, heightOf(block) - block.lineCount() * plan.lineHeight);
  y_ += plan.style.spaceAfter;
}

void Paginator::placeTable(std::uint32_t index) {
  const LaidBlock& block = blocks_[index];
  const double height = heightOf(block);
  if (block.plan->together && height > left() && height <= pageHeight_ && y_ > 0) newPage();
  if (y_ > 0) y_ += kTableGap;
  for (std::uint32_t row = block.firstRow; row < block.firstRow + block.rowCount; ++row) {
    if (rows_[row].height > left() + kSlack) {
      if (rows_[row].height > pageHeight_ * 0.6) {
        splitRow(index, row);
        continue;
      }
      newPage();
      if (block.plan->hasHeader && row > block.firstRow) placeRow(index, block.firstRow);
    }
    placeRow(index, row);
  }
  y_ += kTableGap;
}

void Paginator::placeRow(std::uint32_t index, std::uint32_t row) {
  placements_.push_back({page_, y_, index, row, 0, 0, true, rows_[row].height});
  y_ += rows_[row].height;
}

// A row too tall to be moved as a whole continues on the next pages, every cell by the same number of lines.
void Paginator::splitRow(std::uint32_t index, std::uint32_t row) {
  const LaidRow& laid = rows_[row];
  double lineHeight = 1;
  std::uint32_t lineCount = 0;
  for (std::uint32_t i = 0; i < laid.cellCount; ++i) {
    const LaidCell& cell = cells_[laid.firstCell + i];
    lineHeight = std::max(lineHeight, cell.plan->lineHeight);
    lineCount = std::max(lineCount, cell.lineCount());
  }
  for (std::uint32_t next = 0; next < lineCount;) {
    const auto fitting = static_cast<std::uint32_t>(std::max(0.0, std::floor((left() - 2 * kRowPadding) / lineHeight)));
    if (fitting < 2 && y_ > 0) {
      newPage();
      continue;
    }
    const std::uint32_t count = std::min(std::max<std::uint32_t>(fitting, 1), lineCount - next);
    const double height = count * lineHeight + 2 * kRowPadding;
    placements_.push_back({page_, y_, index, row, next, count, false, height});
    y_ += height;
    next += count;
    if (next < lineCount) newPage();
  }
}

}  // namespace qianda::templates::layout
