#include <algorithm>

#include "templates/composer_state.h"
#include "templates/pdf/font_objects.h"
#include "templates/pdf/pdf_text.h"

namespace qianda::templates {
namespace {

using layout::Slot;
using pdf::putInteger;
using pdf::putNumber;
using pdf::putReference;

constexpr std::string_view kProducer = "Qianda 0.1";

Slot fieldSlot(std::size_t index) { return static_cast<Slot>(static_cast<std::size_t>(Slot::kFieldRegular) + index); }

}  // namespace

void Composer::State::writeFieldFonts() {
  fieldFontObjects.fill(0);
  for (std::size_t slot = 0; slot < kFieldSlots; ++slot) {
    auto& used = setter.use(fieldSlot(slot)).used();
    if (!used.empty()) writeFieldFont(slot);
  }
}

void Composer::State::writeFieldFont(std::size_t slot) {
  const auto id = static_cast<fonts::FaceId>(slot);
  auto& used = setter.use(fieldSlot(slot)).used();
  std::sort(used.begin(), used.end());
  cids.clear();
  for (const auto& [code, codePoint] : used) cids.push_back(code);
  const bool isCff = slot < 2;
  const pdf::DescriptorValues& values = pdf::descriptorOf(id);
  const std::string name = std::string("QDFLD") + static_cast<char>('A' + slot) + "+" + values.name;
  const std::uint32_t file = tail.allocate(), descriptor = tail.allocate(), descendant = tail.allocate(),
                      cmap = tail.allocate();
  fieldFontObjects[slot] = tail.allocate();

  if (isCff) {
    tail.beginStream(file, "/Subtype/CIDFontType0C");
    fonts->state_->slicers[slot]->slice(cids, *out);
  } else {
    const core::Bytes cut = fonts->state_->fallbacks[slot - 2]->subset(cids);
    tail.beginStream(file, "/Length1 " + std::to_string(cut.size()));
    out->append(reinterpret_cast<const char*>(cut.data()), cut.size());
  }
  tail.endStream();

  tail.beginObject(descriptor);
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
  tail.endObject();

  tail.beginObject(descendant);
  *out += "<</Type/Font/Subtype/";
  *out += isCff ? "CIDFontType0" : "CIDFontType2/CIDToGIDMap/Identity";
  *out += "/BaseFont/" + name + "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor ";
  putReference(*out, descriptor);
  *out += "/DW 1000/W";
  pdf::putWidths(*out, used, fonts::face(id));
  *out += ">>";
  tail.endObject();

  tail.beginStream(cmap, "");
  pdf::putToUnicode(*out, used, 2);
  tail.endStream();

  tail.beginObject(fieldFontObjects[slot]);
  *out += "<</Type/Font/Subtype/Type0/BaseFont/" + name + (isCff ? "-Identity-H" : "") +
          "/Encoding/Identity-H/DescendantFonts[";
  putReference(*out, descendant);
  *out += "]/ToUnicode ";
  putReference(*out, cmap);
  *out += ">>";
  tail.endObject();
}

void Composer::State::writeResources(std::uint32_t number) {
  tail.beginObject(number);
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
  tail.endObject();
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
    bottom = std::clamp(isSign && !field.sealed ? spot->baseline - 4 : spot->baseline - spot->size - height / 2, 4.0,
                        page.height - height - 4);
  }
  annotations[onPage].push_back(number);
  tail.beginObject(number);
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
  tail.endObject();
}

void Composer::State::writeMetadata(const DocumentDetails& details) {
  const Template& form = *base.form;
  tail.beginObject(base.file.tail.info);
  *out += "<</Title";
  pdf::putTextString(*out, form.titleZh);
  *out += "/Subject";
  pdf::putTextString(*out, form.id + " " + form.version);
  *out += "/Keywords(" + facts.id + ")/Creator(" + std::string(kProducer) + ")/Producer(" + std::string(kProducer) +
          ")/CreationDate(" + core::pdfDate(details.createdAt) + ")/ModDate(" + core::pdfDate(details.createdAt) +
          ")>>";
  tail.endObject();

  tail.beginStream(base.file.tail.metadata, "/Type/Metadata/Subtype/XML");
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
  tail.endStream();
}

void Composer::State::writeClosing(const DocumentDetails& details) {
  annotations.resize(std::max(annotations.size(), pageObjects.size()));
  for (auto& list : annotations) list.clear();
  for (std::size_t i = 0; i < base.fields.size(); ++i) {
    writeField(base.file.tail.firstField + static_cast<std::uint32_t>(i), base.fields[i]);
  }
  const std::uint32_t resources = tail.allocate();
  writeResources(resources);
  for (std::size_t i = 0; i < pageObjects.size(); ++i) {
    tail.beginObject(pageObjects[i]);
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
    tail.endObject();
  }
  tail.beginObject(base.file.tail.pages);
  *out += "<</Type/Pages/Count ";
  putInteger(*out, static_cast<std::int64_t>(pageObjects.size()));
  *out += "/Kids[";
  for (std::uint32_t object : pageObjects) {
    putReference(*out, object);
    out->push_back(' ');
  }
  *out += "]>>";
  tail.endObject();
  writeMetadata(details);

  std::string trailer;
  trailer += "/Root ";
  putReference(trailer, base.file.catalog);
  trailer += "/Info ";
  putReference(trailer, base.file.tail.info);
  trailer += "/ID[<";
  const std::string_view identity(reinterpret_cast<const char*>(details.id.octets.data()), details.id.octets.size());
  pdf::putHex(trailer, identity);
  trailer += "><";
  pdf::putHex(trailer, identity);
  trailer += ">]";
  tail.finish(base.file.xref, trailer);
}

}  // namespace qianda::templates
