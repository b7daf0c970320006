#include "templates/fonts/font_face.h"

#include <array>
#include <memory>
#include <mutex>

#include <hb-ot.h>
#include <hb-subset.h>
#include <hb.h>

#include "core/error.h"
#include "core/fonts.h"
#include "core/handle.h"

namespace qianda::templates::fonts {
namespace {

using Blob = core::Handle<hb_blob_t, &hb_blob_destroy>;
using Font = core::Handle<hb_font_t, &hb_font_destroy>;
using Face = core::Handle<hb_face_t, &hb_face_destroy>;
using Set = core::Handle<hb_set_t, &hb_set_destroy>;
using SubsetInput = core::Handle<hb_subset_input_t, &hb_subset_input_destroy>;

constexpr hb_tag_t kCffTag = HB_TAG('C', 'F', 'F', ' ');

core::Bytes bytesOf(hb_blob_t* blob) {
  unsigned length = 0;
  const char* data = hb_blob_get_data(blob, &length);
  return {data, data + length};
}

}  // namespace

FontFace::FontFace(const std::filesystem::path& file, unsigned index) {
  const Blob blob(hb_blob_create_from_file_or_fail(file.c_str()));
  if (!blob || hb_face_count(blob.get()) <= index) {
    throw core::Error(core::ErrorCode::kSystem, "no face " + std::to_string(index) + " in the font " + file.string());
  }
  face_ = hb_face_create(blob.get(), index);
  load();
}

FontFace::FontFace(core::Bytes octets) : octets_(std::move(octets)) {
  const Blob blob(hb_blob_create(reinterpret_cast<const char*>(octets_.data()), static_cast<unsigned>(octets_.size()),
                                 HB_MEMORY_MODE_READONLY, nullptr, nullptr));
  face_ = hb_face_create(blob.get(), 0);
  load();
}

FontFace::~FontFace() { hb_face_destroy(face_); }

void FontFace::load() {
  const Blob cff(hb_face_reference_table(face_, kCffTag));
  outlines_ = hb_blob_get_length(cff.get()) > 0 ? Outlines::kCff : Outlines::kTrueType;
  std::array<char, 128> name{};
  unsigned nameLength = name.size();
  hb_ot_name_get_utf8(face_, HB_OT_NAME_ID_POSTSCRIPT_NAME, HB_LANGUAGE_INVALID, &nameLength, name.data());
  postScriptName_ = name.data();

  const Font font(hb_font_create(face_));
  const int unitsPerEm = static_cast<int>(hb_face_get_upem(face_));
  const Set characters(hb_set_create());
  hb_face_collect_unicodes(face_, characters.get());
  basic_.resize(0x10000);
  for (hb_codepoint_t c = HB_SET_VALUE_INVALID; hb_set_next(characters.get(), &c);) {
    hb_codepoint_t glyph = 0;
    if (!hb_font_get_nominal_glyph(font.get(), c, &glyph) || glyph == 0 || glyph > 0xFFFF) continue;
    const int advance = hb_font_get_glyph_h_advance(font.get(), glyph) * 1000 / unitsPerEm;
    const GlyphMetrics metrics{static_cast<std::uint16_t>(glyph), static_cast<std::uint16_t>(advance)};
    if (c < basic_.size()) {
      basic_[c] = metrics;
    } else {
      supplementary_.emplace(c, metrics);
    }
  }
}

core::Bytes FontFace::subset(const std::vector<std::uint16_t>& glyphs, Purpose purpose) const {
  const bool toEmbed = purpose == Purpose::kEmbed;
  const SubsetInput input(hb_subset_input_create_or_fail());
  if (!input) throw core::Error(core::ErrorCode::kSystem, "hb-subset: out of memory");
  hb_set_t* wanted = hb_subset_input_glyph_set(input.get());
  for (std::uint16_t glyph : glyphs) hb_set_add(wanted, glyph);
  const bool keepIds = toEmbed && outlines_ == Outlines::kTrueType;
  hb_subset_input_set_flags(input.get(), HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_DESUBROUTINIZE |
                                             HB_SUBSET_FLAGS_NOTDEF_OUTLINE |
                                             (keepIds ? HB_SUBSET_FLAGS_RETAIN_GIDS : 0));
  hb_set_t* dropped = hb_subset_input_set(input.get(), HB_SUBSET_SETS_DROP_TABLE_TAG);
  for (const char* tag : {"GSUB", "GPOS", "GDEF", "name", "OS/2", "vhea", "vmtx", "VORG", "BASE", "post", "DSIG",
                          "gasp", "kern", "hdmx", "VDMX", "LTSH", "meta", "STAT"}) {
    hb_set_add(dropped, hb_tag_from_string(tag, -1));
  }
  if (!toEmbed) {
    hb_set_t* characters = hb_subset_input_unicode_set(input.get());
    for (std::size_t c = 0; c < basic_.size(); ++c) {
      if (basic_[c].glyph != 0 && hb_set_has(wanted, basic_[c].glyph)) hb_set_add(characters, static_cast<unsigned>(c));
    }
    for (const auto& [c, metrics] : supplementary_) {
      if (hb_set_has(wanted, metrics.glyph)) hb_set_add(characters, c);
    }
  } else {
    hb_set_add(dropped, HB_TAG('c', 'm', 'a', 'p'));
  }
  const Face cut(hb_subset_or_fail(face_, input.get()));
  if (!cut) throw core::Error(core::ErrorCode::kSystem, "hb-subset failed on " + postScriptName_);
  const Blob blob(outlines_ == Outlines::kCff && toEmbed ? hb_face_reference_table(cut.get(), kCffTag)
                                                         : hb_face_reference_blob(cut.get()));
  return bytesOf(blob.get());
}

const FontFace& face(FaceId id) {
  static std::array<std::unique_ptr<FontFace>, kFaceCount> faces;
  static std::array<std::once_flag, kFaceCount> loaded;
  const auto slot = static_cast<std::size_t>(id);
  std::call_once(loaded[slot], [&] {
    const core::FontFile file = core::fontFile(static_cast<core::FontRole>(slot));
    faces[slot] = std::make_unique<FontFace>(file.path, file.index);
  });
  return *faces[slot];
}

}  // namespace qianda::templates::fonts
