#include "signing/pades/revision_writer.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/id.h"
#include "signing/pades/text_string.h"
#include "signing/pdf/limits.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::signing {
namespace {

using pdf::Dictionary;
using pdf::Document;
using pdf::Object;
using pdf::Reference;

constexpr double kPointsPerMm = 72 / 25.4;

[[noreturn]] void refuse(const std::string& reason) { throw core::Error(core::ErrorCode::kInvalidInput, reason); }

std::string textOf(const Object& object) {
  std::string text;
  pdf::write(object, text);
  return text;
}

std::string referenceText(std::uint32_t number) { return std::to_string(number) + " 0 R"; }

std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

// A dictionary's text with some entries replaced or added (values are PDF syntax).
std::string withEntries(const Object& dictionary, const std::map<std::string, std::string>& entries) {
  std::string text = "<<";
  if (dictionary.hasDictionary()) {
    for (const auto& [key, value] : *dictionary.dictionary) {
      if (entries.contains(key)) continue;
      Object name;
      name.type = Object::Type::kName;
      name.text = key;
      text += textOf(name) + " " + textOf(value);
    }
  }
  for (const auto& [key, value] : entries) text += "/" + key + " " + value;
  return text + ">>";
}

std::string arrayWith(const Object& array, const std::string& element) {
  std::string text = "[";
  if (array.is(Object::Type::kArray)) {
    for (const Object& one : *array.array) text += textOf(one) + " ";
  }
  return text + element + "]";
}

class RevisionBuilder {
 public:
  RevisionBuilder(std::string_view pdf, Document& document, const RevisionRequest& request, const CadesSigner& signer)
      : pdf_(pdf), document_(document), request_(request), signer_(signer) {
    const Object& size = document.trailer()["Size"];
    next_ = document.largestNumber() + 1;
    if (size.is(Object::Type::kInteger) && size.integer > next_ && size.integer <= pdf::kLargestObjectNumber) {
      next_ = static_cast<std::uint32_t>(size.integer);
    }
  }

  PreparedRevision build() {
    checkPermission();
    const std::uint32_t signature = next_++;
    SignatureDictionaryFields fields;
    fields.signedAt = request_.signedAt;
    fields.name = request_.name;
    fields.reason = request_.reason;
    fields.location = request_.location;
    fields.contentsOctets = signer_.maxSize();
    const SignatureDictionary dictionary = writeSignatureDictionary(fields);
    const std::string field = placeField(signature);
    updates_[signature] = dictionary.bytes;
    const std::size_t dictionaryOffset = assemble(signature);
    HashState state(signer_.credential().key->digest());
    state.update(core::viewOf(pdf_));
    PreparedRevision revision;
    revision.signature = prepare(state, pdf_.size(), appended_, dictionaryOffset, dictionary);
    revision.appended = std::move(appended_);
    revision.field = field;
    return revision;
  }

 private:
  // A certification that allows no changes forbids further signatures (ISO 32000-1 12.8.2.2, P 1).
  void checkPermission() {
    const Object& certification = document_.get(document_.get(document_.catalog(), "Perms"), "DocMDP");
    const Object& references = document_.get(certification, "Reference");
    if (!references.is(Object::Type::kArray)) return;
    for (const Object& one : *references.array) {
      const Object& parameters = document_.get(document_.resolve(one), "TransformParams");
      if (document_.get(parameters, "P").integer == 1) refuse("the file is certified so that it may not be changed");
    }
  }

  std::string placeField(std::uint32_t signature) {
    const std::vector<pdf::SignatureField> fields = pdf::listSignatureFields(document_);
    const auto named = [&](const std::string& name) {
      return std::find_if(fields.begin(), fields.end(),
                          [&](const pdf::SignatureField& one) { return one.name == name; });
    };
    if (!request_.field.empty()) {
      if (const auto found = named(request_.field); found != fields.end()) {
        if (found->isSigned) refuse("the field \"" + request_.field + "\" is already signed");
        useField(*found, signature);
        return request_.field;
      }
      addField(request_.field, signature);
      return request_.field;
    }
    int number = 1;
    while (named("Signature" + std::to_string(number)) != fields.end()) ++number;
    addField("Signature" + std::to_string(number), signature);
    return "Signature" + std::to_string(number);
  }

  void useField(const pdf::SignatureField& field, std::uint32_t signature) {
    const Object& dictionary = document_.object(field.reference.number);
    std::map<std::string, std::string> entries{{"V", referenceText(signature)}};
    if (request_.visible) entries["AP"] = "<</N " + referenceText(addAppearance(0)) + ">>";
    update(field.reference, withEntries(dictionary, entries));
    setFlags();
  }

