// The whole table of the service. Each room of the API appends its lines; openapi.yaml says the same in the same order.
#include "server/api/ceremony_routes.h"
#include "server/api/envelope_routes.h"
#include "server/api/health_routes.h"
#include "server/http/route.h"

namespace qianda::server {
namespace {

// Octets of body.
constexpr std::size_t kSmallBody = 32u << 10, kPicture = 4u << 20, kUpload = 48u << 20;

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

      // Envelopes
      {"GET", "/api/v1/envelopes", "listEnvelopes", kAccount, "envelopes:read", listEnvelopes, 0},
      {"POST", "/api/v1/envelopes", "createEnvelope", kAccount, "envelopes:write", createEnvelope, kUpload},
      {"GET", "/api/v1/envelopes/{envelope}", "getEnvelope", kAccount, "envelopes:read", getEnvelope, 0},
      {"POST", "/api/v1/envelopes/{envelope}/send", "sendEnvelope", kAccount, "envelopes:write", sendEnvelope, 0},
      {"POST", "/api/v1/envelopes/{envelope}/revoke", "revokeEnvelope", kAccount, "envelopes:write", revokeEnvelope,
       kSmallBody},
      {"POST", "/api/v1/envelopes/{envelope}/remind", "remindEnvelope", kAccount, "envelopes:write", remindEnvelope, 0},
      {"POST", "/api/v1/envelopes/{envelope}/parties/{party}/delegate", "delegateParty", kAccount, "envelopes:write",
       delegateParty, kSmallBody},
      {"POST", "/api/v1/envelopes/{envelope}/parties/{party}/link", "renewLink", kAccount, "envelopes:write", renewLink,
       0},
      {"GET", "/api/v1/envelopes/{envelope}/revisions", "listRevisions", kAccount, "envelopes:read", listRevisions, 0},
      {"GET", "/api/v1/envelopes/{envelope}/revisions/{number}/document", "getRevisionDocument", kAccount,
       "envelopes:read", getRevisionDocument, 0},
      {"GET", "/api/v1/envelopes/{envelope}/document", "getEnvelopeDocument", kAccount, "envelopes:read",
       getEnvelopeDocument, 0},
      {"POST", "/api/v1/envelopes/{envelope}/paper", "printEnvelope", kAccount, "envelopes:read", printEnvelope, 0},

      // The ceremony, and a person's own contracts
      {"GET", "/api/v1/ceremony", "getCeremony", kCeremony, "", getCeremony, 0},
      {"POST", "/api/v1/ceremony/notice", "acknowledgeNotice", kCeremony, "", acknowledgeNotice, kSmallBody},
      {"POST", "/api/v1/ceremony/identity", "claimIdentity", kCeremony, "", claimIdentity, kSmallBody},
      {"POST", "/api/v1/ceremony/code", "resendCode", kCeremony, "", resendCode, 0},
      {"POST", "/api/v1/ceremony/code/confirm", "confirmCode", kCeremony, "", confirmCode, kSmallBody},
      {"POST", "/api/v1/ceremony/face", "showFace", kCeremony, "", showFace, kPicture},
      {"GET", "/api/v1/ceremony/document", "getCeremonyDocument", kCeremony, "", getCeremonyDocument, 0},
      {"POST", "/api/v1/ceremony/pages", "notePages", kCeremony, "", notePages, kSmallBody},
      {"POST", "/api/v1/ceremony/strokes", "giveStrokes", kCeremony, "", giveStrokes, 1u << 20},
      {"POST", "/api/v1/ceremony/willingness/code", "sendWillingnessCode", kCeremony, "", sendWillingnessCode, 0},
      {"POST", "/api/v1/ceremony/willingness", "declareWillingness", kCeremony, "", declareWillingness, kSmallBody},
      {"POST", "/api/v1/ceremony/decline", "declineToSign", kCeremony, "", declineToSign, kSmallBody},
      {"GET", "/api/v1/ceremony/copy", "getCeremonyCopy", kCeremony, "", getCeremonyCopy, 0},
      {"POST", "/api/v1/ceremony/paper", "printCeremonyCopy", kCeremony, "", printCeremonyCopy, 0},
      {"POST", "/api/v1/worker/access", "requestAccess", kPublic, "", requestAccess, kSmallBody},
      {"POST", "/api/v1/worker/access/confirm", "openAccess", kPublic, "", openAccess, kSmallBody},
      {"GET", "/api/v1/worker/contracts", "listOwnContracts", kCeremony, "", listOwnContracts, 0},
      {"GET", "/api/v1/worker/contracts/{envelope}/document", "getOwnContract", kCeremony, "", getOwnContract, 0},
      {"POST", "/api/v1/worker/contracts/{envelope}/paper", "printOwnContract", kCeremony, "", printOwnContract, 0},
      {"GET", "/api/v1/paper-copies/{code}", "checkPaperCopy", kPublic, "", checkPaperCopy, 0},
  };
}

}  // namespace qianda::server
