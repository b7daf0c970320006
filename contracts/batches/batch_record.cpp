#include "contracts/batches/batch_record.h"

#include <algorithm>

#include "contracts/batches/batch_shards.h"
#include "contracts/envelope/details.h"
#include "core/error.h"
#include "storage/audit/audit_log.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using core::Instant;
using storage::Row;
using storage::Transaction;

constexpr const char* kColumns =
    "SELECT id, organisation, idempotency_key, request_sha256, template, template_version, seal, reservation, "
    "signing_order, level, expires_ms, characters, row_count, made, failed, state, reason, cancel_asked, "
    "revision, created_by, created_ms, changed_ms, finished_ms FROM batches ";

constexpr const char* kFirst = "employer_first";
constexpr const char* kLast = "employer_last";

using storage::instantOf;
using storage::msOf;

BatchRecord batchOf(const Row& row) {
  BatchRecord batch;
  batch.id = row.text(0);
  batch.organisation = row.text(1);
  batch.idempotencyKey = row.text(2);
  batch.requestSha256 = row.text(3);
  batch.templateId = row.text(4);
  batch.templateVersion = row.text(5);
  batch.seal = row.text(6);
  batch.reservation = row.text(7);
  batch.employerFirst = row.text(8) == kFirst;
  batch.level = row.text(9);
  batch.expires = instantOf(row.number(10));
  batch.characters = row.text(11);
  batch.rows = row.number(12);
  batch.made = row.number(13);
  batch.failed = row.number(14);
  batch.state = row.text(15);
  batch.reason = row.text(16);
  batch.isCancelAsked = row.number(17) != 0;
  batch.revision = row.number(18);
  batch.createdBy = row.text(19);
  batch.createdAt = instantOf(row.number(20));
  batch.changedAt = instantOf(row.number(21));
  batch.finishedAt = instantOf(row.number(22));
  return batch;
}

}  // namespace

bool isOver(const BatchRecord& batch) {
  static constexpr std::string_view kEnds[] = {"complete", "cancelled", "stopped", "failed"};
  return std::find(std::begin(kEnds), std::end(kEnds), batch.state) != std::end(kEnds);
}

void insertBatch(Transaction& transaction, const BatchRecord& batch) {
  transaction.insertAll(
      "INSERT INTO batches (id, organisation, idempotency_key, request_sha256, template, template_version, seal, "
      "reservation, signing_order, level, expires_ms, characters, row_count, made, failed, state, reason, "
      "cancel_asked, revision, created_by, created_ms, changed_ms, finished_ms) VALUES",
      23,
      {{batch.id,
        batch.organisation,
        batch.idempotencyKey,
        batch.requestSha256,
        batch.templateId,
        batch.templateVersion,
        batch.seal,
        batch.reservation,
        std::string(batch.employerFirst ? kFirst : kLast),
        batch.level,
        msOf(batch.expires),
        batch.characters,
        batch.rows,
        batch.made,
        batch.failed,
        batch.state,
        batch.reason,
        std::int64_t{batch.isCancelAsked},
        batch.revision,
        batch.createdBy,
        msOf(batch.createdAt),
        msOf(batch.changedAt),
        msOf(batch.finishedAt)}});
}

BatchRecord getBatch(Transaction& transaction, const std::string& organisation, const std::string& id) {
  const auto row =
      transaction.findRow(std::string(kColumns) + "WHERE organisation = $1 AND id = $2", {organisation, id});
  if (!row) throw Error(ErrorCode::kNotFound, "no batch " + id, "there is no such batch");
  return batchOf(*row);
}

std::optional<BatchRecord> findBatchByKey(Transaction& transaction, const std::string& organisation,
                                          const std::string& key) {
  const auto row = transaction.findRow(std::string(kColumns) + "WHERE organisation = $1 AND idempotency_key = $2",
                                       {organisation, key});
  if (!row) return std::nullopt;
  return batchOf(*row);
}

std::vector<BatchRecord> listBatches(Transaction& transaction, const std::string& organisation,
                                     const std::string& before, std::size_t limit) {
  const std::string end = before.empty() ? "~" : before;  // behind every id
  std::vector<BatchRecord> batches;
  for (const Row& row :
       transaction.query(std::string(kColumns) + "WHERE organisation = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                         {organisation, end, static_cast<std::int64_t>(limit)})) {
    batches.push_back(batchOf(row));
  }
  return batches;
}

BatchRecord askToCancel(Transaction& transaction, const Actor& actor, const std::string& id, Instant now) {
  const BatchRecord batch = getBatch(transaction, actor.organisation, id);
  if (isOver(batch)) throw Error(ErrorCode::kConflict, "batch " + id + " is " + batch.state + " already");
  if (batch.isCancelAsked) return batch;
  transaction.execute(
      "UPDATE batches SET cancel_asked = 1, revision = revision + 1, changed_ms = $1 WHERE id = $2 AND finished_ms = 0",
      {msOf(now), id});
  storage::appendAudit(transaction,
                       {"organisation:" + actor.organisation, actor.organisation, now, "batch.cancel_asked", actor.name,
                        actor.peer, actor.device, jsonOf({{"batch", id}})});
  wakeShards(transaction, id, now);
  return getBatch(transaction, actor.organisation, id);
}

std::vector<BatchRowState> listBatchRows(Transaction& transaction, const BatchRecord& batch, std::int64_t after,
                                         std::size_t limit) {
  const std::int64_t last = std::min(batch.rows, after + static_cast<std::int64_t>(limit));
  std::vector<BatchRowState> rows;
  for (std::int64_t row = after + 1; row <= last; ++row) {
    rows.push_back({row, isOver(batch) ? "cancelled" : "waiting", "", "", "", ""});
  }
  for (const Row& row : transaction.query(
           "SELECT row_number, state, envelope, sha256, name, reason FROM batch_rows WHERE batch = $1 AND "
           "row_number > $2 AND row_number <= $3",
           {batch.id, after, last})) {
    rows.at(static_cast<std::size_t>(row.number(0) - after - 1)) = {
        row.number(0), row.text(1), row.findText(2).value_or(""), row.text(3), row.text(4), row.text(5)};
  }
  return rows;
}

}  // namespace qianda::contracts