  void addField(const std::string& name, std::uint32_t signature) {
    const std::vector<Reference> pages = pdf::listPages(document_);
    const std::size_t onPage = request_.visible ? request_.visible->page : 0;
    if (onPage >= pages.size()) refuse("the file has no page " + std::to_string(onPage + 1));
    const std::uint32_t field = next_++;
    std::string widget = "<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T" + writeTextString(name) + "/P " +
                         std::to_string(pages[onPage].number) + " " + std::to_string(pages[onPage].generation) +
                         " R/V " + referenceText(signature);
    if (request_.visible) {
      int rotation = 0;
      widget += "/Rect" + rectangle(pages[onPage], rotation);
      widget += "/AP<</N " + referenceText(addAppearance(rotation)) + ">>";
    } else {
      widget += "/Rect[0 0 0 0]";
    }
    updates_[field] = widget + ">>";
    addAnnotation(pages[onPage], field);
    addToForm(field);
  }

  // An inheritable page attribute (7.7.3.4).
  const Object& inherited(const Reference& page, std::string_view key) {
    static const Object kNone;
    const Object* node = &document_.object(page.number);
    for (int depth = 0; depth < 64; ++depth) {
      const Object& value = document_.get(*node, key);
      if (!value.is(Object::Type::kNull)) return value;
      node = &document_.get(*node, "Parent");
      if (!node->is(Object::Type::kDictionary)) break;
    }
    return kNone;
  }

  // From the place the reader sees (lower left corner, rotation applied) to the page's own coordinates.
  std::string rectangle(const Reference& page, int& rotation) {
    const Object* box = &inherited(page, "CropBox");
    if (!box->is(Object::Type::kArray)) box = &inherited(page, "MediaBox");
    double corner[4] = {0, 0, 612, 792};
    if (box->is(Object::Type::kArray) && box->array->size() == 4) {
      for (std::size_t i = 0; i < 4; ++i) corner[i] = document_.resolve((*box->array)[i]).number();
    }
    const double x0 = std::min(corner[0], corner[2]), x1 = std::max(corner[0], corner[2]);
    const double y0 = std::min(corner[1], corner[3]), y1 = std::max(corner[1], corner[3]);
    rotation = static_cast<int>(((inherited(page, "Rotate").integer % 360) + 360) % 360);
    const VisibleSignature& visible = *request_.visible;
    const double u = visible.left * kPointsPerMm, v = visible.bottom * kPointsPerMm;
    const double size = visible.appearance.sizeMm * kPointsPerMm;
    double left = x0 + u, bottom = y0 + v;
    if (rotation == 90) left = x1 - v - size, bottom = y0 + u;
    if (rotation == 180) left = x1 - u - size, bottom = y1 - v - size;
    if (rotation == 270) left = x0 + v, bottom = y1 - u - size;
    return "[" + numberText(left) + " " + numberText(bottom) + " " + numberText(left + size) + " " +
           numberText(bottom + size) + "]";
  }

  std::uint32_t addAppearance(int rotation) {
    const SealAppearance& appearance = request_.visible->appearance;
    const std::string size = numberText(appearance.sizeMm * kPointsPerMm);
    const char* matrix = rotation == 90    ? "/Matrix[0 1 -1 0 0 0]"
                         : rotation == 180 ? "/Matrix[-1 0 0 -1 0 0]"
                         : rotation == 270 ? "/Matrix[0 -1 1 0 0 0]"
                                           : "";
    const std::uint32_t number = next_++;
    updates_[number] = "<</Type/XObject/Subtype/Form/BBox[0 0 " + size + " " + size + "]" + matrix +
                       "/Resources<<>>/Length " + std::to_string(appearance.content.size()) + ">>\nstream\n" +
                       appearance.content + "\nendstream";
    return number;
  }

  void addAnnotation(const Reference& page, std::uint32_t field) {
    const Object& dictionary = document_.object(page.number);
    const Object& annotations = dictionary["Annots"];
    const std::string grown = arrayWith(document_.resolve(annotations), referenceText(field));
    if (annotations.is(Object::Type::kReference)) {
      update(annotations.reference, grown);
    } else {
      update(page, withEntries(dictionary, {{"Annots", grown}}));
    }
  }

  void addToForm(std::uint32_t field) {
    const Object& form = document_.get(document_.catalog(), "AcroForm");
    const Object& fields = form["Fields"];
    const std::string grown = arrayWith(document_.resolve(fields), referenceText(field));
    if (fields.is(Object::Type::kReference)) {
      update(fields.reference, grown);
      setFlags();
    } else {
      updateForm({{"Fields", grown}, {"SigFlags", "3"}});
    }
  }

  void setFlags() {
    const Object& form = document_.get(document_.catalog(), "AcroForm");
    if (document_.get(form, "SigFlags").integer != 3) updateForm({{"SigFlags", "3"}});
  }

  void updateForm(const std::map<std::string, std::string>& entries) {
    const Object& catalog = document_.catalog();
    const Object& form = catalog["AcroForm"];
    const std::string text = withEntries(document_.resolve(form), entries);
    if (form.is(Object::Type::kReference) && document_.resolve(form).is(Object::Type::kDictionary)) {
      update(form.reference, text);
    } else {
      update(document_.trailer()["Root"].reference, withEntries(catalog, {{"AcroForm", text}}));
    }
  }

  void update(const Reference& reference, std::string text) {
    updates_[reference.number] = std::move(text);
    generations_[reference.number] = reference.generation;
  }

