// The proof of service: the report (送达报告) and the return receipt (送达回证) of a record as it stands, filled from
// what is on file, sealed like the documents they tell of, and made anew when the ruling changes. The words of a report
// are a function of the facts, the rules and the calendar: made again from the same ones they are the same words (R18).
#pragma once

#include "delivery/documents/court_press.h"
#include "delivery/documents/fill.h"
#include "delivery/service/record_store.h"
#include "storage/work/work_queue.h"

namespace qianda::delivery {

// What the two sheets say of the record.
struct ProofSheets {
  ServiceReportSheet report;
  ServiceReceiptSheet receipt;
};
ProofSheets proofSheets(storage::Transaction& transaction, const ServiceRecord& record, core::Instant asOf);

// Handles a piece of kProofWork: seals by the seal and under the grant of who issued the record's documents, and ends
// the lease. Throws what the press throws: it is tried again.
void makeProof(storage::Database& database, CourtPress& press, const storage::Lease& lease, core::Instant now);

}  // namespace qianda::delivery
