// Standard Webhooks 1.0.0 (https://www.standardwebhooks.com), both directions: webhook-signature is a list, separated
// by spaces, of "v1," and the base64 of HMAC-SHA256 over "<webhook-id>.<webhook-timestamp>.<body>"; a secret is
// "whsec_" and base64. Several secrets make several signatures, so that one can be exchanged for another. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/time.h"

namespace qianda::delivery {

using Headers = std::vector<std::pair<std::string, std::string>>;

bool isWebhookKey(std::string_view secret);  // 24 to 64 octets behind "whsec_"

// webhook-id, webhook-timestamp, webhook-signature. Throws kInvalidInput for a key that is none.
Headers signWebhook(const std::vector<std::string>& secrets, const std::string& id, core::Instant at,
                    std::string_view body);

struct WebhookCheck {
  bool isGenuine = false;   // one signature of the list fits one secret
  bool isInTime = false;    // and its timestamp is within the window
  bool isReadable = false;  // the three headers are there and well formed
  std::string id, reason;
};
// `headers` with names in lower case; compared in constant time.
WebhookCheck checkWebhook(const std::vector<std::string>& secrets, const Headers& headers, std::string_view body,
                          core::Instant now, std::chrono::seconds window);

}  // namespace qianda::delivery
