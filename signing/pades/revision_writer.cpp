#include "signing/pades/revision_writer.h"

#include <algorithm>

#include "core/error.h"
#include "signing/pades/text_string.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::signing {
namespace {

using pdf::Document;
using pdf::Object;
using pdf::Reference;

constexpr double kPointsPerMm = 72 / 25.4;

[[noreturn]] void refuse(const std::string& reason) { throw core::Error(core::ErrorCode::kInvalidInput, reason); }

// A certification that allows no changes forbids further signatures (ISO 32000-1 12.8.2.2, P 1).
void checkPermission(Document& document) {
  const Object& certification = document.get(document.get(document.catalog(), "Perms"), "DocMDP");
  const Object& references = document.get(certification, "Reference");
  if (!references.is(Object::Type::kArray)) return;
  for (const Object& one : *references.array) {
    const Object& parameters = document.get(document.resolve(one), "TransformParams");
    if (document.get(parameters, "P").integer == 1) refuse("the file is certified so that it may not be changed");
  }
}

Document openForUpdate(std::string_view pdf) {
  auto opened = Document::open(pdf);
  if (const auto* error = std::get_if<pdf::OpenError>(&opened)) refuse(error->reason);
  return std::move(std::get<Document>(opened));
}

// Puts one signature field with its widgets into an update.
class FieldWriter {
 public:
  FieldWriter(Update& update, const RevisionRequest& request)
      : update_(update), document_(update.document()), request_(request), pages_(pdf::listPages(document_)) {}

  // The name of the field.
  std::string place(std::uint32_t signature, const char* freshName) {
    const std::vector<pdf::SignatureField> fields = pdf::listSignatureFields(document_);
    const auto named = [&](const std::string& name) {
      return std::find_if(fields.begin(), fields.end(),
                          [&](const pdf::SignatureField& one) { return one.name == name; });
    };
    std::string name = request_.field;
    for (int number = 1; name.empty(); ++number) {
      const std::string candidate = freshName + std::to_string(number);
      if (named(candidate) == fields.end()) name = candidate;
    }
    const auto found = named(name);
    if (found == fields.end()) {
      addField(name, signature);
      return name;
    }
    if (found->isSigned) refuse("the field \"" + name + "\" is already signed");
    const bool isFirst = std::none_of(fields.begin(), fields.end(), [](const auto& one) { return one.isSigned; });
    if (!request_.stamps.empty() && !isFirst) {
      refuse("stamps cannot be added to the existing field \"" + name +
             "\" after an earlier signature; sign in a new field");
    }
    useField(found->reference, signature);
    return name;
  }

 private:
  void useField(const Reference& field, std::uint32_t signature) {
    update_.setEntry(field, "V", referenceText(signature));
    update_.markSigned();
    if (request_.stamps.empty()) {
      if (request_.visible) {
        update_.setEntry(field, "AP", "<</N " + referenceText(addAppearance(request_.visible->appearance, 0)) + ">>");
      }
      return;
    }
    // The field was its own widget: the widget becomes an object of its own beside those of the stamps.
    const Object& dictionary = document_.object(field.number);
    std::string widget = "<</Parent " + referenceText(field);
    for (const auto& [key, value] : *dictionary.dictionary) {
      static constexpr std::string_view kOfField[] = {"FT", "T", "TU", "TM", "Ff", "V", "DV", "Lock", "SV", "Parent"};
      if (std::find(std::begin(kOfField), std::end(kOfField), key) != std::end(kOfField)) continue;
      if (key == "AP" && request_.visible) continue;
      std::string text;
      pdf::write(value, text);
      widget += "/" + key + " " + text;
      update_.setEntry(field, key, "");
    }
    if (request_.visible) widget += "/AP<</N " + referenceText(addAppearance(request_.visible->appearance, 0)) + ">>";
    const std::uint32_t first = update_.add(widget + ">>");
    for (const Reference& page : pages_) update_.replaceIn(page, "Annots", field, referenceText(first));
    std::string kids = referenceText(first);
    for (const VisibleSignature& stamp : request_.stamps)
      kids += " " + referenceText(addWidget("/Parent " + referenceText(field), stamp));
    update_.setEntry(field, "Kids", "[" + kids + "]");
  }

  void addField(const std::string& name, std::uint32_t signature) {
    const std::string own = "/FT/Sig/T" + writeTextString(name) + "/V " + referenceText(signature);
    if (request_.stamps.empty()) {
      update_.addField(request_.visible ? addWidget(own, *request_.visible) : addHiddenWidget(own));
      return;
    }
    const std::uint32_t field = update_.reserve();
    std::string kids;
    const auto addKid = [&](const VisibleSignature& one) {
      kids += referenceText(addWidget("/Parent " + referenceText(field), one)) + " ";
    };
    if (request_.visible) addKid(*request_.visible);
    for (const VisibleSignature& stamp : request_.stamps) addKid(stamp);
    update_.put(field, "<<" + own + "/Kids[" + kids + "]>>");
    update_.addField(field);
  }

  std::uint32_t addHiddenWidget(const std::string& own) { return annotate(pageOf(0), own + "/Rect[0 0 0 0]"); }

