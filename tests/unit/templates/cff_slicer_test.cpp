#include "templates/fonts/cff_slicer.h"

#include <gtest/gtest.h>
#include <hb-ot.h>
#include <hb.h>

#include "core/error.h"
#include "core/handle.h"
#include "templates/fonts/font_face.h"

// The judge is HarfBuzz's own CFF interpreter: a sliced glyph must draw exactly what the whole font draws.
namespace qianda::templates::fonts {
namespace {

using Blob = core::Handle<hb_blob_t, &hb_blob_destroy>;
using Face = core::Handle<hb_face_t, &hb_face_destroy>;
using Font = core::Handle<hb_font_t, &hb_font_destroy>;

void put(std::string& out, std::uint64_t value, int octets) {
  while (octets-- > 0) out.push_back(static_cast<char>(value >> (8 * octets)));
}

// A minimal OpenType wrapper (head, maxp, CFF) so that HarfBuzz can open a bare CFF.
std::string wrap(const std::string& cff, std::uint32_t glyphs) {
  std::string head(54, '\0');
  head[18] = 0x03;
  head[19] = static_cast<char>(0xE8);  // 1000 units per em
  head.replace(12, 4, "\x5F\x0F\x3C\xF5");
  std::string maxp;
  put(maxp, 0x00005000, 4);
  put(maxp, glyphs, 2);
  const std::pair<const char*, const std::string*> tables[] = {{"CFF ", &cff}, {"head", &head}, {"maxp", &maxp}};
  std::string out = "OTTO";
  put(out, 3, 2);
  put(out, 0, 6);
  std::uint32_t offset = 12 + 3 * 16;
  for (const auto& [tag, table] : tables) {
    out += tag;
    put(out, 0, 4);
    put(out, offset, 4);
    put(out, static_cast<std::uint32_t>(table->size()), 4);
    offset += static_cast<std::uint32_t>((table->size() + 3) / 4 * 4);
  }
  for (const auto& [tag, table] : tables) {
    out += *table;
    out.append((4 - table->size() % 4) % 4, '\0');
  }
  return out;
}

std::string outlineOf(hb_font_t* font, unsigned glyph) {
  std::string path;
  hb_draw_funcs_t* draw = hb_draw_funcs_create();
  const auto note = [](std::string* out, char op, std::initializer_list<float> values) {
    out->push_back(op);
    for (float value : values) *out += std::to_string(static_cast<int>(value)) + " ";
  };
  static const auto kNote = note;
  hb_draw_funcs_set_move_to_func(
      draw,
      [](hb_draw_funcs_t*, void* data, hb_draw_state_t*, float x, float y, void*) {
        kNote(static_cast<std::string*>(data), 'm', {x, y});
      },
      nullptr, nullptr);
  hb_draw_funcs_set_line_to_func(
      draw,
      [](hb_draw_funcs_t*, void* data, hb_draw_state_t*, float x, float y, void*) {
        kNote(static_cast<std::string*>(data), 'l', {x, y});
      },
      nullptr, nullptr);
  hb_draw_funcs_set_cubic_to_func(
      draw,
      [](hb_draw_funcs_t*, void* data, hb_draw_state_t*, float a, float b, float c, float d, float e, float f, void*) {
        kNote(static_cast<std::string*>(data), 'c', {a, b, c, d, e, f});
      },
      nullptr, nullptr);
  hb_font_get_glyph_shape(font, glyph, draw, &path);
  hb_draw_funcs_destroy(draw);
  return path;
}

struct Opened {
  std::string octets;
  Blob blob;
  Face face;
  Font font;
  Opened(const std::string& cff, std::uint32_t glyphs) : octets(wrap(cff, glyphs)) {
    blob.reset(
        hb_blob_create(octets.data(), static_cast<unsigned>(octets.size()), HB_MEMORY_MODE_READONLY, nullptr, nullptr));
    face.reset(hb_face_create(blob.get(), 0));
    font.reset(hb_font_create(face.get()));
  }
};

std::vector<std::uint16_t> glyphIds(std::u32string_view text) {
  std::vector<std::uint16_t> ids;
  for (char32_t c : text) ids.push_back(face(FaceId::kRegular).find(c).glyph);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST(CffSlicer, SlicedGlyphsDrawAsInTheWholeFont) {
  const std::vector<std::uint16_t> all =
      glyphIds(U"珠海市示例科技有限公司欧阳㼆䶮𠮷𬭸喆珺甲乙丙丁");
  const core::Bytes source = face(FaceId::kRegular).subset(all);
  const CffSlicer slicer(source);
  const Opened whole({source.begin(), source.end()}, static_cast<std::uint32_t>(all.size() + 1));
  const std::vector<std::uint16_t> some = glyphIds(U"珠㼆𠮷丁");
  std::string cff;
  slicer.slice(some, cff);
  const Opened sliced(cff, static_cast<std::uint32_t>(some.size() + 1));
  EXPECT_LT(cff.size(), source.size() / 3);
  for (std::size_t i = 0; i < some.size(); ++i) {
    ASSERT_TRUE(slicer.has(some[i]));
    const auto position = static_cast<unsigned>(std::find(all.begin(), all.end(), some[i]) - all.begin()) + 1;
    const std::string outline = outlineOf(sliced.font.get(), static_cast<unsigned>(i) + 1);
    EXPECT_FALSE(outline.empty());
    EXPECT_EQ(outline, outlineOf(whole.font.get(), position));
  }
  EXPECT_FALSE(slicer.has(1));
}

TEST(CffSlicer, RefusesOtherFonts) {
  EXPECT_THROW(CffSlicer(core::Bytes{1, 0, 4, 1}), core::Error);
  EXPECT_THROW(CffSlicer(core::Bytes(100, 0xFF)), core::Error);
}

}  // namespace qianda::templates::fonts
