// The signed receipt of a parcel (返单) once it came back under its own waybill: its scan is fetched from the partner,
// kept, and filed as evidence of the attempt, once. What the scan shows is for a person to say: a receipt that cannot
// be had or read is filed as such, and a signer who is another than the event's makes the ruling wait (R20).
#pragma once

#include "delivery/post/parcel_work.h"
#include "storage/document_store.h"

namespace qianda::delivery {

// A task of the queue ("receipt"), asked for when the receipt's arrival is told. Bears repetition.
TaskEnd fetchReceipt(const PostalHouse& house, storage::DocumentStore& documents, const PostalTask& task);

}  // namespace qianda::delivery
