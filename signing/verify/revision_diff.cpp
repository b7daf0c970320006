#include "signing/verify/revision_diff.h"

#include <algorithm>

#include "signing/pdf/signature_fields.h"
#include "signing/verify/additions.h"
#include "signing/verify/form_fill.h"

namespace qianda::signing::verify {
namespace {

using pdf::Array;
using pdf::Document;
using pdf::Object;
using pdf::Reference;
using Kind = pdf::XrefEntry::Kind;
using Keys = std::set<std::string_view>;

class Comparison {
 public:
  Comparison(Document& before, Document& after)
      : before_(before), after_(after), roles_(readRoles(before)), additions_(roles_, before, after) {}

  Difference run() {
    if (!equal(before_.trailer()["Root"], after_.trailer()["Root"]))
      return offend(0, "the catalog was replaced by another object");
    readLocks();
    if (!equal(before_.trailer()["Info"], after_.trailer()["Info"])) note("metadata", 0, "the document's properties");
    for (const auto& [number, entry] : before_.entries()) {
      if (number == 0 || entry.kind == Kind::kFree || compareObject(number, entry)) continue;
      return offend(number, offence_.empty() ? "object " + std::to_string(number) + " was changed" : offence_);
    }
    for (std::uint32_t number : roles_.dangling) {
      if (!after_.object(number).is(Object::Type::kNull)) {
        return offend(number,
                      "object " + std::to_string(number) + ", which the signed revision names but lacks, was added");
      }
    }
    if (std::string covered = additions_.findCovered(); !covered.empty()) return offend(0, std::move(covered));
    if (roles_.certification == 1 && levelOfChanges() != "LTA_UPDATES")
      return offend(0, "the document is certified against any change (P 1): " + firstBeyondUpkeep());
    return {levelOfChanges(), "", std::move(changes_)};
  }

 private:
  Difference offend(std::uint32_t object, std::string sentence) {
    changes_.push_back({"forbidden", object, sentence, false});
    return {"OTHER", std::move(sentence), std::move(changes_)};
  }

  void note(const std::string& kind, std::uint32_t object, std::string detail) {
    const auto same = [&](Change& one) { return one.kind == kind && one.object == object; };
    const auto known = std::find_if(changes_.begin(), changes_.end(), same);
    if (object == 0 || known == changes_.end()) {
      changes_.push_back({kind, object, std::move(detail), true});
    } else if (detail.size() > known->detail.size()) {
      known->detail = std::move(detail);
    }
  }

  static bool isUpkeep(const Change& one) {
    return one.kind == "validation_data" || one.kind == "timestamp" || one.kind == "metadata";
  }
  std::string firstBeyondUpkeep() const { return std::find_if_not(changes_.begin(), changes_.end(), isUpkeep)->detail; }
  std::string levelOfChanges() const {
    if (std::all_of(changes_.begin(), changes_.end(), isUpkeep)) return "LTA_UPDATES";
    const bool comments =
        std::any_of(changes_.begin(), changes_.end(), [](const Change& one) { return one.kind == "annotation"; });
    return comments ? "ANNOTATIONS" : "FORM_FILLING";
  }

  bool compareObject(std::uint32_t number, const pdf::XrefEntry& oldEntry) {
    const auto newEntry = after_.entries().find(number);
    const bool isThere = newEntry != after_.entries().end() && newEntry->second.kind != Kind::kFree;
    // An unmoved object has the same octets; one in an object stream has not, when the stream was replaced.
    if (isThere && newEntry->second == oldEntry && oldEntry.kind == Kind::kInFile) return true;
    const Object& was = before_.object(number);
    const bool isUsed = roles_.used.contains(number);
    const bool isFree = roles_.free.contains(number);
    if (!isThere) {
      if (was.is(Object::Type::kNull) || !isUsed) return true;
      return fail("object " + std::to_string(number) + " was deleted");
    }
    if (!isUsed && was.is(Object::Type::kStream) && (was["Type"].isName("XRef") || was["Type"].isName("ObjStm")))
      return true;
    // "4 0 R" does not mean "4 1 obj": the object would vanish.
    if (generationOf(oldEntry) != generationOf(newEntry->second))
      return fail("object " + std::to_string(number) + " was replaced under another generation");
    const Object& is = after_.object(number);
    if (same(was, is)) return true;
    if (const std::string key = findDoubledKey(is); !key.empty())
      return fail("object " + std::to_string(number) + " was changed to have two entries /" + key);
    if (isFree) {
      note(roles_.free.at(number), number, "object " + std::to_string(number));
      return true;
    }
    return compareByRole(number, was, is);
  }

