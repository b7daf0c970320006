#include "templates/pdf/static_objects.h"

#include <functional>

#include <lcms2.h>
#include <libdeflate.h>
#include <podofo/podofo.h>

#include "core/error.h"
#include "core/handle.h"
#include "templates/pdf/font_objects.h"
#include "templates/pdf/pdf_text.h"

namespace qianda::templates::pdf {
namespace {

using PoDoFo::PdfArray;
using PoDoFo::PdfDictionary;
using PoDoFo::PdfName;
using PoDoFo::PdfObject;
using PoDoFo::PdfReference;
using PoDoFo::PdfString;

constexpr std::string_view kHeader = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";

std::string compress(std::string_view data) {
  const core::Handle<libdeflate_compressor, &libdeflate_free_compressor> compressor(libdeflate_alloc_compressor(12));
  std::string out(libdeflate_zlib_compress_bound(compressor.get(), data.size()), '\0');
  out.resize(libdeflate_zlib_compress(compressor.get(), data.data(), data.size(), out.data(), out.size()));
  return out;
}

// sRGB as Little CMS makes it, with a fixed date so that the same template always freezes to the same octets.
std::string srgbProfile() {
  const core::Handle<void, &cmsCloseProfile> profile(cmsCreate_sRGBProfile());
  cmsUInt32Number size = 0;
  if (profile) cmsSetProfileVersion(profile.get(), 2.1);  // understood by every reader of PDF/A
  if (!profile || !cmsSaveProfileToMem(profile.get(), nullptr, &size)) {
    throw core::Error(core::ErrorCode::kSystem, "Little CMS made no sRGB profile");
  }
  std::string octets(size, '\0');
  cmsSaveProfileToMem(profile.get(), octets.data(), &size);
  static constexpr char kDate[12] = {0x07, static_cast<char>(0xEA), 0, 1, 0, 1, 0, 0, 0, 0, 0,
                                     0};  // ICC.1 dateTimeNumber
  octets.replace(24, sizeof kDate, kDate, sizeof kDate);
  return octets;
}

// A plain 0 would pass for a null pointer to PdfDictionary::AddKey.
PoDoFo::PdfVariant integer(std::int64_t value) { return PoDoFo::PdfVariant(static_cast<PoDoFo::pdf_int64>(value)); }

PdfArray box(double left, double bottom, double right, double top) {
  PdfArray array;
  for (double value : {left, bottom, right, top}) array.push_back(std::round(value * 100) / 100);
  return array;
}

class StaticWriter {
 public:
  explicit StaticWriter(const StaticInput& input) : input_(input) { objects_.SetAutoDelete(true); }

  StaticFile write() {
    PdfObject* catalog = objects_.CreateObject("Catalog");
    result_.catalog = number(catalog);
    PdfObject* profile = addStream(srgbProfile());
    profile->GetDictionary().AddKey("N", integer(3));
    result_.fonts[0] = number(addTextFont(false));
    result_.fonts[1] = number(addTextFont(true));
    result_.fonts[2] = number(addBoxFont());
    addForms();
    result_.objectCount = static_cast<std::uint32_t>(objects_.GetSize());
    TailNumbers& tail = result_.tail;
    tail.pages = result_.objectCount + 1;
    tail.metadata = tail.pages + 1;
    tail.info = tail.metadata + 1;
    tail.signature = tail.info + 1;
    tail.firstField = tail.signature + (input_.isSealed ? 1 : 0);
    tail.firstFree = tail.firstField + static_cast<std::uint32_t>(input_.fieldCount);
    fillCatalog(*catalog, *profile);
    serialise();
    return std::move(result_);
  }

 private:
  static std::uint32_t number(const PdfObject* object) { return object->Reference().ObjectNumber(); }
  static PdfReference reference(std::uint32_t object) { return PdfReference(object, 0); }

  PdfObject* addStream(std::string_view data) {
    PdfObject* object = objects_.CreateObject();
    const std::string packed = compress(data);
    PoDoFo::PdfMemoryInputStream stream(packed.data(), static_cast<PoDoFo::pdf_long>(packed.size()));
    object->GetStream()->SetRawData(&stream, static_cast<PoDoFo::pdf_long>(packed.size()));
    object->GetDictionary().AddKey(PdfName::KeyFilter, PdfName("FlateDecode"));
    return object;
  }

