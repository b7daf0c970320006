// The whole table of the service. Each room of the API appends its lines; openapi.yaml says the same in the same order.
#include "server/api/evidence_routes.h"
#include "server/api/health_routes.h"
#include "server/http/route.h"

namespace qianda::server {
namespace {

constexpr std::size_t kSmall = 64u << 10;
constexpr std::size_t kLargestUpload = 32u << 20;

}  // namespace

std::vector<Route> routes() {
  using enum Access;
  return {
      {.method = "GET",
       .pattern = "/healthz",
       .operation = "getHealth",
       .access = kPublic,
       .handler = getHealth,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/readyz",
       .operation = "getReadiness",
       .access = kPublic,
       .handler = getReadiness,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/metrics",
       .operation = "getMetrics",
       .access = kPublic,
       .handler = getMetrics,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/api/v1/openapi.yaml",
       .operation = "getDescription",
       .access = kPublic,
       .handler = getDescription,
       .largestBody = 0},

      // Evidence
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

      // Public verification: these addresses are in printed QR codes and stay for ever.
      {"POST", "/api/v1/verification", "verifyUpload", kPublic, "", verifyUpload, kLargestUpload},
      {"GET", "/api/v1/verification/{document}", "getKnownDocument", kPublic, "", getKnownDocument, 0},
      {"GET", "/V/{document}", "getDocumentPage", kPublic, "", getDocumentPage, 0},
      {"GET", "/v/{document}", "getDocumentPageLower", kPublic, "", getDocumentPage, 0},
      {"GET", "/verify", "getVerificationPage", kPublic, "", getVerificationPage, 0},
      {"GET", "/verify.js", "getVerificationScript", kPublic, "", getVerificationAsset, 0},
      {"GET", "/verify.css", "getVerificationStyle", kPublic, "", getVerificationAsset, 0},
  };
}

}  // namespace qianda::server
