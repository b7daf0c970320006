#include "templates/compiler/document_builder.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include "core/error.h"
#include "core/handle.h"
#include "core/text.h"

namespace qianda::templates::compiler {
namespace {

constexpr std::size_t kNoTag = static_cast<std::size_t>(-1);

// One element of a paragraph before its conditions are nested: text, a forced break, or a tag.
struct Token {
  std::string text;
  bool lineBreak = false;
  bool bold = false;
  std::size_t tag = kNoTag;
};

enum class Control { kNone, kIf, kElse, kEnd };

Control controlOf(std::string_view tag) {
  if (tag.starts_with("#if")) return Control::kIf;
  if (tag == "#else") return Control::kElse;
  if (tag == "/if") return Control::kEnd;
  return Control::kNone;
}

// Chinese text joins over a line break of the source; Latin words keep a space.
bool joinsWithoutSpace(std::string_view left, std::string_view right) {
  return left.empty() || right.empty() || static_cast<unsigned char>(left.back()) >= 0x80 ||
         static_cast<unsigned char>(right.front()) >= 0x80;
}

class Builder {
 public:
  Builder(const ScannedSource& source, double fontSize, TagResolver& tags)
      : source_(source), fontSize_(fontSize), tags_(tags) {}

  std::vector<Block> build() {
    static std::once_flag registered;
    std::call_once(registered, cmark_gfm_core_extensions_ensure_registered);
    const core::Handle<cmark_parser, &cmark_parser_free> parser(cmark_parser_new(CMARK_OPT_DEFAULT));
    cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension("table"));
    cmark_parser_feed(parser.get(), source_.markdown.data(), source_.markdown.size());
    const core::Handle<cmark_node, &cmark_node_free> root(cmark_parser_finish(parser.get()));
    std::vector<Entry> entries;
    collectBlocks(root.get(), 0, entries);
    std::size_t next = 0;
    std::vector<Block> blocks = nestBlocks(entries, next, nullptr);
    return blocks;
  }

 private:
  // A block, or a tag alone on its line that stands between blocks.
  struct Entry {
    std::optional<Block> block;
    std::size_t tag = kNoTag;
  };

  const Tag& tag(std::size_t index) const { return source_.tags[index]; }
  Place placeOf(cmark_node* node) const {
    const int line = cmark_node_get_start_line(node);
    const std::size_t index = line > 0 ? static_cast<std::size_t>(line) - 1 : 0;
    return {index < source_.sourceLines.size() ? source_.sourceLines[index] : 1, 1};
  }

  ParagraphStyle bodyStyle() const {
    ParagraphStyle style;
    style.size = fontSize_;
    style.leading = fontSize_ * 1.72;
    style.firstIndentEm = 2;
    return style;
  }

  ParagraphStyle headingStyle(int level) const {
    ParagraphStyle style;
    style.keepWithNext = true;
    style.align = level == 1 ? Align::kCenter : Align::kLeft;
    style.size = level == 1 ? 22 : level == 2 ? fontSize_ * 1.14 : fontSize_;
    style.leading = style.size * 1.6;
    style.spaceBefore = level == 1 ? 6 : level == 2 ? 7 : 3;
    style.spaceAfter = level == 1 ? 14 : level == 2 ? 3 : 1;
    return style;
  }

  void collectBlocks(cmark_node* parent, int depth, std::vector<Entry>& entries) {
    for (cmark_node* node = cmark_node_first_child(parent); node; node = cmark_node_next(node)) {
      const cmark_node_type type = cmark_node_get_type(node);
      if (type == CMARK_NODE_PARAGRAPH) {
        addParagraph(node, bodyStyle(), false, entries);
      } else if (type == CMARK_NODE_HEADING) {
        addParagraph(node, headingStyle(cmark_node_get_heading_level(node)), true, entries);
      } else if (std::string_view(cmark_node_get_type_string(node)) == "table") {
        addTable(node, entries);
      } else if (type == CMARK_NODE_LIST && depth < 4) {
        addList(node, depth, entries);
      } else if (type == CMARK_NODE_THEMATIC_BREAK) {
        Block rule;
        rule.kind = Block::Kind::kRule;
        rule.style = bodyStyle();
        entries.push_back({std::move(rule), kNoTag});
      } else {
        tags_.report(placeOf(node), std::string("a template has no ") + cmark_node_get_type_string(node) +
                                        "; only headings, paragraphs, lists, tables and rules");
      }
    }
  }

