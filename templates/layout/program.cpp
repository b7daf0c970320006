#include "templates/layout/program.h"

#include <set>

#include "templates/layout/line_breaks.h"

namespace qianda::templates::layout {
namespace {

class ProgramWriter {
 public:
  explicit ProgramWriter(StaticGlyphs& source) : source_(source) {}

  void write(const std::vector<Inline>& inlines) {
    // Neighbouring texts of different weight are broken as one text.
    for (std::size_t i = 0; i < inlines.size();) {
      std::size_t end = i;
      while (end < inlines.size() && inlines[end].kind == Inline::Kind::kText) ++end;
      if (end > i) {
        writeText(inlines, i, end);
        i = end;
      } else {
        writeOne(inlines[i++]);
      }
    }
  }
  Program take() {
    for (const Step& step : program_.steps) {
      if (step.kind == Step::Kind::kField || step.kind == Step::Kind::kBox) reads_.insert(step.field);
      for (std::size_t field : step.condition.fields()) reads_.insert(field);
    }
    program_.reads.assign(reads_.begin(), reads_.end());
    return std::move(program_);
  }

 private:
  void writeText(const std::vector<Inline>& inlines, std::size_t begin, std::size_t end) {
    std::u32string whole;
    for (std::size_t i = begin; i < end; ++i) whole += inlines[i].text;
    const std::vector<bool> breaks = breaksOf(whole);
    Step step;
    step.first = static_cast<std::uint32_t>(program_.glyphs.size());
    std::size_t at = 0;
    for (std::size_t i = begin; i < end; ++i) {
      for (char32_t c : inlines[i].text) {
        Glyph glyph = source_.glyphFor(c, inlines[i].bold);
        glyph.breakClass = breakClassOf(c);
        if (breaks[at++]) glyph.flags |= kMayBreakBefore;
        if (c == U' ') glyph.flags |= kSpace;
        if (hasEmptyRightHalf(c)) glyph.flags |= kEmptyRightHalf;
        program_.glyphs.push_back(glyph);
      }
    }
    step.count = static_cast<std::uint32_t>(program_.glyphs.size()) - step.first;
    program_.steps.push_back(std::move(step));
  }

  void writeOne(const Inline& inlined) {
    Step step;
    step.bold = inlined.bold;
    step.field = inlined.field;
    step.choice = inlined.choice;
    step.party = inlined.party;
    step.format = inlined.format;
    switch (inlined.kind) {
      case Inline::Kind::kText:
        return;
      case Inline::Kind::kField:
        step.kind = Step::Kind::kField;
        break;
      case Inline::Kind::kListColumn:
        step.kind = Step::Kind::kListColumn;
        break;
      case Inline::Kind::kBox:
        step.kind = Step::Kind::kBox;
        break;
      case Inline::Kind::kDocumentId:
        step.kind = Step::Kind::kDocumentId;
        break;
      case Inline::Kind::kDocumentUrl:
        step.kind = Step::Kind::kDocumentUrl;
        break;
      case Inline::Kind::kBreak:
        step.kind = Step::Kind::kBreak;
        break;
      case Inline::Kind::kQr:
        step.kind = Step::Kind::kQr;
        program_.hasQr = true;
        break;
      case Inline::Kind::kSeal:
      case Inline::Kind::kSign:
      case Inline::Kind::kDate:
        step.kind = Step::Kind::kAnchor;
        step.anchor = inlined.kind;
        program_.hasSignature |= inlined.kind == Inline::Kind::kSign;
        program_.hasSeal |= inlined.kind == Inline::Kind::kSeal;
        break;
      case Inline::Kind::kIf:
        return writeConditional(inlined);
    }
    program_.isStatic &= inlined.kind == Inline::Kind::kBreak;
    const bool ofRecord = step.kind == Step::Kind::kField || step.kind == Step::Kind::kBox ||
                          step.kind == Step::Kind::kBreak || step.kind == Step::Kind::kQr;
    program_.isRepeatable &= ofRecord;
    program_.steps.push_back(std::move(step));
  }

  void writeConditional(const Inline& inlined) {
    program_.isStatic = false;
    const std::size_t unless = program_.steps.size();
    Step test;
    test.kind = Step::Kind::kUnless;
    test.condition = inlined.condition;
    program_.steps.push_back(std::move(test));
    write(inlined.then);
    if (!inlined.otherwise.empty()) {
      const std::size_t go = program_.steps.size();
      program_.steps.emplace_back().kind = Step::Kind::kGo;
      program_.steps[unless].target = program_.steps.size();
      write(inlined.otherwise);
      program_.steps[go].target = program_.steps.size();
    } else {
      program_.steps[unless].target = program_.steps.size();
    }
  }

  StaticGlyphs& source_;
  Program program_;
  std::set<std::size_t> reads_;
};

}  // namespace

Program makeProgram(const std::vector<Inline>& inlines, StaticGlyphs& source) {
  ProgramWriter writer(source);
  writer.write(inlines);
  return writer.take();
}

}  // namespace qianda::templates::layout
