#include <algorithm>
#include <climits>

#include "contracts/evidence/anchoring.h"
#include "core/error.h"
#include "server/evidence/evidence_services.h"
#include "server/webhooks/deliveries.h"
#include "storage/work/work_queue.h"

namespace qianda::server {
namespace {

constexpr const char* kLog = "log";
constexpr auto kSilentAgain = std::chrono::minutes(1);

JobEnd anchor(EvidenceServices& services, storage::Database& database, core::Instant now) {
  const signing::TimestampSource* time = services.signing->time();
  if (!time) return {JobEnd::How::kPostponed, now + services.anchorInterval, "no timestamp authority is configured"};
  const contracts::AnchoringOutcome outcome = contracts::anchorAudit(database, *time, now);
  if (outcome.waiting == 0) return {JobEnd::How::kPostponed, now + services.anchorInterval, ""};
  return {JobEnd::How::kPostponed, now + std::min<std::chrono::milliseconds>(kSilentAgain, services.anchorInterval),
          std::to_string(outcome.waiting) + " anchors wait for their timestamp: " + outcome.silence};
}

}  // namespace

std::vector<JobKind> evidenceJobs(EvidenceServices& services, storage::Database& database, WebhookSender& sender,
                                  std::function<core::Instant()> clock) {
  return {
      {kAnchorWork, [&services, &database, clock](const Job&) { return anchor(services, database, clock()); }, INT_MAX},
      {kWebhookLane,
       [&database, &sender](const Job& job) {
         sender.runLane(database, job.lease);
         return JobEnd{JobEnd::How::kFinished, {}, ""};
       },
       INT_MAX}};
}

void startAnchoring(storage::Database& database, core::Instant now) {
  database.write([&](storage::Transaction& transaction) {
    if (transaction.findRow("SELECT 1 FROM work WHERE kind = $1 AND subject = $2",
                            {std::string(kAnchorWork), std::string(kLog)}))
      return;
    storage::enqueueWork(transaction, {kAnchorWork, kLog, "", now}, now);
  });
}

}  // namespace qianda::server
