#include "signing/verify/revision_diff.h"

#include <algorithm>
#include <set>

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
    return {"FORM_FILLING", ""};
  }

 private:
  static Difference offend(std::string sentence) { return {"OTHER", std::move(sentence)}; }

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
    for (const char* key : {"Metadata", "DSS"}) {
      if (const Object& one = before_.catalog()[key]; one.is(Object::Type::kReference))
        free_.insert(one.reference.number);
    }
    if (const Object& info = before_.trailer()["Info"]; info.is(Object::Type::kReference)) {
      free_.insert(info.reference.number);
    }
    collectBelow(before_.catalog()["DSS"], 0);
  }

  // Everything the DSS dictionary refers to may grow and change.
  void collectBelow(const Object& object, int depth) {
    if (depth > 6) return;
    if (object.is(Object::Type::kReference)) free_.insert(object.reference.number);
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
    if (same(was, is) || free_.contains(number)) return true;
    if (number == catalog_) {
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
      return onlyKeys(was, is, {"V", "AP", "F", "MK", "M", "Lock"}, "signature field object " + std::to_string(number));
    }
    return fail("object " + std::to_string(number) + " was changed");
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
    return onlyKeys(oldForm, newForm, {"Fields", "SigFlags", "DR", "DA"}, "the interactive form") &&
           grew(before_.resolve(oldForm["Fields"]), after_.resolve(newForm["Fields"]), "the list of form fields");
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
        return fail(what + " gained something else than a signature field");
      }
    }
    return kept == oldArray.size() || fail(what + " lost an element");
  }

  bool isNewSignature(const Object& element) {
    const Object& field = after_.resolve(element);
    const Object& type = after_.get(field, "FT");
    const Object& subtype = after_.get(field, "Subtype");
    const Object& parent = after_.get(field, "Parent");
    const bool isSig = type.isName("Sig") || after_.get(parent, "FT").isName("Sig");
    return isSig && (subtype.isName("Widget") || subtype.is(Object::Type::kNull));
  }

  Document& before_;
  Document& after_;
  std::uint32_t catalog_ = 0, form_ = 0, fieldArray_ = 0;
  std::set<std::uint32_t> pages_, annotationArrays_, openFields_, free_, dangling_;
  std::string offence_;
};

}  // namespace

Difference compareRevisions(Document& signedRevision, Document& current) {
  return Comparison(signedRevision, current).run();
}

}  // namespace qianda::signing::verify
