#include "server/api/case_routes.h"

#include "core/error.h"
#include "delivery/cases/case_store.h"
#include "delivery/cases/clock_events.h"
#include "delivery/service/record_store.h"
#include "server/api/acting.h"
#include "server/api/page.h"
#include "server/services.h"
#include "storage/sql/database.h"

namespace qianda::server {
namespace {

using namespace delivery;
using storage::Transaction;

constexpr std::size_t kMostClaims = 4000;

const std::string& courtOf(const Request& request) { return request.principal.organisation; }

CaseFile caseOf(Transaction& t, const Request& request) {
  return delivery::getCase(t, courtOf(request), request.parameter("case"));
}

Response answerCase(Services& services, const Request& request, const std::string& id, int status = 200) {
  Response response = answerJson(jsonOf(services.database->looked<CaseFile>(
                                     [&](Transaction& t) { return delivery::getCase(t, courtOf(request), id); })),
                                 status);
  if (status == 201) response.headers.emplace_back("Location", "/api/v1/cases/" + id);
  return response;
}

// What the case file refuses ("addresses/0/city: is missing") as a fault of that place in the body.
Problem placed(const core::Error& error) {
  const std::string message = error.clientMessage();
  const std::size_t end = message.find(": ");
  if (error.code() != core::ErrorCode::kInvalidInput || end == std::string::npos ||
      message.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789/") != end) {
    return problemOf(error);
  }
  return Problem(422, "body_invalid", message,
                 {{"/" + message.substr(0, end), "", "", "value", message.substr(end + 2)}});
}

template <typename Work>
void write(Services& services, Work work) {
  try {
    services.database->write(work);
  } catch (const core::Error& error) {
    throw placed(error);
  }
}

// One change of the case, in the name of who asks; answers the case as it stands then.
template <typename Change>
Response change(Services& services, const Request& request, Change what) {
  const std::string& id = request.parameter("case");
  write(services, [&](Transaction& t) { what(t, actingFor(request), id, services.clock()); });
  return answerCase(services, request, id);
}

Json lineJson(const CaseLine& line) {
  return Json::object({{"id", line.id}, {"number", line.number}, {"cause", line.cause}, {"state", line.state}});
}

Response listCases(Services& services, const Request& request) {
  const Page page = pageOf(request);
  if (const auto number = request.findQuery("number")) {
    std::vector<CaseLine> found;
    services.database->read([&](Transaction& t) {
      found.clear();
      const auto id = findCaseByNumber(t, courtOf(request), *number);
      if (!id) return;
      const CaseFile file = delivery::getCase(t, courtOf(request), *id);
      found.push_back({*id, file.number, file.cause, file.state, {}});
    });
    return answerPage(page, found, lineJson);
  }
  const auto lines = services.database->looked<std::vector<CaseLine>>([&](Transaction& t) {
    return delivery::listCases(t, courtOf(request), request.findQuery("state").value_or(""), page.after,
                               static_cast<std::size_t>(page.wanted()));
  });
  return answerPage(page, lines, lineJson);
}

Response createCase(Services& services, const Request& request) {
  Fields body(request);
  CaseFile wanted;
  wanted.number = body.text("number", {.most = 60});
  wanted.cause = body.text("cause", {.most = 100});
  wanted.procedure = body.findChoice("procedure", {"ordinary", "simplified"}).value_or("ordinary");
  wanted.isCollective = body.findBoolean("is_collective").value_or(false);
  wanted.claims = body.findText("claims", {.least = 0, .most = kMostClaims, .lines = true}).value_or("");
  wanted.court = body.findText("court", {.most = 100}).value_or("");
  wanted.panel = body.texts("panel", 0, 10, {.most = 60});
  wanted.clerk = body.findText("clerk", {.least = 0, .most = 60}).value_or("");
  wanted.room = body.findText("room", {.least = 0, .most = 100}).value_or("");
  const core::Date received = readDay(body, "received_on");
  for (Fields& one : body.objects("parties", 2, 200)) wanted.parties.push_back(readCaseParty(one));
  for (Fields& one : body.objects("agents", 0, 400)) wanted.agents.push_back(readCaseAgent(one));
  for (Fields& one : body.objects("addresses", 0, 400)) wanted.addresses.push_back(readServiceAddress(one));
  body.finish();
  if (wanted.court.empty()) wanted.court = organisationName(services, courtOf(request));
  std::string id;
  write(services,
        [&](Transaction& t) { id = delivery::createCase(t, actingFor(request), wanted, received, services.clock()); });
  return answerCase(services, request, id, 201);
}

Response getCase(Services& services, const Request& request) {
  return answerCase(services, request, request.parameter("case"));
}

Response changeCase(Services& services, const Request& request) {
  Fields body(request);
  CaseChange wanted;
  wanted.cause = body.findText("cause", {.most = 100});
  wanted.procedure = body.findChoice("procedure", {"ordinary", "simplified"});
  wanted.claims = body.findText("claims", {.least = 0, .most = kMostClaims, .lines = true});
  wanted.clerk = body.findText("clerk", {.least = 0, .most = 60});
  wanted.room = body.findText("room", {.least = 0, .most = 100});
  if (body.has("panel")) wanted.panel = body.texts("panel", 0, 10, {.most = 60});
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    delivery::changeCase(t, actor, id, wanted, now);
  });
}

