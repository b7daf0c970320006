#include "server/api/retention_routes.h"

#include "contracts/retention/erasures.h"
#include "contracts/retention/holds.h"
#include "contracts/retention/orders.h"
#include "core/error.h"
#include "server/api/acting.h"
#include "server/api/envelope_routes.h"
#include "server/api/instants.h"
#include "server/http/fields.h"
#include "server/services.h"

namespace qianda::server {
namespace {

using contracts::ErasureOrder;
using contracts::LegalHold;
using contracts::RetentionState;
using storage::Transaction;

Json jsonOf(const contracts::RetentionRule& rule) {
  return Json::object({{"class", rule.name}, {"years", rule.years}, {"least", rule.least}, {"law", rule.law}});
}

Json jsonOf(const LegalHold& hold) {
  return Json::object({{"id", hold.id},
                       {"envelope", hold.envelope},
                       {"ground", hold.ground},
                       {"reference", hold.reference},
                       {"placed_by", hold.placedBy},
                       {"placed_at", core::isoInstant(hold.placedAt)},
                       {"lifted_by", hold.liftedBy},
                       {"lifted_at", instantOrNull(hold.liftedAt)},
                       {"lift_ground", hold.liftGround}});
}

Json jsonOf(const RetentionState& state, const std::string& envelope, core::Date today) {
  Json holds = Json::array();
  for (const LegalHold& hold : state.holds) holds.push(jsonOf(hold));
  return Json::object({{"envelope", envelope},
                       {"rule", jsonOf(state.rule)},
                       {"end", dayOrNull(state.end)},
                       {"end_source", state.endSource},
                       {"due", dayOrNull(state.due)},
                       {"kept", contracts::keepReason(state, today)},
                       {"holds", std::move(holds)}});
}

Json jsonOf(const ErasureOrder& order) {
  Json items = Json::array();
  for (const contracts::ErasureItem& item : order.items) {
    items.push(Json::object({{"envelope", item.envelope}, {"state", item.state}, {"reason", item.reason}}));
  }
  return Json::object({{"id", order.id},
                       {"state", order.state},
                       {"ground", order.ground},
                       {"proposed_by", order.proposedBy},
                       {"proposed_at", core::isoInstant(order.proposedAt)},
                       {"decided_by", order.decidedBy},
                       {"decided_at", instantOrNull(order.decidedAt)},
                       {"reason", order.reason},
                       {"envelopes", std::move(items)}});
}

template <typename Item>
Response answerList(const std::vector<Item>& items, std::size_t limit) {
  Json list = Json::array();
  for (const Item& item : items) list.push(jsonOf(item));
  Json body = Json::object({{"items", std::move(list)}});
  body.set("next", items.size() == limit ? Json(items.back().id) : Json());
  return answerJson(body);
}

Response created(Response response, const std::string& address) {
  response.status = 201;
  response.headers.emplace_back("Location", address);
  return response;
}

contracts::Envelope ownEnvelope(Transaction& transaction, const Request& request) {
  const auto found = contracts::findEnvelope(transaction, request.parameter("envelope"));
  if (!found || found->organisation != request.principal.organisation) {
    throw Problem(404, "not_found", "there is no such envelope");
  }
  return *found;
}

std::optional<core::Date> findDay(Fields& body, const std::string& name) {
  const auto text = body.findText(name, {.most = 10});
  if (!text) return std::nullopt;
  const auto day = core::parseDate(*text);
  if (!day) body.fault(name, "format", "a date such as 2026-01-31");
  return day;
}

std::string reasonIn(const Request& request) {
  Fields body(request);
  std::string reason = body.text("reason", {.most = 200});
  body.finish();
  return reason;
}

// One change, in the name of who asks.
template <typename Change>
void change(Services& services, const Request& request, Change what) {
  services.database->write([&](Transaction& t) { what(t, actingFor(request), services.clock()); });
}

Response getRules(Services& services, const Request& request) {
  Json body = Json::object(), items = Json::array();
  services.database->read([&](Transaction& t) {
    items = Json::array();
    for (const auto& rule : contracts::listRetentionRules(t, request.principal.organisation)) items.push(jsonOf(rule));
    body = Json::object({{"class", contracts::retentionClass(t, request.principal.organisation)}});
  });
  body.set("items", std::move(items)).set("next", Json());
  return answerJson(body);
}

Response postRule(Services& services, const Request& request) {
  Fields body(request);
  const std::string name = body.text("class", {.most = 40});
  const std::int64_t years = body.integer("years", 1, 100);
  body.finish();
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    contracts::setRetentionRule(t, actor, name, years, now);
  });
  return getRules(services, request);
}