  // Flattens the inline tree into tokens.
  void collectTokens(cmark_node* parent, bool bold, std::vector<Token>& tokens) {
    for (cmark_node* node = cmark_node_first_child(parent); node; node = cmark_node_next(node)) {
      const cmark_node_type type = cmark_node_get_type(node);
      if (type == CMARK_NODE_TEXT) {
        for (MaskedPiece& piece : splitMasked(cmark_node_get_literal(node))) {
          tokens.push_back({std::move(piece.text), false, bold, piece.tag});
        }
      } else if (type == CMARK_NODE_STRONG) {
        collectTokens(node, true, tokens);
      } else if (type == CMARK_NODE_SOFTBREAK) {
        cmark_node* next = cmark_node_next(node);
        const bool textFollows = next && cmark_node_get_type(next) == CMARK_NODE_TEXT;
        const std::string_view right = textFollows ? cmark_node_get_literal(next) : "";
        const std::string_view left = tokens.empty() ? "" : std::string_view(tokens.back().text);
        if (!joinsWithoutSpace(left, right)) tokens.push_back({" ", false, bold, kNoTag});
      } else if (type == CMARK_NODE_LINEBREAK) {
        tokens.push_back({"", true, bold, kNoTag});
      } else {
        tags_.report(placeOf(parent), std::string("a template has no ") + cmark_node_get_type_string(node) +
                                          "; only plain and **bold** text");
      }
    }
  }

  // Nests {{#if}} ... {{#else}} ... {{/if}} over tokens[next...]; stops behind the end that closes `opened`.
  std::vector<Inline> nestInlines(const std::vector<Token>& tokens, std::size_t& next, const Tag* opened,
                                  bool* stoppedAtElse) {
    std::vector<Inline> inlines;
    while (next < tokens.size()) {
      const Token& token = tokens[next++];
      if (token.tag == kNoTag) {
        addText(token, inlines);
        continue;
      }
      const Tag& current = tag(token.tag);
      switch (controlOf(current.text)) {
        case Control::kNone:
          tags_.resolve(current, token.bold, inlines);
          break;
        case Control::kIf: {
          Inline conditional;
          conditional.kind = Inline::Kind::kIf;
          conditional.condition = tags_.condition(current, std::string_view(current.text).substr(3));
          bool hasElse = false;
          conditional.then = nestInlines(tokens, next, &current, &hasElse);
          if (hasElse) conditional.otherwise = nestInlines(tokens, next, &current, nullptr);
          inlines.push_back(std::move(conditional));
          break;
        }
        case Control::kElse:
          if (stoppedAtElse) return *stoppedAtElse = true, inlines;
          tags_.report(current.place, opened ? "a second {{#else}}" : "{{#else}} without {{#if}}");
          break;
        case Control::kEnd:
          if (opened) return inlines;
          tags_.report(current.place, "{{/if}} without {{#if}} in this paragraph");
      }
    }
    if (opened) tags_.report(opened->place, "{{#if}} is not closed in this paragraph: {{/if}} is missing");
    return inlines;
  }

  static void addText(const Token& token, std::vector<Inline>& inlines) {
    Inline inlined;
    inlined.bold = token.bold;
    if (token.lineBreak) {
      inlined.kind = Inline::Kind::kBreak;
    } else {
      inlined.text = core::decodeUtf8(token.text).value_or(U"");
      if (!inlines.empty() && inlines.back().kind == Inline::Kind::kText && inlines.back().bold == token.bold) {
        inlines.back().text += inlined.text;
        return;
      }
    }
    inlines.push_back(std::move(inlined));
  }

  // Style tags open a paragraph and are taken off it.
  void takeStyleTags(std::vector<Token>& tokens, ParagraphStyle& style) {
    while (!tokens.empty() && tokens.front().tag != kNoTag) {
      const std::string& name = tag(tokens.front().tag).text;
      if (name == "center") {
        style.align = Align::kCenter;
        style.firstIndentEm = 0;
      } else if (name == "right") {
        style.align = Align::kRight;
        style.firstIndentEm = 0;
      } else if (name == "noindent") {
        style.firstIndentEm = 0;
      } else if (name == "keep") {
        style.keepWithNext = true;
      } else if (name == "small") {
        style.size *= 0.86;
        style.leading = style.size * 1.5;
      } else {
        return;
      }
      tokens.erase(tokens.begin());
    }
  }

  void addParagraph(cmark_node* node, ParagraphStyle style, bool bold, std::vector<Entry>& entries) {
    std::vector<Token> tokens;
    collectTokens(node, bold, tokens);
    if (tokens.size() == 1 && tokens[0].tag != kNoTag) {
      const std::string& text = tag(tokens[0].tag).text;
      if (controlOf(text) != Control::kNone || text == "borderless" || text == "page_break" || text[0] == '!') {
        entries.push_back({std::nullopt, tokens[0].tag});
        return;
      }
    }
    takeStyleTags(tokens, style);
    Block block;
    block.style = style;
    std::size_t next = 0;
    block.inlines = nestInlines(tokens, next, nullptr, nullptr);
    if (!block.inlines.empty()) entries.push_back({std::move(block), kNoTag});
  }

