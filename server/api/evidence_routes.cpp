#include "server/api/evidence_routes.h"

namespace qianda::server {
namespace {

constexpr std::size_t kSmall = 64u << 10, kLargestUpload = 32u << 20;

}  // namespace

std::vector<Route> evidenceRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/audit/export", "exportAuditLog", kAccount, "audit:read", exportAuditLog, 0},
      {"GET", "/api/v1/envelopes/{envelope}/evidence", "getEvidencePackage", kAccount, "evidence:read",
       getEvidencePackage, 0},
      {"GET", "/api/v1/webhooks", "listWebhooks", kAccount, "webhooks:write", listWebhooks, 0},
      {"POST", "/api/v1/webhooks", "createWebhook", kAccount, "webhooks:write", createWebhook, kSmall},
      {"GET", "/api/v1/webhooks/{webhook}", "getWebhook", kAccount, "webhooks:write", getWebhook, 0},
      {"PATCH", "/api/v1/webhooks/{webhook}", "changeWebhook", kAccount, "webhooks:write", changeWebhook, kSmall},
      {"DELETE", "/api/v1/webhooks/{webhook}", "deleteWebhook", kAccount, "webhooks:write", deleteWebhook, 0},
      {"POST", "/api/v1/webhooks/{webhook}/secret", "rotateWebhookSecret", kAccount, "webhooks:write",
       rotateWebhookSecret, 0},
      {"GET", "/api/v1/webhooks/{webhook}/deliveries", "listWebhookDeliveries", kAccount, "webhooks:write",
       listWebhookDeliveries, 0},
      {"GET", "/api/v1/webhooks/{webhook}/deliveries/{delivery}", "getWebhookDelivery", kAccount, "webhooks:write",
       getWebhookDelivery, 0},
      {"POST", "/api/v1/webhooks/{webhook}/replay", "replayWebhook", kAccount, "webhooks:write", replayWebhook, kSmall},
      {"POST", "/api/v1/webhooks/{webhook}/test", "testWebhook", kAccount, "webhooks:write", testWebhook, 0},

  };
}

// These addresses are in printed QR codes and stay for ever.
std::vector<Route> verificationRoutes() {
  using enum Access;
  return {
      {"POST", "/api/v1/verification", "verifyUpload", kPublic, "", verifyUpload, kLargestUpload},
      {"GET", "/api/v1/verification/{document}", "getKnownDocument", kPublic, "", getKnownDocument, 0},
      {"GET", "/V/{document}", "getDocumentPage", kPublic, "", getDocumentPage, 0},
      {"GET", "/v/{document}", "getDocumentPageLower", kPublic, "", getDocumentPage, 0},
      {"GET", "/V/P/{code}", "getPaperCopyPage", kPublic, "", getPaperCopyPage, 0},
      {"GET", "/verify", "getVerificationPage", kPublic, "", getVerificationPage, 0},
      {"GET", "/verify.js", "getVerificationScript", kPublic, "", getVerificationAsset, 0},
      {"GET", "/verify.css", "getVerificationStyle", kPublic, "", getVerificationAsset, 0},
  };
}

}  // namespace qianda::server
