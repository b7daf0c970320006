#include <algorithm>

#include "server/api/case_routes.h"

namespace qianda::server {
namespace {

using namespace delivery;

Json jsonOf(const CaseParty& party) {
  return Json::object({{"id", party.id},
                       {"role", party.role},
                       {"kind", party.kind},
                       {"name", party.name},
                       {"id_number", party.idNumber},
                       {"legal_representative", party.legalRepresentative},
                       {"phone", party.phone},
                       {"dispatch_role", party.dispatchRole},
                       {"is_represented", party.isRepresented}});
}

Json jsonOf(const CaseAgent& agent) {
  return Json::object({{"id", agent.id},
                       {"party", agent.party},
                       {"kind", agent.kind},
                       {"name", agent.name},
                       {"id_number", agent.idNumber},
                       {"phone", agent.phone},
                       {"scope", agent.scope},
                       {"since", core::isoDate(agent.since)},
                       {"until", dayOrNull(agent.until)}});
}

Json jsonOf(const ServiceAddress& address) {
  return Json::object({{"id", address.id},
                       {"party", address.party},
                       {"kind", address.kind},
                       {"recipient", address.recipient},
                       {"phone", address.phone},
                       {"postcode", address.postcode},
                       {"province", address.province},
                       {"city", address.city},
                       {"district", address.district},
                       {"street", address.street},
                       {"value", address.value},
                       {"ground", std::string(nameOf(address.ground))},
                       {"since", core::isoDate(address.since)},
                       {"document", address.document},
                       {"refused_after_warning", address.refusedAfterWarning},
                       {"is_opponents_place", address.isOpponentsPlace},
                       {"consent_on", dayOrNull(address.consentOn)},
                       {"consent_withdrawn_on", dayOrNull(address.consentWithdrawnOn)},
                       {"state", address.state},
                       {"recorded_by", address.recordedBy},
                       {"recorded_at", core::isoInstant(address.recordedAt)}});
}

Json jsonOf(const CaseEvent& event) {
  Json details = Json::object();
  for (const auto& [name, text] : event.details) details.append(name, text);
  return Json::object({{"kind", event.kind},
                       {"day", core::isoDate(event.day)},
                       {"at", core::isoInstant(event.at)},
                       {"details", std::move(details)}});
}

Json jsonOf(const Deadline& deadline) {
  return Json::object({{"key", deadline.key},
                       {"subject", deadline.subject},
                       {"title", deadline.titleZh},
                       {"title_en", deadline.titleEn},
                       {"rule", deadline.rule},
                       {"start", core::isoDate(deadline.start)},
                       {"last", core::isoDate(deadline.last)},
                       {"met_on", dayOrNull(deadline.metOn)},
                       {"state", std::string(nameOf(deadline.state))},
                       {"is_provisional", deadline.isProvisional}});
}

template <typename Items>
Json listOf(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push(jsonOf(item));
  return list;
}

Json textsOf(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

std::string optionalText(Fields& body, const std::string& name, std::size_t most = 200) {
  return body.findText(name, {.least = 0, .most = most}).value_or("");
}

}  // namespace

Json jsonOf(const CaseFile& file) {
  return Json::object({{"id", file.id},
                       {"number", file.number},
                       {"cause", file.cause},
                       {"procedure", file.procedure},
                       {"is_collective", file.isCollective},
                       {"claims", file.claims},
                       {"court", file.court},
                       {"panel", textsOf(file.panel)},
                       {"clerk", file.clerk},
                       {"room", file.room},
                       {"state", file.state},
                       {"version", file.version},
                       {"parties", listOf(file.parties)},
                       {"agents", listOf(file.agents)},
                       {"addresses", listOf(file.addresses)},
                       {"events", listOf(file.events)}});
}

Json jsonOf(const CaseClock& clock) {
  return Json::object({{"deadlines", listOf(clock.deadlines)},
                       {"mediation_is_due", clock.mediationIsDue},
                       {"mediation_outcome", clock.mediationOutcome},
                       {"recalled_rules", textsOf(clock.recalledRules)}});
}

std::optional<core::Date> findDay(Fields& body, const std::string& name) {
  const auto text = body.findText(name, {.most = 12});
  if (!text) return std::nullopt;
  const auto day = core::parseDate(*text);
  if (!day) body.fault(name, "format", "a date such as 2026-01-31");
  return day;
}

core::Date readDay(Fields& body, const std::string& name) {
  const auto day = core::parseDate(body.text(name, {.most = 12}));
  if (!day && body.has(name)) body.fault(name, "format", "a date such as 2026-01-31");
  return day.value_or(core::Date{});
}

CaseParty readCaseParty(Fields& body) {
  CaseParty party;
  party.role = body.choice("role", {"applicant", "respondent", "third_party"});
  party.kind = body.choice("kind", {"person", "organisation"});
  party.name = body.text("name", {.most = 100});
  party.idNumber = optionalText(body, "id_number", 30);
  party.legalRepresentative = optionalText(body, "legal_representative", 60);
  party.phone = optionalText(body, "phone", 30);
  party.dispatchRole = body.findChoice("dispatch_role", {"", "dispatching", "using"}).value_or("");
  party.isRepresented = body.findBoolean("is_represented").value_or(false);
  return party;
}

CaseAgent readCaseAgent(Fields& body) {
  CaseAgent agent;
  agent.party = body.text("party", {.most = 26});
  agent.kind = body.choice("kind", {"agent", "representative", "designated", "guardian"});
  agent.name = body.text("name", {.most = 100});
  agent.idNumber = optionalText(body, "id_number", 30);
  agent.phone = optionalText(body, "phone", 30);
  agent.scope = body.findChoice("scope", {"", "general", "special"}).value_or("");
  agent.since = readDay(body, "since");
  agent.until = findDay(body, "until");
  return agent;
}

ServiceAddress readServiceAddress(Fields& body) {
  ServiceAddress address;
  address.party = body.text("party", {.most = 26});
  address.kind = body.choice("kind", {"postal", "sms", "email", "app"});
  address.recipient = optionalText(body, "recipient", 100);
  address.phone = optionalText(body, "phone", 30);
  address.postcode = optionalText(body, "postcode", 10);
  address.province = optionalText(body, "province", 30);
  address.city = optionalText(body, "city", 30);
  address.district = optionalText(body, "district", 30);
  address.street = optionalText(body, "street", 200);
  address.value = optionalText(body, "value", 200);
  const std::string ground = body.choice("ground", {"confirmed", "contract_clause", "pleading", "other_case",
                                                    "used_within_year", "registered", "opponent"});
  if (const auto found = findAddressGround(ground)) address.ground = *found;
  address.since = readDay(body, "since");
  address.document = optionalText(body, "document", 26);
  address.refusedAfterWarning = body.findBoolean("refused_after_warning").value_or(false);
  address.isOpponentsPlace = body.findBoolean("is_opponents_place").value_or(false);
  address.consentOn = findDay(body, "consent_on");
  return address;
}

CaseEvent readCaseEvent(Fields& body) {
  CaseEvent event;
  std::vector<std::string> kinds;
  for (const CaseEventKind& kind : caseEventKinds()) {
    if (kind.name != "served") kinds.emplace_back(kind.name);  // follows from service records alone
  }
  event.kind = body.choice("kind", kinds);
  event.day = readDay(body, "day");
  const Json details = body.json("details");
  if (details.kind() == Json::Kind::kObject) {
    for (const auto& [name, value] : details.members()) {
      if (value.kind() == Json::Kind::kText) {
        event.details[name] = value.text();
      } else {
        body.fault("details", "type", name + " is no text");
      }
    }
  } else if (!details.isNull()) {
    body.fault("details", "type", "an object of texts");
  }
  return event;
}

}  // namespace qianda::server
