#include "signing/seal/text_lines.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"

namespace qianda::signing {
namespace {

[[noreturn]] void refuse(const std::string& reason) { throw core::Error(core::ErrorCode::kInvalidInput, reason); }

constexpr double kNarrowestValue = 4;  // ems
constexpr double kDescent = 0.3;       // of an em, below the base line of the last line

std::u32string decoded(const std::string& text) {
  const auto characters = core::decodeUtf8(text);
  if (!characters) refuse("a text line of a signature is not well-formed UTF-8");
  for (const char32_t character : *characters) {
    if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
      refuse("a text line of a signature has the control character " + core::codePointName(character));
    }
  }
  return *characters;
}

// Outlines by character, each looked up once.
class Glyphs {
 public:
  const GlyphOutline& operator[](char32_t character) {
    const auto found = known_.find(character);
    if (found != known_.end()) return found->second;
    return known_.emplace(character, source_.outlineOf(character)).first->second;
  }
  double widthOf(std::u32string_view text) {
    double width = 0;
    for (const char32_t character : text) width += (*this)[character].advance;
    return width;
  }

 private:
  GlyphSource source_{core::FontRole::kSerif};
  std::unordered_map<char32_t, GlyphOutline> known_;
};

bool isWide(char32_t c) { return c >= 0x2E80; }  // ideographs and their punctuation

bool mayBreakBetween(char32_t before, char32_t after) {
  constexpr std::u32string_view kNeverFirst = U"，。、；：？！）》」』】”’…,.;:?!)]}";
  constexpr std::u32string_view kNeverLast = U"（《「『【“‘([{";
  if (after == U' ' || kNeverFirst.find(after) != kNeverFirst.npos || kNeverLast.find(before) != kNeverLast.npos) {
    return false;
  }
  return before == U' ' || isWide(before) || isWide(after);
}

// How many characters the first line of `text` takes in `room` ems; at least one.
std::size_t lengthOfLine(Glyphs& glyphs, std::u32string_view text, double room) {
  double width = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && mayBreakBetween(text[i - 1], text[i])) best = i;
    if (text[i] == U' ') continue;  // may hang over the edge; counted with the next letter
    const std::size_t from = text.substr(0, i).find_last_not_of(U' ') + 1;  // npos + 1 is 0
    width += glyphs.widthOf(text.substr(from, i + 1 - from));
    if (width > room + 1e-9) return best > 0 ? best : std::max<std::size_t>(i, 1);
  }
  return text.size();
}

std::vector<std::u32string_view> wrapped(Glyphs& glyphs, std::u32string_view text, double room) {
  std::vector<std::u32string_view> lines;
  while (!text.empty()) {
    const std::size_t length = lengthOfLine(glyphs, text, room);
    lines.push_back(text.substr(0, length));
    text.remove_prefix(std::min(text.find_first_not_of(U' ', length), text.size()));
  }
  return lines;
}

// A run of letters at x on the base line of row `row`, in ems.
struct Run {
  double x;
  std::size_t row;
  std::u32string_view text;
};

}  // namespace

Appearance setTextLines(const std::vector<TextLine>& lines, double width, const TextStyle& style) {
  if (!(style.size >= 4 && style.size <= 72)) refuse("text lines are set in 4 to 72 points");
  if (!(style.lineHeight >= 1.2 && style.lineHeight <= 3)) refuse("a text line's height is 1.2 to 3 times its size");
  if (!(width > 0 && width <= 500)) refuse("text lines are up to 500 mm wide");
  Glyphs glyphs;
  std::vector<std::pair<std::u32string, std::u32string>> texts;
  std::size_t characters = 0;
  double column = 0;  // ems
  for (const TextLine& line : lines) {
    texts.emplace_back(decoded(line.label), decoded(line.value));
    characters += texts.back().first.size() + texts.back().second.size();
    if (characters > kMostTextCharacters)
      refuse(fmt::format("the text of a signature has more than {} characters", kMostTextCharacters));
    column = std::max(column, glyphs.widthOf(texts.back().first));
  }
  if (characters == 0) refuse("the text of a signature is empty");
  const double em = style.size / kPointsPerMillimetre, room = width / em;
  if (room < column + kNarrowestValue) {
    refuse(fmt::format("a width of {:.1f} mm leaves no room for the text at {} points; it takes {:.1f} mm at least",
                       width, style.size, (column + kNarrowestValue) * em));
  }
  std::vector<Run> runs;
  std::size_t rows = 0;
  for (const auto& [label, value] : texts) {
    const double indent = label.empty() ? 0 : column;
    if (!label.empty()) runs.push_back({0, rows, label});
    const auto parts = wrapped(glyphs, value, room - indent);
    for (std::size_t i = 0; i < parts.size(); ++i) runs.push_back({indent, rows + i, parts[i]});
    rows += std::max<std::size_t>(parts.size(), 1);
  }
  const double height = static_cast<double>(rows) * style.lineHeight * em;
  Canvas canvas(width, height, style.colour);
  for (const Run& run : runs) {
    const double base = height - (static_cast<double>(run.row + 1) * style.lineHeight - kDescent) * em;
    double x = run.x * em;
    for (const char32_t character : run.text) {
      const GlyphOutline& glyph = glyphs[character];
      canvas.fill(glyph.path, {em, 0, 0, em, x, base});
      x += glyph.advance * em;
    }
  }
  return std::move(canvas).finish();
}

}  // namespace qianda::signing
