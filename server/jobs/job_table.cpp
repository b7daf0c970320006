#include "server/jobs/job_table.h"

#include "server/evidence/evidence_services.h"

namespace qianda::server {

std::vector<JobLane> jobLanes(Services& services) {
  std::vector<JobLane> lanes;
  for (JobLane& lane : evidenceLanes(services)) lanes.push_back(std::move(lane));
  return lanes;
}

}  // namespace qianda::server
