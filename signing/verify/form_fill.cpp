#include "signing/verify/form_fill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "signing/pdf/filters.h"
#include "signing/pdf/parser.h"
#include "signing/pdf/signature_fields.h"
#include "signing/verify/additions.h"

namespace qianda::signing::verify {
namespace {

using pdf::Document;
using pdf::Object;

using Box = std::array<double, 4>;

std::optional<Box> boxOf(Document& document, const Object& array) {
  if (!array.is(Object::Type::kArray) || array.array->size() != 4) return std::nullopt;
  Box box;
  for (std::size_t i = 0; i < 4; ++i) {
    const Object& number = document.resolve((*array.array)[i]);
    if (!number.isNumber()) return std::nullopt;
    box[i] = number.number();
  }
  return box;
}

// Reads the content stream of a form field's appearance. Anything that could show something else than lines of text
// on a plain ground, from left to right and downwards, makes it not plain.
class AppearanceReader {
 public:
  AppearanceReader(const std::string& content, const Box& box) : box_(box) {
    pdf::Parser parser(content);
    for (parser.skipSpace(); !parser.atEnd() && isPlain; parser.skipSpace()) {
      if (auto object = parser.object()) {
        operands_.push_back(std::move(*object));
        continue;
      }
      const std::size_t from = parser.position();
      std::size_t end = from;
      while (end < content.size() && !pdf::isWhiteSpace(static_cast<unsigned char>(content[end])) &&
             std::string_view("()<>[]{}/%").find(content[end]) == std::string_view::npos) {
        ++end;
      }
      if (end == from) isPlain = false;
      apply(content.substr(from, end - from));
      operands_.clear();
      parser = pdf::Parser(content, std::max(end, from + 1));
    }
  }

  std::string text;
  std::set<std::string> fonts;
  bool isPlain = true;

 private:
  double number(std::size_t index) const {
    return index < operands_.size() && operands_[index].isNumber() ? operands_[index].number() : 0;
  }
  static bool isIn(std::string_view name, std::initializer_list<std::string_view> list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  }

