// How a batch ends, whatever its shards did; one transaction's work.
#pragma once

#include <string>

#include "contracts/batches/batch_record.h"

namespace qianda::contracts {

// By id alone: the caller holds its work. Throws kNotFound.
BatchRecord loadBatch(storage::Transaction& transaction, const std::string& id);

// The roster goes, unused seal uses go back, the world hears of it, made envelopes are sent; no shard is worked on any
// more. One that is over stays as it is.
void endBatch(storage::Transaction& transaction, const BatchRecord& batch, const std::string& state,
              const std::string& reason, core::Instant now);

}  // namespace qianda::contracts
