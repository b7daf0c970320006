#include "delivery/post/parcel_print.h"

#include "core/error.h"
#include "core/json_text.h"
#include "delivery/partner/print_bundle.h"
#include "delivery/service/record_store.h"

namespace qianda::delivery {
namespace {

using storage::Transaction;

struct Sheets {
  Parcel parcel;
  PrintedParcel printed;
  std::vector<std::string> documents;  // ids, as printed.documents
};

Sheets sheetsOf(Transaction& t, const std::string& id) {
  Sheets sheets;
  sheets.parcel = getParcel(t, id);
  const PostalOrder order = orderOf(t, sheets.parcel);
  const auto row =
      t.findRow("SELECT c.number, c.court FROM service_records r JOIN cases c ON c.id = r.case_id WHERE r.id = $1",
                {sheets.parcel.record});
  if (!row) throw core::Error(core::ErrorCode::kCorrupt, "parcel " + id + " is of no case");
  sheets.printed = {row->text(0), row->text(1), id, sheets.parcel.waybill, sheets.parcel.returnWaybill, order.to, {}};
  for (const storage::Row& document : t.query("SELECT d.id, d.title, d.pages FROM service_documents s JOIN "
                                              "court_documents d ON d.id = s.document WHERE s.record = $1 ORDER BY "
                                              "s.position",
                                              {sheets.parcel.record})) {
    sheets.documents.push_back(document.text(0));
    sheets.printed.documents.push_back({document.text(1), {}, static_cast<int>(document.number(2))});
  }
  return sheets;
}

}  // namespace

TaskEnd printParcel(const PostalHouse& house, storage::DocumentStore& documents, const PostalTask& task) {
  const TaskEnd nothing{TaskEnd::How::kDone, {}, {}, TaskEnd::Partner::kNotAsked};
  Sheets sheets = house.database.looked<Sheets>([&](Transaction& t) { return sheetsOf(t, task.parcel); });
  if (!sheets.parcel.printBundle.empty() || sheets.parcel.stage != ParcelState::kAccepted) return nothing;
  std::vector<std::string> octets;
  for (const std::string& id : sheets.documents) octets.push_back(documents.read(*core::DocumentId::parse(id)));
  for (std::size_t i = 0; i < octets.size(); ++i) sheets.printed.documents[i].pdf = octets[i];
  const core::Instant now = house.clock();
  const PrintBundle bundle = makePrintBundle({sheets.printed}, now);
  const core::DocumentId id = core::DocumentId::at(now);
  documents.appendWhole(id, bundle.pdf, now);
  house.database.write([&](Transaction& t) {
    finishTask(t, task, now);
    Parcel parcel = lockParcel(t, task.parcel);
    parcel.printBundle = id.text();
    saveParcel(t, parcel, now);
    noteInService(t, {parcel.organisation, "system", "", ""}, parcel.record, "parcel.bundle_made",
                  core::jsonOf({{"parcel", parcel.id}, {"bundle", id.text()}, {"pages", std::int64_t{bundle.pages}}}),
                  now);
  });
  return {TaskEnd::How::kFinished, {}, {}, TaskEnd::Partner::kNotAsked};
}

}  // namespace qianda::delivery
