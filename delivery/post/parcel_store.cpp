#include "delivery/post/parcel_store.h"

#include "core/error.h"
#include "delivery/cases/case_columns.h"
#include "storage/sql/instant.h"

namespace qianda::delivery {
namespace {

using core::Error;
using core::ErrorCode;
using storage::instantOf;
using storage::msOf;
using storage::Row;
using storage::Transaction;

const std::string kNames =
    "id, organisation, record, attempt, partner, stage, waybill, return_waybill, refusal, wants_receipt, submitted_ms, "
    "cancel_reason, print_bundle, version, state, last_event_ms, is_stale, is_alarmed, created_ms";
const std::string kColumns = "SELECT " + kNames + " FROM parcels ";

Parcel parcelOf(const Row& row) {
  Parcel p;
  p.id = row.text(0);
  p.organisation = row.text(1);
  p.record = row.text(2);
  p.attempt = row.text(3);
  p.partner = row.text(4);
  p.stage = needWord(row.text(5), findParcelState);
  p.waybill = row.text(6);
  p.returnWaybill = row.text(7);
  p.refusal = row.text(8);
  p.wantsReceipt = row.number(9) != 0;
  p.submittedAt = instantOf(row.number(10));
  p.cancelReason = row.text(11);
  p.printBundle = row.text(12);
  p.version = row.number(13);
  p.state = needWord(row.text(14), findParcelState);
  p.lastEventAt = instantOf(row.number(15));
  p.isStale = row.number(16) != 0;
  p.isAlarmed = row.number(17) != 0;
  p.createdAt = instantOf(row.number(18));
  return p;
}

std::vector<Parcel> parcelsOf(const storage::Rows& rows) {
  std::vector<Parcel> parcels;
  for (const Row& row : rows) parcels.push_back(parcelOf(row));
  return parcels;
}

MailEvent eventOf(const Row& row) {
  MailEvent e;
  e.waybill = row.text(0);
  e.key = row.text(1);
  // A newer program may have kept a kind this one does not know: without effect, never an error (R24).
  e.kind = findMailEventKind(row.text(2)).value_or(MailEventKind::kUnknown);
  e.opTime = instantOf(row.number(3));
  e.receivedAt = instantOf(row.number(4));
  e.opCode = row.text(5);
  e.opName = row.text(6);
  e.opDesc = row.text(7);
  e.officeCode = row.text(8);
  e.officeName = row.text(9);
  e.deliverCode = row.text(10);
  e.attemptCode = row.text(11);
  e.reason = findReturnReason(row.text(12)).value_or(ReturnReason::kUnclassified);
  e.signer = findSignerClass(row.text(13)).value_or(SignerClass::kUnknown);
  e.signerName = row.text(14);
  e.hasIdNumber = row.number(15) != 0;
  e.isReturnLeg = row.number(16) != 0;
  e.withdraws = row.text(17);
  e.source = row.text(18);
  e.message = row.text(19);
  return e;
}

}  // namespace

void insertParcel(Transaction& t, const Parcel& p, core::Instant now) {
  t.insertAll(
      "INSERT INTO parcels (id, organisation, record, attempt, partner, stage, waybill, return_waybill, refusal, "
      "wants_receipt, submitted_ms, cancel_reason, print_bundle, version, state, last_event_ms, is_stale, is_alarmed, "
      "created_ms, changed_ms) VALUES",
      20,
      {{p.id,
        p.organisation,
        p.record,
        p.attempt,
        p.partner,
        std::string(nameOf(p.stage)),
        p.waybill,
        p.returnWaybill,
        p.refusal,
        std::int64_t{p.wantsReceipt},
        msOf(p.submittedAt),
        p.cancelReason,
        p.printBundle,
        std::int64_t{1},
        std::string(nameOf(p.state)),
        msOf(p.lastEventAt),
        std::int64_t{p.isStale},
        std::int64_t{p.isAlarmed},
        msOf(now),
        msOf(now)}});
}

Parcel getParcel(Transaction& t, const std::string& id) {
  const auto row = t.findRow(kColumns + "WHERE id = $1", {id});
  if (!row) throw Error(ErrorCode::kNotFound, "there is no parcel " + id, "there is no such parcel");
  return parcelOf(*row);
}

Parcel lockParcel(Transaction& t, const std::string& id) {
  const storage::Rows rows = t.query("UPDATE parcels SET version = version WHERE id = $1 RETURNING " + kNames, {id});
  if (rows.empty()) throw Error(ErrorCode::kNotFound, "there is no parcel " + id, "there is no such parcel");
  return parcelOf(rows.front());
}

std::optional<Parcel> lockParcelByWaybill(Transaction& t, const std::string& partner, const std::string& waybill) {
  if (waybill.empty()) return std::nullopt;
  const storage::Rows rows =
      t.query("UPDATE parcels SET version = version WHERE partner = $1 AND waybill = $2 RETURNING " + kNames,
              {partner, waybill});
  if (!rows.empty()) return parcelOf(rows.front());
  const auto parcel = findParcelByWaybill(t, partner, waybill);  // of the receipt's way back
  if (!parcel) return std::nullopt;
  return lockParcel(t, parcel->id);
}

std::vector<Parcel> listParcelsOf(Transaction& t, const std::string& record) {
  return parcelsOf(t.query(kColumns + "WHERE record = $1 ORDER BY id", {record}));
}

std::vector<Parcel> listParcels(Transaction& t, const std::string& organisation, const std::string& state,
                                const std::string& after, std::size_t limit) {
  const auto most = static_cast<std::int64_t>(limit);
  if (state.empty()) {
    return parcelsOf(
        t.query(kColumns + "WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3", {organisation, after, most}));
  }
  return parcelsOf(t.query(kColumns + "WHERE organisation = $1 AND id > $2 AND state = $3 ORDER BY id LIMIT $4",
                           {organisation, after, state, most}));
}

std::optional<Parcel> findParcelByWaybill(Transaction& t, const std::string& partner, const std::string& waybill) {
  if (waybill.empty()) return std::nullopt;
  for (const char* column : {"waybill", "return_waybill"}) {
    if (const auto row = t.findRow(kColumns + "WHERE partner = $1 AND " + column + " = $2", {partner, waybill})) {
      return parcelOf(*row);
    }
  }
  return std::nullopt;
}

void saveParcel(Transaction& t, Parcel& p, core::Instant now) {
  const std::uint64_t changed = t.execute(
      "UPDATE parcels SET stage = $1, waybill = $2, return_waybill = $3, refusal = $4, submitted_ms = $5, "
      "cancel_reason = $6, print_bundle = $7, state = $8, last_event_ms = $9, is_stale = $10, is_alarmed = $11, "
      "changed_ms = $12, version = version + 1 WHERE id = $13 AND version = $14",
      {std::string(nameOf(p.stage)), p.waybill, p.returnWaybill, p.refusal, msOf(p.submittedAt), p.cancelReason,
       p.printBundle, std::string(nameOf(p.state)), msOf(p.lastEventAt), std::int64_t{p.isStale},
       std::int64_t{p.isAlarmed}, msOf(now), p.id, p.version});
  if (changed == 0) throw Error(ErrorCode::kConflict, "parcel " + p.id + " changed meanwhile");
  ++p.version;
}

std::vector<MailEvent> listEvents(Transaction& t, const Parcel& p) {
  if (p.waybill.empty()) return {};
  std::vector<MailEvent> events;
  for (const Row& row :
       t.query("SELECT waybill, event_key, kind, op_ms, received_ms, op_code, op_name, op_desc, office_code, "
               "office_name, deliver_code, attempt_code, reason, signer, signer_name, has_id_number, is_return_leg, "
               "withdraws, source, message FROM mail_events WHERE partner = $1 AND waybill IN ($2, $3) ORDER BY op_ms, "
               "event_key",
               {p.partner, p.waybill, p.returnWaybill.empty() ? p.waybill : p.returnWaybill})) {
    events.push_back(eventOf(row));
  }
  return events;
}

ParcelView viewOf(Transaction& t, const Parcel& p, const StaleRules& stale, core::Instant asOf) {
  return viewParcel({p.stage, p.waybill, p.returnWaybill, p.createdAt}, listEvents(t, p), asOf, stale);
}

std::uint64_t keepEvents(Transaction& t, const std::string& partner, const std::vector<MailEvent>& events) {
  std::vector<storage::Values> rows;
  for (const MailEvent& e : events) {
    rows.push_back({partner,
                    e.waybill,
                    e.key,
                    std::string(nameOf(e.kind)),
                    msOf(e.opTime),
                    msOf(e.receivedAt),
                    e.opCode,
                    e.opName,
                    e.opDesc,
                    e.officeCode,
                    e.officeName,
                    e.deliverCode,
                    e.attemptCode,
                    std::string(nameOf(e.reason)),
                    std::string(nameOf(e.signer)),
                    e.signerName,
                    std::int64_t{e.hasIdNumber},
                    std::int64_t{e.isReturnLeg},
                    e.withdraws,
                    e.source,
                    e.message});
  }
  if (rows.empty()) return 0;
  return t.insertAll(
      "INSERT INTO mail_events (partner, waybill, event_key, kind, op_ms, received_ms, op_code, op_name, op_desc, "
      "office_code, office_name, deliver_code, attempt_code, reason, signer, signer_name, has_id_number, "
      "is_return_leg, withdraws, source, message) VALUES",
      21, rows, true);
}

bool refreshParcel(Transaction& t, Parcel& p, const ParcelView& view, core::Instant now) {
  const core::Instant last = view.lastEventAt.value_or(core::Instant{});
  if (view.state == p.state && last == p.lastEventAt && view.isStale == p.isStale && view.isAlarmed == p.isAlarmed) {
    return false;
  }
  p.state = view.state;
  p.lastEventAt = last;
  p.isStale = view.isStale;
  p.isAlarmed = view.isAlarmed;
  saveParcel(t, p, now);
  return true;
}

}  // namespace qianda::delivery
