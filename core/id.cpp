#include "core/id.h"

#include <openssl/rand.h>

#include "core/error.h"

namespace qianda::core {
namespace {
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCharacters = 26;
}  // namespace

DocumentId DocumentId::random() {
  DocumentId id;
  if (RAND_bytes(id.octets.data(), static_cast<int>(id.octets.size())) != 1) {
    throw Error(ErrorCode::kSystem, "the random generator gave no bytes");
  }
  return id;
}

DocumentId DocumentId::at(Instant instant) {
  constexpr std::size_t kTimeOctets = 6;
  DocumentId id = random();
  auto milliseconds = static_cast<std::uint64_t>(instant.time_since_epoch().count());
  for (std::size_t i = kTimeOctets; i-- > 0; milliseconds >>= 8) id.octets[i] = static_cast<std::uint8_t>(milliseconds);
  return id;
}

std::string DocumentId::text() const {
  // 130 bits: two leading zero bits, then the 128.
  std::string out(kCharacters, '0');
  for (std::size_t i = 0; i < kCharacters; ++i) {
    unsigned value = 0;
    for (std::size_t bit = 0; bit < 5; ++bit) {
      const std::size_t position = i * 5 + bit;
      value <<= 1;
      if (position >= 2) value |= octets[(position - 2) / 8] >> (7 - (position - 2) % 8) & 1u;
    }
    out[i] = kAlphabet[value];
  }
  return out;
}

std::optional<DocumentId> DocumentId::parse(std::string_view text) {
  if (text.size() != kCharacters) return std::nullopt;
  DocumentId id;
  for (std::size_t i = 0; i < kCharacters; ++i) {
    const std::size_t value = kAlphabet.find(text[i]);
    if (value == std::string_view::npos || (i == 0 && value > 7)) return std::nullopt;
    for (std::size_t bit = 0; bit < 5; ++bit) {
      const std::size_t position = i * 5 + bit;
      if (position < 2) continue;
      if (value >> (4 - bit) & 1) {
        id.octets[(position - 2) / 8] |= static_cast<std::uint8_t>(1u << (7 - (position - 2) % 8));
      }
    }
  }
  return id;
}

}  // namespace qianda::core
