// Durable work of the delivery of documents: proofs of service, electronic service, and the regular look at what time
// alone changes (deadlines of cases, parcels nobody hears of, public notices that have run).
#pragma once

#include "server/jobs/job_table.h"

namespace qianda::server {

class DeliveryDesk;
struct Services;

inline constexpr const char* kDeliverySweep = "delivery_sweep";

std::vector<JobLane> deliveryLanes(Services& services, DeliveryDesk& desk);
// Asks for the first look; later ones follow by themselves. Bears repetition.
void startSweeping(storage::Database& database, core::Instant now);

}  // namespace qianda::server
