#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "templates/frozen_state.h"
#include "templates/pdf/page_writer.h"
#include "templates/value_text.h"

namespace qianda::templates {
namespace {

// Characters that any document may need: digits, Latin, amounts in words, dates, page numbers, punctuation.
constexpr std::u32string_view kAlwaysStatic =
    U" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
    U"零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整负第页共年月日至是否／，。、；：？！（）《》“”‘’·—…【】〔〕￥％编号"
    U"省市区县镇街道路巷弄号栋座楼层室单元村组广东珠海香洲斗门金湾横琴";

void collectAnchors(const std::vector<Inline>& inlines, std::set<std::size_t>& parties) {
  for (const Inline& inlined : inlines) {
    if (inlined.kind == Inline::Kind::kSeal || inlined.kind == Inline::Kind::kSign) parties.insert(inlined.party);
    collectAnchors(inlined.then, parties);
    collectAnchors(inlined.otherwise, parties);
  }
}

void collectAnchors(const std::vector<Block>& blocks, std::set<std::size_t>& parties) {
  for (const Block& block : blocks) {
    collectAnchors(block.inlines, parties);
    for (const TableRow& row : block.rows) {
      for (const Cell& cell : row.cells) collectAnchors(cell.inlines, parties);
    }
    collectAnchors(block.then, parties);
    collectAnchors(block.otherwise, parties);
  }
}

// Static paragraphs become forms whose origin is the top left corner of the text area's line.
void makeForms(std::vector<layout::BlockPlan>& plan, double width, std::vector<pdf::StaticForm>& forms) {
  for (layout::BlockPlan& block : plan) {
    if (block.kind != layout::BlockPlan::Kind::kParagraph || !block.program.isStatic || block.text.lines.empty())
      continue;
    pdf::StaticForm form;
    form.content = "0 Tc\n";
    pdf::PageWriter writer(form.content, nullptr, 0, nullptr);
    double baseline = -baselineOffset(block.lineHeight, block.style.size);
    for (const layout::Line& line : block.text.lines) {
      writer.line(block.text.glyphs.data(), line, 0, baseline, block.style.size, block.style.align);
      baseline -= block.lineHeight;
    }
    writer.finish();
    form.bottom = -static_cast<double>(block.text.lines.size()) * block.lineHeight - 2;
    form.right = width + block.style.size;
    form.top = 2;
    block.form = static_cast<int>(forms.size());
    forms.push_back(std::move(form));
  }
}

}  // namespace

FrozenTemplate::FrozenTemplate(std::shared_ptr<const Template> form, FreezeOptions options) {
  auto state = std::make_unique<State>();
  state->form = std::move(form);
  state->options = std::move(options);
  const Template& source = *state->form;
  for (char32_t c : kAlwaysStatic) state->charset.glyphFor(c, false);
  for (char32_t c : std::u32string_view(U"0123456789./-— ")) state->charset.glyphFor(c, true);
  for (char32_t c : core::decodeUtf8(source.titleZh).value_or(U"")) state->charset.glyphFor(c, false);
  for (const FieldSpec& field : source.fields) {
    for (const Choice& choice : field.choices) {
      for (char32_t c : core::decodeUtf8(choice.labelZh).value_or(U"")) state->charset.glyphFor(c, false);
    }
  }
  state->plan = layout::makePlan(*source.body, state->charset);
  state->charset.freeze();
  state->qr = std::make_unique<qr::QrStamp>(state->options.verificationAddress, core::DocumentId{}.text().size());

  std::set<std::size_t> anchored;
  collectAnchors(source.body->blocks, anchored);
  state->seals.resize(source.parties.size());
  pdf::StaticInput input;
  input.charset = &state->charset;
  input.isSealed = state->options.isSigned;
  const PageSetup& page = source.body->page;
  makeForms(state->plan, page.width - page.left - page.right, input.forms);
  for (const PartySeal& seal : state->options.seals) {
    input.seals.push_back({seal.content, 0, 0, seal.sizePt, seal.sizePt});
  }
  for (std::size_t party = 0; party < source.parties.size(); ++party) {
    const auto& seals = state->options.seals;
    const auto seal = std::find_if(seals.begin(), seals.end(),
                                   [&](const PartySeal& one) { return one.party == source.parties[party].name; });
    state->seals[party] = seal != seals.end();
    if (!anchored.contains(party) && !state->seals[party]) continue;
    PartyField field;
    field.party = party;
    field.sealed = state->seals[party];
    if (field.sealed) {
      field.appearance = static_cast<std::uint32_t>(seal - seals.begin());  // index; becomes an object number below
      field.sealSize = seal->sizePt;
    }
    state->fields.push_back(field);
  }
  input.fieldCount = state->fields.size();
  state->file = pdf::writeStaticFile(input);
  for (PartyField& field : state->fields) {
    field.appearance = field.sealed ? state->file.seals[field.appearance] : state->file.emptyAppearance;
  }
  state_ = std::move(state);
}

FrozenTemplate::~FrozenTemplate() = default;
const Template& FrozenTemplate::form() const { return *state_->form; }
const std::string& FrozenTemplate::prefix() const { return state_->file.octets; }

void FrozenTemplate::checkGlyphs(const Record& record, std::vector<Fault>& faults) const {
  const auto check = [&](const FieldSpec& field, const std::string& text) {
    for (std::size_t offset = 0; offset < text.size();) {
      const char32_t c = core::nextCodePoint(text, offset);
      if (c == U'\n' || !layout::Charset::isMissing(state_->charset.find(c, false))) continue;
      const std::string character = core::encodeUtf8({&c, 1}) + " (" + core::codePointName(c) + ")";
      Fault fault;
      fault.row = record.row;
      fault.field = field.name;
      fault.value = text;
      fault.rule = "glyph";
      fault.messageZh = field.labelZh + "含有任何字体都没有的字符 " + character;
      fault.messageEn = "no font has the character " + character + " in " + field.labelEn;
      faults.push_back(std::move(fault));
    }
  };
  for (std::size_t i = 0; i < record.values.size(); ++i) {
    const Value& value = record.values[i];
    if (!value.present) continue;
    const FieldSpec& field = state_->form->fields[i];
    if (field.type == FieldType::kList) {
      for (const auto& row : value.rows) {
        for (const std::string& cell : row) check(field, cell);
      }
    } else {
      check(field, value.text);
    }
  }
}

void CharacterSet::add(std::string_view utf8) {
  for (std::size_t offset = 0; offset < utf8.size();) seen_[core::nextCodePoint(utf8, offset)] = true;
}

void CharacterSet::add(const Record& record) {
  for (const Value& value : record.values) {
    if (!value.present) continue;
    add(value.text);
    for (const auto& row : value.rows) {
      for (const std::string& cell : row) add(cell);
    }
  }
}

void CharacterSet::merge(const CharacterSet& other) {
  for (std::size_t c = 0; c < seen_.size(); ++c) {
    if (other.seen_[c]) seen_[c] = true;
  }
}

std::vector<char32_t> CharacterSet::characters() const {
  std::vector<char32_t> characters;
  for (std::size_t c = 0; c < seen_.size(); ++c) {
    if (seen_[c]) characters.push_back(static_cast<char32_t>(c));
  }
  return characters;
}

FieldFonts::FieldFonts(std::shared_ptr<const FrozenTemplate> frozen, const CharacterSet& characters) {
  auto state = std::make_unique<State>();
  std::array<std::set<std::uint16_t>, kFieldSlots> glyphs;
  for (char32_t c : characters.characters()) {
    for (const bool bold : {false, true}) {
      const layout::Glyph glyph = frozen->state_->charset.find(c, bold);
      if (glyph.slot < layout::Slot::kFieldRegular || glyph.slot > layout::Slot::kFallbackB) continue;
      glyphs[fieldSlotIndex(glyph.slot)].insert(glyph.code);
    }
  }
  for (std::size_t slot = 0; slot < kFieldSlots; ++slot) {
    if (glyphs[slot].empty()) continue;
    const fonts::FontFace& face = fonts::face(static_cast<fonts::FaceId>(slot));
    const std::vector<std::uint16_t> sorted(glyphs[slot].begin(), glyphs[slot].end());
    if (face.outlines() == fonts::Outlines::kCff) {
      state->slicers[slot] = std::make_unique<fonts::CffSlicer>(face.subset(sorted));
    } else {
      state->fallbacks[slot - 2] =
          std::make_unique<fonts::FontFace>(face.subset(sorted, fonts::FontFace::Purpose::kSource));
    }
  }
  state_ = std::move(state);
}

FieldFonts::~FieldFonts() = default;

}  // namespace qianda::templates
