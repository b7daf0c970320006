// A plain protocol for partners that have none of their own (docs/postal-partners.md): JSON over POST, requests and
// pushes signed as Standard Webhooks 1.0.0 (webhook_signature.h), an operation a path, `result` in every reply: "done",
// "refused" with code and reason, "not_found". Whatever else comes back, or nothing, is kUnknown.
#pragma once

#include <memory>

#include <Poco/JSON/Object.h>

#include "delivery/partner/partner_settings.h"

namespace qianda::delivery {

namespace signed_json {
inline constexpr const char *kOrders = "/orders", *kCancellations = "/cancellations", *kLabels = "/labels",
                            *kQueries = "/queries", *kTracks = "/tracks", *kReceipts = "/receipts";
inline constexpr const char *kDone = "done", *kRefused = "refused", *kNotFound = "not_found";
}  // namespace signed_json

std::unique_ptr<PostalPartner> makeSignedJson(PartnerSettings settings, Wire wire);
std::unique_ptr<PushReader> makeSignedJsonReader(PartnerSettings settings);

// Throws kInvalidInput naming the member.
MailEvent readSignedEvent(const Poco::JSON::Object& item, const std::string& source);

}  // namespace qianda::delivery
