#include "templates/pdf/page_writer.h"

#include "templates/pdf/pdf_text.h"

namespace qianda::templates::pdf {
namespace {

using layout::Glyph;
using layout::Line;
using layout::Slot;

// A line that would need more than this between its characters stays ragged (1/1000 em).
constexpr double kWidestSpacing = 350;
constexpr double kUnderlineDepth = 0.16;  // em below the baseline
constexpr double kLineWidth = 0.5;

// One octet of a literal string (ISO 32000-1 7.3.4.2); at most two are written.
inline char* putOctet(char* at, std::uint8_t octet) {
  if (octet == '(' || octet == ')' || octet == '\\') {
    *at++ = '\\';
  } else if (octet == '\r') {
    *at++ = '\\';
    octet = 'r';
  }
  *at++ = static_cast<char>(octet);
  return at;
}

bool isMark(const Glyph& glyph) { return glyph.slot != Slot::kGap && glyph.slot != Slot::kAnchor; }

}  // namespace

void PageWriter::line(const Glyph* glyphs, const Line& line, double left, double baseline, double size, Align align) {
  const double em = size / 1000;
  double x = left + line.indent * em;
  const double slack = line.room - line.width;
  double spacing = 0;
  if (align == Align::kCenter) {
    x += slack / 2 * em;
  } else if (align == Align::kRight) {
    x += slack * em;
  } else if (line.justified) {
    int marks = 0;
    for (std::uint32_t i = 0; i < line.count; ++i) marks += isMark(glyphs[line.first + i]);
    if (marks > 1) spacing = slack / (marks - 1);
    if (spacing > kWidestSpacing || spacing < -100) spacing = 0;
  }
  showGlyphs(glyphs, line, x, baseline, size, spacing);
}

// Td counts from the start of the line before: rounded positions are differenced, so errors do not add up.
void PageWriter::moveTo(double x, double baseline, double spacing) {
  const std::int64_t newX = std::llround(x * 100), newY = std::llround(baseline * 100);
  if (!textOpen_) {
    out_ += "BT ";
    lineX_ = lineY_ = 0;
    textOpen_ = true;
  }
  putHundredths(out_, newX - lineX_);
  out_.push_back(' ');
  putHundredths(out_, newY - lineY_);
  out_ += " Td";
  lineX_ = newX;
  lineY_ = newY;
  if (spacing_ == spacing) return;
  spacing_ = spacing;
  out_.push_back(' ');
  putNumber(out_, spacing);
  out_ += " Tc";
}

void PageWriter::closeText() {
  if (textOpen_) out_ += "ET\n";
  textOpen_ = false;
}

void PageWriter::selectFont(Slot slot, double size) {
  if (fontSlot_ == static_cast<int>(slot) && fontSize_ == size) return;
  if (arrayOpen_) out_ += "]TJ";
  arrayOpen_ = false;
  fontSlot_ = static_cast<int>(slot);
  fontSize_ = size;
  out_.push_back('/');
  out_.push_back(fontName(slot));
  out_.push_back(' ');
  putNumber(out_, size);
  out_ += " Tf";
}

// Glyphs of one font as one string; returns their advances' sum.
std::int64_t PageWriter::showRun(const Glyph* begin, const Glyph* end) {
  constexpr std::size_t kChunk = 128;
  char buffer[4 * kChunk + 2];
  std::int64_t advance = 0;
  while (begin != end) {
    char* at = buffer;
    *at++ = '(';
    for (std::size_t i = 0; i < kChunk && begin != end; ++i, ++begin) {
      advance += begin->advance;
      if (begin->slot != Slot::kBoxes) at = putOctet(at, static_cast<std::uint8_t>(begin->code >> 8));
      at = putOctet(at, static_cast<std::uint8_t>(begin->code));
    }
    *at++ = ')';
    if (!arrayOpen_) out_.push_back('[');
    arrayOpen_ = true;
    out_.append(buffer, at);
  }
  return advance;
}

void PageWriter::showGlyphs(const Glyph* glyphs, const Line& line, double x, double baseline, double size,
                            double spacing) {
  const double em = size / 1000;
  const double points = std::round(spacing * em * 100) / 100;
  const double step = points / em;
  double pen = 0;  // 1/1000 em
  double underlineFrom = -1;
  bool started = false;
  const auto endUnderline = [&] {
    if (underlineFrom < 0) return;
    underlines_.push_back({x + underlineFrom * em, baseline - kUnderlineDepth * size, (pen - underlineFrom) * em});
    underlineFrom = -1;
  };
  const Glyph* const end = glyphs + line.first + line.count;
  for (const Glyph* at = glyphs + line.first; at != end;) {
    const bool underlined = at->flags & layout::kUnderlined;
    if (!underlined) endUnderline();
    if (underlined && underlineFrom < 0) underlineFrom = pen;
    if (at->slot == Slot::kAnchor) {
      if (spots_) spots_->push_back({(*anchors_)[at->code], page_, x + pen * em, baseline, size});
      ++at;
    } else if (at->slot == Slot::kGap) {
      if (started && at->advance > 0) {
        if (!arrayOpen_) out_.push_back('[');
        arrayOpen_ = true;
        putInteger(out_, -static_cast<std::int64_t>(at->advance));
      }
      pen += at++->advance;
    } else {
      if (!started) moveTo(x + pen * em, baseline, points);
      started = true;
      selectFont(at->slot, size);
      const Glyph* runEnd = at + 1;
      while (runEnd != end && runEnd->slot == at->slot && bool(runEnd->flags & layout::kUnderlined) == underlined)
        ++runEnd;
      pen += static_cast<double>(showRun(at, runEnd)) + static_cast<double>(runEnd - at) * step;
      at = runEnd;
    }
  }
  endUnderline();
  if (arrayOpen_) out_ += "]TJ\n";
  arrayOpen_ = false;
}

void PageWriter::form(int number, double x, double y) {
  closeText();
  out_ += "q 1 0 0 1 ";
  putNumber(out_, x);
  out_.push_back(' ');
  putNumber(out_, y);
  out_ += " cm/F";
  putInteger(out_, number);
  out_ += " Do Q\n";
}

void PageWriter::place(const std::string& content, double x, double y) {
  closeText();
  out_ += "q 1 0 0 1 ";
  putNumber(out_, x);
  out_.push_back(' ');
  putNumber(out_, y);
  out_ += " cm\n";
  out_ += content;
  out_ += "Q\n";
}

void PageWriter::strokeRectangle(double x, double y, double width, double height) {
  closeText();
  out_ += "0.5 w ";
  for (double value : {x, y, width, height}) {
    putNumber(out_, value);
    out_.push_back(' ');
  }
  out_ += "re S\n";
}

void PageWriter::rule(double x, double y, double width) { underlines_.push_back({x, y, width}); }

void PageWriter::image(const std::string& bits, int modules, double x, double y, double size) {
  closeText();
  out_ += "q ";
  putNumber(out_, size);
  out_ += " 0 0 ";
  putNumber(out_, size);
  out_.push_back(' ');
  putNumber(out_, x);
  out_.push_back(' ');
  putNumber(out_, y);
  out_ += " cm BI/W ";
  putInteger(out_, modules);
  out_ += "/H ";
  putInteger(out_, modules);
  out_ += "/BPC 1/IM true/D[1 0]/F/AHx ID\n";
  putHex(out_, bits);
  out_ += ">\nEI Q\n";
}

void PageWriter::finish() {
  closeText();
  if (underlines_.empty()) return;
  for (const Underline& underline : underlines_) {
    for (double value : {underline.x, underline.y, underline.width, kLineWidth}) {
      putNumber(out_, value);
      out_.push_back(' ');
    }
    out_ += "re\n";
  }
  out_ += "f\n";
  underlines_.clear();
}

}  // namespace qianda::templates::pdf
