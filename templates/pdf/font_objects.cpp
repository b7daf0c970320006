#include "templates/pdf/font_objects.h"

#include "templates/pdf/pdf_text.h"

namespace qianda::templates::pdf {
namespace {

constexpr std::string_view kCMapOpening =
    "/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)"
    "/Supplement 0>>def/CMapName/Adobe-Identity-UCS def/CMapType 2 def 1 begincodespacerange ";
constexpr std::string_view kCMapClosing = "endcmap CMapName currentdict/CMap defineresource pop end end\n";
constexpr std::size_t kLargestBlock = 100;  // entries of one bfchar block

void putCode(std::string& out, std::uint16_t code, int octets) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  out.push_back('<');
  for (int shift = octets * 8 - 4; shift >= 0; shift -= 4) out.push_back(kDigits[code >> shift & 15]);
  out.push_back('>');
}

}  // namespace

void putToUnicode(std::string& out, const CodePoints& codes, int codeOctets) {
  out += kCMapOpening;
  out += codeOctets == 2 ? "<0000><FFFF>" : "<00><FF>";
  out += " endcodespacerange\n";
  for (std::size_t start = 0; start < codes.size(); start += kLargestBlock) {
    const std::size_t end = std::min(codes.size(), start + kLargestBlock);
    putInteger(out, static_cast<std::int64_t>(end - start));
    out += " beginbfchar\n";
    for (std::size_t i = start; i < end; ++i) {
      putCode(out, codes[i].first, codeOctets);
      out.push_back('<');
      putUtf16Hex(out, codes[i].second);
      out += ">\n";
    }
    out += "endbfchar\n";
  }
  out += kCMapClosing;
}

void putWidths(std::string& out, const CodePoints& codes, const fonts::FontFace& face) {
  out.push_back('[');
  int previous = -2;
  for (const auto& [code, codePoint] : codes) {
    const int width = face.find(codePoint).advance;
    if (width == 1000) continue;
    if (code == previous + 1) {
      out.push_back(' ');
    } else {
      if (previous >= 0) out += "]";
      putInteger(out, code);
      out.push_back('[');
    }
    putInteger(out, width);
    previous = code;
  }
  if (previous >= 0) out.push_back(']');
  out.push_back(']');
}

const DescriptorValues& descriptorOf(fonts::FaceId id) {
  static constexpr DescriptorValues kDescriptors[] = {
      {"NotoSerifCJKsc-Regular", 880, -120, 733, 90, {-180, -293, 2922, 1101}},
      {"NotoSerifCJKsc-Bold", 880, -120, 733, 150, {-180, -293, 2922, 1101}},
      {"HanaMinA", 880, -120, 733, 80, {-200, -200, 1200, 1000}},
      {"HanaMinB", 880, -120, 733, 80, {-200, -200, 1200, 1000}}};
  return kDescriptors[static_cast<std::size_t>(id)];
}

}  // namespace qianda::templates::pdf
