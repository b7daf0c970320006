#include "server/jobs/job_table.h"

namespace qianda::server {

std::vector<JobLane> jobLanes(Services&) { return {}; }

}  // namespace qianda::server