  PdfObject* addTextFont(bool bold) {
    const fonts::FaceId id = bold ? fonts::FaceId::kBold : fonts::FaceId::kRegular;
    const DescriptorValues& values = descriptorOf(id);
    CodePoints codes;
    std::vector<std::uint16_t> glyphs;
    const std::vector<char32_t>& codeOf = input_.charset->staticCodes(bold);
    for (std::size_t cid = 1; cid < codeOf.size(); ++cid) {
      if (codeOf[cid] == 0) continue;
      codes.emplace_back(static_cast<std::uint16_t>(cid), codeOf[cid]);
      glyphs.push_back(static_cast<std::uint16_t>(cid));
    }
    const core::Bytes cut = fonts::face(id).subset(glyphs);
    PdfObject* file = addStream(core::textOf(cut));
    file->GetDictionary().AddKey("Subtype", PdfName("CIDFontType0C"));

    const PdfName name(std::string("QDSTAT+") + values.name);
    PdfObject* descriptor = objects_.CreateObject("FontDescriptor");
    PdfDictionary& describing = descriptor->GetDictionary();
    describing.AddKey("FontName", name);
    describing.AddKey("Flags", integer(6));  // serif, symbolic
    describing.AddKey("FontBBox", box(values.box[0], values.box[1], values.box[2], values.box[3]));
    describing.AddKey("ItalicAngle", integer(0));
    describing.AddKey("Ascent", integer(values.ascent));
    describing.AddKey("Descent", integer(values.descent));
    describing.AddKey("CapHeight", integer(values.capHeight));
    describing.AddKey("StemV", integer(values.stemV));
    describing.AddKey("FontFile3", file->Reference());

    PdfDictionary system;
    system.AddKey("Registry", PdfString("Adobe"));
    system.AddKey("Ordering", PdfString("Identity"));
    system.AddKey("Supplement", integer(0));
    PdfObject* descendant = objects_.CreateObject("Font");
    descendant->GetDictionary().AddKey("Subtype", PdfName("CIDFontType0"));
    descendant->GetDictionary().AddKey("BaseFont", name);
    descendant->GetDictionary().AddKey("CIDSystemInfo", system);
    descendant->GetDictionary().AddKey("FontDescriptor", descriptor->Reference());
    descendant->GetDictionary().AddKey("DW", integer(1000));
    descendant->GetDictionary().AddKey("W", widths(codes, fonts::face(id)));

    std::string toUnicode;
    putToUnicode(toUnicode, codes, 2);
    PdfObject* cmap = addStream(toUnicode);
    PdfObject* font = objects_.CreateObject("Font");
    font->GetDictionary().AddKey("Subtype", PdfName("Type0"));
    font->GetDictionary().AddKey("BaseFont", PdfName(name.GetName() + "-Identity-H"));
    font->GetDictionary().AddKey("Encoding", PdfName("Identity-H"));
    PdfArray descendants;
    descendants.push_back(descendant->Reference());
    font->GetDictionary().AddKey("DescendantFonts", descendants);
    font->GetDictionary().AddKey("ToUnicode", cmap->Reference());
    return font;
  }

  static PdfArray widths(const CodePoints& codes, const fonts::FontFace& face) {
    PdfArray array;
    for (const auto& [code, codePoint] : codes) {
      const int width = face.find(codePoint).advance;
      if (width == 1000) continue;
      PdfArray one;
      one.push_back(integer(width));
      array.push_back(integer(code));
      array.push_back(one);
    }
    return array;
  }

  // No text font has ☐ and ☑: a Type 3 font draws them, and ToUnicode keeps them readable.
  PdfObject* addBoxFont() {
    static constexpr std::string_view kFrame = "80 -60 840 840 re 140 0 m 140 720 l 860 720 l 860 0 l h f*\n";
    static constexpr std::string_view kTick = "240 370 m 330 450 l 450 300 l 720 640 l 800 570 l 450 130 l h f\n";
    const std::string metrics = "1000 0 80 -60 920 780 d1\n";
    PdfObject* empty = addStream(metrics + std::string(kFrame));
    PdfObject* ticked = addStream(metrics + std::string(kFrame) + std::string(kTick));
    // Poppler derives the size of a Type 3 font from a glyph called "m" of a usual width.
    PdfObject* measure = addStream("600 0 d0\n");
    std::string toUnicode;
    putToUnicode(toUnicode, {{layout::kBoxEmpty, U'☐'}, {layout::kBoxTicked, U'☑'}}, 1);
    PdfObject* cmap = addStream(toUnicode);
    PdfObject* font = objects_.CreateObject("Font");
    PdfDictionary& dictionary = font->GetDictionary();
    dictionary.AddKey("Subtype", PdfName("Type3"));
    dictionary.AddKey("FontBBox", box(80, -60, 920, 780));
    PdfArray matrix;
    for (double value : {0.001, 0.0, 0.0, 0.001, 0.0, 0.0}) matrix.push_back(value);
    dictionary.AddKey("FontMatrix", matrix);
    PdfDictionary procedures;
    procedures.AddKey("box", empty->Reference());
    procedures.AddKey("ticked", ticked->Reference());
    procedures.AddKey("m", measure->Reference());
    dictionary.AddKey("CharProcs", procedures);
    PdfArray differences;
    differences.push_back(integer(layout::kBoxEmpty));
    differences.push_back(PdfName("box"));
    differences.push_back(PdfName("ticked"));
    differences.push_back(PdfName("m"));
    PdfDictionary encoding;
    encoding.AddKey(PdfName::KeyType, PdfName("Encoding"));
    encoding.AddKey("Differences", differences);
    dictionary.AddKey("Encoding", encoding);
    dictionary.AddKey("FirstChar", integer(layout::kBoxEmpty));
    dictionary.AddKey("LastChar", integer(layout::kBoxTicked + 1));
    PdfArray widthArray;
    for (int width : {1000, 1000, 600}) widthArray.push_back(integer(width));
    dictionary.AddKey("Widths", widthArray);
    dictionary.AddKey("Resources", PdfDictionary());
    dictionary.AddKey("ToUnicode", cmap->Reference());
    return font;
  }