  std::uint32_t addWidget(const std::string& own, const VisibleSignature& visible) {
    const Reference& page = pageOf(visible.page);
    int rotation = 0;
    const std::string rect = rectangle(page, visible, rotation);
    return annotate(
        page, own + "/Rect" + rect + "/AP<</N " + referenceText(addAppearance(visible.appearance, rotation)) + ">>");
  }

  const Reference& pageOf(std::size_t page) const {
    if (page >= pages_.size()) refuse("the file has no page " + std::to_string(page + 1));
    return pages_[page];
  }

  std::uint32_t annotate(const Reference& page, const std::string& entries) {
    const std::uint32_t widget =
        update_.add("<</Type/Annot/Subtype/Widget/F 132/P " + referenceText(page) + entries + ">>");
    update_.appendTo(page, "Annots", referenceText(widget));
    return widget;
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
  std::string rectangle(const Reference& page, const VisibleSignature& visible, int& rotation) {
    const Object* box = &inherited(page, "CropBox");
    if (!box->is(Object::Type::kArray)) box = &inherited(page, "MediaBox");
    double corner[4] = {0, 0, 612, 792};
    if (box->is(Object::Type::kArray) && box->array->size() == 4) {
      for (std::size_t i = 0; i < 4; ++i) corner[i] = document_.resolve((*box->array)[i]).number();
    }
    const double x0 = std::min(corner[0], corner[2]), x1 = std::max(corner[0], corner[2]);
    const double y0 = std::min(corner[1], corner[3]), y1 = std::max(corner[1], corner[3]);
    rotation = static_cast<int>(((inherited(page, "Rotate").integer % 360) + 360) % 360);
    const double u = visible.left * kPointsPerMm, v = visible.bottom * kPointsPerMm;
    const double size = visible.appearance.sizeMm * kPointsPerMm;
    double left = x0 + u, bottom = y0 + v;
    if (rotation == 90) left = x1 - v - size, bottom = y0 + u;
    if (rotation == 180) left = x1 - u - size, bottom = y1 - v - size;
    if (rotation == 270) left = x0 + v, bottom = y1 - u - size;
    return "[" + numberText(left) + " " + numberText(bottom) + " " + numberText(left + size) + " " +
           numberText(bottom + size) + "]";
  }

  std::uint32_t addAppearance(const SealAppearance& appearance, int rotation) {
    const std::string size = numberText(appearance.sizeMm * kPointsPerMm);
    const char* matrix = rotation == 90    ? "/Matrix[0 1 -1 0 0 0]"
                         : rotation == 180 ? "/Matrix[-1 0 0 -1 0 0]"
                         : rotation == 270 ? "/Matrix[0 -1 1 0 0 0]"
                                           : "";
    return update_.addStream(
        "/Type/XObject/Subtype/Form/BBox[0 0 " + size + " " + size + "]" + matrix + "/Resources<<>>",
        appearance.content);
  }

  Update& update_;
  Document& document_;
  const RevisionRequest& request_;
  const std::vector<Reference> pages_;
};

// Finishes the update with the signature dictionary in it; hashed, but not signed.
PreparedRevision prepareUpdate(Update& update, std::uint32_t signature, const SignatureDictionary& dictionary,
                               DigestAlgorithm digest) {
  update.put(signature, dictionary.bytes);
  Update::Appended appended = update.finish();
  const std::string_view pdf = update.document().file();
  HashState state(digest);
  state.update(core::viewOf(pdf));
  PreparedRevision revision;
  revision.signature = prepare(state, pdf.size(), appended.octets, appended.bodies.at(signature), dictionary);
  revision.appended = std::move(appended.octets);
  return revision;
}

}  // namespace

PreparedRevision prepareRevision(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer) {
  Document document = openForUpdate(pdf);
  Update update(document);
  checkPermission(document);
  const std::uint32_t signature = update.reserve();
  SignatureDictionaryFields fields;
  fields.signedAt = request.signedAt;
  fields.name = request.name;
  fields.reason = request.reason;
  fields.location = request.location;
  fields.contentsOctets = signer.maxSize();
  const std::string field = FieldWriter(update, request).place(signature, "Signature");
  PreparedRevision revision =
      prepareUpdate(update, signature, writeSignatureDictionary(fields), signer.credential().key->digest());
  revision.field = field;
  return revision;
}

std::string signPdf(std::string_view pdf, const RevisionRequest& request, const CadesSigner& signer) {
  PreparedRevision revision = prepareRevision(pdf, request, signer);
  core::Bytes cms;
  signer.sign(revision.signature.digest, cms);
  complete(revision.appended, revision.signature, cms);
  return std::string(pdf) + revision.appended;
}

std::string appendTimestamp(Update& update, const TimestampSource& time) {
  const std::uint32_t signature = update.reserve();
  FieldWriter(update, {}).place(signature, "Timestamp");
  SignatureDictionaryFields fields;
  fields.isTimestamp = true;
  fields.contentsOctets = time.maxTokenSize();
  PreparedRevision revision =
      prepareUpdate(update, signature, writeSignatureDictionary(fields), DigestAlgorithm::kSha256);
  complete(revision.appended, revision.signature, time.stamp(DigestAlgorithm::kSha256, revision.signature.digest));
  return std::move(revision.appended);
}

}  // namespace qianda::signing
