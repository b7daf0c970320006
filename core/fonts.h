// Where the font files of the house are: Debian's fonts-noto-cjk and fonts-hanazono, or the folder QIANDA_FONT_DIR
// (flat, same file names). Only paths; who needs outlines or metrics loads the file with its own library.
#pragma once

#include <filesystem>

namespace qianda::core {

// kSerif and kSerifBold are Noto Serif CJK SC (mainland forms); the fallbacks are HanaMin A (basic plane) and B
// (beyond).
enum class FontRole { kSerif, kSerifBold, kFallbackA, kFallbackB };

struct FontFile {
  std::filesystem::path path;
  unsigned index;  // face within a collection: Noto's index 2 is SC, 0 would be Japanese
};

FontFile fontFile(FontRole role);

}  // namespace qianda::core
