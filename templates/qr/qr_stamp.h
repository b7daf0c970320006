// QR codes (ISO/IEC 18004) of one address with a varying end, in about a microsecond each instead of libqrencode's
// hundred. For a fixed version, level and mode a code's modules are an affine function of its data bits over GF(2), so
// libqrencode encodes the opening address and one code per bit once, and each document is a sum (exclusive or) of
// those; the mask with the least penalty is then chosen as the standard asks. Immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::templates::qr {

class QrStamp {
 public:
  // `opening`: upper-case alphanumerics of the QR alphabet; `varying`: number of such characters that follow. Level M.
  // Throws kInvalidInput for another character or more than 61 in all.
  QrStamp(std::string_view opening, std::size_t varying);

  int modules() const { return modules_; }
  // Rows of (modules + 7) / 8 octets, most significant bit left, 1 = black. `ending` has `varying` characters.
  std::string encode(std::string_view ending) const;

 private:
  static constexpr int kLargest = 32;                // modules a side: versions 1 to 3
  using Rows = std::array<std::uint32_t, kLargest>;  // bit x of row y
  struct Matrix {
    Rows rows{}, columns{};
    void add(const Matrix& other);
  };

  Matrix encodeByLibrary(const std::string& text) const;  // unmasked data, function modules as they are
  void makeMasks(const std::string& text);
  std::uint32_t penalty(const Matrix& matrix) const;

  std::string opening_;
  std::size_t varying_;
  int modules_ = 0, version_ = 0;
  std::size_t firstPair_ = 0;                 // first pair of characters that varies
  Matrix zero_;                               // varying pairs all zero
  std::vector<std::array<Matrix, 11>> bits_;  // of each varying pair
  std::array<Matrix, 8> masks_;               // data mask and format modules
};

}  // namespace qianda::templates::qr
