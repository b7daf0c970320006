// SHA-256 (FIPS 180-4) of octets that are at hand. Thread-safe; throws kSystem when OpenSSL fails.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace qianda::core {

std::array<std::uint8_t, 32> sha256(std::string_view octets);
std::string sha256Hex(std::string_view octets);  // lower case

}  // namespace qianda::core