Response postClass(Services& services, const Request& request) {
  Fields body(request);
  const std::string name = body.text("class", {.most = 40});
  body.finish();
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    contracts::setRetentionClass(t, actor, name, now);
  });
  return getRules(services, request);
}

Response getDue(Services& services, const Request& request) {
  const core::Date today = core::chinaDate(services.clock());
  const std::size_t limit = limitOf(request, 500);
  const auto due = services.database->looked<contracts::DueEnvelopes>([&](Transaction& t) {
    return contracts::listDue(t, request.principal.organisation, today, request.findQuery("after").value_or(""), limit);
  });
  Json items = Json::array();
  for (const auto& [envelope, state] : due.items) items.push(jsonOf(state, envelope.id, today));
  return answerJson(Json::object({{"items", std::move(items)}, {"next", due.next.empty() ? Json() : Json(due.next)}}));
}

Response getRetention(Services& services, const Request& request) {
  const core::Date today = core::chinaDate(services.clock());
  return answerJson(services.database->looked<Json>([&](Transaction& t) {
    const contracts::Envelope envelope = ownEnvelope(t, request);
    refuseErased(t, envelope.id);
    return jsonOf(contracts::retentionOf(t, envelope), envelope.id, today);
  }));
}

Response postEnd(Services& services, const Request& request) {
  Fields body(request);
  contracts::RetentionNote note;
  note.className = body.findText("class", {.least = 0, .most = 40}).value_or("");
  note.ended = findDay(body, "ended");
  note.settled = findDay(body, "settled");
  note.ground = body.text("ground", {.most = 200});
  body.finish();
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    contracts::noteEnd(t, actor, request.parameter("envelope"), note, now);
  });
  return getRetention(services, request);
}

Response getHolds(Services& services, const Request& request) {
  const std::size_t limit = limitOf(request);
  return answerList(services.database->looked<std::vector<LegalHold>>([&](Transaction& t) {
    return contracts::listHolds(t, request.principal.organisation, request.findQuery("after").value_or(""), limit);
  }),
                    limit);
}

Response answerHold(Services& services, const Request& request, const std::string& id) {
  return answerJson(jsonOf(services.database->looked<LegalHold>(
      [&](Transaction& t) { return contracts::getHold(t, request.principal.organisation, id); })));
}

Response postHold(Services& services, const Request& request) {
  Fields body(request);
  const std::string ground = body.text("ground", {.most = 200}), reference = body.text("reference", {.most = 100});
  body.finish();
  std::string id;
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    id = contracts::placeHold(t, actor, request.parameter("envelope"), ground, reference, now);
  });
  return created(answerHold(services, request, id), "/api/v1/retention/holds/" + id);
}

Response getHoldById(Services& services, const Request& request) {
  return answerHold(services, request, request.parameter("hold"));
}

Response liftHoldById(Services& services, const Request& request) {
  const std::string reason = reasonIn(request);
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    contracts::liftHold(t, actor, request.parameter("hold"), reason, now);
  });
  return getHoldById(services, request);
}

Response getOrders(Services& services, const Request& request) {
  const std::size_t limit = limitOf(request);
  return answerList(services.database->looked<std::vector<ErasureOrder>>([&](Transaction& t) {
    return contracts::listErasureOrders(t, request.principal.organisation, request.findQuery("after").value_or(""),
                                        limit);
  }),
                    limit);
}

Response answerOrder(Services& services, const Request& request, const std::string& id) {
  return answerJson(jsonOf(services.database->looked<ErasureOrder>(
      [&](Transaction& t) { return contracts::getErasureOrder(t, request.principal.organisation, id); })));
}

Response getOrder(Services& services, const Request& request) {
  return answerOrder(services, request, request.parameter("order"));
}

