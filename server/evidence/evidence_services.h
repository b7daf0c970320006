// What the handlers and jobs of evidence work with: who signs for the service, who tells the time, the rules of
// webhooks, and the limits of public verification. Made once at the start; members are shared by all threads.
#pragma once

#include <functional>
#include <memory>

#include "contracts/evidence/evidence_case.h"
#include "server/accounts/rate_limit.h"
#include "server/http/gate.h"
#include "server/jobs/job_table.h"
#include "server/platform_identity.h"
#include "server/signing_services.h"
#include "server/webhooks/endpoints.h"
#include "server/webhooks/sender.h"

namespace qianda::server {

class Configuration;
struct Services;

struct EvidenceServices {
  explicit EvidenceServices(storage::Redis* redis = nullptr) : rates(redis) {}

  const SigningServices* signing = nullptr;
  const PlatformIdentity* platform = nullptr;
  WebhookRules webhooks;
  WebhookSender* sender = nullptr;
  std::chrono::milliseconds anchorInterval{std::chrono::hours(1)};
  RateLimiter rates;  // shared by nodes where there is a Redis
  // Judging a file takes a core: few at once, others wait their turn.
  Gate verifications{2, 32, std::chrono::seconds(20)};
  Rate uploads{20, 30}, lookups{60, 120};  // of one address
};

inline constexpr const char* kAnchorWork = "audit_anchor";

// The kinds of work evidence has: anchors and webhook lanes, each with threads of its own, so that a receiver that does
// not answer keeps nothing else waiting. None when the services have no evidence.
std::vector<JobLane> evidenceLanes(Services& services);
// Asks for the first anchor; later ones follow by themselves. Bears repetition.
void startAnchoring(storage::Database& database, core::Instant now);

// What a configuration asks for.
WebhookRules webhookRulesOf(const Configuration& configuration);
PlatformSettings platformSettingsOf(const Configuration& configuration);

}  // namespace qianda::server
