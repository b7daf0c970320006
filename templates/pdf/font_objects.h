// The parts of a composite font's objects (ISO 32000-1 9.7) that depend on which glyphs it holds.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "templates/fonts/font_face.h"

namespace qianda::templates::pdf {

using CodePoints = std::vector<std::pair<std::uint16_t, char32_t>>;  // code -> code point, ascending codes

// ToUnicode CMap (9.10.3) for codes of `codeOctets` octets.
void putToUnicode(std::string& out, const CodePoints& codes, int codeOctets);
// The /W array for all codes whose width is not 1000 (the default width): "[34 [570] 35 [610 320]]".
void putWidths(std::string& out, const CodePoints& codes, const fonts::FontFace& face);

// Values for the font descriptor, the same for all cuts of our faces.
struct DescriptorValues {
  const char* name;
  int ascent, descent, capHeight, stemV;
  int box[4];
};
const DescriptorValues& descriptorOf(fonts::FaceId id);

}  // namespace qianda::templates::pdf