Response postOrder(Services& services, const Request& request) {
  Fields body(request);
  const std::vector<std::string> envelopes = body.texts("envelopes", 1, contracts::kMostErasedAtOnce);
  const std::string ground = body.text("ground", {.most = 200});
  body.finish();
  std::string id;
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    id = contracts::proposeErasure(t, actor, envelopes, ground, now);
  });
  return created(answerOrder(services, request, id), "/api/v1/retention/orders/" + id);
}

Response approveOrder(Services& services, const Request& request) {
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    contracts::approveErasure(t, actor, request.parameter("order"), now);
  });
  services.wakeJobs();
  return getOrder(services, request);
}

Response rejectOrder(Services& services, const Request& request) {
  const std::string reason = reasonIn(request);
  change(services, request, [&](Transaction& t, const contracts::Actor& actor, core::Instant now) {
    contracts::rejectErasure(t, actor, request.parameter("order"), reason, now);
  });
  return getOrder(services, request);
}

Response getProof(Services& services, const Request& request) {
  std::optional<contracts::Erasure> erasure;
  services.database->read([&](Transaction& t) {
    ownEnvelope(t, request);
    erasure = contracts::findErasure(t, request.parameter("envelope"));
  });
  if (!erasure || erasure->state != "erased") {
    throw Problem(404, "not_found", "envelope " + request.parameter("envelope") + " was not erased");
  }
  Response response = answerJson(Json::object({{"envelope", erasure->envelope},
                                               {"erased_at", core::isoInstant(erasure->erased)},
                                               {"order", erasure->order},
                                               {"statement", erasure->statement},
                                               {"cms", erasure->signature}}));
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"qianda-erasure-" + erasure->envelope + ".json\"");
  return response;
}

}  // namespace

void refuseErased(Transaction& transaction, const std::string& envelope) {
  const auto erasure = contracts::findErasure(transaction, envelope);
  if (!erasure) return;
  throw Problem(410, "erased",
                erasure->state == "erased" ? "envelope " + envelope + " was erased under the retention rule on " +
                                                 core::isoDate(core::chinaDate(erasure->erased))
                                           : "envelope " + envelope + " is being erased under the retention rule");
}

std::vector<Route> retentionRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/retention/rules", "listRetentionRules", kAccount, "retention:read", getRules, 0},
      {"POST", "/api/v1/retention/rules", "setRetentionRule", kUserOnly, "retention:approve", postRule},
      {"POST", "/api/v1/retention/class", "setRetentionClass", kUserOnly, "retention:approve", postClass},
      {"GET", "/api/v1/retention/due", "listDueEnvelopes", kAccount, "retention:read", getDue, 0},
      {"GET", "/api/v1/retention/holds", "listLegalHolds", kAccount, "retention:read", getHolds, 0},
      {"GET", "/api/v1/retention/holds/{hold}", "getLegalHold", kAccount, "retention:read", getHoldById, 0},
      {"POST", "/api/v1/retention/holds/{hold}/lift", "liftLegalHold", kUserOnly, "retention:hold", liftHoldById},
      {"GET", "/api/v1/retention/orders", "listErasureOrders", kAccount, "retention:read", getOrders, 0},
      {"POST", "/api/v1/retention/orders", "proposeErasure", kUserOnly, "retention:write", postOrder},
      {"GET", "/api/v1/retention/orders/{order}", "getErasureOrder", kAccount, "retention:read", getOrder, 0},
      {"POST", "/api/v1/retention/orders/{order}/approve", "approveErasure", kUserOnly, "retention:approve",
       approveOrder},
      {"POST", "/api/v1/retention/orders/{order}/reject", "rejectErasure", kUserOnly, "retention:approve", rejectOrder},
      {"GET", "/api/v1/envelopes/{envelope}/retention", "getRetention", kAccount, "retention:read", getRetention, 0},
      {"POST", "/api/v1/envelopes/{envelope}/end", "noteEnd", kUserOnly, "retention:write", postEnd},
      {"POST", "/api/v1/envelopes/{envelope}/holds", "placeLegalHold", kUserOnly, "retention:hold", postHold},
      {"GET", "/api/v1/envelopes/{envelope}/erasure", "getErasureProof", kAccount, "retention:read", getProof, 0},
  };
}

}  // namespace qianda::server
