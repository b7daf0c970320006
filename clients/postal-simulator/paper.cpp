#include "clients/postal-simulator/paper.h"

#include <algorithm>
#include <vector>

#include <zint.h>
#include <zlib.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::postal_simulator {
namespace {

using Symbol = core::Handle<zint_symbol, &ZBarcode_Delete>;
constexpr int kMargin = 40, kModule = 3, kBarHeight = 120;

struct Picture {  // grey, one octet a pixel
  int width = 0, height = 0;
  std::string pixels;
};

Picture pictureOf(const std::string& text) {
  const Symbol symbol(ZBarcode_Create());
  if (!symbol) throw core::Error(core::ErrorCode::kSystem, "no barcode");
  symbol->symbology = BARCODE_CODE128;
  symbol->show_hrt = 0;
  symbol->scale = static_cast<float>(kModule) / 2;
  symbol->height = kBarHeight / kModule;
  const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
  if (ZBarcode_Encode_and_Buffer(symbol.get(), octets, static_cast<int>(text.size()), 0) >= ZINT_ERROR) {
    throw core::Error(core::ErrorCode::kSystem, std::string("no barcode: ") + symbol->errtxt);
  }
  Picture picture;
  picture.width = symbol->bitmap_width + 2 * kMargin;
  picture.height = symbol->bitmap_height + 2 * kMargin;
  picture.pixels.assign(static_cast<std::size_t>(picture.width * picture.height), '\xff');
  for (int y = 0; y < symbol->bitmap_height; ++y) {
    for (int x = 0; x < symbol->bitmap_width; ++x) {
      const auto from = static_cast<std::size_t>((y * symbol->bitmap_width + x) * 3);
      picture.pixels[static_cast<std::size_t>((y + kMargin) * picture.width + x + kMargin)] =
          static_cast<char>(symbol->bitmap[from]);
    }
  }
  return picture;
}

std::string big(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big(static_cast<std::uint32_t>(data.size())) + body + big(static_cast<std::uint32_t>(crc));
}

}  // namespace

std::string receiptPng(const std::string& waybill) {
  const Picture picture = pictureOf(waybill);
  std::string rows;
  const auto width = static_cast<std::size_t>(picture.width);
  for (int y = 0; y < picture.height; ++y)
    rows += '\0' + picture.pixels.substr(static_cast<std::size_t>(y) * width, width);
  uLongf size = ::compressBound(rows.size());
  std::string packed(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()), rows.size());
  packed.resize(size);
  using namespace std::string_literals;
  const std::string header = big(static_cast<std::uint32_t>(picture.width)) +
                             big(static_cast<std::uint32_t>(picture.height)) + "\x08\x00\x00\x00\x00"s;
  return "\x89PNG\r\n\x1a\n"s + chunk("IHDR", header) + chunk("IDAT", packed) + chunk("IEND", "");
}

std::string labelPdf(const std::string& waybill, const std::string& orderNo) {
  std::string safe = orderNo;
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return c < '0' || c > 'z' || c == '\\'; }, '-');
  const std::string content = "BT /F1 18 Tf 20 100 Td (" + waybill + ") Tj 0 -30 Td (" + safe + ") Tj ET";
  const std::string objects[] = {
      "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 284 150]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
      "<</Length " + std::to_string(content.size()) + ">>stream\n" + content + "\nendstream",
      "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"};
  std::string pdf = "%PDF-1.4\n", table = "0000000000 65535 f \n";
  for (std::size_t i = 0; i < std::size(objects); ++i) {
    const std::string offset = std::to_string(pdf.size());
    table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  return pdf + "xref\n0 6\n" + table + "trailer<</Size 6/Root 1 0 R>>\nstartxref\n" + std::to_string(pdf.size()) +
         "\n%%EOF\n";
}

}  // namespace qianda::postal_simulator
