#include "templates/layout/setter.h"

#include "core/error.h"
#include "core/text.h"
#include "templates/layout/line_breaks.h"
#include "templates/value_text.h"

namespace qianda::templates::layout {
namespace {

constexpr std::int32_t kEm = 1000;
constexpr std::int32_t kBlankPadding = 250;  // on either side of a value on its blank
constexpr std::int32_t kSignatureWidth = 9 * kEm;
constexpr std::string_view kNotApplicable = "／";

// Least width of a blank by type, in em, where neither the tag nor the field names one.
double defaultBlank(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return 5;
    case FieldType::kMultiline:
    case FieldType::kAddress:
      return 10;
    case FieldType::kIdCard:
    case FieldType::kUscc:
      return 9;
    default:
      return 3;
  }
}

void joinTo(std::vector<Glyph>& out, std::size_t at) {
  if (at == 0 || at >= out.size() || out[at - 1].slot == Slot::kBoxes) return;  // a box keeps its label
  if (mayBreakBetween(out[at - 1].breakClass, out[at].breakClass)) out[at].flags |= kMayBreakBefore;
}

}  // namespace

void Setter::begin(const Record& record, const DocumentFacts& facts) {
  record_ = &record;
  facts_ = &facts;
  for (GlyphUse& use : use_) use.clear();
  anchors_.clear();
}

void Setter::run(const Program& program, std::size_t entry, SetText& text) {
  std::vector<Glyph>& out = text.glyphs;
  uses_ = &text.uses;
  const std::size_t start = out.size();
  for (std::size_t at = 0; at < program.steps.size(); ++at) {
    const Step& step = program.steps[at];
    const std::size_t before = out.size();
    switch (step.kind) {
      case Step::Kind::kGlyphs:
        appendStatic(program, step, out);
        break;
      case Step::Kind::kField:
        appendValue(step, out);
        break;
      case Step::Kind::kListColumn: {
        const Value& list = record_->values[step.field];
        if (entry < list.rows.size() && step.choice < list.rows[entry].size()) {
          appendText(list.rows[entry][step.choice], step.bold, kOfValue, out);
        }
        break;
      }
      case Step::Kind::kBox: {
        const Value& value = record_->values[step.field];
        const bool ticked = value.present && value.number == static_cast<std::int64_t>(step.choice);
        out.push_back(charset_.find(ticked ? U'☑' : U'☐', step.bold));
        break;
      }
      case Step::Kind::kAnchor:
        appendAnchor(step, out);
        break;
      case Step::Kind::kQr:
        break;  // placed by the paragraph, beside its text
      case Step::Kind::kDocumentId:
        appendText(facts_->id, step.bold, kOfValue, out);
        break;
      case Step::Kind::kDocumentUrl:
        appendText(facts_->url, step.bold, kOfValue, out);
        break;
      case Step::Kind::kBreak:
        appendGap(0, kForcedBreak, out);
        break;
      case Step::Kind::kUnless:
        if (!step.condition.holds(*record_)) at = step.target - 1;
        break;
      case Step::Kind::kGo:
        at = step.target - 1;
        break;
    }
    if (before > start) joinTo(out, before);
  }
}

void Setter::appendStatic(const Program& program, const Step& step, std::vector<Glyph>& out) const {
  const auto first = program.glyphs.begin() + step.first;
  out.insert(out.end(), first, first + step.count);
}

void Setter::appendGap(std::int32_t advance, std::uint8_t flags, std::vector<Glyph>& out) const {
  Glyph gap;
  gap.slot = Slot::kGap;
  gap.advance = static_cast<std::uint16_t>(advance);
  gap.flags = flags;
  gap.breakClass = breakClassOf(U'　');
  out.push_back(gap);
}

Glyph Setter::glyphOf(char32_t codePoint, bool bold) {
  Glyph glyph = charset_.find(codePoint, bold);
  if (glyph.slot < Slot::kFieldRegular) return glyph;
  if (glyph.slot == Slot::kFallbackA || glyph.slot == Slot::kFallbackB) {
    const fonts::FontFace* face = fallbacks_[glyph.slot == Slot::kFallbackB];
    glyph.code = face ? face->find(codePoint).glyph : std::uint16_t{0};
  }
  if (Charset::isMissing(glyph) || glyph.code == 0) {
    throw core::Error(core::ErrorCode::kInvalidInput, "no font has the character " + core::encodeUtf8({&codePoint, 1}) +
                                                          " (" + core::codePointName(codePoint) + ")");
  }
  use(glyph.slot).add(glyph.code, codePoint);
  uses_->push_back({glyph.slot, glyph.code, codePoint});
  return glyph;
}

void Setter::appendText(std::string_view text, bool bold, std::uint8_t flags, std::vector<Glyph>& out) {
  const std::size_t start = out.size();
  for (std::size_t offset = 0; offset < text.size();) {
    const char32_t c = core::nextCodePoint(text, offset);
    if (c == U'\n') {
      appendGap(0, kForcedBreak, out);
      continue;
    }
    Glyph glyph = glyphOf(c, bold);
    glyph.flags |= flags;
    out.push_back(glyph);
    if (out.size() - start > 1) joinTo(out, out.size() - 1);
  }
}

void Setter::appendValue(const Step& step, std::vector<Glyph>& out) {
  const FieldSpec& spec = form_.fields[step.field];
  text_.clear();
  appendValueText(spec, record_->values[step.field], step.format.part, text_);
  const std::string_view shown = text_.empty() ? kNotApplicable : std::string_view(text_);
  if (!step.format.underlined) return appendText(shown, step.bold, kOfValue, out);
  const std::size_t opening = out.size();
  appendGap(0, kUnderlined, out);
  appendText(shown, step.bold, kOfValue | kUnderlined, out);
  appendGap(0, kUnderlined, out);
  std::int32_t width = 0;
  for (std::size_t i = opening; i < out.size(); ++i) width += out[i].advance;
  const double blankEm = step.format.blankEm > 0 ? step.format.blankEm : defaultBlank(spec.type);
  const auto least = static_cast<std::int32_t>(blankEm * kEm);
  const std::int32_t padding = std::max(kBlankPadding, (least - width) / 2);
  out[opening].advance = out.back().advance = static_cast<std::uint16_t>(padding);
  // The padding clings to the value: no break between them.
  if (opening + 1 < out.size()) out[opening + 1].flags &= static_cast<std::uint8_t>(~kMayBreakBefore);
  out.back().flags &= static_cast<std::uint8_t>(~kMayBreakBefore);
  out[opening].breakClass = out[opening + 1].breakClass;
  out.back().breakClass = out[out.size() - 2].breakClass;
}

void Setter::appendAnchor(const Step& step, std::vector<Glyph>& out) {
  if (step.anchor == Inline::Kind::kDate && (*facts_->seals)[step.party]) {
    return appendText(facts_->sealingDate, step.bold, kOfValue, out);
  }
  Glyph glyph;
  glyph.slot = Slot::kAnchor;
  glyph.code = static_cast<std::uint16_t>(anchors_.size());
  glyph.breakClass = breakClassOf(U'　');
  anchors_.push_back({step.anchor, step.party});
  out.push_back(glyph);
  if (step.anchor == Inline::Kind::kSign) appendGap(kSignatureWidth, kUnderlined, out);
  if (step.anchor == Inline::Kind::kDate) {
    for (std::string_view unit : {"年", "月", "日"}) {
      appendGap(2 * kEm, kUnderlined, out);
      appendText(unit, step.bold, 0, out);
    }
  }
}

}  // namespace qianda::templates::layout
