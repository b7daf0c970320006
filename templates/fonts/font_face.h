// One face of a font file, for looking up glyphs and cutting subsets (HarfBuzz). Immutable after construction,
// thread-safe. Advances are in 1/1000 em.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/bytes.h"

struct hb_face_t;

namespace qianda::templates::fonts {

struct GlyphMetrics {
  std::uint16_t glyph = 0;  // 0: the face lacks the character
  std::uint16_t advance = 0;
};

enum class Outlines { kCff, kTrueType };

class FontFace {
 public:
  // Throws kSystem when the file has no such face.
  FontFace(const std::filesystem::path& file, unsigned index);
  // A face made by subset(), held in memory.
  explicit FontFace(core::Bytes octets);
  ~FontFace();
  FontFace(const FontFace&) = delete;
  FontFace& operator=(const FontFace&) = delete;

  GlyphMetrics find(char32_t codePoint) const {
    if (codePoint < basic_.size()) return basic_[codePoint];
    const auto found = supplementary_.find(codePoint);
    return found == supplementary_.end() ? GlyphMetrics{} : found->second;
  }
  Outlines outlines() const { return outlines_; }
  const std::string& postScriptName() const { return postScriptName_; }

  // The face reduced to these glyphs and .notdef, without layout tables.
  // To embed: CFF gives only the `CFF ` table, whose CIDs stay the original glyph ids; TrueType gives a font file that
  // keeps the glyph ids and has no cmap. As a source for further cuts: a font file with a cmap and renumbered glyphs.
  enum class Purpose { kEmbed, kSource };
  core::Bytes subset(const std::vector<std::uint16_t>& glyphs, Purpose purpose = Purpose::kEmbed) const;

 private:
  void load();

  hb_face_t* face_ = nullptr;
  core::Bytes octets_;
  Outlines outlines_ = Outlines::kCff;
  std::string postScriptName_;
  std::vector<GlyphMetrics> basic_;
  std::unordered_map<char32_t, GlyphMetrics> supplementary_;
};

// The faces the house sets text in: a Song regular and bold that cover all common characters, and a fallback pair for
// the rarest. Loaded once per process.
enum class FaceId : std::uint8_t { kRegular, kBold, kFallbackA, kFallbackB };
inline constexpr std::size_t kFaceCount = 4;
const FontFace& face(FaceId id);

}  // namespace qianda::templates::fonts