  static std::uint32_t generationOf(const pdf::XrefEntry& entry) {
    return entry.kind == Kind::kInFile ? entry.generation : 0;
  }

  bool compareByRole(std::uint32_t number, const Object& was, const Object& is) {
    if (number == roles_.catalog) return catalogGrew(was, is);
    if (number == roles_.form) return formGrew(was, is);
    if (number == roles_.fieldArray) return grew(was, is, "the list of form fields", 0);
    if (roles_.pages.contains(number)) {
      return onlyKeys(was, is, {"Annots", "Tabs"}, "page object " + std::to_string(number)) &&
             grew(before_.resolve(was["Annots"]), after_.resolve(is["Annots"]), "the annotations of a page", number);
    }
    if (const auto list = roles_.annotationArrays.find(number); list != roles_.annotationArrays.end())
      return grew(was, is, "the annotations of a page", list->second);
    if (const auto field = roles_.fields.find(number); field != roles_.fields.end()) {
      return field->second.type == "Sig" ? fieldWasSigned(number, field->second, was, is)
                                         : fieldWasFilled(number, field->second, was, is);
    }
    return fail("object " + std::to_string(number) + " was changed");
  }

  bool catalogGrew(const Object& was, const Object& is) {
    if (!equal(was["DSS"], is["DSS"])) note("validation_data", roles_.catalog, "the document security store");
    if (!equal(was["Metadata"], is["Metadata"])) note("metadata", roles_.catalog, "the document's metadata");
    const Object &old = was["Version"], &now = is["Version"];
    if (!equal(old, now) && (!now.is(Object::Type::kName) || (old.is(Object::Type::kName) && now.text < old.text)))
      return fail("the catalog changed its /Version");
    return onlyKeys(was, is, {"AcroForm", "DSS", "Extensions", "Metadata", "Version"}, "the catalog") &&
           formGrew(was["AcroForm"], is["AcroForm"]);
  }

