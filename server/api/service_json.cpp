#include "server/api/case_routes.h"
#include "server/api/service_routes.h"
#include "server/http/problem.h"
#include "server/services.h"
#include "storage/sql/instant.h"

namespace qianda::server {
namespace {

using namespace delivery;
using storage::instantOf;
using storage::Row;
using storage::Transaction;

Json textOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json documentsOf(Transaction& t, const std::string& record) {
  Json list = Json::array();
  for (const Row& row : t.query("SELECT d.id, d.kind, d.title, d.sha256, d.size, d.pages FROM service_documents s JOIN "
                                "court_documents d ON d.id = s.document WHERE s.record = $1 ORDER BY s.position",
                                {record})) {
    list.push(Json::object({{"id", row.text(0)},
                            {"kind", row.text(1)},
                            {"title", row.text(2)},
                            {"sha256", row.text(3)},
                            {"size", row.number(4)},
                            {"pages", row.number(5)}}));
  }
  return list;
}

Json evidenceOf(Transaction& t, const std::string& attempt) {
  Json list = Json::array();
  for (const Row& row : t.query("SELECT id, kind, at_ms, recorded_ms, recorded_by, signer, has_id_number, staff, "
                                "document, sha256, text FROM service_evidence WHERE attempt = $1 ORDER BY at_ms, id",
                                {attempt})) {
    list.push(Json::object({{"id", row.text(0)},
                            {"kind", row.text(1)},
                            {"at", core::isoInstant(instantOf(row.number(2)))},
                            {"recorded_at", core::isoInstant(instantOf(row.number(3)))},
                            {"recorded_by", row.text(4)},
                            {"signer", row.text(5)},
                            {"has_id_number", row.number(6) != 0},
                            {"staff", row.number(7)},
                            {"document", textOrNull(row.text(8))},
                            {"sha256", textOrNull(row.text(9))},
                            {"text", row.text(10)}}));
  }
  return list;
}

Json attemptsOf(Transaction& t, const ServiceRecord& record) {
  const std::vector<Parcel> parcels = listParcelsOf(t, record.id);
  Json list = Json::array();
  for (const Row& row : t.query("SELECT id, number, method, address, is_withdrawn, started_by, started_ms FROM "
                                "service_attempts WHERE record = $1 ORDER BY number",
                                {record.id})) {
    Json parcel;
    for (const Parcel& one : parcels) {
      if (one.attempt == row.text(0)) parcel = jsonOf(one);
    }
    list.push(Json::object({{"id", row.text(0)},
                            {"number", row.number(1)},
                            {"method", row.text(2)},
                            {"address", textOrNull(row.text(3))},
                            {"is_withdrawn", row.number(4) != 0},
                            {"started_by", row.text(5)},
                            {"started_at", core::isoInstant(instantOf(row.number(6)))},
                            {"evidence", evidenceOf(t, row.text(0))},
                            {"parcel", std::move(parcel)}}));
  }
  return list;
}

Json decisionsOf(Transaction& t, const std::string& record) {
  Json list = Json::array();
  for (const Row& row : t.query("SELECT decision, attempt, by_whom, reason, at_ms, legal_day FROM service_decisions "
                                "WHERE record = $1 ORDER BY seq",
                                {record})) {
    list.push(Json::object({{"decision", row.text(0)},
                            {"attempt", textOrNull(row.text(1))},
                            {"by", row.text(2)},
                            {"reason", row.text(3)},
                            {"at", core::isoInstant(instantOf(row.number(4)))},
                            {"legal_date", textOrNull(row.text(5))}}));
  }
  return list;
}

}  // namespace

Json jsonOf(const ServiceRecord& record) {
  return Json::object({{"id", record.id},
                       {"case", record.caseId},
                       {"step", record.step},
                       {"party", record.party},
                       {"state", std::string(nameOf(record.state))},
                       {"ending", textOrNull(record.ending)},
                       {"legal_date", textOrNull(record.legalDay)},
                       {"needs", textOrNull(record.needs)},
                       {"version", record.version},
                       {"proof", textOrNull(record.proof)},
                       {"created_at", core::isoInstant(record.createdAt)},
                       {"changed_at", core::isoInstant(record.changedAt)}});
}

Json wholeRecord(Transaction& t, const ServiceRecord& record) {
  Json json = jsonOf(record);
  json.set("notice_ground", textOrNull(record.noticeGround));
  json.set("documents", documentsOf(t, record.id));
  json.set("attempts", attemptsOf(t, record));
  json.set("decisions", decisionsOf(t, record.id));
  json.set("ruling", parseJson(record.ruling));
  return json;
}

Json jsonOf(const Parcel& parcel) {
  const auto instantOrNothing = [](core::Instant at) {
    return at == core::Instant{} ? Json() : Json(core::isoInstant(at));
  };
  return Json::object({{"id", parcel.id},
                       {"record", parcel.record},
                       {"attempt", parcel.attempt},
                       {"partner", parcel.partner},
                       {"state", std::string(nameOf(parcel.state))},
                       {"stage", std::string(nameOf(parcel.stage))},
                       {"waybill", textOrNull(parcel.waybill)},
                       {"return_waybill", textOrNull(parcel.returnWaybill)},
                       {"refusal", textOrNull(parcel.refusal)},
                       {"cancel_reason", textOrNull(parcel.cancelReason)},
                       {"print_bundle", textOrNull(parcel.printBundle)},
                       {"is_stale", parcel.isStale},
                       {"is_alarmed", parcel.isAlarmed},
                       {"last_event_at", instantOrNothing(parcel.lastEventAt)},
                       {"created_at", core::isoInstant(parcel.createdAt)}});
}

Json jsonOf(const MailEvent& event) {
  return Json::object({{"key", event.key},
                       {"waybill", event.waybill},
                       {"kind", std::string(nameOf(event.kind))},
                       {"op_time", core::isoInstant(event.opTime)},
                       {"received_at", core::isoInstant(event.receivedAt)},
                       {"op_code", event.opCode},
                       {"op_name", event.opName},
                       {"op_desc", event.opDesc},
                       {"office", event.officeName},
                       {"reason", std::string(nameOf(event.reason))},
                       {"signer", std::string(nameOf(event.signer))},
                       {"signer_name", event.signerName},
                       {"source", event.source},
                       {"message", textOrNull(event.message)}});
}

DeliveryDesk& deskOf(Services& services) {
  if (!services.delivery) throw Problem(503, "unavailable", "this service delivers no documents");
  return *services.delivery;
}

}  // namespace qianda::server
