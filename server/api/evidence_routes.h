// Handlers of evidence: the audit log's export, evidence packages, webhooks and public verification.
#pragma once

#include "server/evidence/evidence_services.h"
#include "server/http/exchange.h"
#include "server/http/json.h"
#include "server/http/route.h"
#include "storage/audit/audit_log.h"

namespace qianda::server {

struct Services;

std::vector<Route> evidenceRoutes();
std::vector<Route> verificationRoutes();

// audit_export.cpp
Response exportAuditLog(Services& services, const Request& request);

// evidence_package.cpp
Response getEvidencePackage(Services& services, const Request& request);

// webhook_endpoints.cpp
Response listWebhooks(Services& services, const Request& request);
Response createWebhook(Services& services, const Request& request);
Response getWebhook(Services& services, const Request& request);
Response changeWebhook(Services& services, const Request& request);
Response deleteWebhook(Services& services, const Request& request);
Response rotateWebhookSecret(Services& services, const Request& request);

// webhook_deliveries.cpp
Response listWebhookDeliveries(Services& services, const Request& request);
Response getWebhookDelivery(Services& services, const Request& request);
Response replayWebhook(Services& services, const Request& request);
Response testWebhook(Services& services, const Request& request);

// verification_pages.cpp, verification_upload.cpp
Response getVerificationPage(Services& services, const Request& request);
Response getVerificationAsset(Services& services, const Request& request);
Response getDocumentPage(Services& services, const Request& request);
Response getPaperCopyPage(Services& services, const Request& request);
Response getKnownDocument(Services& services, const Request& request);
Response verifyUpload(Services& services, const Request& request);

// Throws Problem 503 "unavailable" where the service has none.
EvidenceServices& evidenceOf(Services& services);
// An entry of the organisation's own stream about what the request does.
storage::AuditEntry auditEntryOf(const Request& request, const std::string& stream, const std::string& organisation,
                                 const std::string& type, const std::string& details, core::Instant now);
// 404 for an endpoint of another organisation as for none.
WebhookEndpoint webhookOf(storage::Transaction& transaction, const Request& request);
Json webhookJson(const WebhookEndpoint& endpoint);
Json knownJson(const struct KnownDocument& known, const std::string& publicUrl);
// Throws Problem 429 when the address asked too often.
void limitRate(EvidenceServices& evidence, const Request& request, const std::string& what, const Rate& rate,
               core::Instant now);

}  // namespace qianda::server
