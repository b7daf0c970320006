// Where documents live: append-only segment files for the octets, a SQLite catalogue (WAL, synchronous=FULL) for the
// rows. A document is `prefix ++ tail`; a prefix is stored once and named by its SHA-256. A document exists when its
// record is durable (fdatasync) and its row is committed, never before: append() groups many into one sync and one
// transaction. One process writes at a time (a lock file; a second writer gets kConflict); readers may be many, also
// beside a writer. Opening checks the segments against the catalogue and reports damage; everything undamaged stays
// readable. Any thread may call any member; writes take turns, reads do not wait for a write's disk. Layout:
// docs/storage.md.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
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

struct Damage {
  std::string segment;  // file name
  std::uint64_t offset = 0;
  std::string problem;  // English: "payload checksum differs", "truncated", ...
  std::vector<DocumentRow> affected;
};

struct StoreOptions {
  std::uint64_t segmentOctets = 256u << 20;
  bool verifyPayloads = false;  // read and check every record on opening, not only those of changed segments
  bool readOnly = false;        // the store must exist; takes no lock, changes nothing, refuses writes with kUsage
};

class DocumentStore {
 public:
  // Creates the folder when needed (not when reading only: then kNotFound). Throws kConflict while another process
  // writes, kCorrupt when the catalogue itself is damaged or older than the segments.
  explicit DocumentStore(std::filesystem::path folder, StoreOptions options = {});
  ~DocumentStore();
  DocumentStore(const DocumentStore&) = delete;
  DocumentStore& operator=(const DocumentStore&) = delete;

  // What opening found wrong; empty when all is well.
  const std::vector<Damage>& damage() const;
  // Octets of an interrupted write that opening cut off; no committed document was among them.
  std::uint64_t discardedOctets() const;

  // The batch under this key: found (same request digest), or created with state "running". Throws kConflict when the
  // key belongs to another request.
  BatchRow openBatch(const BatchRow& wanted);
  std::optional<BatchRow> findBatch(const std::string& id);
  std::vector<BatchRow> listBatches();  // oldest first
  std::uint64_t countDocuments(const std::string& batchId);
  void completeBatch(const std::string& id);
  // Notes durably that the rows without a document wait for an outside service; `state` as above.
  void suspendBatch(const std::string& id, const std::string& state, const std::string& reason);
  // Rows of the batch that already exist, one flag per row (index 0 = row 1).
  std::vector<bool> existingRows(const std::string& batchId, std::uint64_t rows);

  // Durable before it returns; returns its SHA-256. Storing the same octets again does nothing, unless the
  // stored ones are damaged: then they are stored anew, which mends the documents that use them.
  Sha256 putPrefix(std::string_view octets);
  // Group commit: all of them durable and catalogued, or none. A row that already exists in its batch throws kConflict.
  void append(const std::vector<NewDocument>& documents);

  // The whole document; throws kNotFound, or kCorrupt when its record fails its checksum.
  std::string read(const core::DocumentId& id);
  // All documents of a batch in row order.
  void forEach(const std::string& batchId, const std::function<void(const DocumentRow&)>& visit);

  // Reads every record; the damage found (also what is on disk but not in the catalogue is counted nowhere: it never
  // existed).
  std::vector<Damage> check();

  // Octets on disk: segments and catalogue.
  std::uint64_t storedOctets() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianda::storage
