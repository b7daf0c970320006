// How the states of a batch change while it is worked on; each is one transaction's work, refused (kConflict) to a
// runner that was overtaken.
#pragma once

#include <string>

#include "contracts/batches/batch_record.h"
#include "storage/work/work_queue.h"

namespace qianda::contracts {

// By id alone: the caller holds its work. Throws kNotFound.
BatchRecord loadBatch(storage::Transaction& transaction, const std::string& id);

// The runner takes it: state "running". The record as it is then; one that is over stays as it is.
BatchRecord takeBatch(storage::Transaction& transaction, const storage::Lease& lease, core::Instant now);
// Waits for an outside service.
void suspend(storage::Transaction& transaction, const BatchRecord& batch, const storage::Lease& lease,
             const std::string& state, const std::string& reason, core::Instant now);
// An end: the roster goes, unused seal uses go back, the world hears of it, made envelopes are sent; the lease ends.
void finish(storage::Transaction& transaction, const BatchRecord& batch, const storage::Lease& lease,
            const std::string& state, const std::string& reason, core::Instant now);
void endBatch(storage::Transaction& transaction, const BatchRecord& batch, const std::string& state,
              const std::string& reason, core::Instant now);

}  // namespace qianda::contracts
