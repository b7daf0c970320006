#include "delivery/cases/case_store.h"

#include <algorithm>

#include "core/error.h"
#include "core/id.h"
#include "core/json_text.h"
#include "delivery/cases/case_columns.h"
#include "storage/audit/audit_log.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Actor;
using core::Error;
using core::ErrorCode;
using core::jsonOf;
using storage::msOf;
using storage::Transaction;
using storage::Value;
using storage::Values;

constexpr std::string_view kPartyInsert =
    "INSERT INTO case_parties (id, case_id, position, role, kind, name, id_number, legal_representative, phone, "
    "dispatch_role, is_represented) VALUES";
constexpr std::string_view kAgentInsert =
    "INSERT INTO case_agents (id, case_id, party, kind, name, id_number, phone, scope, since_day, until_day) VALUES";
constexpr std::string_view kAddressInsert =
    "INSERT INTO case_addresses (id, case_id, party, kind, recipient, phone, postcode, province, city, district, "
    "street, value, ground, since_day, document, refused_after_warning, is_opponents_place, consent_day, "
    "consent_withdrawn_day, state, recorded_by, recorded_ms) VALUES";
constexpr std::string_view kEventInsert =
    "INSERT INTO case_events (case_id, seq, kind, day, details, actor, at_ms) VALUES";

// What an event makes of the case; other kinds leave its state.
constexpr std::pair<std::string_view, std::string_view> kStates[] = {
    {"received", "received"}, {"mediation_started", "mediating"},
    {"accepted", "accepted"}, {"suspended", "suspended"},
    {"resumed", "accepted"},  {"hearing_set", "accepted"},
    {"refused", "closed"},    {"withdrawn", "closed"},
    {"mediated", "closed"},   {"awarded", "closed"},
    {"closed", "closed"},     {"transferred", "closed"}};

std::string drawId(core::Instant now) { return core::DocumentId::at(now).text(); }

template <std::size_t N>
void checkWord(const std::string& member, const std::string& word, const std::string_view (&words)[N]) {
  if (std::find(std::begin(words), std::end(words), word) != std::end(words)) return;
  std::string list;
  for (const std::string_view one : words) list += (list.empty() ? "" : ", ") + std::string(one);
  throw Error(ErrorCode::kInvalidInput, member + ": \"" + word + "\" is none of " + list);
}

void checkFilled(const std::string& member, const std::string& text) {
  if (text.empty()) throw Error(ErrorCode::kInvalidInput, member + ": is missing");
}

void check(const CaseParty& party, const std::string& at) {
  static constexpr std::string_view kRoles[] = {"applicant", "respondent", "third_party"};
  static constexpr std::string_view kKinds[] = {"person", "organisation"};
  static constexpr std::string_view kDispatch[] = {"", "dispatching", "using"};
  checkWord(at + "role", party.role, kRoles);
  checkWord(at + "kind", party.kind, kKinds);
  checkWord(at + "dispatch_role", party.dispatchRole, kDispatch);
  checkFilled(at + "name", party.name);
}

void check(const CaseAgent& agent, const std::string& at) {
  static constexpr std::string_view kKinds[] = {"agent", "representative", "designated", "guardian"};
  static constexpr std::string_view kScopes[] = {"", "general", "special"};
  checkWord(at + "kind", agent.kind, kKinds);
  checkWord(at + "scope", agent.scope, kScopes);
  checkFilled(at + "name", agent.name);
  if (agent.kind == "agent") checkFilled(at + "scope", agent.scope);  // 调解仲裁法 24: a mandate with its scope
  if (!agent.since.ok()) throw Error(ErrorCode::kInvalidInput, at + "since: is missing");
}

void check(const ServiceAddress& address, const std::string& at) {
  static constexpr std::string_view kKinds[] = {"postal", "sms", "email", "app"};
  checkWord(at + "kind", address.kind, kKinds);
  if (!address.since.ok()) throw Error(ErrorCode::kInvalidInput, at + "since: is missing");
  if (address.kind != "postal") return checkFilled(at + "value", address.value);
  checkFilled(at + "province", address.province);
  checkFilled(at + "city", address.city);
  checkFilled(at + "street", address.street);  // 法院专递规定 3: 详细地址
  checkFilled(at + "phone", address.phone);
}

Values valuesOf(const CaseParty& party, const std::string& caseId, std::int64_t position) {
  return {party.id,
          caseId,
          position,
          party.role,
          party.kind,
          party.name,
          party.idNumber,
          party.legalRepresentative,
          party.phone,
          party.dispatchRole,
          std::int64_t{party.isRepresented}};
}

Values valuesOf(const CaseAgent& agent, const std::string& caseId) {
  return {agent.id,       caseId,      agent.party, agent.kind,           agent.name,
          agent.idNumber, agent.phone, agent.scope, dayText(agent.since), dayText(agent.until)};
}