  bool formGrew(const Object& was, const Object& is) {
    const Object& oldForm = before_.resolve(was);
    const Object& newForm = after_.resolve(is);
    static const Object kNothing = [] {
      Object empty;
      empty.type = Object::Type::kDictionary;
      empty.dictionary = std::make_shared<const pdf::Dictionary>();
      return empty;
    }();
    const bool isNew = oldForm.is(Object::Type::kNull);
    if (isNew && newForm.is(Object::Type::kNull)) return true;
    const bool makesAppearances = before_.get(oldForm, "NeedAppearances").integer != 0;
    Keys allowed{"Fields", "SigFlags"};
    if (oldForm["DA"].is(Object::Type::kNull) && !makesAppearances) allowed.insert("DA");
    if (!makesAppearances) {
      if (!resourcesGrew(oldForm["DR"], newForm["DR"])) return fail("the interactive form's resources were changed");
      allowed.insert("DR");
    }
    return onlyKeys(isNew ? kNothing : oldForm, newForm, allowed, "the interactive form") &&
           grew(before_.resolve(oldForm["Fields"]), after_.resolve(newForm["Fields"]), "the list of form fields", 0);
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

  // Every old element is still there in its order; new ones are signature fields or comments that may be there.
  bool grew(const Object& was, const Object& is, const std::string& what, std::uint32_t page) {
    static const Array kEmpty;
    const Array& oldArray = was.is(Object::Type::kArray) ? *was.array : kEmpty;
    const Array& newArray = is.is(Object::Type::kArray) ? *is.array : kEmpty;
    std::size_t kept = 0;
    std::vector<const Object*> added;
    for (const Object& element : newArray) {
      if (kept < oldArray.size() && equal(element, oldArray[kept])) {
        ++kept;
      } else {
        added.push_back(&element);
      }
    }
    if (kept != oldArray.size()) return fail(what + " lost an element");
    for (const Object* element : added) {
      Change change = additions_.judge(*element, page);
      if (!change.isAllowed) return fail(std::move(change.detail));
      note(change.kind, change.object, std::move(change.detail));
    }
    return true;
  }

  // A signature field of the signed revision, or a widget of one, got its signature and perhaps a look.
  bool fieldWasSigned(std::uint32_t number, const FieldRole& role, const Object& was, const Object& is) {
    const std::string what = "signature field object " + std::to_string(number);
    if (role.isSignedField) return fail("the signed field " + role.name + " was changed");
    if (!onlyKeys(was, is, {"V", "AP", "F", "MK", "M"}, what)) return false;
    if (isLocked(role.name))
      return fail("the field " + role.name + " was locked by a signature and changed afterwards");
    if (!after_.get(after_.object(role.owner), "V").hasDictionary())
      return fail("the unsigned field " + role.name + " changed its look: it may hide or replace what was signed");
    if (std::string problem = additions_.judgeSignedField(number, was, is); !problem.empty())
      return fail(std::move(problem));
    note("signature", number, "the field " + role.name + " was signed");
    return true;
  }

  // A field's new value, which its appearance must show and nothing else.
  bool fieldWasFilled(std::uint32_t number, const FieldRole& role, const Object& was, const Object& is) {
    const std::string what = "form field object " + std::to_string(number);
    if (!onlyKeys(was, is, {"V", "AP", "AS", "M", "I"}, what)) return false;
    if (isLocked(role.name))
      return fail("the field " + role.name + " was locked by a signature and changed afterwards");
    const bool isPermitted = roles_.certification >= 2;
    if (role.type == "Btn" && isPermitted && equal(was["AP"], is["AP"])) {
      note("form_fill", number, "the field " + role.name + " was set");
      return true;
    }
    const Object& value = after_.get(after_.object(role.owner), "V");
    const Object& oldValue = before_.get(before_.object(role.owner), "V");
    const bool wasEmpty =
        oldValue.is(Object::Type::kNull) || (oldValue.is(Object::Type::kString) && oldValue.text.empty());
    if (!isPermitted && (role.type != "Tx" || !wasEmpty || !looksEmpty(was, before_)))
      return fail("the field " + role.name + " was not empty when it was signed and was changed afterwards");
    if (role.type != "Tx" && role.type != "Ch") return fail(what + " shows something that cannot be read as its value");
    std::string problem;
    const Object& kids = after_.get(is, "Kids");
    if (number == role.owner && kids.is(Object::Type::kArray)) {
      for (const Object& kid : *kids.array) {
        if (problem.empty()) problem = judgeFilledAppearance(after_.resolve(kid), value, roles_, before_, after_);
      }
    } else if (!is["Rect"].is(Object::Type::kNull)) {
      problem = judgeFilledAppearance(is, value, roles_, before_, after_);
    }
    if (!problem.empty()) return fail(what + " " + problem);
    note("form_fill", number,
         "the field " + role.name + " was filled in: " + pdf::textOfString(value.text) +
             (wasEmpty ? "" : " instead of: " + pdf::textOfString(oldValue.text)));
    return true;
  }

  // FieldMDP of the signatures in the signed revision (ISO 32000-1 12.8.2.4).
  void readLocks() {
    for (const pdf::SignatureField& field : pdf::listSignatureFields(before_)) {
      const Object& references = before_.get(before_.get(before_.object(field.reference.number), "V"), "Reference");
      if (!references.is(Object::Type::kArray)) continue;
      for (const Object& one : *references.array) {
        const Object& reference = before_.resolve(one);
        if (!before_.get(reference, "TransformMethod").isName("FieldMDP")) continue;
        const Object& parameters = before_.get(reference, "TransformParams");
        Lock lock{before_.get(parameters, "Action").text, {}};
        const Object& names = before_.get(parameters, "Fields");
        for (std::size_t i = 0; names.is(Object::Type::kArray) && i < names.array->size(); ++i)
          lock.fields.insert(pdf::textOfString(before_.resolve((*names.array)[i]).text));
        locks_.push_back(std::move(lock));
      }
    }
  }

  bool isLocked(const std::string& name) const {
    return std::any_of(locks_.begin(), locks_.end(), [&](const Lock& lock) {
      const bool isNamed = std::any_of(lock.fields.begin(), lock.fields.end(), [&](const std::string& one) {
        return one == name || name.starts_with(one + ".");
      });
      return lock.action == "All" || (lock.action == "Exclude" ? !isNamed : isNamed);
    });
  }

  bool same(const Object& was, const Object& is) {
    if (!equal(was, is) || !findDoubledKey(is).empty()) return false;
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

  struct Lock {
    std::string action;  // "All", "Include", "Exclude"
    std::set<std::string> fields;
  };

  Document& before_;
  Document& after_;
  const Roles roles_;
  Additions additions_;
  std::vector<Lock> locks_;
  std::vector<Change> changes_;
  std::string offence_;
};

}  // namespace

Difference compareRevisions(Document& signedRevision, Document& current) {
  return Comparison(signedRevision, current).run();
}

}  // namespace qianda::signing::verify
