#include "server/jobs/job_table.h"

#include "server/batches/batch_desk.h"
#include "server/ceremony_setup.h"
#include "server/delivery/delivery_desk.h"
#include "server/evidence/evidence_services.h"
#include "server/retention/retention_jobs.h"
#include "server/services.h"

namespace qianda::server {

std::vector<JobLane> jobLanes(Services& services) {
  std::vector<JobLane> lanes = envelopeLanes(services);
  // One shard at a time uses all cores; the second thread keeps one that waits for a far-away key from holding up all.
  if (services.batches) lanes.push_back({"batches", 2, {services.batches->job()}});
  for (JobLane& lane : evidenceLanes(services)) lanes.push_back(std::move(lane));
  for (JobLane& lane : retentionLanes(services)) lanes.push_back(std::move(lane));
  if (services.delivery) {
    for (JobLane& lane : services.delivery->lanes()) lanes.push_back(std::move(lane));
  }
  return lanes;
}

}  // namespace qianda::server