Values valuesOf(const ServiceAddress& a, const std::string& caseId, const Actor& actor, core::Instant now) {
  return {a.id,
          caseId,
          a.party,
          a.kind,
          a.recipient,
          a.phone,
          a.postcode,
          a.province,
          a.city,
          a.district,
          a.street,
          a.value,
          std::string(nameOf(a.ground)),
          dayText(a.since),
          a.document,
          std::int64_t{a.refusedAfterWarning},
          std::int64_t{a.isOpponentsPlace},
          dayText(a.consentOn),
          dayText(a.consentWithdrawnOn),
          std::string("active"),
          actor.name,
          msOf(now)};
}

std::size_t positionOf(const std::string& text, std::size_t count, const std::string& at) {
  const bool isNumber = !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!isNumber || std::stoul(text) >= count) {
    throw Error(ErrorCode::kInvalidInput, at + "party: \"" + text + "\" is the position of no party");
  }
  return std::stoul(text);
}

// Locks the case by raising its version.
void touch(Transaction& t, const Actor& actor, const std::string& id, core::Instant now) {
  if (t.execute("UPDATE cases SET version = version + 1, changed_ms = $1 WHERE organisation = $2 AND id = $3",
                {msOf(now), actor.organisation, id}) == 0) {
    throw Error(ErrorCode::kNotFound, "there is no case " + id, "there is no such case");
  }
}

void append(Transaction& t, const Actor& actor, const std::string& id, const CaseEvent& event, core::Instant now) {
  const auto last = t.findRow("SELECT MAX(seq) FROM case_events WHERE case_id = $1", {id});
  const std::int64_t seq = last ? last->findNumber(0).value_or(0) + 1 : 1;
  t.insertAll(kEventInsert, 7,
              {{id, seq, event.kind, dayText(event.day), detailsText(event.details), actor.name, msOf(now)}});
}

void checkParty(Transaction& t, const std::string& caseId, const std::string& party) {
  if (!t.findRow("SELECT 1 FROM case_parties WHERE case_id = $1 AND id = $2", {caseId, party})) {
    throw Error(ErrorCode::kInvalidInput, "party: the case has no party " + party);
  }
}

}  // namespace

void noteInCase(Transaction& t, const Actor& actor, const std::string& id, const std::string& type,
                const std::string& details, core::Instant now) {
  storage::appendAudit(t, {"case:" + id, actor.organisation, now, type, actor.name, actor.peer, actor.device, details});
}

std::string createCase(Transaction& t, const Actor& actor, const CaseFile& wanted, core::Date receivedOn,
                       core::Instant now) {
  static constexpr std::string_view kProcedures[] = {"ordinary", "simplified"};
  checkFilled("number", wanted.number);
  checkFilled("cause", wanted.cause);
  checkWord("procedure", wanted.procedure, kProcedures);
  if (findCaseByNumber(t, actor.organisation, wanted.number)) {
    throw Error(ErrorCode::kConflict, "there is a case " + wanted.number + " already");
  }
  const std::string id = drawId(now);
  std::vector<std::string> ids;
  std::vector<Values> parties, agents, addresses;
  for (std::size_t i = 0; i < wanted.parties.size(); ++i) {
    check(wanted.parties[i], "parties/" + std::to_string(i) + "/");
    CaseParty party = wanted.parties[i];
    party.id = ids.emplace_back(drawId(now));
    parties.push_back(valuesOf(party, id, static_cast<std::int64_t>(i)));
  }
  for (const std::string_view role : {"applicant", "respondent"}) {
    if (std::none_of(wanted.parties.begin(), wanted.parties.end(), [&](const auto& p) { return p.role == role; })) {
      throw Error(ErrorCode::kInvalidInput,
                  "parties: a case has an applicant and a respondent; there is no " + std::string(role));
    }
  }
  for (std::size_t i = 0; i < wanted.agents.size(); ++i) {
    const std::string at = "agents/" + std::to_string(i) + "/";
    check(wanted.agents[i], at);
    CaseAgent agent = wanted.agents[i];
    agent.id = drawId(now);
    agent.party = ids[positionOf(agent.party, ids.size(), at)];
    agents.push_back(valuesOf(agent, id));
  }
  for (std::size_t i = 0; i < wanted.addresses.size(); ++i) {
    const std::string at = "addresses/" + std::to_string(i) + "/";
    check(wanted.addresses[i], at);
    ServiceAddress address = wanted.addresses[i];
    address.id = drawId(now);
    address.party = ids[positionOf(address.party, ids.size(), at)];
    addresses.push_back(valuesOf(address, id, actor, now));
  }
  t.insertAll(
      "INSERT INTO cases (id, organisation, number, cause, procedure, is_collective, claims, court, panel, clerk, "
      "room, state, version, created_by, created_ms, changed_ms) VALUES",
      16,
      {{id, actor.organisation, wanted.number, wanted.cause, wanted.procedure, std::int64_t{wanted.isCollective},
        wanted.claims, wanted.court, linesOf(wanted.panel), wanted.clerk, wanted.room, std::string("received"),
        std::int64_t{1}, actor.name, msOf(now), msOf(now)}});
  t.insertAll(kPartyInsert, 11, parties);
  if (!agents.empty()) t.insertAll(kAgentInsert, 10, agents);
  if (!addresses.empty()) t.insertAll(kAddressInsert, 22, addresses);
  append(t, actor, id, {"received", receivedOn, now, {}}, now);
  noteInCase(t, actor, id, "case.created", jsonOf({{"number", wanted.number}, {"received", core::isoDate(receivedOn)}}),
             now);
  return id;
}

