// Writes page content (ISO 32000-1 8, 9): lines of glyphs with their underlines, rules, boxes, shared forms. The text
// object and its state are kept from line to line so that only changes are written. Coordinates are points with the
// origin at the lower left.
#pragma once

#include <string>
#include <vector>

#include "templates/body.h"
#include "templates/layout/glyph.h"
#include "templates/layout/setter.h"

namespace qianda::templates::pdf {

// Resource names of the font slots: /A to /G.
inline constexpr char fontName(layout::Slot slot) { return static_cast<char>('A' + static_cast<int>(slot)); }

struct AnchorSpot {
  layout::Anchor anchor;
  std::uint32_t page = 0;
  double x = 0, baseline = 0, size = 0;
};

class PageWriter {
 public:
  // Appends to `out`, which must outlive the writer. `anchors`: those that anchor glyphs name.
  PageWriter(std::string& out, const std::vector<layout::Anchor>* anchors, std::uint32_t page,
             std::vector<AnchorSpot>* spots)
      : out_(out), anchors_(anchors), page_(page), spots_(spots) {}

  // `left`: of the room the line may fill (its indent is added here).
  void line(const layout::Glyph* glyphs, const layout::Line& line, double left, double baseline, double size,
            Align align);
  // A form by its resource name /F<number>, its origin at (x, y).
  void form(int number, double x, double y);
  // Finished operators, their origin moved to (x, y).
  void place(const std::string& content, double x, double y);
  void strokeRectangle(double x, double y, double width, double height);
  void rule(double x, double y, double width);
  // 1-bit image, `modules` squared, rows of (modules + 7) / 8 octets, 1 = black.
  void image(const std::string& bits, int modules, double x, double y, double size);
  // Writes the underlines collected so far.
  void finish();

 private:
  struct Underline {
    double x, y, width;
  };
  void showGlyphs(const layout::Glyph* glyphs, const layout::Line& line, double x, double baseline, double size,
                  double spacing);

  void moveTo(double x, double baseline, double spacing);
  void closeText();
  void selectFont(layout::Slot slot, double size);
  std::int64_t showRun(const layout::Glyph* begin, const layout::Glyph* end);

  std::string& out_;
  const std::vector<layout::Anchor>* anchors_;
  std::uint32_t page_;
  std::vector<AnchorSpot>* spots_;
  std::vector<Underline> underlines_;
  int fontSlot_ = -1;
  bool textOpen_ = false, arrayOpen_ = false;
  std::int64_t lineX_ = 0, lineY_ = 0;  // start of the current text line, 1/100 point
  double fontSize_ = 0, spacing_ = 0;
};

}  // namespace qianda::templates::pdf
