#include "delivery/service/record_store.h"

#include <algorithm>

#include "core/error.h"
#include "core/id.h"
#include "core/json_text.h"
#include "delivery/cases/case_columns.h"
#include "delivery/post/parcel_store.h"
#include "storage/audit/audit_log.h"
#include "storage/outbox/outbox.h"
#include "storage/sql/instant.h"
#include "storage/work/work_queue.h"

namespace qianda::delivery {
namespace {

using core::Actor;
using core::Error;
using core::ErrorCode;
using core::jsonOf;
using storage::instantOf;
using storage::msOf;
using storage::Row;
using storage::Transaction;

const std::string kNames =
    "id, organisation, case_id, step, party, taker, notice_ground, version, state, ending, legal_day, needs, ruling, "
    "proof, receipt, proof_version, created_ms, changed_ms";
const std::string kColumns = "SELECT " + kNames + " FROM service_records ";

ServiceRecord recordOf(const Row& row) {
  ServiceRecord r;
  r.id = row.text(0);
  r.organisation = row.text(1);
  r.caseId = row.text(2);
  r.step = row.text(3);
  r.party = row.text(4);
  r.taker = row.text(5);
  r.noticeGround = row.text(6);
  r.version = row.number(7);
  r.state = needWord(row.text(8), findRecordState);
  r.ending = row.text(9);
  r.legalDay = row.text(10);
  r.needs = row.text(11);
  r.ruling = row.text(12);
  r.proof = row.text(13);
  r.receipt = row.text(14);
  r.proofVersion = row.number(15);
  r.createdAt = instantOf(row.number(16));
  r.changedAt = instantOf(row.number(17));
  return r;
}

std::vector<std::string> documentsOf(Transaction& t, const std::string& record) {
  std::vector<std::string> documents;
  for (const Row& row :
       t.query("SELECT document FROM service_documents WHERE record = $1 ORDER BY position", {record})) {
    documents.push_back(row.text(0));
  }
  return documents;
}

[[noreturn]] void refuseMissing(const std::string& id) {
  throw Error(ErrorCode::kNotFound, "there is no service record " + id, "there is no such service record");
}

// Whoever changes a record's facts holds its row until the transaction ends. Without the list of its documents.
ServiceRecord lockRecord(Transaction& t, const std::string& organisation, const std::string& id) {
  const storage::Rows rows =
      t.query("UPDATE service_records SET version = version WHERE organisation = $1 AND id = $2 RETURNING " + kNames,
              {organisation, id});
  if (rows.empty()) refuseMissing(id);
  return recordOf(rows.front());
}

void checkAttempt(Transaction& t, const std::string& record, const std::string& attempt) {
  if (!t.findRow("SELECT 1 FROM service_attempts WHERE record = $1 AND id = $2", {record, attempt})) {
    throw Error(ErrorCode::kNotFound, "record " + record + " has no attempt " + attempt, "there is no such attempt");
  }
}

const char* needsOf(const RecordRuling& ruling) {
  return ruling.needsReview ? "review" : ruling.needsConfirmation ? "confirmation" : "";
}

// What the ruling says of the attempt, or of the record, as the person who decides sees it.
std::string endingSeen(Transaction& t, const ServiceRecord& record, const std::string& attempt, core::Instant now) {
  const ServiceLaw law = lawOf(t, record.organisation);
  const RecordRuling ruling = ruleOn(factsOf(t, record, now), law.rules, *law.calendar, now);
  for (const AttemptRuling& one : ruling.attempts) {
    if (one.attempt == attempt) return one.ending;
  }
  return ruling.ending;
}

bool isServed(RecordState state) { return state == RecordState::kServed || state == RecordState::kDeemed; }

}  // namespace

void noteInService(Transaction& t, const Actor& actor, const std::string& record, const std::string& type,
                   const std::string& details, core::Instant now) {
  noteInService(t, actor, record, {{type, details}}, now);
}

void noteInService(Transaction& t, const Actor& actor, const std::string& record, const std::vector<ServiceNote>& notes,
                   core::Instant now) {
  std::vector<storage::AuditEntry> entries;
  for (const ServiceNote& note : notes) {
    entries.push_back(
        {"service:" + record, actor.organisation, now, note.type, actor.name, actor.peer, actor.device, note.details});
  }
  storage::appendAudit(t, entries);
}

ServiceLaw lawOf(Transaction& t, const std::string& organisation) {
  std::map<std::string, std::string> values;
  for (const Row& row :
       t.query("SELECT rule, value FROM service_rule_values WHERE organisation = $1", {organisation})) {
    values.emplace(row.text(0), row.text(1));
  }
  return {values.empty() ? ServiceRules::shipped() : ServiceRules::shipped().overlaid(values),
          &WorkingCalendar::shipped()};
}

void setRule(Transaction& t, const Actor& actor, const std::string& key, const std::string& value,
             const std::string& ground, core::Instant now) {
  ServiceRules::shipped().overlaid({{key, value}});  // refuses what is none
  if (ground.empty()) throw Error(ErrorCode::kInvalidInput, "ground: who changes a rule says why");
  t.execute("DELETE FROM service_rule_values WHERE organisation = $1 AND rule = $2", {actor.organisation, key});
  t.insertAll("INSERT INTO service_rule_values (organisation, rule, value, ground, set_by, set_ms) VALUES", 6,
              {{actor.organisation, key, value, ground, actor.name, msOf(now)}});
  storage::appendAudit(
      t, {"organisation:" + actor.organisation, actor.organisation, now, "service.rule_set", actor.name, actor.peer,
          actor.device, jsonOf({{"rule", key}, {"value", value}, {"ground", ground}})});
}

std::string insertRecord(Transaction& t, const Actor& actor, const NewRecord& record, core::Instant now) {
  const std::string id = core::DocumentId::at(now).text();
  t.insertAll(
      "INSERT INTO service_records (id, organisation, case_id, step, party, taker, notice_ground, version, state, "
      "ending, legal_day, needs, ruling, proof, receipt, proof_version, created_ms, changed_ms) VALUES",
      18,
      {{id, actor.organisation, record.caseId, record.step, record.party, record.taker, std::string(), std::int64_t{1},
        std::string(nameOf(RecordState::kOpen)), std::string(), std::string(), std::string(), std::string("{}"),
        std::string(), std::string(), std::int64_t{0}, msOf(now), msOf(now)}});
  std::vector<storage::Values> rows;
  for (const std::string& document : record.documents) {
    rows.push_back({id, static_cast<std::int64_t>(rows.size()), document});
  }
  t.insertAll("INSERT INTO service_documents (record, position, document) VALUES", 3, rows);
  noteInService(t, actor, id, "service.opened",
                jsonOf({{"case", record.caseId},
                        {"party", record.party},
                        {"documents", static_cast<std::int64_t>(record.documents.size())}}),
                now);
  return id;
}

ServiceRecord getRecord(Transaction& t, const std::string& organisation, const std::string& id) {
  const auto row = t.findRow(kColumns + "WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) refuseMissing(id);
  ServiceRecord record = recordOf(*row);
  record.documents = documentsOf(t, id);
  return record;
}

std::vector<ServiceRecord> listRecords(Transaction& t, const std::string& organisation, const RecordFilter& filter,
                                       const std::string& after, std::size_t limit) {
  std::string sql = kColumns + "WHERE organisation = $1 AND id > $2";
  storage::Values values = {organisation, after};
  for (const auto& [column, value] :
       {std::pair{"case_id", filter.caseId}, {"state", filter.state}, {"needs", filter.needs}}) {
    if (value.empty()) continue;
    values.emplace_back(value);
    sql += std::string(" AND ") + column + " = $" + std::to_string(values.size());
  }
  values.emplace_back(static_cast<std::int64_t>(limit));
  sql += " ORDER BY id LIMIT $" + std::to_string(values.size());
  std::vector<ServiceRecord> records;
  for (const Row& row : t.query(sql, values)) records.push_back(recordOf(row));
  for (ServiceRecord& record : records) record.documents = documentsOf(t, record.id);
  return records;
}

RecordRuling recompute(Transaction& t, const Actor& actor, const std::string& id, core::Instant now) {
  const ServiceRecord record = lockRecord(t, actor.organisation, id);
  const ServiceLaw law = lawOf(t, record.organisation);
  const RecordRuling ruling = ruleOn(factsOf(t, record, now), law.rules, *law.calendar, now);
  const std::string json = rulingJson(ruling);
  if (json == record.ruling) return ruling;
  const std::string state(nameOf(ruling.state)), day = dayText(ruling.legalDate);
  t.execute(
      "UPDATE service_records SET state = $1, ending = $2, legal_day = $3, needs = $4, ruling = $5, changed_ms = "
      "$6, version = version + 1 WHERE id = $7",
      {state, ruling.ending, day, std::string(needsOf(ruling)), json, msOf(now), id});
  const bool isOtherEnd = ruling.state != record.state || ruling.ending != record.ending || day != record.legalDay ||
                          needsOf(ruling) != record.needs;
  if (!isOtherEnd) return ruling;
  noteInService(t, actor, id, "service.ruled",
                jsonOf({{"state", state},
                        {"ending", ruling.ending},
                        {"legal_date", day},
                        {"rule", ruling.rule},
                        {"needs", std::string(needsOf(ruling))},
                        {"calendar", ruling.calendarVersion},
                        {"rules", ruling.rulesVersion}}),
                now);
  storage::publish(t,
                   {record.organisation, id, "service." + state,
                    jsonOf({{"service_record", id},
                            {"case", record.caseId},
                            {"party", record.party},
                            {"state", state},
                            {"ending", ruling.ending},
                            {"legal_date", day},
                            {"needs", std::string(needsOf(ruling))}})},
                   now);
  const bool isSettled = isServed(ruling.state) && *needsOf(ruling) == '\0';
  if (isSettled || !record.proof.empty()) storage::enqueueWork(t, {kProofWork, id, "", now}, now);
  return ruling;
}

std::string startAttempt(Transaction& t, const Actor& actor, const std::string& id, const NewAttempt& attempt,
                         core::Instant now) {
  const ServiceRecord record = lockRecord(t, actor.organisation, id);
  if (record.needs.empty() && (isServed(record.state) || record.state == RecordState::kVoid)) {
    throw Error(ErrorCode::kConflict, "service record " + id + " is " + std::string(nameOf(record.state)));
  }
  const bool isPostal = attempt.method == ServiceMethod::kPostal;
  const bool isElectronic = attempt.method == ServiceMethod::kElectronic;
  if (!attempt.address.empty()) {
    const auto row = t.findRow("SELECT party, kind, state FROM case_addresses WHERE case_id = $1 AND id = $2",
                               {record.caseId, attempt.address});
    if (!row || row->text(0) != record.party) {
      throw Error(ErrorCode::kInvalidInput, "address: " + attempt.address + " is not the recipient's");
    }
    if (row->text(2) != "active") throw Error(ErrorCode::kInvalidInput, "address: it was withdrawn");
    if (isElectronic == (row->text(1) == "postal")) {
      throw Error(ErrorCode::kInvalidInput, "address: it is of kind " + row->text(1));
    }
  } else if (isPostal || isElectronic) {
    throw Error(ErrorCode::kInvalidInput, "address: is missing");
  }
  if (attempt.startedAt && (isPostal || isElectronic || *attempt.startedAt > now)) {
    throw Error(ErrorCode::kInvalidInput, "started_at: a time before now, of an attempt that is made by hand");
  }
  const std::string attemptId = core::DocumentId::at(now).text();
  const auto last = t.findRow("SELECT MAX(number) FROM service_attempts WHERE record = $1", {id});
  const std::int64_t number = last ? last->findNumber(0).value_or(0) + 1 : 1;
  t.insertAll(
      "INSERT INTO service_attempts (id, record, number, method, address, is_withdrawn, started_by, started_ms) VALUES",
      8,
      {{attemptId, id, number, std::string(nameOf(attempt.method)), attempt.address, std::int64_t{0}, actor.name,
        msOf(attempt.startedAt.value_or(now))}});
  noteInService(t, actor, id, "service.attempt_started",
                jsonOf({{"attempt", attemptId},
                        {"number", number},
                        {"method", std::string(nameOf(attempt.method))},
                        {"address", attempt.address}}),
                now);
  return attemptId;
}

void withdrawAttempt(Transaction& t, const Actor& actor, const std::string& record, const std::string& attempt,
                     const std::string& reason, core::Instant now) {
  lockRecord(t, actor.organisation, record);
  checkAttempt(t, record, attempt);
  t.execute("UPDATE service_attempts SET is_withdrawn = 1 WHERE id = $1", {attempt});
  noteInService(t, actor, record, "service.attempt_withdrawn", jsonOf({{"attempt", attempt}, {"reason", reason}}), now);
  recompute(t, actor, record, now);
}

std::string addEvidence(Transaction& t, const Actor& actor, const std::string& record, const NewEvidence& evidence,
                        core::Instant now) {
  lockRecord(t, actor.organisation, record);
  checkAttempt(t, record, evidence.attempt);
  constexpr std::chrono::minutes kTolerance{10};
  if (evidence.at > now + kTolerance) throw Error(ErrorCode::kInvalidInput, "at: it lies in the future");
  const std::string id = core::DocumentId::at(now).text();
  t.insertAll(
      "INSERT INTO service_evidence (id, attempt, kind, at_ms, recorded_ms, recorded_by, signer, has_id_number, staff, "
      "document, sha256, text) VALUES",
      12,
      {{id, evidence.attempt, std::string(nameOf(evidence.kind)), msOf(evidence.at), msOf(now), actor.name,
        std::string(nameOf(evidence.signer)), std::int64_t{evidence.hasIdNumber},
        static_cast<std::int64_t>(evidence.staff), evidence.document, evidence.sha256, evidence.text}});
  noteInService(t, actor, record, "service.evidence_filed",
                jsonOf({{"evidence", id},
                        {"attempt", evidence.attempt},
                        {"kind", std::string(nameOf(evidence.kind))},
                        {"at", core::isoInstant(evidence.at)},
                        {"document", evidence.document},
                        {"sha256", evidence.sha256}}),
                now);
  recompute(t, actor, record, now);
  return id;
}

void decide(Transaction& t, const Actor& actor, const std::string& record, const NewDecision& decision,
            core::Instant now) {
  const ServiceRecord known = lockRecord(t, actor.organisation, record);
  if (!decision.attempt.empty()) checkAttempt(t, record, decision.attempt);
  if (decision.reason.empty()) throw Error(ErrorCode::kInvalidInput, "reason: who decides says why");
  const auto last = t.findRow("SELECT MAX(seq) FROM service_decisions WHERE record = $1", {record});
  t.insertAll(
      "INSERT INTO service_decisions (record, seq, decision, attempt, by_whom, reason, at_ms, legal_day, ending) "
      "VALUES",
      9,
      {{record, last ? last->findNumber(0).value_or(0) + 1 : 1, std::string(nameOf(decision.decision)),
        decision.attempt, actor.name, decision.reason, msOf(now), dayText(decision.legalDate),
        endingSeen(t, known, decision.attempt, now)}});
  noteInService(t, actor, record, "service.decided",
                jsonOf({{"decision", std::string(nameOf(decision.decision))},
                        {"attempt", decision.attempt},
                        {"reason", decision.reason},
                        {"legal_date", dayText(decision.legalDate)}}),
                now);
  recompute(t, actor, record, now);
}

void groundNotice(Transaction& t, const Actor& actor, const std::string& record, const std::string& ground,
                  core::Instant now) {
  lockRecord(t, actor.organisation, record);
  if (ground.empty()) throw Error(ErrorCode::kInvalidInput, "ground: is missing");
  t.execute("UPDATE service_records SET notice_ground = $1 WHERE id = $2", {ground, record});
  noteInService(t, actor, record, "service.notice_grounded", jsonOf({{"ground", ground}}), now);
  recompute(t, actor, record, now);
}

const ServiceAddress* findAddress(const CaseFile& file, const std::string& party, ServiceMethod method) {
  const bool wantsElectronic = method == ServiceMethod::kElectronic;
  const auto order = [](const ServiceAddress& one) {
    return std::tuple(one.isOpponentsPlace, static_cast<int>(one.ground), -core::toDays(one.since));
  };
  const ServiceAddress* best = nullptr;
  for (const ServiceAddress& one : file.addresses) {
    const bool isElectronic = one.kind != "postal";
    if (one.party != party || one.state != "active" || isElectronic != wantsElectronic) continue;
    if (wantsElectronic && (!one.consentOn || one.consentWithdrawnOn)) continue;
    if (!best || order(one) < order(*best)) best = &one;
  }
  return best;
}

}  // namespace qianda::delivery
