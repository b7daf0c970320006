// Where documents live, whatever holds the octets. A document is `prefix ++ tail`; a prefix is stored once and named by
// its SHA-256. A document exists when its octets are durable and its row is committed, never before. Documents never
// change, until they are erased; a later revision of a PDF is a document of its own that shares the prefix of the one
// it continues. Any thread may call any member. Implementations: SegmentDocumentStore (files).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "core/id.h"
#include "core/time.h"

namespace qianda::storage {

using Sha256 = std::array<std::uint8_t, 32>;

struct BatchRow {
  std::string id;              // 26 characters, a DocumentId
  std::string idempotencyKey;  // unique
  std::string requestDigest;   // hex SHA-256 of what was asked for; another request under the same key is a conflict
  std::string templateId, templateVersion;
  std::uint64_t rows = 0;
  std::string state;  // "running", "complete"; or what the rest waits for: "pending_timestamp", "pending_revocation"
  core::Instant createdAt;
  std::string level = "B-B";  // of every signature (ETSI EN 319 142-1)
  std::string waitReason;     // of a pending batch: what the outside service last said
  core::Instant waitingSince{};
};

struct NewDocument {
  core::DocumentId id;
  std::string batchId;
  std::uint64_t row = 0;  // 1-based roster row; unique within the batch
  Sha256 prefix{};        // of a stored prefix
  std::string tail;
  core::Instant createdAt;
};

struct DocumentRow {
  core::DocumentId id;
  std::string batchId;
  std::uint64_t row = 0;
  std::uint64_t size = 0;  // octets of the whole document
};

// What reading an erased document throws: kNotFound, told from a document that never was by what clients hear.
core::Error erasedError(const core::DocumentId& id);
bool saysErased(const core::Error& error);

class DocumentStore {
 public:
  virtual ~DocumentStore() = default;

  // The batch under this key: found (same request digest), or created with state "running". Throws kConflict when the
  // key belongs to another request.
  virtual BatchRow openBatch(const BatchRow& wanted) = 0;
  virtual std::optional<BatchRow> findBatch(const std::string& id) = 0;
  virtual std::vector<BatchRow> listBatches() = 0;  // oldest first
  virtual std::uint64_t countDocuments(const std::string& batchId) = 0;
  virtual void completeBatch(const std::string& id) = 0;
  // Notes durably that the rows without a document wait for an outside service; `state` as above.
  virtual void suspendBatch(const std::string& id, const std::string& state, const std::string& reason) = 0;
  // Rows of the batch that already exist, one flag per row (index 0 = row 1).
  virtual std::vector<bool> existingRows(const std::string& batchId, std::uint64_t rows) = 0;

  // Durable before it returns; returns its SHA-256. Storing the same octets again does nothing, unless the
  // stored ones are damaged: then they are stored anew, which mends the documents that use them.
  virtual Sha256 putPrefix(std::string_view octets) = 0;
  // Group commit: all of them durable and catalogued, or none. A row that already exists in its batch throws kConflict.
  virtual void append(const std::vector<NewDocument>& documents) = 0;
  // One document that belongs to no batch, durable before it returns. Throws kConflict when the id exists.
  virtual void appendWhole(const core::DocumentId& id, std::string_view octets, core::Instant createdAt) = 0;
  // The same for `of` ++ `increment`, an incremental update of a PDF (ISO 32000-1 7.5.6). kNotFound without `of`.
  virtual void appendRevision(const core::DocumentId& of, const core::DocumentId& id, std::string_view increment,
                              core::Instant createdAt) = 0;

  // The whole document; throws kNotFound (also when it was erased: saysErased), or kCorrupt when its record
  // fails its checksum.
  virtual std::string read(const core::DocumentId& id) = 0;
  // Every document that appendRevision() made of this one, or of one of those; oldest first. Also what nobody names
  // since its maker died.
  virtual std::vector<core::DocumentId> listContinuations(const core::DocumentId& id) = 0;
  // Takes the documents' octets away for good: when it returns they can be read from nowhere any more, and neither can
  // a prefix that no other document uses. Later revisions of an erased document stay whole. All of it bears repetition;
  // what a crash interrupts is finished by the next opening or the next call. Throws kNotFound for an id that never
  // was, kUnavailable while a backup is being made.
  virtual void erase(const std::vector<core::DocumentId>& ids) = 0;
  // All documents of a batch in row order, but for those that were erased.
  virtual void forEach(const std::string& batchId, const std::function<void(const DocumentRow&)>& visit) = 0;
};

}  // namespace qianda::storage
