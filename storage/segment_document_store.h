// Documents in append-only segment files, their rows in a SQLite catalogue (WAL, synchronous=FULL): append() groups
// many into one fdatasync and one transaction. One process writes at a time (a lock file; a second writer gets
// kConflict); readers may be many, also beside a writer. Opening checks the segments against the catalogue and reports
// damage; everything undamaged stays readable. Writes take turns, reads do not wait for a write's disk. Layout:
// docs/storage.md.
#pragma once

#include <filesystem>
#include <memory>

#include "storage/document_store.h"

namespace qianda::storage {

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

class SegmentDocumentStore : public DocumentStore {
 public:
  // Creates the folder when needed (not when reading only: then kNotFound). Throws kConflict while another process
  // writes, kCorrupt when the catalogue itself is damaged or older than the segments.
  explicit SegmentDocumentStore(std::filesystem::path folder, StoreOptions options = {});
  ~SegmentDocumentStore() override;
  SegmentDocumentStore(const SegmentDocumentStore&) = delete;
  SegmentDocumentStore& operator=(const SegmentDocumentStore&) = delete;

  // What opening found wrong; empty when all is well.
  const std::vector<Damage>& damage() const;
  // Octets of an interrupted write that opening cut off; no committed document was among them.
  std::uint64_t discardedOctets() const;

  BatchRow openBatch(const BatchRow& wanted) override;
  std::optional<BatchRow> findBatch(const std::string& id) override;
  std::vector<BatchRow> listBatches() override;
  std::uint64_t countDocuments(const std::string& batchId) override;
  void completeBatch(const std::string& id) override;
  void suspendBatch(const std::string& id, const std::string& state, const std::string& reason) override;
  std::vector<bool> existingRows(const std::string& batchId, std::uint64_t rows) override;
  Sha256 putPrefix(std::string_view octets) override;
  void append(const std::vector<NewDocument>& documents) override;
  void appendWhole(const core::DocumentId& id, std::string_view octets, core::Instant createdAt) override;
  void appendRevision(const core::DocumentId& of, const core::DocumentId& id, std::string_view increment,
                      core::Instant createdAt) override;
  std::string read(const core::DocumentId& id) override;
  std::vector<core::DocumentId> listContinuations(const core::DocumentId& id) override;
  void erase(const std::vector<core::DocumentId>& ids) override;
  void forEach(const std::string& batchId, const std::function<void(const DocumentRow&)>& visit) override;

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
