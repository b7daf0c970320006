#include "signing/seal/seal_appearance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "signing/seal/canvas.h"

namespace qianda::signing {
namespace {

[[noreturn]] void refuse(const std::string& reason) { throw core::Error(core::ErrorCode::kInvalidInput, reason); }

constexpr std::size_t kMaxName = 40, kMaxUse = 16, kCodeDigits = 13;
constexpr double kSmallest = 10, kLargest = 60;  // mm

constexpr SealShape kShapes[] = {
    {SealKind::kCompany, "company", "有限公司公章", 40, 1.0, 0, SealCentre::kStar, ""},
    {SealKind::kContract, "contract", "合同专用章", 40, 1.0, 0, SealCentre::kStar, "合同专用章"},
    {SealKind::kPersonnel, "personnel", "人事专用章", 40, 1.0, 0, SealCentre::kEmpty, "人事专用章"},
    {SealKind::kUnion, "union", "工会章", 42, 1.0, 0.1, SealCentre::kStar, ""},
    {SealKind::kAuthority, "authority", "政府部门公章", 42, 1.2, 0, SealCentre::kStar, ""},
    {SealKind::kStateCompany, "state-company", "国有、股份公司公章", 42, 1.2, 0, SealCentre::kStar, ""},
    {SealKind::kIndividual, "individual", "个体工商户公章", 38, 1.0, 0, SealCentre::kStar, ""},
    {SealKind::kDepartment, "department", "部门章", 38, 1.0, 0, SealCentre::kStar, ""},
    {SealKind::kArbitration, "arbitration", "劳动人事争议仲裁委员会公章", 45, 1.2, 0, SealCentre::kStar, ""},
};

std::vector<PathStep> starPath(double radius) {
  constexpr double kInner = 0.381966;  // where the edges of a five-pointed star cross
  std::vector<PathStep> path;
  for (int i = 0; i < 10; ++i) {
    const double r = i % 2 == 0 ? radius : radius * kInner;
    const double angle = (90 + 36 * i) * std::numbers::pi / 180;
    path.push_back(
        {i == 0 ? PathStep::Kind::kMove : PathStep::Kind::kLine, {Point{r * std::cos(angle), r * std::sin(angle)}}});
  }
  return path;
}

struct Letter {
  GlyphOutline outline;
  double width;   // ems it takes on its line
  double middle;  // of its ink or body, in ems
};
constexpr double kBodyMiddle = 0.38;  // ideographs stand from -0.12 to 0.88 em

// Brackets and other punctuation take the room of their ink, so that （ ） leave no holes.
std::vector<Letter> lettersOf(GlyphSource& source, std::u32string_view text) {
  std::vector<Letter> letters;
  for (char32_t character : text) {
    GlyphOutline outline = source.outlineOf(character);
    const bool ink = !outline.path.empty() && outline.right - outline.left < 0.45;
    const double width = ink ? outline.right - outline.left + 0.16 : outline.advance;
    const double middle = ink ? (outline.left + outline.right) / 2 : outline.advance / 2;
    letters.push_back({std::move(outline), width, middle});
  }
  return letters;
}

double widthOf(const std::vector<Letter>& letters) {
  double width = 0;
  for (const Letter& letter : letters) width += letter.width;
  return width;
}

// A horizontal line of text, `height` mm tall, centred on (0, y), letters narrowed by `narrow`.
void drawLine(Canvas& canvas, const std::vector<Letter>& letters, double y, double height, double narrow) {
  const double sx = height * narrow;
  double x = -widthOf(letters) / 2;
  for (const Letter& letter : letters) {
    const double left = x + letter.width / 2 - letter.middle;
    canvas.fill(letter.outline.path, {sx, 0, 0, height, sx * left, y - height * kBodyMiddle});
    x += letter.width;
  }
}

// Below the centre, between the ends of the name: a long line is narrowed, then lowered.
void drawUse(Canvas& canvas, const std::vector<Letter>& letters, double y, double radius) {
  constexpr double kNarrowest = 0.5;
  const double ems = widthOf(letters);
  const double height = std::min(radius * 0.19, radius / (ems * kNarrowest));
  drawLine(canvas, letters, y, height, std::min(0.8, radius / (ems * height)));
}

// On the lower arc, from left to right, heads to the centre.
void drawCode(Canvas& canvas, const std::vector<Letter>& digits, double radius, double outer) {
  constexpr double kDigitHeight = 0.73;  // of an em
  const double em = radius * 0.07 / kDigitHeight, middle = outer - radius * 0.035;
  const double step = em * 0.78 / middle;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const double turn = (static_cast<double>(i) - static_cast<double>(digits.size() - 1) / 2) * step;
    const double cos = std::cos(turn), sin = std::sin(turn);
    const Point shift{-digits[i].middle * em, -middle - kDigitHeight / 2 * em};
    canvas.fill(digits[i].outline.path, {em * cos, em * sin, -em * sin, em * cos, shift.x * cos - shift.y * sin,
                                         shift.x * sin + shift.y * cos});
  }
}

// On the upper arc, from left to right, feet to the centre. Few letters stand 30 degrees apart; many share an arc that
// leaves the lower part free, and become narrower (and from about twenty on, lower) so that they do not touch.
void drawArc(Canvas& canvas, const std::vector<Letter>& letters, double radius, double outer, bool useBelow) {
  const double ems = widthOf(letters);
  const double height = radius * std::clamp(0.30 - 0.0035 * ems, 0.17, 0.26);
  const double middle = outer - height / 2;
  const double widest = ems <= 16 || useBelow ? 240 : ems <= 26 ? 256 : 270;
  const double gaps = ems - (letters.front().width + letters.back().width) / 2;
  const double step = (gaps > 0 ? std::min(30.0, widest / gaps) : 0) * std::numbers::pi / 180;  // an em's angle
  const double pitch = gaps > 0 ? step * (middle - height * 0.42) : height;
  const double width = std::min(height * 0.82, pitch * 0.93);
  double angle = std::numbers::pi / 2 + step * gaps / 2;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (i > 0) angle -= step * (letters[i - 1].width + letters[i].width) / 2;
    const double turn = angle - std::numbers::pi / 2, cos = std::cos(turn), sin = std::sin(turn);
    const Point shift{-letters[i].middle * width, middle - kBodyMiddle * height};
    canvas.fill(letters[i].outline.path, {width * cos, width * sin, -height * sin, height * cos,
                                          shift.x * cos - shift.y * sin, shift.x * sin + shift.y * cos});
  }
}

