#include "signing/verify/revision_diff.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "signing/pdf/filters.h"
#include "signing/pdf/parser.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::signing::verify {
namespace {

using pdf::Array;
using pdf::Document;
using pdf::Object;
using pdf::Reference;

using Keys = std::set<std::string_view>;

class Comparison {
 public:
  Comparison(Document& before, Document& after) : before_(before), after_(after) {}

  Difference run() {
    const Object& oldRoot = before_.trailer()["Root"];
    const Object& newRoot = after_.trailer()["Root"];
    if (!equal(oldRoot, newRoot)) return offend("the catalog was replaced by another object");
    certification_ = certificationOf(before_);
    collectRoles();
    for (const auto& [number, entry] : before_.entries()) {
      if (number == 0 || entry.kind == pdf::XrefEntry::Kind::kFree) continue;
      if (!compareObject(number))
        return offend(offence_.empty() ? "object " + std::to_string(number) + " was changed" : offence_);
    }
    for (const auto& [number, entry] : before_.entries()) collectDangling(before_.object(number), 0);
    for (std::uint32_t number : dangling_) {
      if (!after_.object(number).is(Object::Type::kNull)) {
        return offend("object " + std::to_string(number) + ", which the signed revision names but lacks, was added");
      }
    }
    return {levelOfChanges(), "", std::move(changes_)};
  }

 private:
  Difference offend(std::string sentence) {
    note("forbidden", 0, sentence, false);
    return {"OTHER", std::move(sentence), std::move(changes_)};
  }

  void note(const char* kind, std::uint32_t object, std::string detail, bool isAllowed = true) {
    const auto same = [&](const Change& one) { return one.kind == kind && one.object == object; };
    if (object != 0 && std::any_of(changes_.begin(), changes_.end(), same)) return;
    changes_.push_back({kind, object, std::move(detail), isAllowed});
  }

  std::string levelOfChanges() const {
    const auto isUpkeep = [](const Change& one) {
      return one.kind == "validation_data" || one.kind == "timestamp" || one.kind == "metadata";
    };
    return std::all_of(changes_.begin(), changes_.end(), isUpkeep) ? "LTA_UPDATES" : "FORM_FILLING";
  }

  // What the objects of the signed revision are for.
  void collectRoles() {
    catalog_ = before_.trailer()["Root"].reference.number;
    const Object& form = before_.catalog()["AcroForm"];
    if (form.is(Object::Type::kReference)) form_ = form.reference.number;
    const Object& fields = before_.resolve(form)["Fields"];
    if (fields.is(Object::Type::kReference)) fieldArray_ = fields.reference.number;
    for (const Reference& page : pdf::listPages(before_)) {
      pages_.insert(page.number);
      const Object& annotations = before_.object(page.number)["Annots"];
      if (annotations.is(Object::Type::kReference)) annotationArrays_.insert(annotations.reference.number);
    }
    for (const pdf::SignatureField& field : pdf::listSignatureFields(before_)) {
      if (!field.isSigned) openFields_.insert(field.reference.number);
    }
    for (const Object* one : {&before_.catalog()["Metadata"], &before_.trailer()["Info"]}) {
      if (one->is(Object::Type::kReference)) free_[one->reference.number] = "metadata";
    }
    collectBelow(before_.catalog()["DSS"], 0);
    if (certification_ >= 2) collectFormFields(before_.resolve(fields), 0);
    // Nothing that has a role of its own is free, whatever refers to it.
    for (std::uint32_t page : pages_) free_.erase(page);
    for (std::uint32_t one : {catalog_, form_, fieldArray_}) free_.erase(one);
  }

  void collectFormFields(const Object& kids, int depth) {
    if (!kids.is(Object::Type::kArray) || depth > 32) return;
    for (const Object& kid : *kids.array) {
      if (!kid.is(Object::Type::kReference) || !formFields_.insert(kid.reference.number).second) continue;
      collectFormFields(before_.get(before_.resolve(kid), "Kids"), depth + 1);
    }
  }

