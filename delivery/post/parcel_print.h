// The print bundle of a parcel as a task of the postal queue: cover sheet with barcodes, then its documents as they
// were sealed; made once the partner told the waybill, kept in the document store. Bears repetition.
#pragma once

#include "delivery/post/parcel_work.h"
#include "storage/document_store.h"

namespace qianda::delivery {

TaskEnd printParcel(const PostalHouse& house, storage::DocumentStore& documents, const PostalTask& task);

}  // namespace qianda::delivery