std::u32string checkedText(const std::string& text, const char* what, std::size_t most) {
  const auto characters = core::decodeUtf8(core::trim(text));
  if (!characters) refuse(fmt::format("a seal's {} is not well-formed UTF-8", what));
  if (characters->size() > most) {
    refuse(fmt::format("a seal's {} has {} characters; at most {} fit", what, characters->size(), most));
  }
  return *characters;
}

// The design's own measures where it has them.
SealShape shapeFor(const SealDesign& design) {
  SealShape shape = shapeOf(design.kind);
  if (design.centre) shape.centre = *design.centre;
  if (design.diameter != 0) shape.diameter = design.diameter;
  if (design.border != 0) shape.border = design.border;
  if (!(shape.diameter >= kSmallest && shape.diameter <= kLargest)) {
    refuse(fmt::format("a seal is {} to {} mm wide, not {}", kSmallest, kLargest, shape.diameter));
  }
  if (!(shape.border > 0 && shape.border <= shape.diameter / 10)) {
    refuse(fmt::format("a border of {} mm does not suit a seal of {} mm", shape.border, shape.diameter));
  }
  return shape;
}

std::u32string useLineOf(const SealDesign& design, const SealShape& shape) {
  std::u32string use = checkedText(design.use.value_or(shape.use), "use line", kMaxUse);
  if (design.number == 0) return use;
  if (design.number < 0 || design.number > 99) refuse("a seal's number is 1 to 99");
  if (use.empty()) refuse("a seal without a use line has no number");
  return use + *core::decodeUtf8(fmt::format("({})", design.number));
}

}  // namespace

std::span<const SealShape> listSealShapes() { return kShapes; }

const SealShape& shapeOf(SealKind kind) { return kShapes[static_cast<std::size_t>(kind)]; }

std::optional<SealKind> findSealKind(std::string_view name) {
  const auto found =
      std::ranges::find(kShapes, name, [](const SealShape& shape) { return std::string_view(shape.name); });
  if (found == std::end(kShapes)) return std::nullopt;
  return found->kind;
}

SealAppearance drawSeal(const SealDesign& design) {
  const std::u32string name = checkedText(design.ownerName, "name", kMaxName);
  if (name.empty()) refuse("a seal needs a name");
  const SealShape shape = shapeFor(design);
  const std::u32string use = useLineOf(design, shape);
  const bool star = shape.centre == SealCentre::kStar;
  const double radius = shape.diameter / 2;
  GlyphSource source(core::FontRole::kSerifBold);
  Canvas canvas(shape.diameter, shape.diameter, kSealRed, {radius, radius});
  canvas.circle(radius - shape.border / 2, shape.border);
  double inside = radius - shape.border;
  if (shape.innerBorder > 0) {
    inside -= 0.6;
    canvas.circle(inside, shape.innerBorder);
  }
  drawArc(canvas, lettersOf(source, name), radius, inside - radius * 0.055, !use.empty());
  if (star) canvas.fill(starPath(radius * 0.34), {});
  const bool code = !design.code.empty();
  if (!use.empty()) drawUse(canvas, lettersOf(source, use), radius * (code ? -0.47 : -0.52), radius);
  if (code) {
    if (design.code.size() != kCodeDigits || design.code.find_first_not_of("0123456789") != std::string::npos) {
      refuse("a seal's code has 13 digits, not \"" + design.code + "\"");
    }
    drawCode(canvas, lettersOf(source, *core::decodeUtf8(design.code)), radius, inside - radius * 0.025);
  }
  if (design.demo) {
    const double y = !star ? 0 : use.empty() ? -0.55 : code ? -0.67 : -0.75;
    drawLine(canvas, lettersOf(source, U"示例"), radius * y, radius * (y < -0.6 ? 0.13 : 0.16), 1);
  }
  return {std::move(canvas).finish().content, shape.diameter};
}

Appearance appearanceOf(const SealAppearance& seal) { return {seal.content, seal.sizeMm, seal.sizeMm}; }

}  // namespace qianda::signing
