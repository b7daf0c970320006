#include "templates/layout/plan.h"

#include <algorithm>

namespace qianda::templates::layout {
namespace {

// What a value is expected to need, in em, when column widths are chosen.
constexpr double kExpectedValue = 12;

double naturalEm(const std::vector<Inline>& inlines) {
  double width = 0, widest = 0;
  for (const Inline& inlined : inlines) {
    switch (inlined.kind) {
      case Inline::Kind::kText:
        for (char32_t c : inlined.text) width += c < 0x2E80 ? 0.55 : 1;
        break;
      case Inline::Kind::kBreak:
        widest = std::max(widest, width);
        width = 0;
        break;
      case Inline::Kind::kBox:
        width += 1;
        break;
      case Inline::Kind::kIf:
        width += std::max(naturalEm(inlined.then), naturalEm(inlined.otherwise));
        break;
      case Inline::Kind::kSeal:
        break;
      default:
        width += std::max(kExpectedValue, inlined.format.blankEm);
        break;
    }
  }
  return std::max(widest, width);
}

class Planner {
 public:
  Planner(const Body& body, StaticGlyphs& source)
      : body_(body), source_(source), width_(body.page.width - body.page.left - body.page.right) {}

  std::vector<BlockPlan> run() {
    add(body_.blocks);
    return std::move(plan_);
  }

 private:
  void add(const std::vector<Block>& blocks) {
    for (const Block& block : blocks) {
      switch (block.kind) {
        case Block::Kind::kParagraph:
          addParagraph(block);
          break;
        case Block::Kind::kTable:
          addTable(block);
          break;
        case Block::Kind::kIf:
          addConditional(block);
          break;
        case Block::Kind::kRule:
        case Block::Kind::kPageBreak: {
          BlockPlan simple;
          simple.kind = block.kind == Block::Kind::kRule ? BlockPlan::Kind::kRule : BlockPlan::Kind::kPageBreak;
          plan_.push_back(std::move(simple));
        }
      }
    }
  }

  void addConditional(const Block& block) {
    const std::size_t unless = plan_.size();
    plan_.emplace_back().kind = BlockPlan::Kind::kUnless;
    plan_[unless].condition = block.condition;
    add(block.then);
    if (block.otherwise.empty()) {
      plan_[unless].target = plan_.size();
      return;
    }
    const std::size_t go = plan_.size();
    plan_.emplace_back().kind = BlockPlan::Kind::kGo;
    plan_[unless].target = plan_.size();
    add(block.otherwise);
    plan_[go].target = plan_.size();
  }

  void addParagraph(const Block& block) {
    BlockPlan plan;
    plan.style = block.style;
    plan.program = makeProgram(block.inlines, source_);
    plan.lineHeight = plan.program.hasSignature ? std::max(block.style.leading, kSignatureHeight) : block.style.leading;
    if (plan.program.isStatic) {
      plan.text = setStatic(plan.program, lineBoxOf(plan.style, width_, false));
    }
    plan_.push_back(std::move(plan));
  }

  // A static program's glyphs with its forced breaks laid into them, broken into lines.
  static SetText setStatic(const Program& program, const LineBox& box) {
    SetText text;
    for (const Step& step : program.steps) {
      if (step.kind == Step::Kind::kBreak) {
        Glyph gap;
        gap.slot = Slot::kGap;
        gap.flags = kForcedBreak;
        text.glyphs.push_back(gap);
        continue;
      }
      const auto first = program.glyphs.begin() + step.first;
      text.glyphs.insert(text.glyphs.end(), first, first + step.count);
    }
    if (!text.glyphs.empty()) breakLines(text.glyphs, 0, text.glyphs.size(), box, text.lines);
    return text;
  }

