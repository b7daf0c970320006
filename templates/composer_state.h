// One thread's composition in progress: the setter, the paginator and the tail being written. Internal to templates/:
// composer.cpp writes pages, document_tail.cpp everything behind them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "templates/frozen_state.h"
#include "templates/layout/paginator.h"
#include "templates/layout/setter.h"
#include "templates/pdf/page_writer.h"
#include "templates/pdf/tail_writer.h"

namespace qianda::templates {

struct Composer::State {
  std::shared_ptr<const FrozenTemplate> frozen;
  std::shared_ptr<const FieldFonts> fonts;
  const FrozenTemplate::State& base;
  const PageSetup& page;
  layout::Setter setter;
  layout::Paginator paginator;
  layout::DocumentFacts facts;
  std::vector<pdf::AnchorSpot> spots;
  std::vector<std::uint32_t> pageObjects, contentObjects;
  std::vector<std::vector<std::uint32_t>> annotations;  // per page
  std::array<std::uint32_t, kFieldSlots> fieldFontObjects{};
  std::vector<std::uint16_t> cids;
  std::vector<layout::Glyph> runningGlyphs;
  std::vector<layout::Line> runningLines;
  std::string qrBits, header;
  std::string* out = nullptr;
  pdf::TailWriter tail;

  State(std::shared_ptr<const FrozenTemplate> frozenTemplate, std::shared_ptr<const FieldFonts> fieldFonts)
      : frozen(std::move(frozenTemplate)),
        fonts(std::move(fieldFonts)),
        base(*frozen->state_),
        page(base.form->body->page),
        setter(*base.form, base.charset, {fonts->state_->fallbacks[0].get(), fonts->state_->fallbacks[1].get()}),
        paginator(*base.form->body, base.plan),
        tail(base.file.octets.size(), base.file.objectCount + 1) {}

  void writePages();
  void writePlacement(pdf::PageWriter& writer, const layout::Placement& placement);
  void writeText(pdf::PageWriter& writer, const layout::SetText& shown, layout::SetText* own,
                 const ParagraphStyle& style, double lineHeight, std::uint32_t first, std::uint32_t count, double left,
                 double top);
  void writeParagraph(pdf::PageWriter& writer, const layout::LaidBlock& block, const layout::Placement& placement);
  void writeRow(pdf::PageWriter& writer, const layout::LaidBlock& block, const layout::Placement& placement);
  void makeHeader();
  void writeFooter(pdf::PageWriter& writer, std::uint32_t index);
  void writeRunningLine(pdf::PageWriter& writer, std::string_view text, double baseline, double size, Align align);
  void writeQr(pdf::PageWriter& writer, double x, double top);
  void writeFieldFonts();
  void writeFieldFont(std::size_t slot);
  void writeResources(std::uint32_t number);
  void writeField(std::uint32_t number, const PartyField& field);
  void writeMetadata(const DocumentDetails& details);
  void writeClosing(const DocumentDetails& details);
};

}  // namespace qianda::templates
