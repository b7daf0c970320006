#include "server/delivery/delivery_jobs.h"

#include <climits>

#include "contracts/ceremony/ceremony.h"
#include "core/error.h"
#include "delivery/service/electronic.h"
#include "delivery/service/proof.h"
#include "delivery/service/sweep.h"
#include "server/delivery/delivery_desk.h"
#include "server/log/log.h"
#include "server/services.h"

namespace qianda::server {
namespace {

using storage::Transaction;

constexpr std::chrono::minutes kSweepEvery{10};
constexpr std::int64_t kMostSendings = 12;
constexpr const char* kAll = "all";

JobEnd makeProof(Services& services, DeliveryDesk& desk, const Job& job) {
  delivery::makeProof(*services.database, desk.press(), job.lease, services.clock());
  return {JobEnd::How::kFinished, {}, ""};
}

// At least once: a message that went out before the crash may go out again, with a link of its own.
JobEnd sendDocuments(Services& services, const Job& job) {
  const std::string& attempt = job.lease.subject;
  const auto message = services.database->looked<std::optional<delivery::ElectronicMessage>>(
      [&](Transaction& t) { return delivery::findElectronicMessage(t, attempt); });
  if (!message) return {JobEnd::How::kDone, {}, ""};
  const std::string secret = services.database->written<std::string>(
      [&](Transaction& t) { return delivery::drawServiceLink(t, attempt, services.clock()); });
  contracts::Notice notice;
  notice.kind = "court_documents";
  notice.envelope = message->record;
  notice.party = message->party;
  notice.title = message->caseNumber + "：" + message->titles;
  notice.recipient = message->recipient;
  notice.phone = message->address;
  notice.organisation = message->court;
  notice.link = services.publicUrl + "/served/#" + secret;
  contracts::NoticeReceipt receipt;
  try {
    receipt = services.ceremony->envelopes.notices.send(notice);
  } catch (const core::Error& error) {
    if (job.lease.attempts < kMostSendings) throw;
    services.database->write([&](Transaction& t) {
      storage::finishWork(t, job.lease, services.clock());
      delivery::noteSendFailed(t, *message, attempt, error.clientMessage(), services.clock());
    });
    return {JobEnd::How::kFinished, {}, ""};
  }
  const core::Instant sent = services.clock();
  services.database->write([&](Transaction& t) {
    storage::finishWork(t, job.lease, sent);
    delivery::noteSent(t, *message, attempt, receipt.channel + " " + receipt.requestId, sent, sent);
  });
  services.wakeJobs();
  return {JobEnd::How::kFinished, {}, ""};
}

JobEnd look(Services& services) {
  const core::Instant now = services.clock();
  const delivery::SweepCount count = delivery::sweep(*services.database, now);
  if (count.alarms > 0 && services.log) services.log->warning("deadlines", {{"alarms", count.alarms}});
  return {JobEnd::How::kPostponed, now + kSweepEvery, ""};
}

}  // namespace

std::vector<JobLane> deliveryLanes(Services& services, DeliveryDesk& desk) {
  std::vector<JobLane> lanes;
  lanes.push_back({"proofs",
                   2,
                   {{delivery::kProofWork,
                     [&services, &desk](const Job& job) { return makeProof(services, desk, job); }, INT_MAX}}});
  lanes.push_back(
      {"delivery_sweep", 1, {{kDeliverySweep, [&services](const Job&) { return look(services); }, INT_MAX}}});
  if (services.ceremony) {
    lanes.push_back(
        {"electronic_service",
         2,
         {{delivery::kElectronicWork, [&services](const Job& job) { return sendDocuments(services, job); }, INT_MAX}}});
  }
  return lanes;
}

void startSweeping(storage::Database& database, core::Instant now) {
  database.write([&](Transaction& t) {
    if (t.findRow("SELECT 1 FROM work WHERE kind = $1 AND subject = $2",
                  {std::string(kDeliverySweep), std::string(kAll)}))
      return;
    storage::enqueueWork(t, {kDeliverySweep, kAll, "", now}, now);
  });
}

}  // namespace qianda::server