  void addList(cmark_node* list, int depth, std::vector<Entry>& entries) {
    int number = cmark_node_get_list_start(list);
    const bool ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
    for (cmark_node* item = cmark_node_first_child(list); item; item = cmark_node_next(item)) {
      const std::string marker = ordered ? std::to_string(number++) + ". " : "• ";
      bool first = true;
      for (cmark_node* node = cmark_node_first_child(item); node; node = cmark_node_next(node)) {
        if (cmark_node_get_type(node) == CMARK_NODE_LIST && depth < 4) {
          addList(node, depth + 1, entries);
          continue;
        }
        if (cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH) {
          tags_.report(placeOf(node), "a list item holds paragraphs and lists only");
          continue;
        }
        ParagraphStyle style = bodyStyle();
        style.leftIndentEm = 2.0 + 2.0 * depth;
        style.firstIndentEm = 0;
        addParagraph(node, style, false, entries);
        if (first && entries.back().block) {
          Inline text;
          text.text = core::decodeUtf8(marker).value_or(U"");
          entries.back().block->inlines.insert(entries.back().block->inlines.begin(), std::move(text));
        }
        first = false;
      }
    }
  }

  void addTable(cmark_node* node, std::vector<Entry>& entries) {
    Block table;
    table.kind = Block::Kind::kTable;
    table.style = bodyStyle();
    table.style.firstIndentEm = 0;
    table.style.align = Align::kLeft;
    table.style.leading = fontSize_ * 1.5;
    table.hasHeader = true;
    const std::uint16_t columns = cmark_gfm_extensions_get_table_columns(node);
    const std::uint8_t* alignments = cmark_gfm_extensions_get_table_alignments(node);
    for (cmark_node* row = cmark_node_first_child(node); row; row = cmark_node_next(row)) {
      const bool header = table.rows.empty();
      TableRow built;
      for (cmark_node* cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell)) {
        std::vector<Token> tokens;
        collectTokens(cell, header, tokens);
        const std::size_t column = built.cells.size();
        const char alignment = column < columns ? static_cast<char>(alignments[column]) : 0;
        ParagraphStyle style;
        style.align = alignment == 'c' ? Align::kCenter : alignment == 'r' ? Align::kRight : Align::kLeft;
        takeStyleTags(tokens, style);
        std::size_t next = 0;
        built.cells.push_back({nestInlines(tokens, next, nullptr, nullptr), style.align});
        if (header && built.cells.back().align == Align::kLeft) built.cells.back().align = Align::kCenter;
      }
      findRepeat(row, built);
      const bool blankHeader = header && std::all_of(built.cells.begin(), built.cells.end(),
                                                     [](const Cell& cell) { return cell.inlines.empty(); });
      if (blankHeader) {
        table.hasHeader = false;
        table.rows.emplace_back();  // keeps `header` false for the next row; dropped below
      } else {
        table.rows.push_back(std::move(built));
      }
    }
    if (!table.hasHeader) table.rows.erase(table.rows.begin());
    if (table.rows.empty()) return tags_.report(placeOf(node), "a table without rows");
    entries.push_back({std::move(table), kNoTag});
  }

  void findRepeat(cmark_node* row, TableRow& built) {
    for (const Cell& cell : built.cells) {
      for (const Inline& inlined : cell.inlines) {
        if (inlined.kind != Inline::Kind::kListColumn) continue;
        if (built.repeatsList && *built.repeatsList != inlined.field) {
          tags_.report(placeOf(row), "a table row repeats for one list, not for two");
        }
        built.repeatsList = inlined.field;
      }
    }
  }

  std::vector<Block> nestBlocks(std::vector<Entry>& entries, std::size_t& next, const Tag* opened,
                                bool* stoppedAtElse = nullptr) {
    std::vector<Block> blocks;
    bool borderless = false;
    while (next < entries.size()) {
      Entry& entry = entries[next++];
      if (entry.block) {
        if (borderless && entry.block->kind == Block::Kind::kTable) entry.block->borderless = true;
        borderless = false;
        blocks.push_back(std::move(*entry.block));
        continue;
      }
      const Tag& current = tag(entry.tag);
      borderless = current.text == "borderless";
      if (current.text == "page_break") {
        blocks.emplace_back();
        blocks.back().kind = Block::Kind::kPageBreak;
      }
      const Control control = controlOf(current.text);
      if (control == Control::kIf) {
        Block conditional;
        conditional.kind = Block::Kind::kIf;
        conditional.condition = tags_.condition(current, std::string_view(current.text).substr(3));
        bool hasElse = false;
        conditional.then = nestBlocks(entries, next, &current, &hasElse);
        if (hasElse) conditional.otherwise = nestBlocks(entries, next, &current);
        blocks.push_back(std::move(conditional));
      } else if (control == Control::kElse) {
        if (stoppedAtElse) return *stoppedAtElse = true, blocks;
        tags_.report(current.place, opened ? "a second {{#else}}" : "{{#else}} without {{#if}}");
      } else if (control == Control::kEnd) {
        if (opened) return blocks;
        tags_.report(current.place, "{{/if}} without {{#if}}");
      }
    }
    if (opened) tags_.report(opened->place, "{{#if}} is not closed: {{/if}} is missing");
    return blocks;
  }

  const ScannedSource& source_;
  double fontSize_;
  TagResolver& tags_;
};

}  // namespace

std::vector<Block> buildDocument(const ScannedSource& source, double fontSize, TagResolver& tags) {
  return Builder(source, fontSize, tags).build();
}

}  // namespace qianda::templates::compiler
