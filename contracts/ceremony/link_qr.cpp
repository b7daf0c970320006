#include "contracts/ceremony/link_qr.h"

#include <fmt/format.h>
#include <qrencode.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::contracts {

std::string qrSvg(const std::string& text) {
  constexpr int kQuiet = 4;
  const core::Handle<QRcode, &QRcode_free> code(text.empty() ? nullptr
                                                             : QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M));
  if (!code) throw core::Error(core::ErrorCode::kInvalidInput, "this text makes no QR code");
  const int side = code->width + 2 * kQuiet;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\" shape-rendering=\"crispEdges\">"
      "<path fill=\"#fff\" d=\"M0 0h{0}v{0}H0z\"/><path d=\"",
      side);
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) != 0) out += fmt::format("M{} {}h1v1h-1z", x + kQuiet, y + kQuiet);
    }
  }
  return out + "\"/></svg>";
}

}  // namespace qianda::contracts
