#include "server/jobs/job_table.h"

#include "server/ceremony_setup.h"

namespace qianda::server {

std::vector<JobLane> jobLanes(Services& services) { return envelopeLanes(services); }

}  // namespace qianda::server
