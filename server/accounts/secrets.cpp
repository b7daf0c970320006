#include "server/accounts/secrets.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/error.h"
#include "signing/keys/evp_key.h"

namespace qianda::server {
namespace {

constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string encode(core::BytesView octets, std::string_view alphabet, unsigned width) {
  std::string text;
  unsigned held = 0, bits = 0;
  const unsigned mask = (1u << width) - 1;
  for (const std::uint8_t octet : octets) {
    held = held << 8 | octet;
    for (bits += 8; bits >= width; bits -= width) text += alphabet[held >> (bits - width) & mask];
  }
  if (bits > 0) text += alphabet[held << (width - bits) & mask];
  return text;
}

std::optional<core::Bytes> decode(std::string_view text, std::string_view alphabet, unsigned width) {
  core::Bytes octets;
  unsigned held = 0, bits = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = held << width | static_cast<unsigned>(value);
    bits += width;
    if (bits >= 8) {
      bits -= 8;
      octets.push_back(static_cast<std::uint8_t>(held >> bits));
      held &= (1u << bits) - 1;
    }
  }
  if (bits >= width || held != 0) return std::nullopt;
  return octets;
}

}  // namespace

core::Bytes randomOctets(std::size_t count) {
  core::Bytes octets(count);
  if (RAND_bytes(octets.data(), static_cast<int>(count)) != 1) {
    throw core::Error(core::ErrorCode::kSystem, "the random number generator failed", "internal error");
  }
  return octets;
}

std::string randomToken(std::size_t octets) { return toBase64Url(randomOctets(octets)); }

core::Bytes sha256(std::string_view text) {
  return signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(text));
}

std::string hashOfSecret(std::string_view secret) { return core::toHex(sha256(secret)); }

bool isSameSecret(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string toBase64Url(core::BytesView octets) { return encode(octets, kBase64Url, 6); }
std::optional<core::Bytes> fromBase64Url(std::string_view text) { return decode(text, kBase64Url, 6); }
std::string toBase32(core::BytesView octets) { return encode(octets, kBase32, 5); }
std::optional<core::Bytes> fromBase32(std::string_view text) { return decode(text, kBase32, 5); }

std::string toBase64(core::BytesView octets) {
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets.data(), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace qianda::server
