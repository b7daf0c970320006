#include <algorithm>
#include <chrono>

#include "core/text.h"
#include "templates/composer_state.h"

namespace qianda::templates {
namespace {

using layout::LaidBlock;
using layout::LaidCell;
using layout::LaidRow;
using layout::Line;
using layout::Placement;

constexpr double kHeaderSize = 8.5, kFooterSize = 9;

class Stopwatch {
 public:
  explicit Stopwatch(bool running) : running_(running) { lap(nullptr); }
  void lap(double* total) {
    if (!running_) return;
    const auto now = std::chrono::steady_clock::now();
    if (total) *total += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  bool running_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace

Composer::Composer(std::shared_ptr<const FrozenTemplate> frozen, std::shared_ptr<const FieldFonts> fonts)
    : state_(std::make_unique<State>(std::move(frozen), std::move(fonts))) {}
Composer::~Composer() = default;

void Composer::compose(const Record& record, const DocumentDetails& details, Composition& out, ComposeCost* cost) {
  State& s = *state_;
  Stopwatch watch(cost != nullptr);
  s.out = &out.tail;
  out.tail.clear();
  s.spots.clear();
  s.tail.begin(out.tail, s.base.file.tail.firstFree);
  s.facts.id = details.id.text();
  s.facts.url = s.base.options.verificationAddress + s.facts.id;
  s.facts.sealingDate = core::chineseDate(core::chinaDate(details.createdAt));
  s.facts.seals = &s.base.seals;
  s.setter.begin(record, s.facts);
  s.paginator.layOut(s.setter);
  watch.lap(cost ? &cost->layout : nullptr);
  s.qrBits = s.base.qr->encode(s.facts.id);
  watch.lap(cost ? &cost->qr : nullptr);
  s.writePages();
  watch.lap(cost ? &cost->emission : nullptr);
  s.writeFieldFonts();
  watch.lap(cost ? &cost->fonts : nullptr);
  out.pages = s.paginator.pageCount();
  if (s.base.options.isSigned) {
    s.tail.beginObject(s.base.file.tail.signature);
    out.dictionaryOffset = out.tail.size();
    out.tail += details.signatureDictionary;
    s.tail.endObject();
  }
  s.writeClosing(details);
  watch.lap(cost ? &cost->closing : nullptr);
}

void Composer::State::writePages() {
  const std::uint32_t count = paginator.pageCount();
  pageObjects.clear();
  contentObjects.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    pageObjects.push_back(tail.allocate());
    contentObjects.push_back(tail.allocate());
  }
  makeHeader();
  std::size_t next = 0;
  const auto& placements = paginator.placements();
  for (std::uint32_t i = 0; i < count; ++i) {
    tail.beginStream(contentObjects[i], "");
    *out += header;
    pdf::PageWriter writer(*out, &setter.anchors(), i, &spots);
    for (; next < placements.size() && placements[next].page == i; ++next) writePlacement(writer, placements[next]);
    writeFooter(writer, i);
    writer.finish();
    tail.endStream();
  }
}

void Composer::State::writePlacement(pdf::PageWriter& writer, const Placement& placement) {
  const LaidBlock& block = paginator.blocks()[placement.block];
  switch (block.plan->kind) {
    case layout::BlockPlan::Kind::kParagraph:
      return writeParagraph(writer, block, placement);
    case layout::BlockPlan::Kind::kTable:
      return writeRow(writer, block, placement);
    default:
      writer.rule(page.left, page.height - page.top - placement.top - placement.height / 2,
                  page.width - page.left - page.right);
  }
}

// Lines [first, first + count) of a text whose top left corner is (left, top). A text that other documents show too is
// written once, and placed.
void Composer::State::writeText(pdf::PageWriter& writer, const layout::SetText& shown, layout::SetText* own,
                                const ParagraphStyle& style, double lineHeight, std::uint32_t first,
                                std::uint32_t count, double left, double top) {
  const double offset = baselineOffset(lineHeight, style.size);
  const auto writeLines = [&](pdf::PageWriter& target, double x, double y) {
    for (std::uint32_t i = 0; i < count; ++i) {
      target.line(shown.glyphs.data(), shown.lines[first + i], x, y - offset - i * lineHeight, style.size, style.align);
    }
  };
  if (!own || !own->isShared || count != shown.lines.size()) return writeLines(writer, left, top);
  if (own->content.empty()) {
    own->content = "0 Tc\n";
    pdf::PageWriter once(own->content, nullptr, 0, nullptr);
    writeLines(once, 0, 0);
    once.finish();
  }
  writer.place(own->content, left, top);
}

void Composer::State::writeParagraph(pdf::PageWriter& writer, const LaidBlock& block, const Placement& placement) {
  const layout::BlockPlan& plan = *block.plan;
  const double top = page.height - page.top - placement.top;
  if (plan.form >= 0 && placement.lineCount == block.lineCount()) return writer.form(plan.form, page.left, top);
  if (plan.program.hasQr && placement.firstLine == 0) {
    writeQr(writer, page.width - page.right - layout::kQrSize, top);
  }
  writeText(writer, block.shown(), block.text, plan.style, plan.lineHeight, placement.firstLine, placement.lineCount,
            page.left, top);
}

void Composer::State::writeRow(pdf::PageWriter& writer, const LaidBlock& block, const Placement& placement) {
  const LaidRow& row = paginator.rows()[placement.row];
  const layout::BlockPlan& table = *block.plan;
  const double top = page.height - page.top - placement.top;
  double x = page.left;
  for (std::uint32_t i = 0; i < row.cellCount; ++i) {
    const LaidCell& cell = paginator.cells()[row.firstCell + i];
    const layout::CellPlan& plan = *cell.plan;
    const double width = table.columnWidths[i];
    if (!table.borderless) writer.strokeRectangle(x, top - placement.height, width, placement.height);
    if (plan.program.hasQr && placement.firstLine == 0) {
      writeQr(writer, x + width - layout::kQrSize - layout::kCellPadding, top - layout::kRowPadding);
    }
    const std::uint32_t first = placement.wholeRow ? 0 : std::min(placement.firstLine, cell.lineCount());
    const std::uint32_t last =
        placement.wholeRow ? cell.lineCount() : std::min(placement.firstLine + placement.lineCount, cell.lineCount());
    writeText(writer, cell.shown(), cell.text, plan.style, plan.lineHeight, first, last - first,
              x + layout::kCellPadding, top - layout::kRowPadding);
    x += width;
  }
}

void Composer::State::writeQr(pdf::PageWriter& writer, double x, double top) {
  writer.image(qrBits, base.qr->modules(), x, top - layout::kQrSize, layout::kQrSize);
}

void Composer::State::writeRunningLine(pdf::PageWriter& writer, std::string_view text, double baseline, double size,
                                       Align align) {
  runningGlyphs.clear();
  runningLines.clear();
  for (std::size_t offset = 0; offset < text.size();) {
    runningGlyphs.push_back(base.charset.find(core::nextCodePoint(text, offset), false));
  }
  const double width = page.width - page.left - page.right;
  layout::LineBox box;
  box.room = static_cast<std::int32_t>(width * 1000 / size);
  box.justify = false;
  layout::breakLines(runningGlyphs, 0, runningGlyphs.size(), box, runningLines);
  writer.line(runningGlyphs.data(), runningLines[0], page.left, baseline, size, align);
}

// The same on every page of a document, written once.
void Composer::State::makeHeader() {
  header.clear();
  pdf::PageWriter writer(header, nullptr, 0, nullptr);
  const double baseline = page.height - page.top * 0.62;
  writeRunningLine(writer, base.form->titleZh, baseline, kHeaderSize, Align::kLeft);
  writeRunningLine(writer, "编号 " + facts.id, baseline, kHeaderSize, Align::kRight);
  writer.rule(page.left, baseline - 5, page.width - page.left - page.right);
  writer.finish();
}

void Composer::State::writeFooter(pdf::PageWriter& writer, std::uint32_t index) {
  writeRunningLine(writer,
                   "第 " + std::to_string(index + 1) + " 页　共 " + std::to_string(paginator.pageCount()) + " 页",
                   page.bottom * 0.5, kFooterSize, Align::kCenter);
}

}  // namespace qianda::templates
