// Document identifiers: 128 bits, written as 26 upper-case characters of Crockford's base 32 (no I L O U), so that an
// address in a QR code stays in its alphanumeric mode. At least 80 of the bits are random: an address cannot be
// guessed.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace qianda::core {

struct DocumentId {
  std::array<std::uint8_t, 16> octets{};

  static DocumentId random();  // OpenSSL's RAND_bytes; throws kSystem if it fails
  // 48 bits of milliseconds since 1970 before 80 random ones (a ULID): what is made together lies together in an index.
  static DocumentId at(Instant instant);
  static std::optional<DocumentId> parse(std::string_view text);
  std::string text() const;  // 26 characters
  auto operator<=>(const DocumentId&) const = default;
};

}  // namespace qianda::core
