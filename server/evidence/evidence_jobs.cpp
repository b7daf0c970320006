#include <algorithm>
#include <climits>
#include <filesystem>

#include "contracts/evidence/anchoring.h"
#include "core/error.h"
#include "server/config/configuration.h"
#include "server/evidence/evidence_services.h"
#include "server/services.h"
#include "server/webhooks/deliveries.h"
#include "storage/work/work_queue.h"

namespace qianda::server {
namespace {

constexpr const char* kLog = "log";
constexpr auto kSilentAgain = std::chrono::minutes(1);
constexpr int kWebhookThreads = 8;

JobEnd anchor(Services& services) {
  const EvidenceServices& evidence = *services.evidence;
  const core::Instant now = services.clock();
  const signing::TimestampSource* time = evidence.signing->time();
  if (!time) return {JobEnd::How::kPostponed, now + evidence.anchorInterval, "no timestamp authority is configured"};
  const contracts::AnchoringOutcome outcome = contracts::anchorAudit(*services.database, *time, now);
  if (outcome.waiting == 0) return {JobEnd::How::kPostponed, now + evidence.anchorInterval, ""};
  return {JobEnd::How::kPostponed, now + std::min<std::chrono::milliseconds>(kSilentAgain, evidence.anchorInterval),
          std::to_string(outcome.waiting) + " anchors wait for their timestamp: " + outcome.silence};
}

JobEnd sendLane(Services& services, const Job& job) {
  services.evidence->sender->runLane(*services.database, job.lease);
  return {JobEnd::How::kFinished, {}, ""};
}

}  // namespace

std::vector<JobLane> evidenceLanes(Services& services) {
  if (!services.evidence) return {};
  return {{"anchors", 1, {{kAnchorWork, [&services](const Job&) { return anchor(services); }, INT_MAX}}},
          {"webhooks",
           kWebhookThreads,
           {{kWebhookLane, [&services](const Job& job) { return sendLane(services, job); }, INT_MAX}}}};
}

void startAnchoring(storage::Database& database, core::Instant now) {
  database.write([&](storage::Transaction& transaction) {
    if (transaction.findRow("SELECT 1 FROM work WHERE kind = $1 AND subject = $2",
                            {std::string(kAnchorWork), std::string(kLog)}))
      return;
    storage::enqueueWork(transaction, {kAnchorWork, kLog, "", now}, now);
  });
}

WebhookRules webhookRulesOf(const Configuration& configuration) {
  WebhookRules rules;
  rules.allowsHttp = configuration.flag("webhook-http");
  rules.privateHosts = configuration.list("outbound-private");
  rules.authorities = configuration.text("webhook-authorities");
  return rules;
}

PlatformSettings platformSettingsOf(const Configuration& configuration) {
  PlatformSettings settings;
  settings.dataFolder = configuration.text("data-folder");
  settings.key = configuration.text("platform-key");
  settings.passFile = configuration.text("platform-pass-file");
  settings.name = configuration.text("platform-name");
  return settings;
}

}  // namespace qianda::server