  // Everything the DSS dictionary refers to may grow and change.
  void collectBelow(const Object& object, int depth) {
    if (depth > 6) return;
    if (object.is(Object::Type::kReference)) free_[object.reference.number] = "validation_data";
    const Object& value = before_.resolve(object);
    if (value.is(Object::Type::kArray)) {
      for (const Object& one : *value.array) collectBelow(one, depth + 1);
    } else if (value.is(Object::Type::kDictionary)) {
      for (const auto& [key, one] : *value.dictionary) collectBelow(one, depth + 1);
    }
  }

  // Numbers that signed objects refer to although no such object exists: supplying them later would change the
  // document.
  void collectDangling(const Object& object, int depth) {
    if (depth > 70) return;
    if (object.is(Object::Type::kReference) && before_.object(object.reference.number).is(Object::Type::kNull)) {
      dangling_.insert(object.reference.number);
    } else if (object.is(Object::Type::kArray)) {
      for (const Object& one : *object.array) collectDangling(one, depth + 1);
    } else if (object.hasDictionary()) {
      for (const auto& [key, one] : *object.dictionary) collectDangling(one, depth + 1);
    }
  }

  bool compareObject(std::uint32_t number) {
    const auto oldEntry = before_.entries().at(number);
    const auto newEntry = after_.entries().find(number);
    // An unmoved object has the same octets; one in an object stream has not, when the stream was replaced.
    const bool unmoved = newEntry != after_.entries().end() && newEntry->second == oldEntry;
    if (unmoved && oldEntry.kind == pdf::XrefEntry::Kind::kInFile) return true;
    const Object& was = before_.object(number);
    if (was["Type"].isName("XRef") || was["Type"].isName("ObjStm")) return true;
    if (newEntry == after_.entries().end() || newEntry->second.kind == pdf::XrefEntry::Kind::kFree) {
      if (was.is(Object::Type::kNull)) return true;
      return fail("object " + std::to_string(number) + " was deleted");
    }
    const Object& is = after_.object(number);
    if (same(was, is)) return true;
    if (const auto free = free_.find(number); free != free_.end()) {
      note(free->second, number, "object " + std::to_string(number));
      return true;
    }
    if (number == catalog_) {
      if (!equal(was["DSS"], is["DSS"])) note("validation_data", number, "the document security store");
      if (!equal(was["Metadata"], is["Metadata"])) note("metadata", number, "the document's metadata");
      return onlyKeys(was, is, {"AcroForm", "DSS", "Extensions", "Metadata"}, "the catalog") &&
             formGrew(was["AcroForm"], is["AcroForm"]);
    }
    if (number == form_) return formGrew(was, is);
    if (number == fieldArray_) return grew(was, is, "the list of form fields");
    if (pages_.contains(number)) {
      return onlyKeys(was, is, {"Annots"}, "page object " + std::to_string(number)) &&
             grew(before_.resolve(was["Annots"]), after_.resolve(is["Annots"]), "the annotations of a page");
    }
    if (annotationArrays_.contains(number)) return grew(was, is, "the annotations of a page");
    if (openFields_.contains(number)) {
      note("signature", number, "the field " + pdf::textOfString(is["T"].text) + " was signed");
      return onlyKeys(was, is, {"V", "AP", "F", "MK", "M", "Lock"}, "signature field object " + std::to_string(number));
    }
    if (formFields_.contains(number)) return filled(number, was, is);
    return fail("object " + std::to_string(number) + " was changed");
  }

  // A field's new value, which its appearance must show and nothing else.
  bool filled(std::uint32_t number, const Object& was, const Object& is) {
    const std::string what = "form field object " + std::to_string(number);
    if (!onlyKeys(was, is, {"V", "AP", "AS", "M", "I"}, what)) return false;
    const std::string name = pdf::textOfString(is["T"].text);
    if (isLocked(name)) return fail("the field " + name + " was locked by a signature and changed afterwards");
    const Object& type = after_.get(is, "FT");
    if (type.isName("Btn") && equal(was["AP"], is["AP"])) {
      note("form_fill", number, "the field " + name + " was set");
      return true;
    }
    const Object& appearance = after_.get(after_.get(is, "AP"), "N");
    const auto content = pdf::decodeStream(appearance, after_.rawStream(appearance));
    if (!type.isName("Tx") || !content || shownText(*content) != withoutBlanks(after_.get(is, "V").text)) {
      return fail(what + " shows something that cannot be read as its value");
    }
    note("form_fill", number, "the field " + name + " was filled in: " + pdf::textOfString(after_.get(is, "V").text));
    return true;
  }

