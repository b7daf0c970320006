#include "signing/pdf/signature_fields.h"

#include "core/text.h"
#include "signing/pdf/limits.h"

namespace qianda::signing::pdf {
namespace {

constexpr int kDeepestFields = 32;

class FieldWalk {
 public:
  explicit FieldWalk(Document& document) : document_(document) {}

  void walk(const Object& kids, const std::string& parentName, bool inheritsSig, int depth) {
    if (!kids.is(Object::Type::kArray) || depth > kDeepestFields) return;
    for (const Object& kid : *kids.array) {
      if (fields_.size() > kMostFields || !kid.is(Object::Type::kReference)) continue;
      if (!seen_.insert(kid.reference.number).second) continue;
      const Object& field = document_.resolve(kid);
      if (!field.is(Object::Type::kDictionary)) continue;
      const Object& part = document_.get(field, "T");
      std::string name = parentName;
      if (part.is(Object::Type::kString)) name += (name.empty() ? "" : ".") + textOfString(part.text);
      const Object& type = document_.get(field, "FT");
      const bool isSig = type.is(Object::Type::kName) ? type.text == "Sig" : inheritsSig;
      const Object& below = document_.get(field, "Kids");
      if (below.is(Object::Type::kArray) && hasNamedKids(below)) {
        walk(below, name, isSig, depth + 1);
      } else if (isSig) {
        const Object& value = field["V"];
        SignatureField found;
        found.name = std::move(name);
        found.reference = kid.reference;
        found.isSigned = document_.resolve(value).is(Object::Type::kDictionary);
        found.isDamaged = !found.isSigned && !value.is(Object::Type::kNull);
        if (value.is(Object::Type::kReference)) found.value = value.reference;
        fields_.push_back(std::move(found));
      }
    }
  }

  std::vector<SignatureField> take() { return std::move(fields_); }

 private:
  // Kids without names are widgets of the same field.
  bool hasNamedKids(const Object& kids) {
    for (const Object& kid : *kids.array) {
      if (document_.resolve(kid)["T"].is(Object::Type::kString)) return true;
    }
    return false;
  }

  Document& document_;
  std::set<std::uint32_t> seen_;
  std::vector<SignatureField> fields_;
};

void walkPages(Document& document, const Object& node, std::size_t most, std::vector<Reference>& pages) {
  std::set<std::uint32_t> seen;
  std::vector<Object> open{node};
  while (!open.empty() && pages.size() < most) {
    const Object current = std::move(open.back());
    open.pop_back();
    if (!current.is(Object::Type::kReference) || !seen.insert(current.reference.number).second) continue;
    const Object& dictionary = document.resolve(current);
    const Object& kids = document.get(dictionary, "Kids");
    if (kids.is(Object::Type::kArray)) {
      open.insert(open.end(), kids.array->rbegin(), kids.array->rend());
    } else if (dictionary.is(Object::Type::kDictionary)) {
      pages.push_back(current.reference);
    }
  }
}

}  // namespace

std::vector<SignatureField> listSignatureFields(Document& document) {
  FieldWalk walk(document);
  walk.walk(document.get(document.get(document.catalog(), "AcroForm"), "Fields"), "", false, 0);
  return walk.take();
}

std::vector<Reference> listPages(Document& document, std::size_t most) {
  std::vector<Reference> pages;
  walkPages(document, document.catalog()["Pages"], most, pages);
  return pages;
}

std::string textOfString(const std::string& octets) {
  if (octets.starts_with("\xFE\xFF")) {
    std::u32string text;
    for (std::size_t i = 2; i + 1 < octets.size(); i += 2) {
      const auto unit = [&](std::size_t at) {
        return static_cast<char32_t>(static_cast<unsigned char>(octets[at]) << 8 |
                                     static_cast<unsigned char>(octets[at + 1]));
      };
      char32_t c = unit(i);
      if (c >= 0xD800 && c < 0xDC00 && i + 3 < octets.size()) {
        c = 0x10000 + ((c - 0xD800) << 10) + (unit(i + 2) & 0x3FF);
        i += 2;
      }
      text.push_back(c >= 0xD800 && c < 0xE000 ? U'\uFFFD' : c);
    }
    return core::encodeUtf8(text);
  }
  if (octets.starts_with("\xEF\xBB\xBF")) {
    return core::findInvalidUtf8(octets) == std::string::npos ? octets.substr(3) : std::string("?");
  }
  std::string out;
  for (unsigned char octet : octets) core::appendUtf8(out, octet);
  return out;
}

}  // namespace qianda::signing::pdf
