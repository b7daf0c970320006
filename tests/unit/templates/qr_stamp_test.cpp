#include "templates/qr/qr_stamp.h"

#include <random>

#include <gtest/gtest.h>
#include <qrencode.h>

#include "core/error.h"
#include "core/handle.h"
#include "core/id.h"

namespace qianda::templates::qr {
namespace {

// All eight masked versions of the library's code for a text, as our rows of octets. libqrencode picks one by its own
// reading of the penalty rules; ours must be among the eight.
bool isACodeOf(const std::string& text, const std::string& bits, int modules) {
  const core::Handle<QRinput, &QRinput_free> input(QRinput_new2(0, QR_ECLEVEL_M));
  QRinput_append(input.get(), QR_MODE_AN, static_cast<int>(text.size()),
                 reinterpret_cast<const unsigned char*>(text.data()));
  const core::Handle<QRcode, &QRcode_free> code(QRcode_encodeInput(input.get()));
  EXPECT_EQ(code->width, modules);
  const int stride = (modules + 7) / 8;
  // Difference of the two codes over the data modules: it must be the difference of two masks, so it repeats every 12.
  std::vector<int> difference(12 * 12, -1);
  for (int y = 0; y < modules; ++y) {
    for (int x = 0; x < modules; ++x) {
      const unsigned char module = code->data[y * modules + x];
      const int ours = bits[y * stride + x / 8] >> (7 - x % 8) & 1;
      if (module & 0x80) {
        if (!(module & 0x04) && ours != (module & 1)) return false;  // function modules but the format are equal
        continue;
      }
      int& seen = difference[y % 12 * 12 + x % 12];
      if (seen < 0) seen = ours ^ (module & 1);
      if (seen != (ours ^ (module & 1))) return false;
    }
  }
  return true;
}

}  // namespace

TEST(QrStamp, EveryCodeIsTheLibrarysUpToTheMask) {
  for (const std::string& opening : {std::string("HTTPS://QIANDA.EXAMPLE/V/"), std::string("HTTPS://Q.CN/")}) {
    const QrStamp stamp(opening, 26);
    for (int i = 0; i < 200; ++i) {
      const std::string id = core::DocumentId::random().text();
      EXPECT_TRUE(isACodeOf(opening + id, stamp.encode(id), stamp.modules())) << opening << id;
    }
  }
}

TEST(QrStamp, ACodeOfAnotherTextIsNotMistakenForIt) {
  const QrStamp stamp("HTTPS://Q.CN/", 26);
  const std::string id = core::DocumentId::random().text();
  std::string other = id;
  other.back() = other.back() == '0' ? '1' : '0';
  EXPECT_FALSE(isACodeOf("HTTPS://Q.CN/" + id, stamp.encode(other), stamp.modules()));
}

TEST(QrStamp, RefusesAddressesTheAlphabetLacks) {
  EXPECT_THROW(QrStamp("https://q.cn/", 26), core::Error);
  EXPECT_THROW(QrStamp(std::string(60, 'A'), 26), core::Error);
}

}  // namespace qianda::templates::qr
