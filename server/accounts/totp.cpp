#include "server/accounts/totp.h"

#include <array>

#include <Poco/URI.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/error.h"
#include "server/accounts/secrets.h"

namespace qianda::server {
namespace {

constexpr std::int64_t kStepMs = 30'000;
constexpr std::size_t kRecoveryOctets = 10, kRecoveryCharacters = 16;

std::string encoded(const std::string& text) {
  std::string out;
  Poco::URI::encode(text, ":/?#[]@!$&'()*+,;=", out);
  return out;
}

std::string grouped(const std::string& plain) {
  return plain.substr(0, 4) + "-" + plain.substr(4, 4) + "-" + plain.substr(8, 4) + "-" + plain.substr(12, 4);
}

}  // namespace

core::Bytes drawTotpSecret() { return randomOctets(20); }

std::string hotpCode(core::BytesView secret, std::uint64_t counter, int digits) {
  std::array<std::uint8_t, 8> message{};
  for (int i = 7; i >= 0; --i, counter >>= 8) message[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(counter);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (!HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(), mac.data(),
            &size)) {
    throw core::Error(core::ErrorCode::kSystem, "HMAC-SHA-1 failed", "internal error");
  }
  const std::size_t offset = mac[size - 1] & 0x0F;
  std::uint32_t value = (mac[offset] & 0x7Fu) << 24 | static_cast<std::uint32_t>(mac[offset + 1]) << 16 |
                        static_cast<std::uint32_t>(mac[offset + 2]) << 8 | mac[offset + 3];
  std::string code(static_cast<std::size_t>(digits), '0');
  for (auto at = code.rbegin(); at != code.rend(); ++at, value /= 10) *at = static_cast<char>('0' + value % 10);
  return code;
}

std::int64_t totpStep(core::Instant instant) { return instant.time_since_epoch().count() / kStepMs; }

std::string totpCode(core::BytesView secret, core::Instant instant) {
  return hotpCode(secret, static_cast<std::uint64_t>(totpStep(instant)));
}

std::optional<std::int64_t> findTotpStep(core::BytesView secret, std::string_view code, core::Instant now,
                                         std::int64_t lastStep) {
  std::optional<std::int64_t> found;
  const std::int64_t present = totpStep(now);
  for (std::int64_t step = present - 1; step <= present + 1; ++step) {
    if (isSameSecret(hotpCode(secret, static_cast<std::uint64_t>(step)), code) && step > lastStep) found = step;
  }
  return found;
}

std::string otpauthUri(core::BytesView secret, const std::string& issuer, const std::string& account) {
  return "otpauth://totp/" + encoded(issuer) + ":" + encoded(account) + "?secret=" + toBase32(secret) +
         "&issuer=" + encoded(issuer) + "&algorithm=SHA1&digits=6&period=30";
}

std::vector<std::string> drawRecoveryCodes(std::size_t count) {
  std::vector<std::string> codes;
  while (codes.size() < count) codes.push_back(grouped(toBase32(randomOctets(kRecoveryOctets))));
  return codes;
}

std::optional<std::string> readRecoveryCode(std::string_view typed) {
  std::string plain;
  for (const char c : typed) {
    if (c != '-' && c != ' ') plain += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (plain.size() != kRecoveryCharacters || !fromBase32(plain)) return std::nullopt;
  return grouped(plain);
}

}  // namespace qianda::server
