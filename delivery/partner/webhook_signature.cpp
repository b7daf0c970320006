#include "delivery/partner/webhook_signature.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include "core/base64.h"
#include "core/error.h"

namespace qianda::delivery {
namespace {

constexpr std::string_view kKeyPrefix = "whsec_", kVersion = "v1,";
constexpr std::size_t kLongestId = 256, kMostSignatures = 16, kLeastKey = 24, kLongestKey = 64;

std::optional<core::Bytes> keyOf(std::string_view secret) {
  if (!secret.starts_with(kKeyPrefix)) return std::nullopt;
  auto key = core::fromBase64(secret.substr(kKeyPrefix.size()));
  if (!key || key->size() < kLeastKey || key->size() > kLongestKey) return std::nullopt;
  return key;
}

core::Bytes macOf(const std::string& secret, const std::string& id, const std::string& seconds, std::string_view body) {
  const auto key = keyOf(secret);
  if (!key) throw core::Error(core::ErrorCode::kInvalidInput, "a webhook key is whsec_ and base64 of 24 to 64 octets");
  const std::string text = id + "." + seconds + "." + std::string(body);
  core::Bytes mac(EVP_MAX_MD_SIZE);
  unsigned length = 0;
  if (!HMAC(EVP_sha256(), key->data(), static_cast<int>(key->size()), core::viewOf(text).data(), text.size(),
            mac.data(), &length)) {
    throw core::Error(core::ErrorCode::kSystem, "OpenSSL makes no HMAC");
  }
  mac.resize(length);
  return mac;
}

// Nothing when it is not there, or there more than once.
std::optional<std::string> only(const Headers& headers, std::string_view name) {
  std::optional<std::string> found;
  for (const auto& [one, value] : headers) {
    if (one != name) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

std::vector<core::Bytes> signaturesOf(std::string_view list) {
  std::vector<core::Bytes> signatures;
  while (!list.empty() && signatures.size() < kMostSignatures) {
    const std::string_view one = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    if (!one.starts_with(kVersion)) continue;  // of another version: the specification passes over it
    if (auto octets = core::fromBase64(one.substr(kVersion.size()))) signatures.push_back(std::move(*octets));
  }
  return signatures;
}

}  // namespace

bool isWebhookKey(std::string_view secret) { return keyOf(secret).has_value(); }

Headers signWebhook(const std::vector<std::string>& secrets, const std::string& id, core::Instant at,
                    std::string_view body) {
  const auto seconds = std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  std::string list;
  for (const std::string& secret : secrets) {
    list += (list.empty() ? "" : " ") + std::string(kVersion) + core::toBase64(macOf(secret, id, seconds, body));
  }
  return {{"webhook-id", id}, {"webhook-timestamp", seconds}, {"webhook-signature", list}};
}

WebhookCheck checkWebhook(const std::vector<std::string>& secrets, const Headers& headers, std::string_view body,
                          core::Instant now, std::chrono::seconds window) {
  const auto id = only(headers, "webhook-id"), stamp = only(headers, "webhook-timestamp"),
             list = only(headers, "webhook-signature");
  WebhookCheck check;
  if (!id || !stamp || !list) {
    check.reason = "one of webhook-id, webhook-timestamp and webhook-signature is missing, or there twice";
    return check;
  }
  std::int64_t seconds = 0;
  const auto [rest, failure] = std::from_chars(stamp->data(), stamp->data() + stamp->size(), seconds);
  constexpr std::int64_t kLatest = 253'402'300'799;  // the year 9999
  if (failure != std::errc() || rest != stamp->data() + stamp->size() || seconds < 0 || seconds > kLatest ||
      id->empty() || id->size() > kLongestId) {
    check.reason = "webhook-id or webhook-timestamp is not well formed";
    return check;
  }
  check.isReadable = true;
  check.id = *id;
  const auto signatures = signaturesOf(*list);
  for (const std::string& secret : secrets) {
    const core::Bytes mac = macOf(secret, *id, *stamp, body);
    for (const core::Bytes& one : signatures) {
      check.isGenuine |= one.size() == mac.size() && CRYPTO_memcmp(one.data(), mac.data(), mac.size()) == 0;
    }
  }
  if (!check.isGenuine) {
    check.reason = "no signature of webhook-signature fits";
    return check;
  }
  const auto age = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()) - std::chrono::seconds(seconds);
  check.isInTime = age <= window && age >= -window;
  if (!check.isInTime) check.reason = "webhook-timestamp is " + std::to_string(age.count()) + " s off";
  return check;
}

}  // namespace qianda::delivery
