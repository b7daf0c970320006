#include "signing/verify/additions.h"

#include <algorithm>
#include <cmath>

#include "signing/pdf/signature_fields.h"

namespace qianda::signing::verify {
namespace {

using pdf::Document;
using pdf::Object;
using Keys = std::set<std::string_view>;

// A seal of 60 mm has 28,900 square points, a signature box of 110 mm x 45 mm has 39,800: a larger widget could hide a
// paragraph. Together they leave two thirds of a page to be read.
constexpr double kLargestWidget = 42'000;
constexpr double kLargestShare = 1.0 / 3;

// Annotation flags (12.5.3) under which a widget stays in its rectangle and looks the same on screen and paper:
// Hidden, Print, ReadOnly, Locked, LockedContents.
constexpr std::int64_t kPlainFlags = 2 | 4 | 64 | 128 | 512;

const Keys kWidgetKeys{"Type", "Subtype", "FT", "T",  "TU",   "TM",     "Ff",           "V",       "Rect",   "F",
                       "P",    "AP",      "AS", "MK", "DA",   "Q",      "DR",           "Kids",    "Parent", "M",
                       "NM",   "BS",      "H",  "SV", "Lock", "Border", "StructParent", "Contents"};

// Annotations that comment (12.5.6); those that play, link, redact or attach are none of them.
const Keys kComments{"Text",  "FreeText",  "Line",     "Square",    "Circle", "Polygon", "PolyLine", "Highlight",
                     "Caret", "Underline", "Squiggly", "StrikeOut", "Stamp",  "Ink",     "Popup"};

// Those that a reader draws within their rectangle when they bring no appearance.
const Keys kBoxed{"Text", "FreeText", "Square", "Circle", "Stamp", "Caret", "Popup"};

std::string firstOutside(const Object& dictionary, const Keys& allowed) {
  for (const auto& [key, value] : *dictionary.dictionary) {
    if (!allowed.contains(key)) return key;
  }
  return {};
}

}  // namespace

double areaOf(Document& document, const Object& annotation) {
  const Object& box = document.get(annotation, "Rect");
  if (!box.is(Object::Type::kArray) || box.array->size() != 4) return 0;
  double corner[4];
  for (std::size_t i = 0; i < 4; ++i) corner[i] = document.resolve((*box.array)[i]).number();
  return std::abs((corner[2] - corner[0]) * (corner[3] - corner[1]));
}

std::string findDoubledKey(const Object& object) {
  if (object.is(Object::Type::kArray)) {
    for (const Object& one : *object.array) {
      if (std::string key = findDoubledKey(one); !key.empty()) return key;
    }
  }
  if (!object.hasDictionary()) return {};
  std::set<std::string_view> keys;
  for (const auto& [key, value] : *object.dictionary) {
    if (!keys.insert(key).second) return key;
    if (std::string below = findDoubledKey(value); !below.empty()) return below;
  }
  return {};
}

Additions::Additions(const Roles& roles, Document& before, Document& after)
    : roles_(roles), before_(before), after_(after) {
  for (const pdf::SignatureField& field : pdf::listSignatureFields(after))
    fieldOf_.emplace(field.reference.number, field.name);
}

Change Additions::judge(const Object& element, std::uint32_t page) {
  const auto forbidden = [&](std::string sentence) {
    return Change{"forbidden", element.reference.number, std::move(sentence), false};
  };
  if (!element.is(Object::Type::kReference)) return forbidden("something else than a reference was added to a list");
  const std::uint32_t number = element.reference.number;
  const Object& added = after_.resolve(element);
  if (!added.is(Object::Type::kDictionary)) return forbidden("a list gained something that is no annotation");
  const Object& parent = after_.get(added, "Parent");
  const bool ownsType = after_.get(added, "FT").isName("Sig");
  if (!ownsType && !after_.get(parent, "FT").isName("Sig")) {
    if (page == 0) return forbidden("the list of form fields gained something else than a signature field");
    if (roles_.certification != 3)
      return forbidden("the annotations of a page gained something else than a signature field");
    if (std::string problem = judgeAnnotation(added, page); !problem.empty()) return forbidden(std::move(problem));
    return {"annotation", number, "an annotation /" + after_.get(added, "Subtype").text + " was added", true};
  }
  if (std::string problem = judgeSignature(added, number, page); !problem.empty()) return forbidden(std::move(problem));
  const Object& value = after_.get(ownsType ? added : parent, "V");
  const std::string name = pdf::textOfString(after_.get(ownsType ? added : parent, "T").text);
  const double area = page == 0 ? 0 : areaOf(after_, added);
  std::string detail = "the field " + name + " was added";
  if (area > 0) {
    detail += ", visible on page object " + std::to_string(page) + ", " +
              std::to_string(std::lround(area * 25.4 * 25.4 / 72 / 72)) + " mm2";
  }
  return {after_.get(value, "Type").isName("DocTimeStamp") ? "timestamp" : "signature", number, detail, true};
}

std::string Additions::judgeSignature(const Object& widget, std::uint32_t number, std::uint32_t page) {
  const bool ownsType = after_.get(widget, "FT").isName("Sig");
  const Object& parent = widget["Parent"];
  const std::uint32_t owner = ownsType || !parent.is(Object::Type::kReference) ? number : parent.reference.number;
  const auto field = fieldOf_.find(owner);
  if (field == fieldOf_.end()) return "a widget was added that belongs to no signature field of the form";
  if (const auto old = roles_.fields.find(owner); old != roles_.fields.end() && old->second.isSignedField)
    return "the signed field " + field->second + " gained a widget";
  if (page == 0 && roles_.fieldNames.contains(field->second))
    return "a field was added with the name of one that was there: " + field->second;
  const Object& subtype = after_.get(widget, "Subtype");
  if (!subtype.isName("Widget") && !subtype.is(Object::Type::kNull))
    return "a signature field was added that is an annotation of another kind";
  if (const std::string key = firstOutside(widget, kWidgetKeys); !key.empty())
    return "a signature field was added with the entry /" + key;
  if (page == 0) return judgeOctets(widget);
  if (areaOf(after_, widget) > 0) {
    if (!after_.get(after_.object(owner), "V").hasDictionary())
      return "an unsigned signature field was laid over a page: it may hide what was signed";
    if (roles_.certification == 1 || roles_.certification == 2)
      return "a visible signature field was added to a certified document";
  }
  return judgePlace(widget, page);
}

std::string Additions::judgeAnnotation(const Object& annotation, std::uint32_t page) {
  const Object& subtype = after_.get(annotation, "Subtype");
  if (!subtype.is(Object::Type::kName) || !kComments.contains(subtype.text))
    return "an annotation was added that is no comment: /" + subtype.text;
  for (const char* key : {"A", "AA", "OC", "PA", "FS"}) {
    if (!annotation[key].is(Object::Type::kNull)) return std::string("an annotation was added with the entry /") + key;
  }
  if (!kBoxed.contains(subtype.text) && !after_.get(annotation, "AP").hasDictionary())
    return "an annotation /" + subtype.text + " was added without an appearance: it may be drawn outside its rectangle";
  return judgePlace(annotation, page);
}

std::string Additions::judgePlace(const Object& annotation, std::uint32_t page) {
  const double area = areaOf(after_, annotation);
  if (area > 0) {
    const Object& flags = after_.get(annotation, "F");
    if (flags.is(Object::Type::kInteger) && (flags.integer & ~kPlainFlags) != 0)
      return "something was added that looks different on screen and paper or does not scale with its page";
    if (area > kLargestWidget) return "something was added that covers so much of a page that it may hide it";
    covered_[page] += area;
  }
  return judgeOctets(annotation);
}

// New objects must mean the same to every reader.
std::string Additions::judgeOctets(const Object& root) {
  std::vector<const Object*> open{&root};
  while (!open.empty()) {
    const Object& object = *open.back();
    open.pop_back();
    if (object.is(Object::Type::kReference)) {
      const std::uint32_t number = object.reference.number;
      if (!before_.entries().contains(number) && seen_.insert(number).second) open.push_back(&after_.object(number));
      continue;
    }
    if (const std::string key = findDoubledKey(object); !key.empty())
      return "an object was added with two entries /" + key;
    if (object.is(Object::Type::kArray)) {
      for (const Object& one : *object.array) open.push_back(&one);
    } else if (object.hasDictionary()) {
      if (object.is(Object::Type::kStream) && !object["F"].is(Object::Type::kNull))
        return "a stream was added whose octets lie outside the file";
      for (const auto& [key, one] : *object.dictionary) open.push_back(&one);
    }
  }
  return {};
}

std::string Additions::judgeSignedField(std::uint32_t number, const Object& was, const Object& is) {
  if (equal(was["AP"], is["AP"]) && equal(was["F"], is["F"])) return {};
  const auto page = roles_.pageOfAnnotation.find(number);
  return judgePlace(is, page == roles_.pageOfAnnotation.end() ? 0 : page->second);
}

std::string Additions::findCovered() {
  for (const auto& [page, area] : covered_) {
    const double whole = pageArea(page);
    if (page != 0 && area > whole * kLargestShare)
      return "what was added covers so much of page object " + std::to_string(page) + " that it may hide it";
  }
  return {};
}

// The media box may stand in a node above (7.7.3.4).
double Additions::pageArea(std::uint32_t page) {
  const Object* node = &before_.object(page);
  for (int depth = 0; depth < 32 && node->hasDictionary(); ++depth, node = &before_.get(*node, "Parent")) {
    const Object& box = before_.get(*node, "MediaBox");
    if (!box.is(Object::Type::kArray) || box.array->size() != 4) continue;
    double corner[4];
    for (std::size_t i = 0; i < 4; ++i) corner[i] = before_.resolve((*box.array)[i]).number();
    return std::abs((corner[2] - corner[0]) * (corner[3] - corner[1]));
  }
  return 612.0 * 792.0;
}

}  // namespace qianda::signing::verify