  // Objects, cross-reference section of the kind of the last one, trailer. Returns where the dictionary stands.
  std::size_t assemble(std::uint32_t signature) {
    if (!pdf_.ends_with('\n') && !pdf_.ends_with('\r')) appended_ = "\n";
    std::map<std::uint32_t, std::size_t> offsets;
    std::size_t dictionaryOffset = 0;
    for (const auto& [number, text] : updates_) {
      offsets[number] = pdf_.size() + appended_.size();
      appended_ += std::to_string(number) + " " + std::to_string(generations_[number]) + " obj\n";
      if (number == signature) dictionaryOffset = appended_.size();
      appended_ += text + "\nendobj\n";
    }
    const std::size_t xref = pdf_.size() + appended_.size();
    if (document_.sections().front().isStream) {
      writeXrefStream(offsets, xref);
    } else {
      writeXrefTable(offsets);
    }
    appended_ += "startxref\n" + std::to_string(xref) + "\n%%EOF\n";
    return dictionaryOffset;
  }

  std::string trailerEntries() const {
    const Object& trailer = document_.trailer();
    std::string text =
        "/Root " + textOf(trailer["Root"]) + "/Prev " + std::to_string(document_.sections().front().offset);
    if (!trailer["Info"].is(Object::Type::kNull)) text += "/Info " + textOf(trailer["Info"]);
    const Object& id = trailer["ID"];
    Object fresh;
    fresh.type = Object::Type::kString;
    const core::DocumentId random = core::DocumentId::random();
    fresh.text.assign(random.octets.begin(), random.octets.end());
    const bool hasId = id.is(Object::Type::kArray) && !id.array->empty();
    return text + "/ID[" + textOf(hasId ? id.array->front() : fresh) + textOf(fresh) + "]";
  }

  // Calls visit(first, count) for every run of consecutive numbers.
  template <typename Visit>
  static void eachRun(const std::map<std::uint32_t, std::size_t>& offsets, Visit visit) {
    for (auto at = offsets.begin(); at != offsets.end();) {
      auto end = at;
      std::uint32_t count = 0;
      while (end != offsets.end() && end->first == at->first + count) ++end, ++count;
      visit(at, count);
      at = end;
    }
  }

  void writeXrefTable(const std::map<std::uint32_t, std::size_t>& offsets) {
    appended_ += "xref\n";
    eachRun(offsets, [&](auto at, std::uint32_t count) {
      appended_ += std::to_string(at->first) + " " + std::to_string(count) + "\n";
      for (; count > 0; --count, ++at) {
        char line[32];
        std::snprintf(line, sizeof line, "%010zu %05u n \n", at->second, generations_[at->first]);
        appended_ += line;
      }
    });
    appended_ += "trailer\n<</Size " + std::to_string(next_) + trailerEntries() + ">>\n";
  }

  void writeXrefStream(std::map<std::uint32_t, std::size_t> offsets, std::size_t xref) {
    const std::uint32_t self = next_++;
    offsets[self] = xref;
    std::string index, rows;
    eachRun(offsets, [&](auto at, std::uint32_t count) {
      index += std::to_string(at->first) + " " + std::to_string(count) + " ";
      for (; count > 0; --count, ++at) {
        rows.push_back(1);
        for (int shift = 32; shift >= 0; shift -= 8) rows.push_back(static_cast<char>(at->second >> shift));
        rows.push_back(static_cast<char>(generations_[at->first] >> 8));
        rows.push_back(static_cast<char>(generations_[at->first]));
      }
    });
    appended_ += std::to_string(self) + " 0 obj\n<</Type/XRef/Size " + std::to_string(next_) + "/W[1 5 2]/Index[" +
                 index + "]" + trailerEntries() + "/Length " + std::to_string(rows.size()) + ">>\nstream\n" + rows +
                 "\nendstream\nendobj\n";
  }

  std::string_view pdf_;
  Document& document_;
  const RevisionRequest& request_;
  const CadesSigner& signer_;
  std::uint32_t next_ = 0;
  std::map<std::uint32_t, std::string> updates_;
  std::map<std::uint32_t, std::uint32_t> generations_;
  std::string appended_;
};

}  // namespace

PreparedRevision prepareRevision(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer) {
  auto opened = Document::open(pdf);
  if (const auto* error = std::get_if<pdf::OpenError>(&opened)) refuse(error->reason);
  Document& document = std::get<Document>(opened);
  if (document.isEncrypted()) {
    throw core::Error(core::ErrorCode::kUnsupported, "the file is encrypted; remove the encryption before signing");
  }
  if (document.isReconstructed()) refuse("the file's cross-reference is damaged; repair the file before signing");
  return RevisionBuilder(pdf, document, request, signer).build();
}

std::string signPdf(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer) {
  PreparedRevision revision = prepareRevision(pdf, request, signer);
  core::Bytes cms;
  signer.sign(revision.signature.digest, cms);
  complete(revision.appended, revision.signature, cms);
  return std::string(pdf) + revision.appended;
}

}  // namespace qianda::signing
