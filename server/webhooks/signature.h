// Signatures of Standard Webhooks (https://www.standardwebhooks.com, specification 1.0): "v1," and the base64 of
// HMAC-SHA256 over "<id>.<timestamp>.<body>" under the octets that a secret "whsec_<base64>" stands for; several with
// spaces between while a secret is exchanged. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace qianda::server {

std::string newWebhookSecret();  // 32 random octets
// 24 to 64 octets behind "whsec_".
bool isWebhookSecret(std::string_view secret);

// The value of webhook-signature. `at` goes in as whole seconds since 1970.
std::string signWebhook(const std::vector<std::string>& secrets, const std::string& id, core::Instant at,
                        std::string_view body);
std::string webhookTimestamp(core::Instant at);

}  // namespace qianda::server
