#include "server/webhooks/signature.h"

#include <array>

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "core/base64.h"
#include "core/bytes.h"
#include "core/error.h"

namespace qianda::server {
namespace {

constexpr std::string_view kPrefix = "whsec_";

std::optional<core::Bytes> keyOf(std::string_view secret) {
  if (!secret.starts_with(kPrefix)) return std::nullopt;
  const auto key = core::fromBase64(secret.substr(kPrefix.size()));
  const std::size_t size = key ? key->size() : 0;
  return size >= 24 && size <= 64 ? key : std::nullopt;
}

}  // namespace

std::string newWebhookSecret() {
  std::array<std::uint8_t, 32> octets{};
  if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
    throw core::Error(core::ErrorCode::kSystem, "no random octets");
  return std::string(kPrefix) + core::toBase64(octets);
}

bool isWebhookSecret(std::string_view secret) { return keyOf(secret).has_value(); }

std::string webhookTimestamp(core::Instant at) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

std::string signWebhook(const std::vector<std::string>& secrets, const std::string& id, core::Instant at,
                        std::string_view body) {
  const std::string text = id + "." + webhookTimestamp(at) + "." + std::string(body);
  std::string signatures;
  for (const std::string& secret : secrets) {
    const auto key = keyOf(secret);
    if (!key) throw core::Error(core::ErrorCode::kCorrupt, "a webhook secret that is none");
    std::uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!HMAC(EVP_sha256(), key->data(), static_cast<int>(key->size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &length))
      throw core::Error(core::ErrorCode::kSystem, "OpenSSL makes no HMAC");
    signatures += (signatures.empty() ? "v1," : " v1,") + core::toBase64({mac, length});
  }
  return signatures;
}

}  // namespace qianda::server
