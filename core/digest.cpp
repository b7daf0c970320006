#include "core/digest.h"

#include <openssl/evp.h>

#include "core/bytes.h"
#include "core/error.h"

namespace qianda::core {

std::array<std::uint8_t, 32> sha256(std::string_view octets) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorCode::kSystem, "SHA-256 failed");
  }
  return digest;
}

std::string sha256Hex(std::string_view octets) { return toHex(sha256(octets)); }

}  // namespace qianda::core
