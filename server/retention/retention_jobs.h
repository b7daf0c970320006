// The lane that erases what was ordered (contracts/retention): one at a time, after everything else.
#pragma once

#include "server/jobs/job_table.h"

namespace qianda::server {

// None when the services have no envelopes or nobody who signs proofs.
std::vector<JobLane> retentionLanes(Services& services);

}  // namespace qianda::server
