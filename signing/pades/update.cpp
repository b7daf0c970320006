#include "signing/pades/update.h"

#include <algorithm>
#include <cstdio>

#include "core/error.h"
#include "core/id.h"
#include "signing/pdf/limits.h"

namespace qianda::signing {
namespace {

using pdf::Object;
using pdf::Reference;

std::string written(const Object& object) {
  std::string text;
  pdf::write(object, text);
  return text;
}

std::string nameText(const std::string& name) {
  Object object;
  object.type = Object::Type::kName;
  object.text = name;
  return written(object);
}

// A dictionary's text with some entries replaced or added.
std::string withEntries(const Object& dictionary, const std::map<std::string, std::string>& entries) {
  std::string text = "<<";
  if (dictionary.hasDictionary()) {
    for (const auto& [key, value] : *dictionary.dictionary) {
      if (!entries.contains(key)) text += nameText(key) + " " + written(value);
    }
  }
  for (const auto& [key, value] : entries) {
    if (!value.empty()) text += nameText(key) + " " + value;
  }
  return text + ">>";
}

// Calls visit(first, count) for every run of consecutive numbers.
template <typename Visit>
void eachRun(const std::map<std::uint32_t, std::size_t>& offsets, Visit visit) {
  for (auto at = offsets.begin(); at != offsets.end();) {
    auto end = at;
    std::uint32_t count = 0;
    while (end != offsets.end() && end->first == at->first + count) ++end, ++count;
    visit(at, count);
    at = end;
  }
}

}  // namespace

std::string referenceText(std::uint32_t number) { return std::to_string(number) + " 0 R"; }
std::string referenceText(const Reference& reference) {
  return std::to_string(reference.number) + " " + std::to_string(reference.generation) + " R";
}

std::string numberText(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

Update::Update(pdf::Document& document) : document_(document) {
  if (document.isEncrypted()) {
    throw core::Error(core::ErrorCode::kUnsupported, "the file is encrypted; remove the encryption before signing");
  }
  if (document.isReconstructed()) {
    throw core::Error(core::ErrorCode::kInvalidInput,
                      "the file's cross-reference is damaged; repair the file before signing");
  }
  const Object& size = document.trailer()["Size"];
  next_ = document.largestNumber() + 1;
  if (size.is(Object::Type::kInteger) && size.integer > next_ && size.integer <= pdf::kLargestObjectNumber) {
    next_ = static_cast<std::uint32_t>(size.integer);
  }
}

std::uint32_t Update::add(std::string object) {
  const std::uint32_t number = reserve();
  put(number, std::move(object));
  return number;
}

void Update::put(std::uint32_t number, std::string object) { added_[number] = std::move(object); }

std::uint32_t Update::addStream(std::string_view entries, std::string_view octets) {
  return add("<<" + std::string(entries) + "/Length " + std::to_string(octets.size()) + ">>\nstream\n" +
             std::string(octets) + "\nendstream");
}

Update::Change& Update::changeOf(const Reference& reference) {
  Change& change = changes_[reference.number];
  change.generation = reference.generation;
  return change;
}

void Update::setEntry(const Reference& dictionary, const std::string& key, const std::string& value) {
  changeOf(dictionary).entries[key] = value;
}

void Update::appendTo(const Reference& owner, const std::string& key, const std::string& element) {
  const Object& array = document_.object(owner.number)[key];
  if (array.is(Object::Type::kReference)) {
    changeOf(array.reference).elements.push_back(element);
  } else {
    changeOf(owner).grown[key].push_back(element);
  }
}

void Update::replaceIn(const Reference& owner, const std::string& key, const Reference& old,
                       const std::string& element) {
  const Object& array = document_.object(owner.number)[key];
  Change& change = changeOf(array.is(Object::Type::kReference) ? array.reference : owner);
  if (!array.is(Object::Type::kReference)) change.grown[key];  // the array is to be written anew
  change.replaced.emplace_back(old, element);
}

void Update::addField(std::uint32_t field) {
  fields_.push_back(referenceText(field));
  signed_ = true;
}

void Update::markSigned() { signed_ = true; }

std::string Update::grownArray(const Object& array, const std::vector<std::string>& elements, const Change& change) {
  std::string text = "[";
  if (array.is(Object::Type::kArray)) {
    for (const Object& one : *array.array) {
      const auto replaced = std::find_if(change.replaced.begin(), change.replaced.end(), [&](const auto& pair) {
        return one.is(Object::Type::kReference) && one.reference == pair.first;
      });
      text += (replaced == change.replaced.end() ? written(one) : replaced->second) + " ";
    }
  }
  for (const std::string& element : elements) text += element + " ";
  return text + "]";
}

std::string Update::textOf(std::uint32_t number, const Change& change) {
  const Object& original = document_.object(number);
  if (original.is(Object::Type::kArray)) return grownArray(original, change.elements, change);
  std::map<std::string, std::string> entries = change.entries;
  for (const auto& [key, elements] : change.grown)
    entries[key] = grownArray(document_.resolve(original[key]), elements, change);
  return withEntries(original, entries);
}

// The form is an object of its own, or stands in the catalog, or is missing.
void Update::writeForm() {
  const Object& form = document_.catalog()["AcroForm"];
  const Object& dictionary = document_.resolve(form);
  const bool isFlagged = document_.get(dictionary, "SigFlags").integer == 3;
  if (fields_.empty() && isFlagged) return;
  if (form.is(Object::Type::kReference) && dictionary.is(Object::Type::kDictionary)) {
    if (!isFlagged) setEntry(form.reference, "SigFlags", "3");
    for (const std::string& field : fields_) appendTo(form.reference, "Fields", field);
    return;
  }
  std::map<std::string, std::string> entries{{"SigFlags", "3"}};
  const Object& fields = dictionary["Fields"];
  if (fields.is(Object::Type::kReference)) {
    for (const std::string& field : fields_) changeOf(fields.reference).elements.push_back(field);
  } else {
    entries["Fields"] = grownArray(fields, fields_, {});
  }
  setEntry(catalog(), "AcroForm", withEntries(dictionary, entries));
}

Update::Appended Update::finish() {
  if (signed_) writeForm();
  Appended result;
  const std::string_view pdf = document_.file();
  std::string& out = result.octets;
  if (!pdf.ends_with('\n') && !pdf.ends_with('\r')) out = "\n";
  for (const auto& [number, change] : changes_) added_.emplace(number, textOf(number, change));
  std::map<std::uint32_t, std::size_t> offsets;
  for (const auto& [number, text] : added_) {
    offsets[number] = pdf.size() + out.size();
    const auto change = changes_.find(number);
    out += std::to_string(number) + " " + std::to_string(change == changes_.end() ? 0 : change->second.generation) +
           " obj\n";
    result.bodies[number] = out.size();
    out += text + "\nendobj\n";
  }
  const std::size_t xref = pdf.size() + out.size();
  if (document_.sections().front().isStream) {
    writeXrefStream(offsets, xref, out);
  } else {
    writeXrefTable(offsets, out);
  }
  out += "startxref\n" + std::to_string(xref) + "\n%%EOF\n";
  return result;
}

std::string Update::trailerEntries() const {
  const Object& trailer = document_.trailer();
  std::string text =
      "/Root " + written(trailer["Root"]) + "/Prev " + std::to_string(document_.sections().front().offset);
  if (!trailer["Info"].is(Object::Type::kNull)) text += "/Info " + written(trailer["Info"]);
  const Object& id = trailer["ID"];
  Object fresh;
  fresh.type = Object::Type::kString;
  const core::DocumentId random = core::DocumentId::random();
  fresh.text.assign(random.octets.begin(), random.octets.end());
  const bool hasId = id.is(Object::Type::kArray) && !id.array->empty();
  return text + "/ID[" + written(hasId ? id.array->front() : fresh) + written(fresh) + "]";
}

void Update::writeXrefTable(const std::map<std::uint32_t, std::size_t>& offsets, std::string& out) const {
  out += "xref\n";
  eachRun(offsets, [&](auto at, std::uint32_t count) {
    out += std::to_string(at->first) + " " + std::to_string(count) + "\n";
    for (; count > 0; --count, ++at) {
      const auto change = changes_.find(at->first);
      char line[32];
      std::snprintf(line, sizeof line, "%010zu %05u n \n", at->second,
                    change == changes_.end() ? 0 : change->second.generation);
      out += line;
    }
  });
  out += "trailer\n<</Size " + std::to_string(next_) + trailerEntries() + ">>\n";
}

void Update::writeXrefStream(std::map<std::uint32_t, std::size_t> offsets, std::size_t xref, std::string& out) {
  const std::uint32_t self = next_++;
  offsets[self] = xref;
  std::string index, rows;
  eachRun(offsets, [&](auto at, std::uint32_t count) {
    index += std::to_string(at->first) + " " + std::to_string(count) + " ";
    for (; count > 0; --count, ++at) {
      const auto change = changes_.find(at->first);
      const std::uint32_t generation = change == changes_.end() ? 0 : change->second.generation;
      rows.push_back(1);
      for (int shift = 32; shift >= 0; shift -= 8) rows.push_back(static_cast<char>(at->second >> shift));
      rows.push_back(static_cast<char>(generation >> 8));
      rows.push_back(static_cast<char>(generation));
    }
  });
  out += std::to_string(self) + " 0 obj\n<</Type/XRef/Size " + std::to_string(next_) + "/W[1 5 2]/Index[" + index +
         "]" + trailerEntries() + "/Length " + std::to_string(rows.size()) + ">>\nstream\n" + rows +
         "\nendstream\nendobj\n";
}

}  // namespace qianda::signing
