#include "signing/seal/glyph_outline.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_BBOX_H
#include FT_OUTLINE_H

#include "core/error.h"
#include "core/handle.h"
#include "core/text.h"

namespace qianda::signing {
namespace {

using core::Error;
using core::ErrorCode;
using LibraryHandle = core::Handle<FT_LibraryRec_, &FT_Done_FreeType>;
using FaceHandle = core::Handle<FT_FaceRec_, &FT_Done_Face>;

// What FT_Outline_Decompose's callbacks write to.
struct Tracer {
  std::vector<PathStep>& path;
  double em;
  Point last{};

  Point at(const FT_Vector* v) const { return {static_cast<double>(v->x) / em, static_cast<double>(v->y) / em}; }
  int add(PathStep::Kind kind, const std::array<Point, 3>& points, Point end) {
    path.push_back({kind, points});
    last = end;
    return 0;
  }
};

Tracer& tracerOf(void* user) { return *static_cast<Tracer*>(user); }

int moveTo(const FT_Vector* to, void* user) {
  const Point end = tracerOf(user).at(to);
  return tracerOf(user).add(PathStep::Kind::kMove, {end}, end);
}
int lineTo(const FT_Vector* to, void* user) {
  const Point end = tracerOf(user).at(to);
  return tracerOf(user).add(PathStep::Kind::kLine, {end}, end);
}
int conicTo(const FT_Vector* control, const FT_Vector* to, void* user) {
  Tracer& tracer = tracerOf(user);
  const Point c = tracer.at(control), end = tracer.at(to);
  const auto towards = [&](Point p) { return Point{p.x + (c.x - p.x) * 2 / 3, p.y + (c.y - p.y) * 2 / 3}; };
  return tracer.add(PathStep::Kind::kCurve, {towards(tracer.last), towards(end), end}, end);
}
int cubicTo(const FT_Vector* first, const FT_Vector* second, const FT_Vector* to, void* user) {
  Tracer& tracer = tracerOf(user);
  return tracer.add(PathStep::Kind::kCurve, {tracer.at(first), tracer.at(second), tracer.at(to)}, tracer.at(to));
}

constexpr FT_Outline_Funcs kTrace{moveTo, lineTo, conicTo, cubicTo, 0, 0};

}  // namespace

struct GlyphSource::Faces {
  LibraryHandle library;
  std::array<core::FontRole, 3> roles{};
  std::array<FaceHandle, 3> faces;

  FT_Face face(std::size_t i) {
    if (!faces[i]) {
      const core::FontFile file = core::fontFile(roles[i]);
      FT_Face opened = nullptr;
      if (FT_New_Face(library.get(), file.path.c_str(), static_cast<FT_Long>(file.index), &opened) != 0) {
        throw Error(ErrorCode::kSystem, "cannot open the font " + file.path.string(), "a font is missing");
      }
      faces[i].reset(opened);
    }
    return faces[i].get();
  }
};

GlyphSource::GlyphSource(core::FontRole first) : faces_(std::make_unique<Faces>()) {
  FT_Library library = nullptr;
  if (FT_Init_FreeType(&library) != 0) throw Error(ErrorCode::kSystem, "cannot start FreeType");
  faces_->library.reset(library);
  faces_->roles = {first, core::FontRole::kFallbackA, core::FontRole::kFallbackB};
}

GlyphSource::~GlyphSource() = default;

GlyphOutline GlyphSource::outlineOf(char32_t character) {
  for (std::size_t i = 0; i < faces_->roles.size(); ++i) {
    const FT_Face face = faces_->face(i);
    const FT_UInt index = FT_Get_Char_Index(face, character);
    if (index == 0) continue;
    GlyphOutline outline;
    Tracer tracer{outline.path, static_cast<double>(face->units_per_EM)};
    FT_BBox box{};
    if (FT_Load_Glyph(face, index, FT_LOAD_NO_SCALE) != 0 ||
        FT_Outline_Decompose(&face->glyph->outline, &kTrace, &tracer) != 0 ||
        FT_Outline_Get_BBox(&face->glyph->outline, &box) != 0) {
      break;
    }
    outline.advance = static_cast<double>(face->glyph->metrics.horiAdvance) / tracer.em;
    outline.left = static_cast<double>(box.xMin) / tracer.em;
    outline.right = static_cast<double>(box.xMax) / tracer.em;
    return outline;
  }
  throw Error(ErrorCode::kInvalidInput, "no font has the character " + core::encodeUtf8({&character, 1}) + " (" +
                                            core::codePointName(character) + "), so it cannot be drawn");
}

}  // namespace qianda::signing
