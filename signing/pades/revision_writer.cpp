#include "signing/pades/revision_writer.h"

#include <algorithm>

#include "core/error.h"
#include "signing/pades/placement.h"
#include "signing/pades/text_string.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::signing {
namespace {

using pdf::Document;
using pdf::Object;
using pdf::Reference;

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
    if (hasStamps() && !isFirst) {
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
    const auto ownAppearance = [&] {
      return "<</N " + referenceText(addAppearance(request_.visible->appearance, PagePlace{}.matrix, "<<>>")) + ">>";
    };
    if (!hasStamps()) {
      if (request_.visible) update_.setEntry(field, "AP", ownAppearance());
      return;
    }
    // The field was its own widget: the widget becomes an object of its own beside those of the stamps.
    const Object& dictionary = document_.object(field.number);
    std::string widget = "<<" + ofWidget(field, signature);
    for (const auto& [key, value] : *dictionary.dictionary) {
      static constexpr std::string_view kOfField[] = {"FT", "T", "TU", "TM", "Ff", "V", "DV", "Lock", "SV", "Parent"};
      if (std::find(std::begin(kOfField), std::end(kOfField), key) != std::end(kOfField)) continue;
      if (key == "AP" && request_.visible) continue;
      std::string text;
      pdf::write(value, text);
      widget += "/" + key + " " + text;
      update_.setEntry(field, key, "");
    }
    if (request_.visible) widget += "/AP" + ownAppearance();
    const std::uint32_t first = update_.add(widget + ">>");
    for (const Reference& page : pages_) update_.replaceIn(page, "Annots", field, referenceText(first));
    update_.setEntry(field, "Kids", "[" + referenceText(first) + " " + addStamps(ofWidget(field, signature)) + "]");
  }

  void addField(const std::string& name, std::uint32_t signature) {
    const std::string own = "/FT/Sig/T" + writeTextString(name) + "/V " + referenceText(signature);
    if (!hasStamps()) {
      update_.addField(request_.visible ? addWidget(own, *request_.visible) : annotate(0, own + "/Rect[0 0 0 0]"));
      return;
    }
    const std::uint32_t field = update_.reserve();
    std::string kids;
    const std::string ofKids = ofWidget({field, 0}, signature);
    if (request_.visible) kids = referenceText(addWidget(ofKids, *request_.visible)) + " ";
    kids += addStamps(ofKids);
    update_.put(field, "<<" + own + "/Kids[" + kids + "]>>");
    update_.addField(field);
  }

  // One of a field's several widgets: dictionaries of one name have the same value (ISO 32000-1 12.7.3.2), and Poppler
  // looks for it in each.
  static std::string ofWidget(const Reference& field, std::uint32_t signature) {
    return "/Parent " + referenceText(field) + "/V " + referenceText(signature);
  }

  std::uint32_t addWidget(const std::string& own, const VisibleSignature& visible) {
    const PageView view = viewOfPage(document_, pages_, visible.page);
    const Appearance& look = visible.appearance;
    const PagePlace place =
        placeOnPage(view, {visible.left, visible.bottom, look.width, look.height}, "the visible signature");
    return annotate(visible.page, own, place, addAppearance(look, place.matrix, "<<>>"));
  }

  std::uint32_t addSlice(const std::string& own, const SealSlice& slice, std::uint32_t whole) {
    const PageView view = viewOfPage(document_, pages_, slice.page);
    const PagePlace place = placeOnPage(view, boxOfSlice(view, slice), "the cross-page seal");
    const Appearance look{sliceContent(slice, "S"), slice.width, slice.height};
    return annotate(slice.page, own, place,
                    addAppearance(look, place.matrix, "<</XObject<</S " + referenceText(whole) + ">>>>"));
  }

  // The widgets beside the first, as an array's elements.
  std::string addStamps(const std::string& own) {
    std::string kids;
    for (const VisibleSignature& stamp : request_.stamps) kids += referenceText(addWidget(own, stamp)) + " ";
    if (!request_.crossPage) return kids;
    const std::uint32_t whole = addAppearance(request_.crossPage->whole, PagePlace{}.matrix, "<<>>");
    for (const SealSlice& slice : request_.crossPage->slices) kids += referenceText(addSlice(own, slice, whole)) + " ";
    return kids;
  }

  bool hasStamps() const { return !request_.stamps.empty() || request_.crossPage; }

  std::uint32_t annotate(std::size_t page, const std::string& own, const PagePlace& place, std::uint32_t appearance) {
    std::string rectangle;
    for (double corner : place.rectangle) rectangle += numberText(corner) + " ";
    return annotate(page, own + "/Rect[" + rectangle + "]/AP<</N " + referenceText(appearance) + ">>");
  }

  std::uint32_t annotate(std::size_t page, const std::string& entries) {
    if (page >= pages_.size()) refuse("the file has no page " + std::to_string(page + 1));
    const std::uint32_t widget =
        update_.add("<</Type/Annot/Subtype/Widget/F 132/P " + referenceText(pages_[page]) + entries + ">>");
    update_.appendTo(pages_[page], "Annots", referenceText(widget));
    return widget;
  }

  std::uint32_t addAppearance(const Appearance& look, const std::array<double, 6>& matrix,
                              const std::string& resources) {
    std::string numbers;
    for (double number : matrix) numbers += numberText(number) + " ";
    const std::string box =
        numberText(look.width * kPointsPerMillimetre) + " " + numberText(look.height * kPointsPerMillimetre);
    return update_.addStream("/Type/XObject/Subtype/Form/BBox[0 0 " + box + "]" +
                                 (matrix == PagePlace{}.matrix ? "" : "/Matrix[" + numbers + "]") + "/Resources" +
                                 resources,
                             look.content);
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
