#include "signing/verify/roles.h"

#include <algorithm>

#include "signing/pdf/limits.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::signing::verify {
namespace {

using pdf::Document;
using pdf::Object;
using pdf::Reference;

constexpr int kDeepestFields = 32;

class RoleReader {
 public:
  explicit RoleReader(Document& document) : document_(document) {}

  Roles read() {
    const Object& root = document_.trailer()["Root"];
    const Object& catalog = document_.catalog();
    roles_.catalog = root.is(Object::Type::kReference) ? root.reference.number : 0;
    roles_.certification = certificationOf(document_);
    findUsed(catalog);
    findFree(catalog["DSS"], "validation_data");
    findFree(catalog["Metadata"], "metadata");
    findFree(document_.trailer()["Info"], "metadata");
    takeForm(catalog["AcroForm"]);
    takePages();
    dropShared();
    return std::move(roles_);
  }

 private:
  // Everything a reader can reach, but for the entries that may change freely.
  void findUsed(const Object& catalog) {
    roles_.used.insert(roles_.catalog);
    std::vector<const Object*> open;
    if (catalog.hasDictionary()) {
      for (const auto& [key, value] : *catalog.dictionary) {
        if (key != "DSS" && key != "Metadata") open.push_back(&value);
      }
    }
    walk(open, [&](std::uint32_t number) {
      ++uses_[number];
      if (!roles_.used.insert(number).second) return false;
      if (document_.object(number).is(Object::Type::kNull)) roles_.dangling.insert(number);
      return true;
    });
  }

  void findFree(const Object& entry, const char* kind) {
    std::set<std::uint32_t> seen;
    std::vector<const Object*> open{&entry};
    walk(open, [&](std::uint32_t number) {
      if (roles_.used.contains(number) || !seen.insert(number).second) return false;
      roles_.free.emplace(number, kind);
      return true;
    });
  }

  // `enter` says whether the object of that number is to be walked.
  template <typename Enter>
  void walk(std::vector<const Object*>& open, Enter enter) {
    while (!open.empty()) {
      const Object& object = *open.back();
      open.pop_back();
      if (object.is(Object::Type::kReference)) {
        if (enter(object.reference.number)) open.push_back(&document_.object(object.reference.number));
      } else if (object.is(Object::Type::kArray)) {
        for (const Object& one : *object.array) open.push_back(&one);
      } else if (object.hasDictionary()) {
        for (const auto& [key, one] : *object.dictionary) open.push_back(&one);
      }
    }
  }

  void takeForm(const Object& form) {
    if (form.is(Object::Type::kReference)) {
      roles_.form = form.reference.number;
      ++roleUses_[roles_.form];
    }
    const Object& fields = document_.resolve(form)["Fields"];
    if (fields.is(Object::Type::kReference)) {
      roles_.fieldArray = fields.reference.number;
      ++roleUses_[roles_.fieldArray];
    }
    takeFields(document_.resolve(fields), {}, 0);
  }

  void takeFields(const Object& kids, const FieldRole& parent, int depth) {
    if (!kids.is(Object::Type::kArray) || depth > kDeepestFields) return;
    for (const Object& kid : *kids.array) {
      if (!kid.is(Object::Type::kReference) || roles_.fields.size() > pdf::kMostFields) continue;
      const std::uint32_t number = kid.reference.number;
      const Object& field = document_.object(number);
      if (!field.is(Object::Type::kDictionary) || roles_.fields.contains(number)) continue;
      FieldRole role = parent;
      if (const Object& part = document_.get(field, "T"); part.is(Object::Type::kString)) {
        role.name += (role.name.empty() ? "" : ".") + pdf::textOfString(part.text);
        role.owner = number;
      }
      if (const Object& type = document_.get(field, "FT"); type.is(Object::Type::kName)) role.type = type.text;
      role.isSignedField =
          role.type == "Sig" && document_.get(document_.object(role.owner), "V").is(Object::Type::kDictionary);
      roles_.fieldNames.insert(role.name);
      roles_.fields.emplace(number, role);
      takeFields(document_.get(field, "Kids"), role, depth + 1);
    }
  }

  void takePages() {
    for (const Reference& page : pdf::listPages(document_)) {
      roles_.pages.insert(page.number);
      const Object& annotations = document_.object(page.number)["Annots"];
      if (annotations.is(Object::Type::kReference)) {
        roles_.annotationArrays.emplace(annotations.reference.number, page.number);
        ++roleUses_[annotations.reference.number];
      }
      const Object& list = document_.resolve(annotations);
      if (!list.is(Object::Type::kArray)) continue;
      for (const Object& one : *list.array) {
        if (one.is(Object::Type::kReference)) roles_.pageOfAnnotation.emplace(one.reference.number, page.number);
      }
    }
  }

  // An object that is used as something else besides has no role.
  void dropShared() {
    const auto isShared = [&](std::uint32_t number) { return uses_[number] != roleUses_[number]; };
    if (isShared(roles_.form)) roles_.form = 0;
    if (isShared(roles_.fieldArray)) roles_.fieldArray = 0;
    std::erase_if(roles_.annotationArrays, [&](const auto& one) { return isShared(one.first); });
    roles_.free.erase(roles_.catalog);
  }

  Document& document_;
  Roles roles_;
  std::map<std::uint32_t, std::uint32_t> uses_, roleUses_;  // references from used objects, those by a role
};

int levelIn(Document& document, const Object& signature) {
  const Object& references = document.get(signature, "Reference");
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

}  // namespace

Roles readRoles(Document& document) { return RoleReader(document).read(); }

int certificationOf(Document& document) {
  return levelIn(document, document.get(document.get(document.catalog(), "Perms"), "DocMDP"));
}

}  // namespace qianda::signing::verify
