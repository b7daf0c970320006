#include "server/accounts/accounts.h"

#include "server/http/json.h"
#include "storage/audit/audit_log.h"

namespace qianda::server {

Actor actorOf(const Request& request) {
  Actor actor;
  switch (request.principal.kind) {
    case Principal::Kind::kNobody:
      actor.name = "nobody";
      break;
    case Principal::Kind::kUser:
      actor.name = "user:" + request.principal.id;
      break;
    case Principal::Kind::kApiKey:
      actor.name = "api_key:" + request.principal.id;
      break;
    case Principal::Kind::kCeremony:
      actor.name = "party:" + request.principal.id;
      break;
  }
  actor.peer = request.peer;
  actor.device = request.findHeader("User-Agent").value_or("").substr(0, 300);
  return actor;
}

void refuseForNow(std::chrono::seconds wait) {
  Problem problem(429, "too_many_requests", "too many requests: try again in " + std::to_string(wait.count()) + " s");
  problem.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  throw problem;
}

void checkRate(Accounts& accounts, const std::string& key, const Rate& rate) {
  if (const auto wait = accounts.limiter.take(key, rate, accounts.clock())) refuseForNow(*wait);
}

void recordAccountEvent(storage::Transaction& transaction, core::Instant at, const Actor& actor,
                        const std::string& organisation, const std::string& type, const EventDetails& details) {
  Json json = Json::object();
  for (const auto& [name, value] : details) json.append(name, value);
  storage::AuditEntry entry;
  entry.stream = organisation.empty() ? "service" : "organisation:" + organisation;
  entry.organisation = organisation;
  entry.at = at;
  entry.type = type;
  entry.actor = actor.name;
  entry.peer = actor.peer;
  entry.device = actor.device;
  entry.details = json.dump();
  storage::appendAudit(transaction, entry);
}

void refuseUnknown(const std::string& what) { throw Problem(404, "not_found", "there is no such " + what); }

}  // namespace qianda::server
