// Cuts small CID-keyed CFF fonts (Adobe Technical Note #5176) out of one larger one by copying glyph programs, so that
// a contract's field font costs microseconds where a subsetter costs half a millisecond. The source must come from
// FontFace::subset(): CID-keyed, desubroutinised. Everything but charset, FDSelect and CharStrings is constant and is
// encoded once. Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace qianda::templates::fonts {

class CffSlicer {
 public:
  // Throws kSystem when the font is not of that kind.
  explicit CffSlicer(core::Bytes font);

  // Appends a font with .notdef and these CIDs (ascending, no doubles, each in the source).
  void slice(std::span<const std::uint16_t> cids, std::string& out) const;
  bool has(std::uint16_t cid) const { return cid < glyphOfCid_.size() && glyphOfCid_[cid] != 0; }

 private:
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  core::Bytes font_;
  std::vector<Range> programs_;            // of each glyph, into font_
  std::vector<std::uint8_t> fontDict_;     // of each glyph
  std::vector<std::uint16_t> glyphOfCid_;  // 0: not in the source
  std::string head_;                       // header to Private DICTs; offsets below are patched per slice
  std::size_t charsetOperand_ = 0, fdSelectOperand_ = 0, charStringsOperand_ = 0;
};

}  // namespace qianda::templates::fonts
