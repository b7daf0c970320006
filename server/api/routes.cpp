// The whole table of the service. Each room of the API appends its lines; openapi.yaml says the same in the same order.
#include "server/api/health_routes.h"
#include "server/http/route.h"

namespace qianda::server {

std::vector<Route> routes() {
  using enum Access;
  return {
      {.method = "GET",
       .pattern = "/healthz",
       .operation = "getHealth",
       .access = kPublic,
       .handler = getHealth,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/readyz",
       .operation = "getReadiness",
       .access = kPublic,
       .handler = getReadiness,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/metrics",
       .operation = "getMetrics",
       .access = kPublic,
       .handler = getMetrics,
       .largestBody = 0,
       .always = true},
      {.method = "GET",
       .pattern = "/api/v1/openapi.yaml",
       .operation = "getDescription",
       .access = kPublic,
       .handler = getDescription,
       .largestBody = 0},
  };
}

}  // namespace qianda::server
