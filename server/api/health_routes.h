// What machines that run the service ask: is it alive, is it ready, its numbers, and the description of its API.
#pragma once

#include "server/http/route.h"

namespace qianda::server {

Response getHealth(Services& services, const Request& request);       // 200 as long as the process answers
Response getReadiness(Services& services, const Request& request);    // 200, or 503 with what is not ready
Response getMetrics(Services& services, const Request& request);      // Prometheus text
Response getDescription(Services& services, const Request& request);  // openapi.yaml, as built in

}  // namespace qianda::server
