#include "delivery/partner/barcode.h"

#include <algorithm>

#include <zint.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::delivery {

Barcode code128(const std::string& text) {
  const core::Handle<zint_symbol, &ZBarcode_Delete> symbol(ZBarcode_Create());
  if (!symbol) throw core::Error(core::ErrorCode::kSystem, "no barcode");
  const bool isPlain =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!isPlain) throw core::Error(core::ErrorCode::kInvalidInput, "a barcode carries ASCII, not \"" + text + "\"");
  symbol->symbology = BARCODE_CODE128;
  const auto* octets = reinterpret_cast<const unsigned char*>(text.data());
  if (ZBarcode_Encode(symbol.get(), octets, static_cast<int>(text.size())) >= ZINT_ERROR) {
    throw core::Error(core::ErrorCode::kInvalidInput, "no barcode of \"" + text + "\": " + symbol->errtxt);
  }
  Barcode barcode;
  barcode.width = symbol->width;
  for (int at = 0; at < symbol->width; ++at) {
    if (!(symbol->encoded_data[0][at / 8] >> at % 8 & 1)) continue;
    if (!barcode.bars.empty() && barcode.bars.back().at + barcode.bars.back().width == at) {
      ++barcode.bars.back().width;
    } else {
      barcode.bars.push_back({at, 1});
    }
  }
  return barcode;
}

}  // namespace qianda::delivery
