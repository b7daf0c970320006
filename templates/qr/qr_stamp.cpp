#include "templates/qr/qr_stamp.h"

#include <bit>

#include <qrencode.h>

#include "core/error.h"
#include "core/handle.h"

namespace qianda::templates::qr {
namespace {

using Code = core::Handle<QRcode, &QRcode_free>;
using Input = core::Handle<QRinput, &QRinput_free>;

// ISO/IEC 18004 table 5.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
constexpr unsigned kFunctionModule = 0x80, kBlack = 0x01;  // libqrencode's bits of a module

unsigned valueOf(char c) { return static_cast<unsigned>(kAlphabet.find(c)); }

bool isMasked(int mask, int x, int y) {
  switch (mask) {
    case 0:
      return (x + y) % 2 == 0;
    case 1:
      return y % 2 == 0;
    case 2:
      return x % 3 == 0;
    case 3:
      return (x + y) % 3 == 0;
    case 4:
      return (y / 2 + x / 3) % 2 == 0;
    case 5:
      return x * y % 2 + x * y % 3 == 0;
    case 6:
      return (x * y % 2 + x * y % 3) % 2 == 0;
    default:
      return ((x + y) % 2 + x * y % 3) % 2 == 0;
  }
}

// 15 format bits of level M (BCH(15,5), generator 0x537, then 0x5412); bit 14 first.
unsigned formatBits(int mask) {
  const unsigned data = 0u << 3 | static_cast<unsigned>(mask);  // level M is 00
  unsigned rest = data << 10;
  for (int bit = 14; bit >= 10; --bit) {
    if (rest >> bit & 1) rest ^= 0x537u << (bit - 10);
  }
  return (data << 10 | rest) ^ 0x5412;
}

struct Position {
  int x, y;
};

// Where format bit i (0 = least significant) stands, in both copies (7.9.1).
std::array<Position, 2> formatPositions(int bit, int modules) {
  const Position first = bit < 6    ? Position{8, bit}
                         : bit == 6 ? Position{8, 7}
                         : bit == 7 ? Position{8, 8}
                         : bit == 8 ? Position{7, 8}
                                    : Position{14 - bit, 8};
  const Position second = bit < 8 ? Position{modules - 1 - bit, 8} : Position{8, modules - 15 + bit};
  return {first, second};
}

Code encodeText(const std::string& text, int version) {
  const Input input(QRinput_new2(version, QR_ECLEVEL_M));
  if (!input || QRinput_append(input.get(), QR_MODE_AN, static_cast<int>(text.size()),
                               reinterpret_cast<const unsigned char*>(text.data())) != 0) {
    throw core::Error(core::ErrorCode::kInvalidInput, "not a QR alphanumeric text: " + text);
  }
  Code code(QRcode_encodeInput(input.get()));
  if (!code) throw core::Error(core::ErrorCode::kInvalidInput, "too long for a small QR code: " + text);
  return code;
}

}  // namespace

void QrStamp::Matrix::add(const Matrix& other) {
  for (int i = 0; i < kLargest; ++i) {
    rows[i] ^= other.rows[i];
    columns[i] ^= other.columns[i];
  }
}

QrStamp::QrStamp(std::string_view opening, std::size_t varying) : opening_(opening), varying_(varying) {
  for (char c : opening) {
    if (kAlphabet.find(c) == std::string_view::npos) {
      throw core::Error(core::ErrorCode::kInvalidInput,
                        "a verification address has only upper-case letters, digits and $%*+-./: — not \"" +
                            std::string(1, c) + "\"");
    }
  }
  const std::string text = opening_ + std::string(varying, '0');
  const Code smallest = encodeText(text, 0);
  version_ = smallest->version;
  modules_ = smallest->width;
  if (modules_ > kLargest) throw core::Error(core::ErrorCode::kInvalidInput, "the verification address is too long");
  firstPair_ = opening_.size() / 2;

  // Varying pairs start at zero: "00". The last character may stand alone (6 bits).
  std::string zero = text;
  for (std::size_t i = firstPair_ * 2; i < zero.size(); ++i) zero[i] = '0';
  zero_ = encodeByLibrary(zero);
  for (std::size_t pair = firstPair_; pair * 2 < zero.size(); ++pair) {
    const bool alone = pair * 2 + 1 == zero.size();
    std::array<Matrix, 11> sums;
    for (unsigned bit = 0; bit < (alone ? 6u : 11u); ++bit) {
      const unsigned value = 1u << bit;
      std::string one = zero;
      if (alone) {
        if (value >= kAlphabet.size()) continue;
        one[pair * 2] = kAlphabet[value];
      } else {
        one[pair * 2] = kAlphabet[value / 45];
        one[pair * 2 + 1] = kAlphabet[value % 45];
      }
      sums[bit] = encodeByLibrary(one);
      sums[bit].add(zero_);
    }
    bits_.push_back(sums);
  }
  makeMasks(zero);
}

QrStamp::Matrix QrStamp::encodeByLibrary(const std::string& text) const {
  const Code code = encodeText(text, version_);
  const auto at = [&](int x, int y) { return code->data[y * modules_ + x]; };
  unsigned format = 0;
  for (int bit = 0; bit < 15; ++bit) {
    const Position position = formatPositions(bit, modules_)[0];
    format |= (at(position.x, position.y) & kBlack) << bit;
  }
  int mask = 0;
  while (mask < 8 && formatBits(mask) != format) ++mask;
  if (mask == 8) throw core::Error(core::ErrorCode::kSystem, "libqrencode wrote unknown format bits");
  Matrix matrix;
  for (int y = 0; y < modules_; ++y) {
    for (int x = 0; x < modules_; ++x) {
      bool black = at(x, y) & kBlack;
      if (!(at(x, y) & kFunctionModule)) black ^= isMasked(mask, x, y);
      matrix.rows[y] |= static_cast<std::uint32_t>(black) << x;
      matrix.columns[x] |= static_cast<std::uint32_t>(black) << y;
    }
  }
  // Format modules are added with the mask: here they are white.
  for (int bit = 0; bit < 15; ++bit) {
    for (const Position& position : formatPositions(bit, modules_)) {
      matrix.rows[position.y] &= ~(1u << position.x);
      matrix.columns[position.x] &= ~(1u << position.y);
    }
  }
  return matrix;
}

void QrStamp::makeMasks(const std::string& text) {
  const Code code = encodeText(text, version_);
  for (int mask = 0; mask < 8; ++mask) {
    Matrix& matrix = masks_[mask];
    const auto set = [&](int x, int y) {
      matrix.rows[y] |= 1u << x;
      matrix.columns[x] |= 1u << y;
    };
    for (int y = 0; y < modules_; ++y) {
      for (int x = 0; x < modules_; ++x) {
        if (!(code->data[y * modules_ + x] & kFunctionModule) && isMasked(mask, x, y)) set(x, y);
      }
    }
    const unsigned format = formatBits(mask);
    for (int bit = 0; bit < 15; ++bit) {
      if (!(format >> bit & 1)) continue;
      for (const Position& position : formatPositions(bit, modules_)) set(position.x, position.y);
    }
  }
}

// The four features of 7.8.3.1, on rows and columns as bit strings; with the processor's population count where it has
// one.
__attribute__((target_clones("popcnt", "default"))) std::uint32_t QrStamp::penalty(const Matrix& matrix) const {
  const std::uint32_t all = modules_ == 32 ? ~0u : (1u << modules_) - 1;
  std::uint32_t score = 0;
  int black = 0;
  for (const Rows* lines : {&matrix.rows, &matrix.columns}) {
    for (int i = 0; i < modules_; ++i) {
      const std::uint32_t line = (*lines)[i];
      const std::uint32_t same = ~(line ^ (line >> 1)) & (all >> 1);
      const std::uint32_t runs = same & same >> 1 & same >> 2 & same >> 3;
      score += static_cast<std::uint32_t>(std::popcount(runs) + 2 * std::popcount(runs & ~(runs << 1)));
      const std::uint32_t w = ~line & all, b = line;
      const std::uint32_t finder = b & w >> 1 & b >> 2 & b >> 3 & b >> 4 & w >> 5 & b >> 6;
      // Four light modules on either side; outside the code all is light.
      const std::uint32_t lightAfter = ~(b >> 7 | b >> 8 | b >> 9 | b >> 10);
      const std::uint32_t lightBefore = ~(b << 1 | b << 2 | b << 3 | b << 4);
      score += 40u * static_cast<std::uint32_t>(std::popcount(finder & (lightAfter | lightBefore)));
    }
  }
  for (int y = 0; y + 1 < modules_; ++y) {
    const std::uint32_t above = matrix.rows[y], below = matrix.rows[y + 1];
    const std::uint32_t equal = ~(above ^ below) & ~(above ^ above >> 1) & ~(below ^ below >> 1) & (all >> 1);
    score += 3u * static_cast<std::uint32_t>(std::popcount(equal));
  }
  for (int y = 0; y < modules_; ++y) black += std::popcount(matrix.rows[y]);
  const int percent = black * 100 / (modules_ * modules_);
  return score + static_cast<std::uint32_t>(std::abs(percent - 50) / 5) * 10;
}

std::string QrStamp::encode(std::string_view ending) const {
  const auto characterAt = [&](std::size_t i) {
    return i < opening_.size() ? opening_[i] : ending[i - opening_.size()];
  };
  const std::size_t length = opening_.size() + varying_;
  Matrix matrix = zero_;
  for (std::size_t pair = 0; pair < bits_.size(); ++pair) {
    const std::size_t at = (firstPair_ + pair) * 2;
    unsigned value = valueOf(characterAt(at));
    if (at + 1 < length) value = value * 45 + valueOf(characterAt(at + 1));
    for (; value != 0; value &= value - 1) matrix.add(bits_[pair][std::countr_zero(value)]);
  }
  std::uint32_t least = ~0u;
  Matrix best;
  for (const Matrix& mask : masks_) {
    Matrix masked = matrix;
    masked.add(mask);
    const std::uint32_t score = penalty(masked);
    if (score < least) {
      least = score;
      best = masked;
    }
  }
  const int stride = (modules_ + 7) / 8;
  std::string out(static_cast<std::size_t>(stride * modules_), '\0');
  for (int y = 0; y < modules_; ++y) {
    for (int x = 0; x < modules_; ++x) {
      if (best.rows[y] >> x & 1) out[y * stride + x / 8] |= static_cast<char>(0x80 >> x % 8);
    }
  }
  return out;
}

}  // namespace qianda::templates::qr