Response addEvent(Services& services, const Request& request) {
  Fields body(request);
  const CaseEvent event = readCaseEvent(body);
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    addCaseEvent(t, actor, id, event, now);
  });
}

Response addCaseParty(Services& services, const Request& request) {
  Fields body(request);
  const CaseParty party = readCaseParty(body);
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    addParty(t, actor, id, party, now);
  });
}

Response addCaseAgent(Services& services, const Request& request) {
  Fields body(request);
  const CaseAgent agent = readCaseAgent(body);
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    addAgent(t, actor, id, agent, now);
  });
}

Response addCaseAddress(Services& services, const Request& request) {
  Fields body(request);
  const ServiceAddress address = readServiceAddress(body);
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    addAddress(t, actor, id, address, now);
  });
}

Response withdrawCaseAddress(Services& services, const Request& request) {
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    withdrawAddress(t, actor, id, request.parameter("address"), now);
  });
}

Response withdrawCaseConsent(Services& services, const Request& request) {
  Fields body(request);
  const core::Date day = readDay(body, "day");
  body.finish();
  return change(services, request, [&](Transaction& t, const auto& actor, const std::string& id, core::Instant now) {
    withdrawConsent(t, actor, id, request.parameter("address"), day, now);
  });
}

Response getCaseClock(Services& services, const Request& request) {
  const core::Date today = core::chinaDate(services.clock());
  return answerJson(services.database->looked<Json>([&](Transaction& t) {
    const CaseFile file = caseOf(t, request);
    const ServiceLaw law = lawOf(t, courtOf(request));
    return jsonOf(clockOf(eventsWithParties(file), law.rules, *law.calendar, today));
  }));
}

Response getMediationFigures(Services& services, const Request& request) {
  const auto dayIn = [&](const char* name) {
    const auto day = core::parseDate(request.findQuery(name).value_or(""));
    if (!day) throw Problem(400, "query_invalid", std::string(name) + ": a date such as 2026-01-31");
    return *day;
  };
  const core::Date from = dayIn("from"), to = dayIn("to");
  const auto count = services.database->looked<MediationCount>(
      [&](Transaction& t) { return countMediations(t, courtOf(request), from, to); });
  const std::int64_t ended = count.succeeded + count.failed + count.declined;
  const double rate = ended > 0 ? static_cast<double>(count.succeeded) / static_cast<double>(ended) : 0;
  return answerJson(Json::object({{"offered", count.offered},
                                  {"running", count.running},
                                  {"succeeded", count.succeeded},
                                  {"failed", count.failed},
                                  {"declined", count.declined},
                                  {"success_rate", ended > 0 ? Json(rate) : Json()}}));
}

}  // namespace

std::vector<Route> caseRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/cases", "listCases", kAccount, "cases:read", listCases, 0},
      {"POST", "/api/v1/cases", "createCase", kAccount, "cases:write", createCase},
      {"GET", "/api/v1/cases/{case}", "getCase", kAccount, "cases:read", getCase, 0},
      {"PATCH", "/api/v1/cases/{case}", "changeCase", kAccount, "cases:write", changeCase},
      {"POST", "/api/v1/cases/{case}/events", "addCaseEvent", kAccount, "cases:write", addEvent},
      {"POST", "/api/v1/cases/{case}/parties", "addCaseParty", kAccount, "cases:write", addCaseParty},
      {"POST", "/api/v1/cases/{case}/agents", "addCaseAgent", kAccount, "cases:write", addCaseAgent},
      {"POST", "/api/v1/cases/{case}/addresses", "addCaseAddress", kAccount, "cases:write", addCaseAddress},
      {"POST", "/api/v1/cases/{case}/addresses/{address}/withdraw", "withdrawCaseAddress", kAccount, "cases:write",
       withdrawCaseAddress, 0},
      {"POST", "/api/v1/cases/{case}/addresses/{address}/withdraw-consent", "withdrawCaseConsent", kAccount,
       "cases:write", withdrawCaseConsent},
      {"GET", "/api/v1/cases/{case}/clock", "getCaseClock", kAccount, "cases:read", getCaseClock, 0},
      {"GET", "/api/v1/mediation-figures", "getMediationFigures", kAccount, "cases:read", getMediationFigures, 0},
  };
}

}  // namespace qianda::server
