#include "templates/compiler/source_scanner.h"

#include "core/text.h"

namespace qianda::templates::compiler {
namespace {

// A mask is kOpen, the tag's index in characters kDigit + 0..9, kClose: none of them means anything to Markdown.
constexpr char32_t kOpen = 0xE000, kClose = 0xE001, kDigit = 0xE010;

std::string maskOf(std::size_t index) {
  std::string mask;
  core::appendUtf8(mask, kOpen);
  for (char digit : std::to_string(index)) core::appendUtf8(mask, kDigit + static_cast<char32_t>(digit - '0'));
  core::appendUtf8(mask, kClose);
  return mask;
}

// Tags that stand between blocks when they are alone on their line.
bool standsBetweenBlocks(std::string_view tag) {
  return tag.starts_with("#") || tag.starts_with("/") || tag.starts_with("!") || tag == "borderless" ||
         tag == "page_break";
}

std::size_t codePoints(std::string_view text) {
  std::size_t count = 0;
  for (unsigned char octet : text) count += (octet & 0xC0) != 0x80;
  return count;
}

class Scanner {
 public:
  Scanner(std::string_view source, const std::string& file, std::vector<Diagnostic>& diagnostics)
      : source_(source), file_(file), diagnostics_(diagnostics) {}

  ScannedSource run() {
    checkEncoding();
    readFrontMatter();
    while (position_ < source_.size()) readLine();
    return std::move(result_);
  }

 private:
  void report(std::size_t line, std::size_t column, std::string message) {
    diagnostics_.push_back({file_, line, column, std::move(message)});
  }

  void checkEncoding() {
    if (source_.starts_with("\xEF\xBB\xBF")) source_.remove_prefix(3);
    std::size_t line = 1, column = 1;
    for (std::size_t offset = 0; offset < source_.size();) {
      const std::size_t before = offset;
      const char32_t c = core::nextCodePoint(source_, offset);
      if (c == 0xFFFD && offset == before + 1) {
        report(line, column, "the octets are not UTF-8");
      } else if (c >= 0xE000 && c <= 0xF8FF) {
        report(line, column, "private-use character " + core::codePointName(c) + " has no agreed meaning");
      } else if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') {
        report(line, column, "control character " + core::codePointName(c));
      }
      ++column;
      if (c == '\n') ++line, column = 1;
      // Never let a character of the source pass for a mask.
      core::appendUtf8(cleaned_, c >= 0xE000 && c <= 0xF8FF ? U'\uFFFD' : c);
    }
    source_ = cleaned_;
  }

  std::string_view takeLine() {
    const std::size_t end = source_.find('\n', position_);
    std::string_view text = source_.substr(position_, end == std::string_view::npos ? end : end - position_);
    position_ = end == std::string_view::npos ? source_.size() : end + 1;
    ++line_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }

  void readFrontMatter() {
    if (core::trim(takeLine()) != "---") {
      report(1, 1, "a template opens with a front matter: the first line must be ---");
      position_ = 0;
      line_ = 0;
      return;
    }
    while (position_ < source_.size()) {
      const std::string_view text = takeLine();
      if (text == "---") return;
      result_.frontMatter.append(text).push_back('\n');
    }
    report(line_, 1, "the front matter is not closed: a line --- is missing");
  }

  void emit(std::string_view text, std::size_t sourceLine) {
    result_.markdown.append(text).push_back('\n');
    result_.sourceLines.push_back(sourceLine);
  }

  // A tag may not span lines: what is open at the end of its line was never closed.
  void readLine() {
    const std::string_view text = takeLine();
    std::string masked;
    std::size_t tagsBefore = result_.tags.size();
    for (std::size_t offset = 0; offset < text.size();) {
      const std::size_t open = text.find("{{", offset);
      masked.append(text.substr(offset, open == std::string_view::npos ? open : open - offset));
      if (open == std::string_view::npos) break;
      const std::size_t column = codePoints(text.substr(0, open)) + 1;
      const std::size_t close = text.find("}}", open + 2);
      if (close == std::string_view::npos) {
        report(line_, column, "the tag opened here is not closed on its line: }} is missing");
        break;
      }
      masked += maskOf(result_.tags.size());
      const std::string_view inside = core::trim(text.substr(open + 2, close - open - 2));
      if (inside.empty()) report(line_, column, "an empty tag");
      result_.tags.push_back({std::string(inside), {line_, column}});
      offset = close + 2;
    }
    const bool alone = result_.tags.size() == tagsBefore + 1 && core::trim(text).starts_with("{{") &&
                       core::trim(text).ends_with("}}") && standsBetweenBlocks(result_.tags.back().text);
    if (alone) emit("", line_);
    emit(alone ? core::trim(masked) : std::string_view(masked), line_);
    if (alone) emit("", line_);
  }

  std::string_view source_;
  std::string cleaned_;
  const std::string& file_;
  std::vector<Diagnostic>& diagnostics_;
  ScannedSource result_;
  std::size_t position_ = 0;
  std::size_t line_ = 0;
};

}  // namespace

ScannedSource scanSource(std::string_view source, const std::string& file, std::vector<Diagnostic>& diagnostics) {
  return Scanner(source, file, diagnostics).run();
}

std::vector<MaskedPiece> splitMasked(std::string_view masked) {
  std::vector<MaskedPiece> pieces;
  std::string text;
  for (std::size_t offset = 0; offset < masked.size();) {
    const char32_t c = core::nextCodePoint(masked, offset);
    if (c != kOpen) {
      core::appendUtf8(text, c);
      continue;
    }
    if (!text.empty()) pieces.push_back({std::move(text), static_cast<std::size_t>(-1)});
    text.clear();
    std::size_t index = 0;
    while (offset < masked.size()) {
      const char32_t digit = core::nextCodePoint(masked, offset);
      if (digit == kClose) break;
      index = index * 10 + (digit - kDigit);
    }
    pieces.push_back({{}, index});
  }
  if (!text.empty()) pieces.push_back({std::move(text), static_cast<std::size_t>(-1)});
  return pieces;
}

}  // namespace qianda::templates::compiler
