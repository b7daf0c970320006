#include "core/error.h"
#include "delivery/cases/case_columns.h"
#include "delivery/cases/case_store.h"
#include "delivery/documents/document_kinds.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using storage::instantOf;
using storage::Row;
using storage::Transaction;

CaseParty partyOf(const Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3),       row.text(4),
          row.text(5), row.text(6), row.text(7), row.number(8) != 0};
}

CaseAgent agentOf(const Row& row) {
  return {row.text(0), row.text(1), row.text(2),          row.text(3),       row.text(4),
          row.text(5), row.text(6), needDay(row.text(7)), dayOf(row.text(8))};
}

ServiceAddress addressOf(const Row& row) {
  ServiceAddress a;
  a.id = row.text(0);
  a.party = row.text(1);
  a.kind = row.text(2);
  a.recipient = row.text(3);
  a.phone = row.text(4);
  a.postcode = row.text(5);
  a.province = row.text(6);
  a.city = row.text(7);
  a.district = row.text(8);
  a.street = row.text(9);
  a.value = row.text(10);
  a.ground = needWord(row.text(11), findAddressGround);
  a.since = needDay(row.text(12));
  a.document = row.text(13);
  a.refusedAfterWarning = row.number(14) != 0;
  a.isOpponentsPlace = row.number(15) != 0;
  a.consentOn = dayOf(row.text(16));
  a.consentWithdrawnOn = dayOf(row.text(17));
  a.state = row.text(18);
  a.recordedBy = row.text(19);
  a.recordedAt = instantOf(row.number(20));
  return a;
}

// Service that stands now, contested or not, is an event of the case: it follows from the records and is kept nowhere
// else.
void addServed(Transaction& t, CaseFile& file) {
  for (const Row& row :
       t.query("SELECT d.kind, r.party, r.legal_day, r.changed_ms FROM service_records r JOIN "
               "service_documents s ON s.record = r.id JOIN court_documents d ON d.id = s.document "
               "WHERE r.case_id = $1 AND r.state IN ('served', 'deemed', 'contested') AND r.needs = '' AND "
               "r.legal_day <> '' ORDER BY r.id, s.position",
               {file.id})) {
    const std::string document(getDocumentKind(row.text(0)).servedAs);
    if (document.empty()) continue;
    file.events.push_back(
        {"served", needDay(row.text(2)), instantOf(row.number(3)), {{"document", document}, {"party", row.text(1)}}});
  }
}

}  // namespace

CaseFile getCase(Transaction& t, const std::string& organisation, const std::string& id) {
  const auto row = t.findRow(
      "SELECT number, cause, procedure, is_collective, claims, court, panel, clerk, room, state, version FROM cases "
      "WHERE organisation = $1 AND id = $2",
      {organisation, id});
  if (!row) throw Error(ErrorCode::kNotFound, "there is no case " + id, "there is no such case");
  CaseFile file;
  file.id = id;
  file.organisation = organisation;
  file.number = row->text(0);
  file.cause = row->text(1);
  file.procedure = row->text(2);
  file.isCollective = row->number(3) != 0;
  file.claims = row->text(4);
  file.court = row->text(5);
  file.panel = itemsOf(row->text(6));
  file.clerk = row->text(7);
  file.room = row->text(8);
  file.state = row->text(9);
  file.version = row->number(10);
  for (const Row& one : t.query("SELECT id, role, kind, name, id_number, legal_representative, phone, dispatch_role, "
                                "is_represented FROM case_parties WHERE case_id = $1 ORDER BY position",
                                {id})) {
    file.parties.push_back(partyOf(one));
  }
  for (const Row& one : t.query("SELECT id, party, kind, name, id_number, phone, scope, since_day, until_day FROM "
                                "case_agents WHERE case_id = $1 ORDER BY id",
                                {id})) {
    file.agents.push_back(agentOf(one));
  }
  for (const Row& one :
       t.query("SELECT id, party, kind, recipient, phone, postcode, province, city, district, street, value, ground, "
               "since_day, document, refused_after_warning, is_opponents_place, consent_day, consent_withdrawn_day, "
               "state, recorded_by, recorded_ms FROM case_addresses WHERE case_id = $1 ORDER BY id",
               {id})) {
    file.addresses.push_back(addressOf(one));
  }
  for (const Row& one :
       t.query("SELECT kind, day, details, at_ms FROM case_events WHERE case_id = $1 ORDER BY seq", {id})) {
    file.events.push_back({one.text(0), needDay(one.text(1)), instantOf(one.number(3)), detailsOf(one.text(2))});
  }
  addServed(t, file);
  return file;
}

std::optional<std::string> findCaseByNumber(Transaction& t, const std::string& organisation,
                                            const std::string& number) {
  const auto row = t.findRow("SELECT id FROM cases WHERE organisation = $1 AND number = $2", {organisation, number});
  return row ? std::optional(row->text(0)) : std::nullopt;
}

std::vector<CaseLine> listCases(Transaction& t, const std::string& organisation, const std::string& state,
                                const std::string& after, std::size_t limit) {
  std::string sql = "SELECT id, number, cause, state, changed_ms FROM cases WHERE organisation = $1 AND id > $2 ";
  storage::Values values = {organisation, after};
  if (!state.empty()) {
    sql += "AND state = $3 ORDER BY id LIMIT $4";
    values.emplace_back(state);
  } else {
    sql += "ORDER BY id LIMIT $3";
  }
  values.emplace_back(static_cast<std::int64_t>(limit));
  std::vector<CaseLine> lines;
  for (const Row& row : t.query(sql, values)) {
    lines.push_back({row.text(0), row.text(1), row.text(2), row.text(3), instantOf(row.number(4))});
  }
  return lines;
}

MediationCount countMediations(Transaction& t, const std::string& organisation, core::Date from, core::Date to) {
  MediationCount count;
  std::int64_t ended = 0;
  for (const Row& row :
       t.query("SELECT e.kind, e.details FROM case_events e JOIN cases c ON c.id = e.case_id WHERE c.organisation = $1 "
               "AND e.kind IN ('mediation_started', 'mediation_ended') AND e.day >= $2 AND e.day <= $3",
               {organisation, core::isoDate(from), core::isoDate(to)})) {
    if (row.text(0) == "mediation_started") {
      ++count.offered;
      continue;
    }
    ++ended;
    const auto details = detailsOf(row.text(1));
    const auto outcome = details.find("outcome");
    const std::string word = outcome == details.end() ? "" : outcome->second;
    ++(word == "succeeded" ? count.succeeded : word == "declined" ? count.declined : count.failed);
  }
  count.running = std::max<std::int64_t>(0, count.offered - ended);
  return count;
}

}  // namespace qianda::delivery
