#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <sstream>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "clients/sdk/json_reader.h"
#include "qianda/client/webhooks.h"

namespace qianda::client {
namespace {

constexpr std::string_view kPrefix = "whsec_";

[[noreturn]] void refuse(const char* what, const std::string& reason) {
  throw Error(0, std::string("webhook_") + what, reason);
}

std::string headerOf(const Headers& headers, std::string_view name) {
  for (const auto& [field, value] : headers) {
    const bool isIt = std::equal(field.begin(), field.end(), name.begin(), name.end(),
                                 [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    if (isIt) return value;
  }
  refuse("malformed", "no header " + std::string(name));
}

// Nothing for what is no base64 with its padding.
std::optional<std::string> decoded(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

std::string macOf(const std::string& secret, const std::string& message) {
  const auto key = secret.starts_with(kPrefix) ? decoded(std::string_view(secret).substr(kPrefix.size()))
                                               : std::optional<std::string>();
  if (!key || key->empty()) refuse("malformed", "the secret is not whsec_ and base64");
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (!HMAC(EVP_sha256(), key->data(), static_cast<int>(key->size()),
            reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac, &length)) {
    refuse("malformed", "OpenSSL refuses the secret");
  }
  return std::string(reinterpret_cast<char*>(mac), length);
}

void checkTime(const std::string& text, std::chrono::system_clock::time_point now, std::chrono::seconds tolerance) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
    refuse("malformed", "webhook-timestamp is no number");
  }
  const auto here = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  if (here > seconds + tolerance.count() || seconds > here + tolerance.count()) {
    refuse("time", "the event was sent at another time than now");
  }
}

}  // namespace

WebhookEvent verifyWebhook(const std::string& secret, const Headers& headers, const std::string& body,
                           std::chrono::system_clock::time_point now, std::chrono::seconds tolerance) {
  const std::string id = headerOf(headers, "webhook-id"), time = headerOf(headers, "webhook-timestamp");
  const std::string expected = macOf(secret, id + "." + time + "." + body);
  bool isGenuine = false;
  std::istringstream signatures(headerOf(headers, "webhook-signature"));
  for (std::string one; signatures >> one;) {
    if (!one.starts_with("v1,")) continue;  // of a version to come
    const auto mac = decoded(std::string_view(one).substr(3));
    if (!mac || mac->size() != expected.size()) continue;
    isGenuine |= CRYPTO_memcmp(mac->data(), expected.data(), expected.size()) == 0;
  }
  if (!isGenuine) refuse("signature", "no signature is that of these octets under this secret");
  checkTime(time, now, tolerance);
  try {
    const JsonReader event = JsonReader::parse(body);
    const WebhookEvent found{event.text("id"),           event.text("type"),    event.text("timestamp"),
                             event.text("organisation"), event.text("subject"), event.number("sequence"),
                             event.object("data").dump()};
    if (found.id != id) refuse("malformed", "the event has another id than its header");
    return found;
  } catch (const Error& error) {
    refuse("malformed", error.what());
  }
}

}  // namespace qianda::client
