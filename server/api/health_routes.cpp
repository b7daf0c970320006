#include "server/api/health_routes.h"

#include <string_view>
#include <utility>
#include <vector>

#include "server/config/configuration.h"
#include "server/http/entity_tag.h"
#include "server/http/json.h"
#include "server/http/problem.h"
#include "server/log/log.h"
#include "server/metrics/health.h"
#include "server/metrics/metrics.h"
#include "server/services.h"
#include "server/version.h"

namespace qianda::server {

std::vector<std::pair<std::string_view, std::string_view>> embeddedDescription();

Response getHealth(Services&, const Request&) {
  return answerJson(Json::object({{"status", "alive"}, {"version", kVersion}}));
}

Response getReadiness(Services& services, const Request& request) {
  const Health::Report report = services.health->report();
  Json checks = Json::object();
  for (const auto& [name, reason] : report.checks) {
    checks.set(name, reason.empty() ? "ok" : "failing");
    if (!reason.empty() && services.log) {
      services.log->warning("not_ready", {{"request_id", request.id}, {"check", name}, {"reason", reason}});
    }
  }
  return answerJson(Json::object({{"status", report.ready ? "ready" : "not_ready"}, {"checks", checks}}),
                    report.ready ? 200 : 503);
}

Response getMetrics(Services& services, const Request&) {
  if (services.configuration && !services.configuration->text("metrics-listen").empty()) {
    throw Problem(404, "not_found", "there is nothing at this address");
  }
  Response response;
  response.mediaType = "text/plain; version=0.0.4; charset=utf-8";
  response.body = services.metrics->text();
  return response;
}

Response getDescription(Services&, const Request& request) {
  Response response;
  response.mediaType = "application/yaml";
  response.body = embeddedDescription().at(0).second;
  return answerIfChanged(request, std::move(response));
}

}  // namespace qianda::server