void changeCase(Transaction& t, const Actor& actor, const std::string& id, const CaseChange& change,
                core::Instant now) {
  static constexpr std::string_view kProcedures[] = {"ordinary", "simplified"};
  if (change.procedure) checkWord("procedure", *change.procedure, kProcedures);
  if (change.cause) checkFilled("cause", *change.cause);
  touch(t, actor, id, now);
  const std::pair<const char*, std::optional<std::string>> columns[] = {
      {"cause", change.cause},   {"procedure", change.procedure},
      {"claims", change.claims}, {"clerk", change.clerk},
      {"room", change.room},     {"panel", change.panel ? std::optional(linesOf(*change.panel)) : std::nullopt}};
  std::string changed;
  for (const auto& [column, value] : columns) {
    if (!value) continue;
    t.execute(std::string("UPDATE cases SET ") + column + " = $1 WHERE id = $2", {*value, id});
    changed += (changed.empty() ? "" : ",") + std::string(column);
  }
  noteInCase(t, actor, id, "case.changed", jsonOf({{"members", changed}}), now);
}

void addCaseEvent(Transaction& t, const Actor& actor, const std::string& id, const CaseEvent& event,
                  core::Instant now) {
  checkCaseEvent(event);
  touch(t, actor, id, now);
  append(t, actor, id, event, now);
  for (const auto& [kind, state] : kStates) {
    if (kind == event.kind) t.execute("UPDATE cases SET state = $1 WHERE id = $2", {std::string(state), id});
  }
  noteInCase(t, actor, id, "case.event",
             jsonOf({{"kind", event.kind}, {"day", core::isoDate(event.day)}, {"details", detailsText(event.details)}}),
             now);
}

std::string addParty(Transaction& t, const Actor& actor, const std::string& id, const CaseParty& wanted,
                     core::Instant now) {
  check(wanted, "");
  touch(t, actor, id, now);
  CaseParty party = wanted;
  party.id = drawId(now);
  const auto last = t.findRow("SELECT MAX(position) FROM case_parties WHERE case_id = $1", {id});
  t.insertAll(kPartyInsert, 11, {valuesOf(party, id, last ? last->findNumber(0).value_or(-1) + 1 : 0)});
  noteInCase(t, actor, id, "case.party_added", jsonOf({{"party", party.id}, {"role", party.role}}), now);
  return party.id;
}

std::string addAgent(Transaction& t, const Actor& actor, const std::string& id, const CaseAgent& wanted,
                     core::Instant now) {
  check(wanted, "");
  touch(t, actor, id, now);
  checkParty(t, id, wanted.party);
  CaseAgent agent = wanted;
  agent.id = drawId(now);
  t.insertAll(kAgentInsert, 10, {valuesOf(agent, id)});
  noteInCase(t, actor, id, "case.agent_added",
             jsonOf({{"agent", agent.id}, {"party", agent.party}, {"kind", agent.kind}}), now);
  return agent.id;
}

std::string addAddress(Transaction& t, const Actor& actor, const std::string& id, const ServiceAddress& wanted,
                       core::Instant now) {
  check(wanted, "");
  touch(t, actor, id, now);
  checkParty(t, id, wanted.party);
  ServiceAddress address = wanted;
  address.id = drawId(now);
  t.insertAll(kAddressInsert, 22, {valuesOf(address, id, actor, now)});
  noteInCase(
      t, actor, id, "case.address_added",
      jsonOf({{"address", address.id}, {"party", address.party}, {"ground", std::string(nameOf(address.ground))}}),
      now);
  return address.id;
}

void withdrawAddress(Transaction& t, const Actor& actor, const std::string& id, const std::string& address,
                     core::Instant now) {
  touch(t, actor, id, now);
  if (t.execute("UPDATE case_addresses SET state = 'withdrawn' WHERE case_id = $1 AND id = $2 AND state = 'active'",
                {id, address}) == 0) {
    throw Error(ErrorCode::kNotFound, "the case has no active address " + address);
  }
  noteInCase(t, actor, id, "case.address_withdrawn", jsonOf({{"address", address}}), now);
}

void withdrawConsent(Transaction& t, const Actor& actor, const std::string& id, const std::string& address,
                     core::Date day, core::Instant now) {
  touch(t, actor, id, now);
  if (t.execute("UPDATE case_addresses SET consent_withdrawn_day = $1 WHERE case_id = $2 AND id = $3 AND "
                "consent_day <> '' AND consent_withdrawn_day = ''",
                {core::isoDate(day), id, address}) == 0) {
    throw Error(ErrorCode::kNotFound, "the case has no consent at address " + address);
  }
  noteInCase(t, actor, id, "case.consent_withdrawn", jsonOf({{"address", address}, {"day", core::isoDate(day)}}), now);
}

}  // namespace qianda::delivery
