#include "core/fonts.h"

#include <cstdlib>

namespace qianda::core {

FontFile fontFile(FontRole role) {
  struct Entry {
    const char* folder;
    const char* name;
    unsigned index;
  };
  static constexpr Entry kFonts[] = {{"/usr/share/fonts/opentype/noto", "NotoSerifCJK-Regular.ttc", 2},
                                     {"/usr/share/fonts/opentype/noto", "NotoSerifCJK-Bold.ttc", 2},
                                     {"/usr/share/fonts/truetype/hanazono", "HanaMinA.ttf", 0},
                                     {"/usr/share/fonts/truetype/hanazono", "HanaMinB.ttf", 0}};
  const Entry& entry = kFonts[static_cast<std::size_t>(role)];
  const char* folder = std::getenv("QIANDA_FONT_DIR");
  return {std::filesystem::path(folder ? folder : entry.folder) / entry.name, entry.index};
}

}  // namespace qianda::core
