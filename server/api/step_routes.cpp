#include <algorithm>

#include "delivery/cases/case_store.h"
#include "server/api/acting.h"
#include "server/api/service_routes.h"
#include "server/delivery/delivery_desk.h"
#include "server/http/fields.h"
#include "server/services.h"

namespace qianda::server {
namespace {

using namespace delivery;
using storage::Transaction;

const std::string& courtOf(const Request& request) { return request.principal.organisation; }

std::string keyOf(const Request& request) {
  const std::string key = request.findHeader("Idempotency-Key").value_or("");
  if (key.empty() || key.size() > 200) {
    throw Problem(400, "idempotency_key_missing",
                  "the header Idempotency-Key, 1 to 200 characters, makes it safe to issue a step again");
  }
  return key;
}

StepOrder readOrder(Fields& body) {
  StepOrder order;
  std::vector<std::string> steps;
  for (const StepSet& step : stepSets()) steps.emplace_back(step.name);
  order.step = body.choice("step", steps);
  order.method = body.findChoice("method", {"auto", "electronic", "postal", "none"}).value_or("auto");
  order.only = body.texts("parties", 0, 200, {.most = 26});
  const Json values = body.json("values");
  if (values.kind() == Json::Kind::kObject) {
    for (const auto& [name, value] : values.members()) {
      if (value.kind() == Json::Kind::kText) {
        order.entered[name] = value.text();
      } else {
        body.fault("values", "type", name + " is no text");
      }
    }
  } else if (!values.isNull()) {
    body.fault("values", "type", "an object of texts");
  }
  return order;
}

Json jsonOf(const IssuedStep& step) {
  Json records = Json::array();
  for (const IssuedRecord& one : step.records) {
    const auto orNull = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    records.push(Json::object({{"id", one.id},
                               {"party", one.party},
                               {"method", orNull(one.method)},
                               {"attempt", orNull(one.attempt)},
                               {"parcel", orNull(one.parcel)},
                               {"hint", orNull(one.hint)}}));
  }
  return Json::object({{"id", step.id}, {"case", step.caseId}, {"documents", step.documents}, {"records", records}});
}

// The member of the body that is at fault, or "" where it is the case itself.
std::string pointerOf(const StepOrder& order, const std::string& at, const std::string& field) {
  if (field == "parties") return at + "/parties";
  const auto asked = enteredValues(getStepSet(order.step));
  const bool isAsked = field == "issued_on" || order.entered.contains(field) ||
                       std::any_of(asked.begin(), asked.end(), [&](const auto* one) { return one->name == field; });
  return isAsked ? Fields(Json::object(), at + "/values").pointer(field) : "";
}

std::vector<IssuedStep> issue(Services& services, const Request& request, const std::string& seal,
                              const std::vector<StepOrder>& orders, const std::string& prefix) {
  DeliveryDesk& desk = deskOf(services);
  services.database->read([&](Transaction& t) {
    for (const StepOrder& order : orders) delivery::getCase(t, courtOf(request), order.caseId);
  });
  const IssueOutcome outcome =
      issueSteps(desk.issueHouse(), actingFor(request), seal, keyOf(request), orders, services.clock());
  if (!outcome.faults.empty()) {
    std::vector<ProblemPlace> places;
    for (const IssueFault& fault : outcome.faults) {
      const std::string at = prefix.empty() ? "" : prefix + "/" + std::to_string(fault.order);
      places.push_back(
          {pointerOf(orders[fault.order], at, fault.field), "", fault.document, "value",
           fault.messageZh + " " + fault.messageEn + (fault.party.empty() ? "" : " (" + fault.party + ")")});
    }
    throw Problem(422, "step_incomplete", "the step cannot be issued as it stands; nothing was sealed", places);
  }
  desk.wake();
  return outcome.steps;
}

Response issueStep(Services& services, const Request& request) {
  Fields body(request);
  const std::string seal = body.id("seal");
  StepOrder order = readOrder(body);
  body.finish();
  order.caseId = request.parameter("case");
  return answerJson(jsonOf(issue(services, request, seal, {order}, "").front()), 201);
}

Response issueManySteps(Services& services, const Request& request) {
  Fields body(request);
  const std::string seal = body.id("seal");
  std::vector<StepOrder> orders;
  for (Fields& one : body.objects("steps", 1, kMostSteps)) {
    const std::string id = one.id("case");
    orders.push_back(readOrder(one));
    orders.back().caseId = id;
  }
  body.finish();
  Json steps = Json::array();
  for (const IssuedStep& step : issue(services, request, seal, orders, "/steps")) steps.push(jsonOf(step));
  return answerJson(Json::object({{"steps", std::move(steps)}}), 201);
}

Response listSteps(Services&, const Request&) {
  Json steps = Json::array();
  for (const StepSet& step : stepSets()) {
    Json values = Json::array(), documents = Json::array();
    for (const templates::FieldSpec* field : enteredValues(step)) {
      values.push(Json::object({{"name", field->name},
                                {"label", field->labelZh},
                                {"label_en", field->labelEn},
                                {"required", field->required},
                                {"example", field->example}}));
    }
    for (const StepDocument& document : step.documents) {
      Json roles = Json::array();
      for (const std::string_view role : document.roles) roles.push(role);
      documents.push(Json::object({{"kind", document.kind}, {"roles", std::move(roles)}}));
    }
    steps.push(Json::object({{"name", step.name},
                             {"title", step.titleZh},
                             {"title_en", step.titleEn},
                             {"values", std::move(values)},
                             {"documents", std::move(documents)}}));
  }
  return answerJson(Json::object({{"items", std::move(steps)}, {"next", Json()}}));
}

}  // namespace

std::vector<Route> stepRoutes() {
  using enum Access;
  return {
      {"GET", "/api/v1/case-steps", "listCaseSteps", kAccount, "cases:read", listSteps, 0},
      {"POST", "/api/v1/cases/{case}/steps", "issueStep", kAccount, "service:write", issueStep},
      {"POST", "/api/v1/issued-steps", "issueManySteps", kAccount, "service:write", issueManySteps, 4u << 20},
  };
}

}  // namespace qianda::server
