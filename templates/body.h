// The compiled document: blocks of inlines, with fields, conditions and anchors resolved to indices. Immutable.
// Lengths are PDF points (1/72 inch) unless a name says em.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "templates/expression.h"

namespace qianda::templates {

// What a tag's filters ask for; several may follow one another.
struct FieldFormat {
  enum class Part { kWhole, kUpper, kYear, kMonth, kDay, kStart, kEnd, kLabel, kMask };
  Part part = Part::kWhole;
  bool underlined = true;
  double blankEm = 0;  // least width of the underlined blank
};

struct Inline {
  enum class Kind {
    kText,
    kField,       // a value
    kBox,         // one box, ticked when values[field].number == choice
    kListColumn,  // column `choice` of list `field`, in a repeated table row
    kSeal,        // anchors of party `party`
    kSign,
    kDate,
    kQr,
    kDocumentId,
    kDocumentUrl,
    kBreak,  // forced line break
    kIf,
  };
  Kind kind = Kind::kText;
  bool bold = false;
  std::u32string text;
  std::size_t field = 0;
  std::size_t choice = 0;
  std::size_t party = 0;
  FieldFormat format;
  Expression condition;
  std::vector<Inline> then, otherwise;
};

enum class Align { kJustify, kLeft, kCenter, kRight };

struct ParagraphStyle {
  double size = 10.5;
  double leading = 18;
  double spaceBefore = 0, spaceAfter = 0;
  double firstIndentEm = 0;  // of the first line, beyond leftIndentEm
  double leftIndentEm = 0;
  Align align = Align::kJustify;
  bool keepWithNext = false;
};

struct Cell {
  std::vector<Inline> inlines;
  Align align = Align::kLeft;
};

struct TableRow {
  std::vector<Cell> cells;
  std::optional<std::size_t> repeatsList;  // the row repeats for every entry of this list field
};

struct Block {
  enum class Kind { kParagraph, kTable, kRule, kPageBreak, kIf };
  Kind kind = Kind::kParagraph;
  ParagraphStyle style;  // of the paragraph, or of the table's cells
  std::vector<Inline> inlines;
  std::vector<TableRow> rows;
  bool hasHeader = false;  // rows[0] is repeated on every page
  bool borderless = false;
  bool together = false;  // never broken across pages while it fits on one
  Expression condition;
  std::vector<Block> then, otherwise;
};

struct PageSetup {
  double width = 595.28, height = 841.89;  // A4
  double top = 70.87, bottom = 62.36, left = 79.37, right = 73.70;
};

struct Body {
  PageSetup page;
  double fontSize = 10.5;
  std::vector<Block> blocks;
};

}  // namespace qianda::templates
