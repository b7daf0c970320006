// Batches of the service as the database has them: accepted whole, then worked on in shards (batch_shards.h), then
// over. States: "accepted", "running", "pending_timestamp" and "pending_revocation" (waits for an outside service and
// goes on by itself), and the ends "complete", "cancelled" (somebody asked), "stopped" (seal or grant was withdrawn),
// "failed". Rows that were made stay made, whatever the end. Every change raises `revision`. Functions on a
// Transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contracts/actor.h"
#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct BatchRecord {
  std::string id, organisation, idempotencyKey, requestSha256;
  std::string templateId, templateVersion, seal, reservation;
  bool employerFirst = true;
  std::string level;
  core::Instant expires{};  // of the envelopes; 1970: never
  std::string characters;
  std::int64_t rows = 0, made = 0, failed = 0;
  std::string state = "accepted", reason;
  bool isCancelAsked = false;
  std::int64_t revision = 1;
  std::string createdBy;
  core::Instant createdAt, changedAt, finishedAt{};
};

bool isOver(const BatchRecord& batch);

void insertBatch(storage::Transaction& transaction, const BatchRecord& batch);
// kNotFound also for another organisation's.
BatchRecord getBatch(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
std::optional<BatchRecord> findBatchByKey(storage::Transaction& transaction, const std::string& organisation,
                                          const std::string& key);
// Newest first, older than `before` (an id) when given.
std::vector<BatchRecord> listBatches(storage::Transaction& transaction, const std::string& organisation,
                                     const std::string& before = {}, std::size_t limit = 100);

// What no end has reached yet is asked to end before its next group; one nobody works on ends with the runner's next
// look at it. Asking again does nothing. Throws kNotFound, kConflict when it is over.
BatchRecord askToCancel(storage::Transaction& transaction, const Actor& actor, const std::string& id,
                        core::Instant now);

struct BatchRowState {
  std::int64_t row = 0;
  std::string state;  // "waiting", "made", "failed", "cancelled"
  std::string envelope, sha256, name, reason;
};
// Rows behind `after`, in order.
std::vector<BatchRowState> listBatchRows(storage::Transaction& transaction, const BatchRecord& batch,
                                         std::int64_t after = 0, std::size_t limit = 1000);

}  // namespace qianda::contracts