  static std::string withoutBlanks(std::string text) {
    std::erase_if(text, [](unsigned char c) { return pdf::isWhiteSpace(c); });
    return text;
  }

  // The strings a content stream shows, one after the other; a stream that draws anything else gives nothing like it.
  static std::string shownText(const std::string& content) {
    std::string text;
    pdf::Parser parser(content);
    for (parser.skipSpace(); !parser.atEnd(); parser.skipSpace()) {
      for (std::string_view drawing : {"Do", "sh", "BI"}) {
        if (parser.take(drawing)) return "\x01";
      }
      if (const auto object = parser.object()) {
        if (object->is(Object::Type::kString)) text += object->text;
        if (!object->is(Object::Type::kArray)) continue;
        for (const Object& one : *object->array) text += one.is(Object::Type::kString) ? one.text : std::string();
      } else {
        const std::size_t from = parser.position();
        std::size_t end = from;
        while (end < content.size() && !pdf::isWhiteSpace(static_cast<unsigned char>(content[end]))) ++end;
        parser = pdf::Parser(content, std::max(end, from + 1));
      }
    }
    return withoutBlanks(text);
  }

  // FieldMDP of a signature in the signed revision (ISO 32000-1 12.8.2.4).
  bool isLocked(const std::string& name) {
    for (const pdf::SignatureField& field : pdf::listSignatureFields(before_)) {
      const Object& references = before_.get(before_.get(before_.object(field.reference.number), "V"), "Reference");
      if (!references.is(Object::Type::kArray)) continue;
      for (const Object& one : *references.array) {
        const Object& reference = before_.resolve(one);
        if (!before_.get(reference, "TransformMethod").isName("FieldMDP")) continue;
        const Object& parameters = before_.get(reference, "TransformParams");
        const Object& action = before_.get(parameters, "Action");
        const Object& names = before_.get(parameters, "Fields");
        const bool isNamed = names.is(Object::Type::kArray) &&
                             std::any_of(names.array->begin(), names.array->end(), [&](const Object& each) {
                               return pdf::textOfString(before_.resolve(each).text) == name;
                             });
        if (action.isName("All") || action.isName("Include") == isNamed) return true;
      }
    }
    return false;
  }

  bool same(const Object& was, const Object& is) {
    if (!equal(was, is)) return false;
    return !was.is(Object::Type::kStream) || before_.rawStream(was) == after_.rawStream(is);
  }

  bool fail(std::string sentence) {
    offence_ = std::move(sentence);
    return false;
  }

  // Dictionaries that differ in these keys at most.
  bool onlyKeys(const Object& was, const Object& is, const Keys& allowed, const std::string& what) {
    if (!was.is(Object::Type::kDictionary) || !is.is(Object::Type::kDictionary))
      return fail(what + " is no longer what it was");
    for (const Object* one : {&was, &is}) {
      for (const auto& [key, value] : *one->dictionary) {
        if (!allowed.contains(key) && !equal(was[key], is[key])) return fail(what + " changed its /" + key);
      }
    }
    return true;
  }

  bool formGrew(const Object& was, const Object& is) {
    const Object& oldForm = before_.resolve(was);
    const Object& newForm = after_.resolve(is);
    if (oldForm.is(Object::Type::kNull))
      return grew(oldForm, after_.resolve(newForm["Fields"]), "the list of form fields");
    Keys allowed{"Fields", "SigFlags"};
    if (oldForm["DA"].is(Object::Type::kNull)) allowed.insert("DA");
    if (!resourcesGrew(oldForm["DR"], newForm["DR"])) return fail("the interactive form's resources were changed");
    allowed.insert("DR");
    return onlyKeys(oldForm, newForm, allowed, "the interactive form") &&
           grew(before_.resolve(oldForm["Fields"]), after_.resolve(newForm["Fields"]), "the list of form fields");
  }

