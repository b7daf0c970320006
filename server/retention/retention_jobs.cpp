#include "server/retention/retention_jobs.h"

#include <climits>
#include <memory>

#include <unistd.h>

#include "contracts/ceremony/ceremony.h"
#include "contracts/evidence/audit_export.h"
#include "contracts/retention/erase_envelope.h"
#include "server/evidence/evidence_services.h"
#include "server/services.h"

namespace qianda::server {
namespace {

// Where the work is done, as proofs name it.
std::string nodeName() {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) return "";
  return host;
}

}  // namespace

std::vector<JobLane> retentionLanes(Services& services) {
  if (!services.ceremony || !services.evidence || !services.evidence->platform) return {};
  const signing::CadesSigner& platform = services.evidence->platform->signer();
  const auto retention = std::make_shared<contracts::RetentionServices>(contracts::RetentionServices{
      services.ceremony->envelopes,
      [&platform](std::string_view statement) { return contracts::signDetached(platform, statement); }, nodeName()});
  return {{"erasures",
           1,
           {{contracts::kEraseWork,
             [retention](const Job& job) {
               contracts::eraseEnvelope(*retention, job.lease);
               return JobEnd{JobEnd::How::kFinished, {}, {}};
             },
             INT_MAX}}}};
}

}  // namespace qianda::server
