#include <algorithm>
#include <chrono>

#include "core/text.h"
#include "templates/frozen_state.h"
#include "templates/layout/paginator.h"
#include "templates/layout/setter.h"
#include "templates/pdf/font_objects.h"
#include "templates/pdf/page_writer.h"
#include "templates/pdf/pdf_text.h"

namespace qianda::templates {
namespace {

using layout::LaidBlock;
using layout::LaidCell;
using layout::LaidRow;
using layout::Line;
using layout::Placement;
using layout::Slot;
using pdf::putInteger;
using pdf::putNumber;
using pdf::putReference;

constexpr std::string_view kProducer = "Qianda 0.1";
constexpr double kHeaderSize = 8.5, kFooterSize = 9;
constexpr double kRowPadding = 3;
constexpr std::size_t kLengthWidth = 8;  // digits reserved for a stream's length

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

struct Composer::State {
  std::shared_ptr<const FrozenTemplate> frozen;
  std::shared_ptr<const FieldFonts> fonts;
  const FrozenTemplate::State& base;
  const PageSetup& page;
  layout::Setter setter;
  layout::Paginator paginator;
  layout::DocumentFacts facts;
  std::vector<pdf::AnchorSpot> spots;
  std::vector<std::size_t> offsets;  // of tail object i, counted from the first tail number
  std::vector<std::uint32_t> pageObjects, contentObjects;
  std::vector<std::vector<std::uint32_t>> annotations;  // per page
  std::array<std::uint32_t, kFieldSlots> fieldFontObjects{};
  std::vector<std::uint16_t> cids;
  std::vector<layout::Glyph> runningGlyphs;
  std::vector<Line> runningLines;
  std::string qrBits;
  std::string font;
  std::string* out = nullptr;
  std::uint32_t nextObject = 0;

  State(std::shared_ptr<const FrozenTemplate> frozenTemplate, std::shared_ptr<const FieldFonts> fieldFonts)
      : frozen(std::move(frozenTemplate)),
        fonts(std::move(fieldFonts)),
        base(*frozen->state_),
        page(base.form->body->page),
        setter(*base.form, base.charset, {fonts->state_->fallbacks[0].get(), fonts->state_->fallbacks[1].get()}),
        paginator(*base.form->body, base.plan) {}

  std::uint32_t allocate() { return nextObject++; }
  void beginObject(std::uint32_t number) {
    const std::size_t index = number - base.file.objectCount - 1;
    if (offsets.size() <= index) offsets.resize(index + 1);
    offsets[index] = base.file.octets.size() + out->size();
    putInteger(*out, number);
    *out += " 0 obj\n";
  }
  void endObject() { *out += "\nendobj\n"; }
  // Opens "<< ... /Length nnnnnnnn >> stream"; returns where the length stands.
  std::size_t beginStream(std::uint32_t number, std::string_view dictionary) {
    beginObject(number);
    *out += "<<";
    *out += dictionary;
    *out += "/Length ";
    const std::size_t lengthAt = out->size();
    out->append(kLengthWidth, ' ');
    *out += ">>\nstream\n";
    return lengthAt;
  }
  void endStream(std::size_t lengthAt) {
    const std::size_t start = out->find("stream\n", lengthAt) + 7;
    const std::string length = std::to_string(out->size() - start);
    out->replace(lengthAt, length.size(), length);
    *out += "\nendstream";
    endObject();
  }

