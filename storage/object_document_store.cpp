#include "storage/object_document_store.h"

#include <set>

#include "core/digest.h"
#include "core/error.h"

namespace qianda::storage {
namespace {

using core::Error;
using core::ErrorCode;

constexpr std::size_t kKeptPrefixes = 64;
constexpr std::int64_t kPageRows = 1000;

std::string prefixName(const std::string& hash) { return "prefixes/" + hash; }
std::int64_t millisecondsOf(core::Instant instant) { return instant.time_since_epoch().count(); }

constexpr std::string_view kBatchColumns =
    "id, idempotency_key, request_digest, template_id, template_version, row_count, state, created_ms, level, "
    "wait_reason, waiting_since_ms";

BatchRow batchOf(const Row& row) {
  BatchRow batch;
  batch.id = row.text(0);
  batch.idempotencyKey = row.text(1);
  batch.requestDigest = row.text(2);
  batch.templateId = row.text(3);
  batch.templateVersion = row.text(4);
  batch.rows = static_cast<std::uint64_t>(row.number(5));
  batch.state = row.text(6);
  batch.createdAt = core::Instant{std::chrono::milliseconds(row.number(7))};
  batch.level = row.text(8);
  batch.waitReason = row.text(9);
  batch.waitingSince = core::Instant{std::chrono::milliseconds(row.number(10))};
  return batch;
}

std::vector<BatchRow> selectBatches(Transaction& transaction, const std::string& where, const Values& values) {
  std::vector<BatchRow> batches;
  for (const Row& row :
       transaction.query("SELECT " + std::string(kBatchColumns) + " FROM stored_batches " + where, values)) {
    batches.push_back(batchOf(row));
  }
  return batches;
}

// Shared with others who append, alone with who erases it.
void checkPrefix(Transaction& transaction, const std::string& hash) {
  const std::string lock = transaction.dialect() == Dialect::kPostgres ? " FOR SHARE" : "";
  const auto row = transaction.findRow("SELECT erased_ms FROM stored_prefixes WHERE sha256 = $1" + lock, {hash});
  if (!row || row->number(0) != 0) throw Error(ErrorCode::kNotFound, "there is no prefix " + hash);
}

void checkNotErased(Transaction& transaction, const std::string& id) {
  const std::string lock = transaction.dialect() == Dialect::kPostgres ? " FOR SHARE" : "";
  const auto row = transaction.findRow("SELECT erased FROM stored_documents WHERE id = $1" + lock, {id});
  if (!row || row->number(0) != 0) {
    throw erasedError(core::DocumentId::parse(id).value());
  }
}

std::optional<BatchRow> findBatchWhere(Transaction& transaction, const std::string& column, const std::string& value) {
  auto found = selectBatches(transaction, "WHERE " + column + " = $1", {value});
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

ObjectDocumentStore::ObjectDocumentStore(Database& database, std::unique_ptr<ObjectStore> objects)
    : database_(database), objects_(std::move(objects)) {}

BatchRow ObjectDocumentStore::openBatch(const BatchRow& wanted) {
  if (!core::DocumentId::parse(wanted.id)) {
    throw Error(ErrorCode::kInvalidInput, "a batch is named by 26 characters, not by \"" + wanted.id + "\"");
  }
  return database_.written<BatchRow>([&](Transaction& transaction) {
    transaction.insertAll("INSERT INTO stored_batches (" + std::string(kBatchColumns) + ") VALUES", 11,
                          {{wanted.id, wanted.idempotencyKey, wanted.requestDigest, wanted.templateId,
                            wanted.templateVersion, static_cast<std::int64_t>(wanted.rows), "running",
                            millisecondsOf(wanted.createdAt), wanted.level, "", std::int64_t{0}}},
                          true);
    const auto found = findBatchWhere(transaction, "idempotency_key", wanted.idempotencyKey);
    if (!found) throw Error(ErrorCode::kConflict, "there is a batch " + wanted.id + " under another key");
    if (found->requestDigest == wanted.requestDigest) return *found;
    throw Error(ErrorCode::kConflict,
                "the idempotency key \"" + wanted.idempotencyKey + "\" belongs to another request: batch " + found->id);
  });
}

std::optional<BatchRow> ObjectDocumentStore::findBatch(const std::string& id) {
  return database_.looked<std::optional<BatchRow>>([&](Transaction& t) { return findBatchWhere(t, "id", id); });
}

std::vector<BatchRow> ObjectDocumentStore::listBatches() {
  return database_.looked<std::vector<BatchRow>>(
      [](Transaction& t) { return selectBatches(t, "ORDER BY created_ms, id", {}); });
}

std::uint64_t ObjectDocumentStore::countDocuments(const std::string& batchId) {
  if (!findBatch(batchId)) throw Error(ErrorCode::kNotFound, "there is no batch " + batchId);
  return database_.looked<std::uint64_t>([&](Transaction& t) {
    return static_cast<std::uint64_t>(
        t.findRow("SELECT COUNT(*) FROM stored_documents WHERE batch = $1", {batchId})->number(0));
  });
}

void ObjectDocumentStore::setState(const std::string& id, const std::string& state, const std::string& reason,
                                   core::Instant since) {
  database_.write([&](Transaction& transaction) {
    if (transaction.execute("UPDATE stored_batches SET state = $1, wait_reason = $2, waiting_since_ms = "
                            "CASE WHEN waiting_since_ms = 0 THEN $3 ELSE waiting_since_ms END WHERE id = $4",
                            {state, reason, millisecondsOf(since), id}) == 0) {
      throw Error(ErrorCode::kNotFound, "there is no batch " + id);
    }
  });
}

void ObjectDocumentStore::completeBatch(const std::string& id) { setState(id, "complete", "", core::Instant{}); }

void ObjectDocumentStore::suspendBatch(const std::string& id, const std::string& state, const std::string& reason) {
  setState(id, state, reason, core::now());
}

std::vector<bool> ObjectDocumentStore::existingRows(const std::string& batchId, std::uint64_t rows) {
  if (!findBatch(batchId)) throw Error(ErrorCode::kNotFound, "there is no batch " + batchId);
  std::vector<bool> exists(rows);
  database_.read([&](Transaction& transaction) {
    for (const Row& row : transaction.query("SELECT row_number FROM stored_documents WHERE batch = $1", {batchId})) {
      const auto number = static_cast<std::uint64_t>(row.number(0));
      if (number >= 1 && number <= rows) exists[number - 1] = true;
    }
  });
  return exists;
}

Sha256 ObjectDocumentStore::putPrefix(std::string_view octets) {
  const Sha256 sha256 = core::sha256(octets);
  const std::string hash = core::toHex(sha256);
  const auto known = database_.looked<std::optional<Row>>(
      [&](Transaction& t) { return t.findRow("SELECT erased_ms FROM stored_prefixes WHERE sha256 = $1", {hash}); });
  try {
    if (known && known->number(0) == 0) {
      getPrefix(hash);
      return sha256;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound && error.code() != ErrorCode::kCorrupt) throw;
  }
  if (!known) objects_->put(prefixName(hash), octets);
  database_.write([&](Transaction& transaction) {
    transaction.insertAll("INSERT INTO stored_prefixes (sha256, length) VALUES", 2,
                          {{hash, static_cast<std::int64_t>(octets.size())}}, true);
    // Under the row's lock, so that nobody erases what is put here.
    transaction.execute("UPDATE stored_prefixes SET erased_ms = 0 WHERE sha256 = $1", {hash});
    if (known) objects_->put(prefixName(hash), octets);
  });
  return sha256;
}

void ObjectDocumentStore::append(const std::vector<NewDocument>& documents) { appendGroup(documents, ""); }

void ObjectDocumentStore::appendGroup(const std::vector<NewDocument>& documents, const std::string& continues) {
  if (documents.empty()) return;
  std::string group;
  const std::string name = "groups/" + core::DocumentId::at(core::now()).text();
  std::vector<Values> rows;
  std::set<std::string> prefixes;
  rows.reserve(documents.size());
  for (const NewDocument& document : documents) {
    if (!document.batchId.empty() && document.row == 0) {
      throw Error(ErrorCode::kInvalidInput, "roster rows count from 1");
    }
    const bool isLoose = document.batchId.empty();
    rows.push_back({document.id.text(), isLoose ? Value() : Value(document.batchId),
                    isLoose ? Value() : Value(static_cast<std::int64_t>(document.row)), core::toHex(document.prefix),
                    name, static_cast<std::int64_t>(group.size()), static_cast<std::int64_t>(document.tail.size()),
                    core::sha256Hex(document.tail), millisecondsOf(document.createdAt),
                    continues.empty() ? Value() : Value(continues)});
    prefixes.insert(core::toHex(document.prefix));
    group += document.tail;
  }
  putNoted(name, group);
  database_.write([&](Transaction& transaction) {
    for (const std::string& prefix : prefixes) checkPrefix(transaction, prefix);
    if (!continues.empty()) checkNotErased(transaction, continues);
    transaction.insertAll(
        "INSERT INTO stored_documents (id, batch, row_number, prefix, object, start, length, sha256, created_ms, "
        "continues) VALUES",
        10, rows);
    transaction.execute("DELETE FROM stored_leftovers WHERE object = $1", {name});
  });
}

void ObjectDocumentStore::appendWhole(const core::DocumentId& id, std::string_view octets, core::Instant createdAt) {
  append({{id, "", 0, putPrefix(""), std::string(octets), createdAt}});
}

void ObjectDocumentStore::appendRevision(const core::DocumentId& of, const core::DocumentId& id,
                                         std::string_view increment, core::Instant createdAt) {
  Parts parts = readParts(of, false);
  parts.tail += increment;
  Sha256 prefix{};
  const core::Bytes hash = core::fromHex(parts.prefixHash);
  std::copy(hash.begin(), hash.end(), prefix.begin());
  appendGroup({{id, "", 0, prefix, std::move(parts.tail), createdAt}}, of.text());
}

std::string ObjectDocumentStore::getPrefix(const std::string& hash) {
  {
    const std::lock_guard guard(mutex_);
    if (const auto known = prefixes_.find(hash); known != prefixes_.end()) return *known->second;
  }
  const auto row = database_.looked<std::optional<Row>>(
      [&](Transaction& t) { return t.findRow("SELECT length FROM stored_prefixes WHERE sha256 = $1", {hash}); });
  if (!row) throw Error(ErrorCode::kNotFound, "there is no prefix " + hash);
  auto octets = std::make_shared<const std::string>(
      objects_->get(prefixName(hash), 0, static_cast<std::uint64_t>(row->number(0))));
  if (core::sha256Hex(*octets) != hash) {
    throw Error(ErrorCode::kCorrupt, "prefix " + hash + " was changed in " + objects_->describe(),
                "the stored document is damaged");
  }
  const std::lock_guard guard(mutex_);
  if (prefixes_.size() >= kKeptPrefixes) prefixes_.clear();
  prefixes_[hash] = octets;
  return *octets;
}

ObjectDocumentStore::Parts ObjectDocumentStore::readParts(const core::DocumentId& id, bool withPrefix) {
  std::string object;
  for (;;) {
    const auto row = database_.looked<std::optional<Row>>([&](Transaction& transaction) {
      return transaction.findRow(
          "SELECT prefix, object, start, length, sha256, erased FROM stored_documents WHERE id = $1", {id.text()});
    });
    if (!row) throw Error(ErrorCode::kNotFound, "there is no document " + id.text());
    if (row->number(5) != 0) {
      throw erasedError(id);
    }
    const bool isSecondLook = row->text(1) == object;
    object = row->text(1);
    try {
      Parts parts;
      parts.prefixHash = row->text(0);
      if (withPrefix) parts.prefix = getPrefix(parts.prefixHash);
      parts.tail =
          objects_->get(object, static_cast<std::uint64_t>(row->number(2)), static_cast<std::uint64_t>(row->number(3)));
      if (core::sha256Hex(parts.tail) == row->text(4)) return parts;
      throw Error(ErrorCode::kCorrupt, "document " + id.text() + " was changed in " + objects_->describe(),
                  "the stored document is damaged");
    } catch (const Error& error) {
      // It, or one it shared an object with, may have been erased since the row was read.
      if (isSecondLook || error.code() != ErrorCode::kNotFound || saysErased(error)) throw;
    }
  }
}

std::string ObjectDocumentStore::read(const core::DocumentId& id) {
  Parts parts = readParts(id, true);
  return std::move(parts.prefix) + parts.tail;
}

void ObjectDocumentStore::forEach(const std::string& batchId, const std::function<void(const DocumentRow&)>& visit) {
  if (!findBatch(batchId)) throw Error(ErrorCode::kNotFound, "there is no batch " + batchId);
  std::int64_t last = 0;
  for (;;) {
    const Rows page = database_.looked<Rows>([&](Transaction& transaction) {
      return transaction.query(
          "SELECT d.id, d.row_number, d.length + p.length FROM stored_documents d JOIN stored_prefixes p ON p.sha256 = "
          "d.prefix WHERE d.batch = $1 AND d.row_number > $2 AND d.erased = 0 ORDER BY d.row_number LIMIT $3",
          {batchId, last, kPageRows});
    });
    for (const Row& row : page) {
      last = row.number(1);
      visit({core::DocumentId::parse(row.text(0)).value(), batchId, static_cast<std::uint64_t>(last),
             static_cast<std::uint64_t>(row.number(2))});
    }
    if (page.size() < static_cast<std::size_t>(kPageRows)) return;
  }
}

}  // namespace qianda::storage