  PdfObject* addForm(const StaticForm& form, const PdfObject* resources) {
    PdfObject* object = addStream(form.content);
    PdfDictionary& dictionary = object->GetDictionary();
    dictionary.AddKey(PdfName::KeyType, PdfName("XObject"));
    dictionary.AddKey("Subtype", PdfName("Form"));
    dictionary.AddKey("BBox", box(form.left, form.bottom, form.right, form.top));
    if (resources) {
      dictionary.AddKey("Resources", resources->Reference());
    } else {
      dictionary.AddKey("Resources", PdfDictionary());
    }
    return object;
  }

  void addForms() {
    PdfObject* resources = objects_.CreateObject();
    PdfDictionary fontMap;
    for (std::size_t slot = 0; slot < result_.fonts.size(); ++slot) {
      fontMap.AddKey(PdfName(std::string(1, static_cast<char>('A' + slot))), reference(result_.fonts[slot]));
    }
    resources->GetDictionary().AddKey("Font", fontMap);
    PdfObject* formMap = objects_.CreateObject();
    result_.forms = number(formMap);
    result_.emptyAppearance = number(addForm({}, nullptr));
    for (const StaticForm& seal : input_.seals) result_.seals.push_back(number(addForm(seal, nullptr)));
    for (std::size_t i = 0; i < input_.forms.size(); ++i) {
      const PdfObject* form = addForm(input_.forms[i], resources);
      formMap->GetDictionary().AddKey(PdfName("F" + std::to_string(i)), form->Reference());
    }
  }

  void fillCatalog(PdfObject& catalog, const PdfObject& profile) {
    PdfDictionary& dictionary = catalog.GetDictionary();
    dictionary.AddKey("Pages", reference(result_.tail.pages));
    dictionary.AddKey("Metadata", reference(result_.tail.metadata));
    dictionary.AddKey("Lang", PdfString("zh-CN"));
    PdfDictionary preferences;
    preferences.AddKey("DisplayDocTitle", true);
    dictionary.AddKey("ViewerPreferences", preferences);
    PdfDictionary intent;
    intent.AddKey(PdfName::KeyType, PdfName("OutputIntent"));
    intent.AddKey("S", PdfName("GTS_PDFA1"));
    intent.AddKey("OutputConditionIdentifier", PdfString("sRGB IEC61966-2.1"));
    intent.AddKey("Info", PdfString("sRGB IEC61966-2.1"));
    intent.AddKey("DestOutputProfile", profile.Reference());
    PdfArray intents;
    intents.push_back(intent);
    dictionary.AddKey("OutputIntents", intents);
    if (input_.fieldCount == 0) return;
    PdfArray fields;
    for (std::uint32_t i = 0; i < input_.fieldCount; ++i) fields.push_back(reference(result_.tail.firstField + i));
    PdfDictionary acroForm;
    acroForm.AddKey("Fields", fields);
    if (input_.isSealed) acroForm.AddKey("SigFlags", integer(3));
    dictionary.AddKey("AcroForm", acroForm);
  }

  void serialise() {
    std::string& out = result_.octets;
    out = kHeader;
    result_.xref = "0000000000 65535 f \n";
    for (const PdfObject* object : objects_) {
      char line[24];
      std::snprintf(line, sizeof line, "%010zu 00000 n \n", out.size());
      result_.xref += line;
      PoDoFo::PdfRefCountedBuffer buffer;
      PoDoFo::PdfOutputDevice device(&buffer);
      object->WriteObject(&device, PoDoFo::ePdfWriteMode_Clean, nullptr);
      out.append(buffer.GetBuffer(), static_cast<std::size_t>(device.Tell()));
    }
  }

  const StaticInput& input_;
  PoDoFo::PdfVecObjects objects_;
  StaticFile result_;
};

}  // namespace

StaticFile writeStaticFile(const StaticInput& input) {
  try {
    PoDoFo::PdfError::EnableDebug(false);
    return StaticWriter(input).write();
  } catch (const PoDoFo::PdfError& error) {  // not a std::exception
    throw core::Error(core::ErrorCode::kSystem, std::string("PoDoFo: ") + error.what());
  }
}

}  // namespace qianda::templates::pdf