  void apply(std::string_view name) {
    if (isIn(name, {"BMC", "BDC", "EMC", "MP", "DP", "q", "Q", "BT", "ET", "n", "w", "d", "j", "J", "G", "RG", "K",
                    "CS", "SC"})) {
      if (name == "BT") moveTo(0, 0);
      return;
    }
    if (isIn(name, {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s"})) {
      isPlain = isPlain && text.empty();
    } else if (isIn(name, {"m", "l", "h"})) {
      hasLines_ = true;
    } else if (name == "re") {
      lastWidth_ = std::abs(number(2)), lastHeight_ = std::abs(number(3));
    } else if (isIn(name, {"W", "W*"})) {
      isPlain = isPlain && !hasLines_ && lastWidth_ * 2 >= box_[2] - box_[0] && lastHeight_ * 2 >= box_[3] - box_[1];
    } else if (isIn(name, {"g", "rg", "k"})) {
      setColour(name);
    } else {
      applyText(name);
    }
  }

  void setColour(std::string_view name) {
    const auto all = [&](auto test) {
      return std::all_of(operands_.begin(), operands_.end(), [&](const Object& one) { return test(one.number()); });
    };
    isPale_ = name == "k" ? all([](double v) { return v < 0.2; }) : all([](double v) { return v > 0.8; });
  }

  void applyText(std::string_view name) {
    if (name == "Tf" && !operands_.empty() && operands_[0].is(Object::Type::kName)) {
      fonts.insert(operands_[0].text);
      size_ = number(1);
    } else if (name == "Td" || name == "TD") {
      if (name == "TD") leading_ = -number(1);
      moveTo(lineX_ + number(0) * scale_, lineY_ + number(1) * scale_);
    } else if (name == "Tm") {
      scale_ = number(3);
      isPlain = isPlain && number(1) == 0 && number(2) == 0 && number(0) > 0 && std::abs(number(0) - number(3)) < 0.01;
      moveTo(number(4), number(5));
    } else if (name == "TL") {
      leading_ = number(0);
    } else if (name == "T*" || name == "'") {
      moveTo(lineX_, lineY_ - leading_ * scale_);
      if (name == "'") show();
    } else if (name == "Tj" || name == "TJ") {
      show();
    } else if (name == "Tc" || name == "Tw") {
      isPlain = isPlain && number(0) >= 0;
    } else if (name == "Tr" || name == "Ts" || name == "i") {
      isPlain = isPlain && number(0) == 0;
    } else if (name == "Tz") {
      isPlain = isPlain && number(0) >= 50;
    } else {
      isPlain = false;
    }
  }

  void moveTo(double x, double y) { lineX_ = x, lineY_ = y; }

  void show() {
    const bool isInside = lineX_ >= box_[0] - 1 && lineX_ < box_[2] && lineY_ > box_[1] - size_ && lineY_ < box_[3];
    const bool isOnward = text.empty() || lineY_ < shownY_ - 0.01 || lineX_ >= shownX_;
    isPlain = isPlain && isInside && isOnward && lineY_ <= shownY_ + 0.01 && size_ * scale_ >= 2 && !isPale_;
    shownX_ = lineX_, shownY_ = lineY_;
    for (const Object& operand : operands_) {
      if (operand.is(Object::Type::kString)) text += operand.text;
      if (!operand.is(Object::Type::kArray)) continue;
      for (const Object& one : *operand.array) {
        if (one.is(Object::Type::kString)) text += one.text;
        if (one.isNumber() && one.number() > 250) isPlain = false;  // steps back over what it has shown
      }
    }
  }

  const Box box_;
  std::vector<Object> operands_;
  double size_ = 0, scale_ = 1, leading_ = 0, lineX_ = 0, lineY_ = 0, shownX_ = 0, shownY_ = 1e9;
  double lastWidth_ = 0, lastHeight_ = 0;
  bool hasLines_ = false, isPale_ = false;
};

std::string withoutBlanks(std::string text) {
  std::erase_if(text, [](unsigned char c) { return pdf::isWhiteSpace(c); });
  return text;
}

bool isStandardFont(const std::string& name) {
  static const std::set<std::string> kNames{
      "Helvetica",   "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique",
      "Times-Roman", "Times-Bold",     "Times-Italic",      "Times-BoldItalic",
      "Courier",     "Courier-Bold",   "Courier-Oblique",   "Courier-BoldOblique"};
  return kNames.contains(name);
}

// Whether codes of printable ASCII keep their meaning.
bool isEncodingPlain(Document& document, const Object& encoding) {
  if (encoding.is(Object::Type::kNull) || encoding.is(Object::Type::kName)) return true;
  const Object& differences = document.get(encoding, "Differences");
  if (!differences.is(Object::Type::kArray)) return differences.is(Object::Type::kNull);
  std::int64_t code = 0;
  for (const Object& one : *differences.array) {
    if (one.is(Object::Type::kInteger)) {
      code = one.integer;
    } else if (code > 32 && code < 127 && !one.isName("quotesingle") && !one.isName("grave")) {
      return false;
    } else {
      ++code;
    }
  }
  return true;
}

bool isTrustedFont(const Object& entry, const Roles& roles, Document& before, Document& after) {
  const Object& font = after.resolve(entry);
  if (!isEncodingPlain(after, after.get(font, "Encoding"))) return false;
  if (entry.is(Object::Type::kReference) && roles.used.contains(entry.reference.number)) {
    const Object& old = before.object(entry.reference.number);
    return old["Type"].isName("Font") && (old["Subtype"].isName("Type1") || old["Subtype"].isName("TrueType"));
  }
  if (!font["Subtype"].isName("Type1") || !font["BaseFont"].is(Object::Type::kName)) return false;
  for (const auto& [key, value] : *font.dictionary) {
    static const std::set<std::string_view> kKeys{"Type", "Subtype", "Name", "BaseFont", "Encoding"};
    if (!kKeys.contains(key)) return false;
  }
  return isStandardFont(font["BaseFont"].text);
}

}  // namespace

std::string judgeFilledAppearance(const Object& widget, const Object& value, const Roles& roles, Document& before,
                                  Document& after) {
  static constexpr const char* kUnreadable = "shows something that cannot be read as its value";
  const Object& appearances = after.get(widget, "AP");
  if (!appearances.hasDictionary() || appearances.dictionary->size() != 1) return kUnreadable;
  const Object& appearance = after.get(appearances, "N");
  const auto content = pdf::decodeStream(appearance, after.rawStream(appearance));
  const auto box = boxOf(after, after.get(appearance, "BBox"));
  if (!content || !box || !value.is(Object::Type::kString)) return kUnreadable;
  // Readers differ in where a stream of a wrong length ends, and in which of two entries counts.
  if (after.get(appearance, "Length").integer != static_cast<std::int64_t>(after.rawStream(appearance).size()) ||
      !findDoubledKey(appearance).empty() || !appearance["F"].is(Object::Type::kNull)) {
    return kUnreadable;
  }
  if (!appearance["Matrix"].is(Object::Type::kNull) || !appearance["OC"].is(Object::Type::kNull)) return kUnreadable;
  const AppearanceReader reading(*content, *box);
  // Both as Unicode: the fonts accepted below show codes as Latin.
  if (!reading.isPlain ||
      withoutBlanks(pdf::textOfString(reading.text)) != withoutBlanks(pdf::textOfString(value.text))) {
    return kUnreadable;
  }
  const Object& fonts = after.get(after.get(appearance, "Resources"), "Font");
  for (const std::string& name : reading.fonts) {
    if (!isTrustedFont(fonts[name], roles, before, after))
      return "is shown in a font that the signed revision does not have: it may draw other characters";
  }
  return {};
}

bool looksEmpty(const Object& widget, Document& document) {
  const Object& appearance = document.get(document.get(widget, "AP"), "N");
  if (appearance.is(Object::Type::kNull)) return true;
  const auto content = pdf::decodeStream(appearance, document.rawStream(appearance));
  const auto box = boxOf(document, document.get(appearance, "BBox"));
  if (!content || !box) return false;
  const AppearanceReader reading(*content, *box);
  return reading.isPlain && withoutBlanks(reading.text).empty();
}

}  // namespace qianda::signing::verify