  // Default resources may gain names; those that were there stay what they were.
  bool resourcesGrew(const Object& was, const Object& is) {
    const Object& oldOnes = before_.resolve(was);
    const Object& newOnes = after_.resolve(is);
    if (!oldOnes.hasDictionary()) return true;
    for (const auto& [category, value] : *oldOnes.dictionary) {
      const Object& oldNames = before_.resolve(value);
      const Object& newNames = after_.get(newOnes, category);
      if (!oldNames.hasDictionary()) {
        if (!equal(oldNames, newNames)) return false;
        continue;
      }
      for (const auto& [name, one] : *oldNames.dictionary) {
        if (!equal(one, newNames[name])) return false;
      }
    }
    return true;
  }

  // Every old element is still there in its order; new ones are signature fields.
  bool grew(const Object& was, const Object& is, const std::string& what) {
    static const Array kEmpty;
    const Array& oldArray = was.is(Object::Type::kArray) ? *was.array : kEmpty;
    const Array& newArray = is.is(Object::Type::kArray) ? *is.array : kEmpty;
    std::size_t kept = 0;
    for (const Object& element : newArray) {
      if (kept < oldArray.size() && equal(element, oldArray[kept])) {
        ++kept;
      } else if (!isNewSignature(element)) {
        return offence_.empty() ? fail(what + " gained something else than a signature field") : false;
      }
    }
    return kept == oldArray.size() || fail(what + " lost an element");
  }

  // A signature field of a later revision or one of its widgets: signed, or without a place on the page.
  bool isNewSignature(const Object& element) {
    const Object& field = after_.resolve(element);
    const Object& subtype = after_.get(field, "Subtype");
    const Object& parent = after_.get(field, "Parent");
    const bool ownsType = after_.get(field, "FT").isName("Sig");
    if (!ownsType && !after_.get(parent, "FT").isName("Sig")) return false;
    if (!subtype.isName("Widget") && !subtype.is(Object::Type::kNull)) return false;
    const Object& value = after_.get(ownsType ? field : parent, "V");
    const double area = areaOf(field);
    if (area > 0 && !value.hasDictionary()) {
      return fail("an unsigned signature field was laid over a page: it may hide what was signed");
    }
    if (area > 0 && certification_ > 0) {
      return fail("a visible signature field was added to a certified document");
    }
    if (area > kLargestWidget) return fail("a signature's appearance covers so much of a page that it may hide it");
    const std::uint32_t number = element.is(Object::Type::kReference) ? element.reference.number : 0;
    const bool isTimestamp = after_.get(value, "Type").isName("DocTimeStamp");
    const std::string name = pdf::textOfString(after_.get(ownsType ? field : parent, "T").text);
    note(isTimestamp ? "timestamp" : "signature", number, "the field " + name + " was added");
    return true;
  }

  // Square points of an annotation's rectangle.
  double areaOf(const Object& annotation) {
    const Object& box = after_.get(annotation, "Rect");
    if (!box.is(Object::Type::kArray) || box.array->size() != 4) return 0;
    double corner[4];
    for (std::size_t i = 0; i < 4; ++i) corner[i] = after_.resolve((*box.array)[i]).number();
    return std::abs((corner[2] - corner[0]) * (corner[3] - corner[1]));
  }

  static constexpr double kLargestWidget = 595.0 * 842.0 / 4;  // a quarter of A4

  Document& before_;
  Document& after_;
  std::uint32_t catalog_ = 0, form_ = 0, fieldArray_ = 0;
  int certification_ = 0;
  std::set<std::uint32_t> pages_, annotationArrays_, openFields_, formFields_, dangling_;
  std::map<std::uint32_t, const char*> free_;  // may change: the kind of change
  std::vector<Change> changes_;
  std::string offence_;
};

}  // namespace

int certificationOf(Document& document) {
  const Object& certification = document.get(document.get(document.catalog(), "Perms"), "DocMDP");
  const Object& references = document.get(certification, "Reference");
  if (!references.is(Object::Type::kArray)) return 0;
  for (const Object& one : *references.array) {
    const Object& reference = document.resolve(one);
    if (!document.get(reference, "TransformMethod").isName("DocMDP")) continue;
    const Object& level = document.get(document.get(reference, "TransformParams"), "P");
    return level.is(Object::Type::kInteger) && level.integer >= 1 && level.integer <= 3
               ? static_cast<int>(level.integer)
               : 2;
  }
  return 0;
}

Difference compareRevisions(Document& signedRevision, Document& current) {
  return Comparison(signedRevision, current).run();
}

}  // namespace qianda::signing::verify
