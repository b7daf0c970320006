#include "server/api/seal_routes.h"

#include "contracts/seals/seal_cabinet.h"
#include "core/error.h"
#include "core/id.h"
#include "server/api/acting.h"
#include "server/api/instants.h"
#include "server/http/fields.h"
#include "server/services.h"

namespace qianda::server {
namespace {

using contracts::Seal;
using contracts::SealGrant;
using storage::Transaction;

Json jsonOf(const Seal& seal) {
  return Json::object({{"id", seal.id},
                       {"name", seal.name},
                       {"owner_name", seal.design.ownerName},
                       {"kind", signing::shapeOf(seal.design.kind).name},
                       {"use_line", seal.design.use},
                       {"number", seal.design.number},
                       {"code", seal.design.code},
                       {"demo", seal.design.demo},
                       {"certificate_sha256", seal.certificateSha256},
                       {"certificate_serial", seal.certificateSerial},
                       {"not_after", core::isoInstant(seal.notAfter)},
                       {"state", seal.state},
                       {"state_reason", seal.stateReason},
                       {"created_by", seal.createdBy},
                       {"created_at", core::isoInstant(seal.createdAt)}});
}

Json jsonOf(const SealGrant& grant) {
  return Json::object({{"id", grant.id},
                       {"seal", grant.seal},
                       {"template", grant.templateId},
                       {"grantee", grant.grantee},
                       {"not_before", core::isoInstant(grant.notBefore)},
                       {"not_after", core::isoInstant(grant.notAfter)},
                       {"quota", grant.quota},
                       {"used", grant.used},
                       {"reserved", grant.reserved},
                       {"state", grant.state},
                       {"purpose", grant.purpose},
                       {"requested_by", grant.requestedBy},
                       {"requested_at", core::isoInstant(grant.requestedAt)},
                       {"decided_by", grant.decidedBy},
                       {"decided_at", instantOrNull(grant.decidedAt)},
                       {"revoked_by", grant.revokedBy},
                       {"revoked_at", instantOrNull(grant.revokedAt)},
                       {"reason", grant.reason}});
}

Json jsonOf(const contracts::LoggedSealUse& use) {
  return Json::object({{"id", use.id},
                       {"seal", use.seal},
                       {"grant", use.grant},
                       {"subject", use.subject},
                       {"documents", use.documents},
                       {"digest", use.digest},
                       {"at", core::isoInstant(use.at)}});
}

template <typename Item>
Response answerList(const std::vector<Item>& items, std::size_t limit) {
  Json list = Json::array();
  for (const Item& item : items) list.push(jsonOf(item));
  Json body = Json::object({{"items", std::move(list)}});
  body.set("next", items.size() == limit ? Json(items.back().id) : Json());
  return answerJson(body);
}

// A civil date, meant from its beginning in China.
core::Instant dayIn(Fields& body, const std::string& name) {
  const auto date = core::parseDate(body.text(name, {.most = 10}));
  if (date) return core::Instant(std::chrono::days(core::toDays(*date)) - std::chrono::hours(8));
  body.fault(name, "format", "a date such as 2026-01-31");
  return {};
}

Response getSeals(Services& services, const Request& request) {
  const std::size_t limit = limitOf(request);
  return answerList(services.database->looked<std::vector<Seal>>([&](Transaction& t) {
    return contracts::listSeals(t, request.principal.organisation, request.findQuery("after").value_or(""), limit);
  }),
                    limit);
}

Seal findOne(Services& services, const Request& request) {
  return services.database->looked<Seal>(
      [&](Transaction& t) { return contracts::getSeal(t, request.principal.organisation, request.parameter("seal")); });
}

Response getSeal(Services& services, const Request& request) { return answerJson(jsonOf(findOne(services, request))); }

Response postSeal(Services& services, const Request& request) {
  Fields body(request);
  contracts::NewSeal wanted;
  wanted.name = body.text("name", {.most = 50});
  std::vector<std::string> kinds;
  for (const auto& shape : signing::listSealShapes()) kinds.emplace_back(shape.name);
  const std::string kind = body.choice("kind", kinds);
  wanted.design.use = body.findText("use_line", {.least = 0, .most = 16});
  wanted.design.number = static_cast<int>(body.findInteger("number", 0, 99).value_or(0));
  wanted.design.code = body.findText("code", {.least = 0, .most = 13}).value_or("");
  wanted.keyKind = body.findChoice("key", {"p256", "p384", "rsa2048", "rsa3072", "rsa4096", "sm2"}).value_or("p256");
  wanted.configuredKey = body.findText("configured_key", {.most = 50}).value_or("");
  body.finish();
  wanted.design.kind = *signing::findSealKind(kind);
  wanted.design.ownerName = organisationName(services, request.principal.organisation);
  const contracts::Actor actor = actingFor(request);
  const contracts::MadeSeal made = services.cabinet->make(wanted, actor, services.clock());
  services.database->write([&](Transaction& t) { contracts::SealCabinet::keep(t, made, actor); });
  Response response = answerJson(jsonOf(made.seal), 201);
  response.headers.emplace_back("Location", "/api/v1/seals/" + made.seal.id);
  return response;
}

Response changeSeal(Services& services, const Request& request, const std::string& state) {
  Fields body(request);
  const std::string reason = body.text("reason", {.most = 200});
  body.finish();
  services.database->write([&](Transaction& t) {
    contracts::changeSealState(t, actingFor(request), request.parameter("seal"), state, reason, services.clock());
  });
  return getSeal(services, request);
}

Response suspendSeal(Services& services, const Request& request) { return changeSeal(services, request, "suspended"); }
Response resumeSeal(Services& services, const Request& request) { return changeSeal(services, request, "active"); }
Response revokeSeal(Services& services, const Request& request) { return changeSeal(services, request, "revoked"); }

Response getSealUses(Services& services, const Request& request) {
  findOne(services, request);
  const std::size_t limit = limitOf(request);
  return answerList(services.database->looked<std::vector<contracts::LoggedSealUse>>([&](Transaction& t) {
    return contracts::listSealUses(t, request.principal.organisation, request.parameter("seal"),
                                   request.findQuery("after").value_or(""), limit);
  }),
                    limit);
}

Response getGrants(Services& services, const Request& request) {
  const std::size_t limit = limitOf(request);
  return answerList(services.database->looked<std::vector<SealGrant>>([&](Transaction& t) {
    return contracts::listGrants(t, request.principal.organisation, request.findQuery("seal").value_or(""),
                                 request.findQuery("after").value_or(""), limit);
  }),
                    limit);
}

SealGrant findGrant(Services& services, const Request& request, const std::string& id) {
  return services.database->looked<SealGrant>(
      [&](Transaction& t) { return contracts::getGrant(t, request.principal.organisation, id); });
}

Response getGrant(Services& services, const Request& request) {
  return answerJson(jsonOf(findGrant(services, request, request.parameter("grant"))));
}

Response postGrant(Services& services, const Request& request) {
  Fields body(request);
  SealGrant wanted;
  wanted.seal = body.id("seal");
  wanted.templateId = body.text("template", {.most = 100});
  wanted.grantee = body.text("grantee", {.most = 40});
  wanted.notBefore = dayIn(body, "not_before");
  wanted.notAfter = dayIn(body, "not_after") + std::chrono::hours(24);  // to the end of that day
  wanted.quota = body.integer("quota", 1, contracts::kLargestQuota);
  wanted.purpose = body.text("purpose", {.most = 200});
  const std::string id = wanted.grantee.substr(std::min(wanted.grantee.find(':') + 1, wanted.grantee.size()));
  const bool isGrantee =
      (wanted.grantee.starts_with("user:") || wanted.grantee.starts_with("api_key:")) && core::DocumentId::parse(id);
  if (!isGrantee) body.fault("grantee", "format", "user:<id> or api_key:<id>");
  body.finish();
  const std::string made = services.database->written<std::string>(
      [&](Transaction& t) { return contracts::proposeGrant(t, actingFor(request), wanted, services.clock()); });
  Response response = answerJson(jsonOf(findGrant(services, request, made)), 201);
  response.headers.emplace_back("Location", "/api/v1/seal-grants/" + made);
  return response;
}

Response approveGrant(Services& services, const Request& request) {
  services.database->write([&](Transaction& t) {
    contracts::approveGrant(t, actingFor(request), request.parameter("grant"), services.clock());
  });
  return getGrant(services, request);
}

using EndGrant = void (*)(Transaction&, const contracts::Actor&, const std::string&, const std::string&, core::Instant);

Response endGrant(Services& services, const Request& request, EndGrant act) {
  Fields body(request);
  const std::string reason = body.text("reason", {.most = 200});
  body.finish();
  services.database->write(
      [&](Transaction& t) { act(t, actingFor(request), request.parameter("grant"), reason, services.clock()); });
  return getGrant(services, request);
}

Response rejectGrant(Services& services, const Request& request) {
  return endGrant(services, request, contracts::rejectGrant);
}

// Who keeps seals and who approves their use may both withdraw a grant, alone.
Response revokeGrant(Services& services, const Request& request) {
  return endGrant(services, request, contracts::revokeGrant);
}

}  // namespace

std::vector<Route> sealRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/seals", "listSeals", kAccount, "seals:read", getSeals, 0},
      {"POST", "/api/v1/seals", "createSeal", kUserOnly, "seals:grant", postSeal},
      {"GET", "/api/v1/seals/{seal}", "getSeal", kAccount, "seals:read", getSeal, 0},
      {"POST", "/api/v1/seals/{seal}/suspend", "suspendSeal", kUserOnly, "seals:grant", suspendSeal},
      {"POST", "/api/v1/seals/{seal}/resume", "resumeSeal", kUserOnly, "seals:grant", resumeSeal},
      {"POST", "/api/v1/seals/{seal}/revoke", "revokeSeal", kUserOnly, "seals:grant", revokeSeal},
      {"GET", "/api/v1/seals/{seal}/uses", "listSealUses", kAccount, "seals:read", getSealUses, 0},
      {"GET", "/api/v1/seal-grants", "listSealGrants", kAccount, "seals:read", getGrants, 0},
      {"POST", "/api/v1/seal-grants", "proposeSealGrant", kUserOnly, "seals:grant", postGrant},
      {"GET", "/api/v1/seal-grants/{grant}", "getSealGrant", kAccount, "seals:read", getGrant, 0},
      {"POST", "/api/v1/seal-grants/{grant}/approve", "approveSealGrant", kUserOnly, "seals:approve", approveGrant},
      {"POST", "/api/v1/seal-grants/{grant}/reject", "rejectSealGrant", kUserOnly, "seals:approve", rejectGrant},
      {"POST", "/api/v1/seal-grants/{grant}/revoke", "revokeSealGrant", kUserOnly, "seals:grant", revokeGrant},
      {"POST", "/api/v1/seal-grants/{grant}/withdraw", "withdrawSealGrant", kUserOnly, "seals:approve", revokeGrant},
  };
}

}  // namespace qianda::server