  void writePages();
  void writePlacement(pdf::PageWriter& writer, const Placement& placement);
  void writeParagraph(pdf::PageWriter& writer, const LaidBlock& block, const Placement& placement);
  void writeRow(pdf::PageWriter& writer, const LaidBlock& block, const Placement& placement);
  void writeRunning(pdf::PageWriter& writer, std::uint32_t index);
  void writeRunningLine(pdf::PageWriter& writer, std::string_view text, double baseline, double size, Align align);
  void writeQr(pdf::PageWriter& writer, double x, double top);
  void writeFieldFonts();
  void writeFieldFont(std::size_t slot);
  void writeResources(std::uint32_t number);
  void writeField(std::uint32_t number, const PartyField& field);
  void writeMetadata(const DocumentDetails& details);
  void writeClosing(const DocumentDetails& details);
};

Composer::Composer(std::shared_ptr<const FrozenTemplate> frozen, std::shared_ptr<const FieldFonts> fonts)
    : state_(std::make_unique<State>(std::move(frozen), std::move(fonts))) {}
Composer::~Composer() = default;

void Composer::compose(const Record& record, const DocumentDetails& details, Composition& out, ComposeCost* cost) {
  State& s = *state_;
  Stopwatch watch(cost != nullptr);
  s.out = &out.tail;
  out.tail.clear();
  s.spots.clear();
  s.offsets.clear();
  s.nextObject = s.base.file.tail.firstFree;
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
    s.beginObject(s.base.file.tail.signature);
    out.dictionaryOffset = out.tail.size();
    out.tail += details.signatureDictionary;
    s.endObject();
  }
  s.writeClosing(details);
  watch.lap(cost ? &cost->closing : nullptr);
}

void Composer::State::writePages() {
  const std::uint32_t count = paginator.pageCount();
  pageObjects.clear();
  contentObjects.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    pageObjects.push_back(allocate());
    contentObjects.push_back(allocate());
  }
  std::size_t next = 0;
  const auto& placements = paginator.placements();
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t lengthAt = beginStream(contentObjects[i], "");
    pdf::PageWriter writer(*out, &setter.anchors(), i, &spots);
    writeRunning(writer, i);
    for (; next < placements.size() && placements[next].page == i; ++next) writePlacement(writer, placements[next]);
    writer.finish();
    endStream(lengthAt);
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

void Composer::State::writeParagraph(pdf::PageWriter& writer, const LaidBlock& block, const Placement& placement) {
  const layout::BlockPlan& plan = *block.plan;
  const double top = page.height - page.top - placement.top;
  if (plan.form >= 0 && placement.lineCount == block.lineCount) return writer.form(plan.form, page.left, top);
  if (plan.program.hasQr && placement.firstLine == 0) {
    writeQr(writer, page.width - page.right - layout::kQrSize, top);
  }
  const Line* lines = paginator.linesOf(block);
  const layout::Glyph* glyphs = paginator.glyphsOf(plan.program);
  double baseline = top - baselineOffset(plan.lineHeight, plan.style.size);
  for (std::uint32_t i = 0; i < placement.lineCount; ++i, baseline -= plan.lineHeight) {
    writer.line(glyphs, lines[placement.firstLine + i], page.left, baseline, plan.style.size, plan.style.align);
  }
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
      writeQr(writer, x + width - layout::kQrSize - layout::kCellPadding, top - kRowPadding);
    }
    const std::uint32_t first = placement.wholeRow ? 0 : std::min(placement.firstLine, cell.lineCount);
    const std::uint32_t last =
        placement.wholeRow ? cell.lineCount : std::min(placement.firstLine + placement.lineCount, cell.lineCount);
    const Line* lines = paginator.linesOf(cell);
    const layout::Glyph* glyphs = paginator.glyphsOf(plan.program);
    double baseline = top - kRowPadding - baselineOffset(plan.lineHeight, plan.style.size);
    for (std::uint32_t at = first; at < last; ++at, baseline -= plan.lineHeight) {
      writer.line(glyphs, lines[at], x + layout::kCellPadding, baseline, plan.style.size, plan.style.align);
    }
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

void Composer::State::writeRunning(pdf::PageWriter& writer, std::uint32_t index) {
  const double headerBaseline = page.height - page.top * 0.62;
  writeRunningLine(writer, base.form->titleZh, headerBaseline, kHeaderSize, Align::kLeft);
  writeRunningLine(writer, "编号 " + facts.id, headerBaseline, kHeaderSize, Align::kRight);
  writer.rule(page.left, headerBaseline - 5, page.width - page.left - page.right);
  writeRunningLine(writer,
                   "第 " + std::to_string(index + 1) + " 页　共 " + std::to_string(paginator.pageCount()) + " 页",
                   page.bottom * 0.5, kFooterSize, Align::kCenter);
}

void Composer::State::writeFieldFonts() {
  fieldFontObjects.fill(0);
  for (std::size_t slot = 0; slot < kFieldSlots; ++slot) {
    auto& used = setter.use(static_cast<Slot>(static_cast<std::size_t>(Slot::kFieldRegular) + slot)).used();
    if (!used.empty()) writeFieldFont(slot);
  }
}

void Composer::State::writeFieldFont(std::size_t slot) {
  const auto id = static_cast<fonts::FaceId>(slot);
  auto& used = setter.use(static_cast<Slot>(static_cast<std::size_t>(Slot::kFieldRegular) + slot)).used();
  std::sort(used.begin(), used.end());
  cids.clear();
  for (const auto& [code, codePoint] : used) cids.push_back(code);
  const bool isCff = slot < 2;
  const pdf::DescriptorValues& values = pdf::descriptorOf(id);
  const std::string name = std::string("QDFLD") + static_cast<char>('A' + slot) + "+" + values.name;
  const std::uint32_t file = allocate(), descriptor = allocate(), descendant = allocate(), cmap = allocate();
  fieldFontObjects[slot] = allocate();

  std::size_t lengthAt = 0;
  if (isCff) {
    lengthAt = beginStream(file, "/Subtype/CIDFontType0C");
    fonts->state_->slicers[slot]->slice(cids, *out);
  } else {
    const core::Bytes cut = fonts->state_->fallbacks[slot - 2]->subset(cids);
    lengthAt = beginStream(file, "/Length1 " + std::to_string(cut.size()));
    out->append(reinterpret_cast<const char*>(cut.data()), cut.size());
  }
  endStream(lengthAt);

  beginObject(descriptor);
  *out += "<</Type/FontDescriptor/FontName/" + name + "/Flags 6/FontBBox[";
  for (int value : values.box) {
    putInteger(*out, value);
    out->push_back(' ');
  }
  *out += "]/ItalicAngle 0/Ascent ";
  putInteger(*out, values.ascent);
  *out += "/Descent ";
  putInteger(*out, values.descent);
  *out += "/CapHeight ";
  putInteger(*out, values.capHeight);
  *out += "/StemV ";
  putInteger(*out, values.stemV);
  *out += isCff ? "/FontFile3 " : "/FontFile2 ";
  putReference(*out, file);
  *out += ">>";
  endObject();

  beginObject(descendant);
  *out += "<</Type/Font/Subtype/";
  *out += isCff ? "CIDFontType0" : "CIDFontType2/CIDToGIDMap/Identity";
  *out += "/BaseFont/" + name + "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor ";
  putReference(*out, descriptor);
  *out += "/DW 1000/W";
  pdf::putWidths(*out, used, fonts::face(id));
  *out += ">>";
  endObject();

  lengthAt = beginStream(cmap, "");
  pdf::putToUnicode(*out, used, 2);
  endStream(lengthAt);

  beginObject(fieldFontObjects[slot]);
  *out += "<</Type/Font/Subtype/Type0/BaseFont/" + name + (isCff ? "-Identity-H" : "") +
          "/Encoding/Identity-H/DescendantFonts[";
  putReference(*out, descendant);
  *out += "]/ToUnicode ";
  putReference(*out, cmap);
  *out += ">>";
  endObject();
}

void Composer::State::writeResources(std::uint32_t number) {
  beginObject(number);
  *out += "<</Font<<";
  const auto put = [&](std::size_t slot, std::uint32_t object) {
    if (object == 0) return;
    *out += "/";
    out->push_back(static_cast<char>('A' + slot));
    out->push_back(' ');
    putReference(*out, object);
  };
  for (std::size_t slot = 0; slot < base.file.fonts.size(); ++slot) put(slot, base.file.fonts[slot]);
  for (std::size_t slot = 0; slot < kFieldSlots; ++slot) put(base.file.fonts.size() + slot, fieldFontObjects[slot]);
  *out += ">>/XObject ";
  putReference(*out, base.file.forms);
  *out += ">>";
  endObject();
}

void Composer::State::writeField(std::uint32_t number, const PartyField& field) {
  const Party& party = base.form->parties[field.party];
  const auto spot = std::find_if(spots.begin(), spots.end(), [&](const pdf::AnchorSpot& one) {
    return one.anchor.party == field.party && one.anchor.kind != Inline::Kind::kDate;
  });
  double left = 0, bottom = 0, width = 0, height = 0;
  std::uint32_t onPage = 0;
  if (spot != spots.end()) {
    onPage = spot->page;
    const bool isSign = spot->anchor.kind == Inline::Kind::kSign;
    width = field.sealed ? field.sealSize : isSign ? 9 * spot->size : 113.39;
    height = field.sealed ? field.sealSize : isSign ? layout::kSignatureHeight - 6 : 113.39;
    left = std::clamp(spot->x - (isSign ? 0 : width * 0.12), 4.0, page.width - width - 4);
    bottom = std::clamp(isSign && !field.sealed ? spot->baseline - 4 : spot->baseline + spot->size / 2 - height / 2,
                        4.0, page.height - height - 4);
  }
  annotations[onPage].push_back(number);
  beginObject(number);
  *out += "<</Type/Annot/Subtype/Widget/FT/Sig/F 4/T(" + party.name + ")/TU";
  pdf::putTextString(*out, party.labelZh);
  *out += "/Rect[";
  for (double value : {left, bottom, left + width, bottom + height}) {
    putNumber(*out, value);
    out->push_back(' ');
  }
  *out += "]/P ";
  putReference(*out, pageObjects[onPage]);
  *out += "/AP<</N ";
  putReference(*out, field.appearance);
  *out += ">>";
  if (field.sealed && base.options.isSigned) {
    *out += "/V ";
    putReference(*out, base.file.tail.signature);
  }
  *out += ">>";
  endObject();
}

void Composer::State::writeMetadata(const DocumentDetails& details) {
  const Template& form = *base.form;
  beginObject(base.file.tail.info);
  *out += "<</Title";
  pdf::putTextString(*out, form.titleZh);
  *out += "/Subject";
  pdf::putTextString(*out, form.id + " " + form.version);
  *out += "/Keywords(" + facts.id + ")/Creator(" + std::string(kProducer) + ")/Producer(" + std::string(kProducer) +
          ")/CreationDate(" + core::pdfDate(details.createdAt) + ")/ModDate(" + core::pdfDate(details.createdAt) +
          ")>>";
  endObject();

  const std::size_t lengthAt = beginStream(base.file.tail.metadata, "/Type/Metadata/Subtype/XML");
  const std::string when = core::isoInstant(details.createdAt);
  *out +=
      "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
      "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" "
      "xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\"><pdfaid:part>2</pdfaid:part>"
      "<pdfaid:conformance>U</pdfaid:conformance><dc:format>application/pdf</dc:format><dc:title><rdf:Alt>"
      "<rdf:li xml:lang=\"x-default\">";
  pdf::putXml(*out, form.titleZh);
  *out += "</rdf:li></rdf:Alt></dc:title><dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">";
  pdf::putXml(*out, form.id + " " + form.version);
  *out +=
      "</rdf:li></rdf:Alt></dc:description><dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>"
      "<pdf:Keywords>" +
      facts.id + "</pdf:Keywords><pdf:Producer>" + std::string(kProducer) + "</pdf:Producer><xmp:CreatorTool>" +
      std::string(kProducer) + "</xmp:CreatorTool><xmp:CreateDate>" + when + "</xmp:CreateDate><xmp:ModifyDate>" +
      when +
      "</xmp:ModifyDate></rdf:Description></rdf:RDF></x:xmpmeta>\n"
      "<?xpacket end=\"r\"?>";
  endStream(lengthAt);
}

void Composer::State::writeClosing(const DocumentDetails& details) {
  annotations.resize(std::max(annotations.size(), pageObjects.size()));
  for (auto& list : annotations) list.clear();
  for (std::size_t i = 0; i < base.fields.size(); ++i) {
    writeField(base.file.tail.firstField + static_cast<std::uint32_t>(i), base.fields[i]);
  }
  const std::uint32_t resources = allocate();
  writeResources(resources);
  for (std::size_t i = 0; i < pageObjects.size(); ++i) {
    beginObject(pageObjects[i]);
    *out += "<</Type/Page/Parent ";
    putReference(*out, base.file.tail.pages);
    *out += "/MediaBox[0 0 595.28 841.89]/Resources ";
    putReference(*out, resources);
    *out += "/Contents ";
    putReference(*out, contentObjects[i]);
    if (!annotations[i].empty()) {
      *out += "/Tabs/S/Annots[";
      for (std::uint32_t annotation : annotations[i]) {
        putReference(*out, annotation);
        out->push_back(' ');
      }
      *out += "]";
    }
    *out += ">>";
    endObject();
  }
  beginObject(base.file.tail.pages);
  *out += "<</Type/Pages/Count ";
  putInteger(*out, static_cast<std::int64_t>(pageObjects.size()));
  *out += "/Kids[";
  for (std::uint32_t object : pageObjects) {
    putReference(*out, object);
    out->push_back(' ');
  }
  *out += "]>>";
  endObject();
  writeMetadata(details);

  const std::size_t xref = base.file.octets.size() + out->size();
  *out += "xref\n0 ";
  putInteger(*out, nextObject);
  *out += "\n" + base.file.xref;
  for (std::size_t offset : offsets) {
    char line[] = "0000000000 00000 n \n";
    for (int digit = 9; digit >= 0; --digit, offset /= 10) line[digit] = static_cast<char>('0' + offset % 10);
    out->append(line, 20);
  }
  *out += "trailer\n<</Size ";
  putInteger(*out, nextObject);
  *out += "/Root ";
  putReference(*out, base.file.catalog);
  *out += "/Info ";
  putReference(*out, base.file.tail.info);
  *out += "/ID[<";
  const std::string_view identity(reinterpret_cast<const char*>(details.id.octets.data()), details.id.octets.size());
  pdf::putHex(*out, identity);
  *out += "><";
  pdf::putHex(*out, identity);
  *out += ">]>>\nstartxref\n";
  putInteger(*out, static_cast<std::int64_t>(xref));
  *out += "\n%%EOF\n";
}

}  // namespace qianda::templates