  std::vector<double> columnWidths(const Block& block) const {
    std::size_t columns = 0;
    for (const TableRow& row : block.rows) columns = std::max(columns, row.cells.size());
    std::vector<double> natural(columns, 3);
    for (const TableRow& row : block.rows) {
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        natural[i] = std::max(natural[i], naturalEm(row.cells[i].inlines) + 1);
      }
    }
    // A column that is short throughout keeps its width; the others share what is left by their natural widths.
    const double roomEm = width_ / block.style.size;
    double fixedEm = 0, flexibleEm = 0;
    for (double width : natural) (width <= 9.5 ? fixedEm : flexibleEm) += width;
    std::vector<double> widths(columns);
    for (std::size_t i = 0; i < columns; ++i) {
      const bool fixed = natural[i] <= 9.5 && flexibleEm > 0;
      const double em = fixed            ? natural[i]
                        : flexibleEm > 0 ? std::max(4.0, (roomEm - fixedEm) * natural[i] / flexibleEm)
                                         : roomEm * natural[i] / fixedEm;
      widths[i] = em * block.style.size;
    }
    double total = 0;
    for (double width : widths) total += width;
    for (double& width : widths) width *= width_ / total;
    return widths;
  }

  void addTable(const Block& block) {
    BlockPlan plan;
    plan.kind = BlockPlan::Kind::kTable;
    plan.style = block.style;
    plan.hasHeader = block.hasHeader;
    plan.borderless = block.borderless;
    if (block.borderless) {
      std::size_t columns = 0;
      for (const TableRow& row : block.rows) columns = std::max(columns, row.cells.size());
      plan.columnWidths.assign(columns, width_ / static_cast<double>(columns));
    } else {
      plan.columnWidths = columnWidths(block);
    }
    for (const TableRow& row : block.rows) {
      RowPlan rowPlan;
      rowPlan.list = row.repeatsList;
      for (std::size_t i = 0; i < row.cells.size(); ++i)
        rowPlan.cells.push_back(makeCell(block, row.cells[i], plan, i));
      alignRow(rowPlan);
      plan.rows.push_back(std::move(rowPlan));
    }
    plan.together |= block.together;
    // A signature block does not stand alone on its page: what comes before it goes with it.
    if (plan.together && !plan_.empty() && plan_.back().kind == BlockPlan::Kind::kParagraph) {
      plan_.back().style.keepWithNext = true;
    }
    plan_.push_back(std::move(plan));
  }

  // First lines stand on one baseline, also beside a tall signature line.
  static void alignRow(RowPlan& row) {
    double tallest = 0;
    for (const CellPlan& cell : row.cells) tallest = std::max(tallest, cell.lineHeight);
    for (CellPlan& cell : row.cells) cell.lineHeight = tallest;
  }

  CellPlan makeCell(const Block& block, const Cell& cell, BlockPlan& table, std::size_t column) {
    CellPlan plan;
    plan.style = block.style;
    plan.style.align = cell.align;
    plan.program = makeProgram(cell.inlines, source_);
    plan.lineHeight = plan.program.hasSignature ? std::max(plan.style.leading, kSignatureHeight) : plan.style.leading;
    table.together |= plan.program.hasSignature || plan.program.hasSeal;
    if (plan.program.isStatic) {
      plan.text = setStatic(plan.program, lineBoxOf(plan.style, table.columnWidths[column] - 2 * kCellPadding, false));
    }
    return plan;
  }

  const Body& body_;
  StaticGlyphs& source_;
  double width_;
  std::vector<BlockPlan> plan_;
};

}  // namespace

LineBox lineBoxOf(const ParagraphStyle& style, double width, bool hasQr) {
  const double room = width - (hasQr ? kQrSize + kQrGap : 0);
  LineBox box;
  box.room = static_cast<std::int32_t>(room * 1000 / style.size);
  box.indent = static_cast<std::int32_t>(style.leftIndentEm * 1000);
  box.firstIndent = static_cast<std::int32_t>(style.firstIndentEm * 1000);
  box.justify = style.align == Align::kJustify;
  return box;
}

std::vector<BlockPlan> makePlan(const Body& body, StaticGlyphs& source) { return Planner(body, source).run(); }

}  // namespace qianda::templates::layout
