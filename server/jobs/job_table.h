// The whole table of durable work that this program does, by lanes: work of one lane never waits for another's threads.
// Each room of the service appends its lines in job_table.cpp.
#pragma once

#include <string>
#include <vector>

#include "server/jobs/job_runner.h"

namespace qianda::server {

struct Services;

struct JobLane {
  std::string name;
  int threads = 2;
  std::vector<JobKind> kinds;
};

std::vector<JobLane> jobLanes(Services& services);

}  // namespace qianda::server
