#include "clients/cli/keyword_placement.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <unicode/unorm2.h>

#include "clients/cli/text_boxes.h"
#include "core/error.h"
#include "core/text.h"
#include "signing/pdf/signature_fields.h"

namespace qianda::cli {
namespace {

using core::Error;
using core::ErrorCode;
using signing::PageView;
using signing::SeenBox;

// What counts of a character when texts are compared: nothing of a space, else its compatibility form.
std::u32string folded(char32_t character) {
  if (character < 0x21 || character == 0xA0 || character == 0x3000 || (character >= 0x2000 && character <= 0x200F) ||
      character == 0xFEFF) {
    return {};
  }
  if (character < 0x80) return {character};
  UErrorCode status = U_ZERO_ERROR;
  UChar source[2], form[32];
  int32_t units = 0;
  U16_APPEND_UNSAFE(source, units, static_cast<UChar32>(character));
  const int32_t length = unorm2_normalize(unorm2_getNFKCInstance(&status), source, units, form, 32, &status);
  if (U_FAILURE(status)) return {character};
  std::u32string result;
  for (int32_t i = 0; i < length;) {
    UChar32 c = 0;
    U16_NEXT(form, i, length, c);
    if (c != ' ') result.push_back(static_cast<char32_t>(c));
  }
  return result;
}

// Which way the letters of a page run as the reader sees it. An upright page: to the right.
enum class Way { kRight, kLeft, kDown, kUp };

// A letter of a line that counts, with its box (points, from the upper left corner).
struct Letter {
  char32_t character;
  Word box;
};

// Half and full width, for sharing a word's box among its letters.
double weightOf(char32_t character) { return character < 0x1100 ? 0.5 : 1; }

// Whether a word's letters stand one beside the other. Short words look square either way.
bool runsAcross(const Word& word, double weight) {
  return weight < 2 || word.bottom - word.top < (word.right - word.left) * 1.25;
}

Word partOf(const Word& word, double from, double to, bool across, Way way) {
  Word part = word;
  if (across) {
    const double width = word.right - word.left;
    if (way == Way::kLeft) std::swap(from, to), from = 1 - from, to = 1 - to;
    part.left = word.left + width * from, part.right = word.left + width * to;
  } else {
    const double height = word.bottom - word.top;
    if (way == Way::kUp) std::swap(from, to), from = 1 - from, to = 1 - to;
    part.top = word.top + height * from, part.bottom = word.top + height * to;
  }
  return part;
}

// The two ways of a page's text, across and along, by the order of the words within its lines.
struct Ways {
  Way across = Way::kRight, along = Way::kDown;
};
Ways waysOf(const WordPage& page, int rotation) {
  int right = 0, down = rotation == 270 ? -1 : 0;
  for (const WordLine& line : page) {
    for (std::size_t i = 1; i < line.size(); ++i) {
      const double dx = line[i].left - line[i - 1].left, dy = line[i].top - line[i - 1].top;
      if (std::fabs(dx) > std::fabs(dy)) right += dx > 0 ? 1 : -1;
      if (std::fabs(dy) > std::fabs(dx)) down += dy > 0 ? 1 : -1;
    }
  }
  return {right < 0 ? Way::kLeft : Way::kRight, down < 0 ? Way::kUp : Way::kDown};
}

std::vector<Letter> lettersOf(const WordLine& line, const Ways& ways) {
  std::vector<Letter> letters;
  for (const Word& word : line) {
    const std::u32string text = core::decodeUtf8(word.text).value_or(U"");
    double all = 0, before = 0;
    for (const char32_t character : text) all += weightOf(character);
    const bool across = runsAcross(word, all);
    for (const char32_t character : text) {
      const double after = before + weightOf(character);
      Word box = partOf(word, before / all, after / all, across, across ? ways.across : ways.along);
      for (const char32_t part : folded(character)) letters.push_back({part, box});
      before = after;
    }
  }
  return letters;
}

// From points below the upper left corner to millimetres above the lower left one.
SeenBox seen(const PageView& page, const Word& box) {
  const double mm = page.unitsPerMm;  // pdftotext counts the page's own units
  return {box.left / mm, page.height() - box.bottom / mm, (box.right - box.left) / mm, (box.bottom - box.top) / mm};
}

void searchLine(const std::vector<Letter>& letters, const std::u32string& keyword, std::vector<Word>& found) {
  const auto same = [](const Letter& letter, char32_t wanted) { return letter.character == wanted; };
  for (auto from = letters.begin();;) {
    const auto at = std::search(from, letters.end(), keyword.begin(), keyword.end(), same);
    if (at == letters.end()) return;
    from = at + static_cast<std::ptrdiff_t>(keyword.size());
    Word box = at->box;
    for (auto one = at; one != from; ++one) {
      box.left = std::min(box.left, one->box.left), box.right = std::max(box.right, one->box.right);
      box.top = std::min(box.top, one->box.top), box.bottom = std::max(box.bottom, one->box.bottom);
    }
    found.push_back(box);
  }
}

std::u32string foldedKeyword(const std::string& keyword) {
  const auto characters = core::decodeUtf8(keyword);
  if (!characters) throw Error(ErrorCode::kInvalidInput, "the keyword is not well-formed UTF-8");
  std::u32string result;
  for (const char32_t character : *characters) result += folded(character);
  if (result.empty()) throw Error(ErrorCode::kInvalidInput, "the keyword is empty");
  return result;
}

[[noreturn]] void reportMissing(const KeywordQuery& query, std::size_t found, std::size_t pages) {
  const std::string where = query.page ? fmt::format("page {}", *query.page + 1) : fmt::format("{} page(s)", pages);
  if (found == 0) {
    throw Error(ErrorCode::kNotFound, fmt::format("the keyword \"{}\" is not in the text of {}", query.keyword, where));
  }
  throw Error(ErrorCode::kNotFound,
              fmt::format("the keyword \"{}\" is {} time(s) in the text of {}; occurrence {} was asked for",
                          query.keyword, found, where, query.occurrence));
}

}  // namespace

std::vector<KeywordPlace> findKeyword(std::string_view pdf, const KeywordQuery& query) {
  const std::u32string keyword = foldedKeyword(query.keyword);
  auto opened = signing::pdf::Document::open(pdf);
  if (const auto* error = std::get_if<signing::pdf::OpenError>(&opened))
    throw Error(ErrorCode::kInvalidInput, error->reason);
  auto& document = std::get<signing::pdf::Document>(opened);
  const auto references = signing::pdf::listPages(document);
  const std::vector<WordPage> pages = readWords(pdf, query.program, query.timeLimit);
  if (pages.size() != references.size()) {
    throw Error(ErrorCode::kInvalidInput, fmt::format("the file has {} page(s), but {} read {}; is it damaged?",
                                                      references.size(), query.program, pages.size()));
  }
  if (query.page) signing::viewOfPage(document, references, *query.page);  // checks that it exists
  std::vector<KeywordPlace> places;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (query.page && *query.page != i) continue;
    std::vector<Word> found;
    const PageView view = signing::viewOfPage(document, references, i);
    const Ways ways = waysOf(pages[i], view.rotation);
    for (const WordLine& line : pages[i]) searchLine(lettersOf(line, ways), keyword, found);
    for (const Word& box : found) places.push_back({i, seen(view, box)});
  }
  if (places.empty() || query.occurrence > places.size()) reportMissing(query, places.size(), pages.size());
  if (query.occurrence == 0) return places;
  return {places[query.occurrence - 1]};
}

}  // namespace qianda::cli
