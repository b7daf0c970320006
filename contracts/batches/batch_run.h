// Makes a shard of an accepted batch: the fast pipeline of contracts/pipeline.h, and for each of its groups, once its
// documents are durable, one transaction that makes them true: rows, envelopes, used seals, audit, progress. A run that
// dies at any moment is followed by another, which first gives envelopes to documents that have none and then makes the
// rows that have no document: nothing twice, nothing missing. Before each group it is asked whether somebody cancelled
// and whether seal and grant still hold; a group that no longer may be is dropped before it is durable. Who runs is
// settled by the lease: a runner that was overtaken commits nothing more. A row that cannot become a contract is marked
// failed with its reason and holds up nobody.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "contracts/seals/seal_cabinet.h"
#include "signing/pades/long_term.h"
#include "signing/trust/patience.h"
#include "storage/document_store.h"
#include "storage/work/work_queue.h"
#include "templates/template.h"

namespace qianda::contracts {

struct BatchHouse {
  storage::Database& database;
  storage::DocumentStore& documents;
  SealCabinet& cabinet;
  signing::LongTermServices outside;
  signing::Patience patience;
  // The template as the batch was accepted with; throws kNotFound.
  std::function<std::shared_ptr<const templates::Template>(const std::string& id, const std::string& version)> form;
  std::string verificationAddress;  // before the document's id; upper case keeps its QR code small
  unsigned threads = 0;             // 0: one per core
  std::function<core::Instant()> clock = core::now;
  std::function<void(const char* step)> atStep = [](const char*) {};  // where tests break in
};

struct BatchEnd {
  bool isFinished = true;  // the lease was ended with the shard
  core::Instant again{};   // else: when to try again
  std::string reason;
};

// `lease` is of work "batch", its subject the shard (batch_shards.h). Throws kConflict when the lease was lost,
// kUnavailable when `stopping`, and what breaks otherwise; what was committed stays.
BatchEnd runAcceptedBatch(const BatchHouse& house, const storage::Lease& lease, const std::atomic<bool>& stopping);

// When the work of a shard was buried and its batch is given up: ends it as "failed".
void failBatch(storage::Transaction& transaction, const std::string& subject, const std::string& reason,
               core::Instant now);

}  // namespace qianda::contracts
