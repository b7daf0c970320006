// The SQLite catalogue of a document store (WAL, synchronous=FULL, foreign keys): all SQL of the room is here and in
// catalogue_schema. Documents move in columns, as Poco binds whole vectors three times faster than row by row.
// Any thread may call any member; a transaction keeps the others out. SQLite's failures become core::Error: a broken
// constraint kConflict, a damaged file kCorrupt with advice, anything else kSystem.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <Poco/Data/LOB.h>
#include <Poco/Data/Session.h>

#include "storage/document_store.h"

namespace qianda::storage {

struct Place {  // of a record
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;  // of its header
  std::uint64_t length = 0;  // of its payload
};

struct SegmentEntry {
  std::uint64_t number = 0;
  std::uint64_t committed = 0;    // end of the last committed record
  std::uint64_t checkedSize = 0;  // size and modification time of the file when it was last known to be sound
  std::int64_t checkedNs = 0;
};

enum class Erased : std::int64_t { kNo = 0, kPending = 1, kDone = 2 };

struct PrefixEntry {
  std::int64_t key = 0;
  Sha256 sha256{};
  Place place;
  Erased erased = Erased::kNo;
};

struct DocumentColumns {
  std::vector<Poco::Int64> batch, row, segment, offset, length, prefix, createdMs;
  std::vector<Poco::Int64> erased;  // when read
  std::vector<Poco::Data::BLOB> id;

  std::size_t size() const { return row.size(); }
  void resize(std::size_t rows);
  core::DocumentId idAt(std::size_t i) const;
  Place placeAt(std::size_t i) const;
  Erased erasedAt(std::size_t i) const { return static_cast<Erased>(erased[i]); }
};

struct DocumentPlace {
  Place tail;
  PrefixEntry prefix;
  Erased erased = Erased::kNo;
};

class Catalogue {
 public:
  // Creates the file and brings its schema up to date, unless it is only read.
  Catalogue(const std::filesystem::path& file, bool readOnly);

  void inTransaction(const std::function<void()>& work);

  void createBatch(const BatchRow& batch);
  std::optional<BatchRow> findBatch(const std::string& id);
  std::optional<BatchRow> findBatchByKey(const std::string& idempotencyKey);
  std::vector<BatchRow> listBatches();
  void completeBatch(const std::string& id);
  void setWaiting(const std::string& id, const std::string& state, const std::string& reason, core::Instant since);
  std::optional<std::int64_t> findBatchNumber(const std::string& id);
  std::string getBatchId(std::int64_t number);

  void putPrefix(const Sha256& sha256, const Place& place);  // a known one moves there
  std::optional<PrefixEntry> findPrefix(const Sha256& sha256);
  PrefixEntry getPrefix(std::int64_t key);
  std::vector<PrefixEntry> prefixesOfSegment(std::uint64_t segment);

  void createDocuments(DocumentColumns& documents);
  std::optional<DocumentPlace> findDocument(const core::DocumentId& id);
  std::vector<Poco::Int64> rowsOfBatch(std::int64_t batch);
  std::uint64_t countDocuments(std::int64_t batch);
  // The next documents of the batch after this row, at most `limit`, in row order.
  DocumentColumns documentsOfBatch(std::int64_t batch, std::uint64_t afterRow, std::uint64_t limit);
  DocumentColumns documentsOfSegment(std::uint64_t segment);  // in file order
  DocumentColumns documentsOfPrefix(std::int64_t prefix);

  void noteContinuation(const core::DocumentId& document, const core::DocumentId& continues);
  std::vector<core::DocumentId> listContinuations(const core::DocumentId& id);
  // Marks them, and the prefixes that nothing else uses, as to be overwritten. Throws kNotFound naming one that never
  // was; then nothing is marked.
  void markErasing(const std::vector<core::DocumentId>& ids);
  DocumentColumns documentsErasing();
  std::vector<PrefixEntry> prefixesErasing();
  void noteErased();  // what was marked is overwritten

  std::vector<SegmentEntry> listSegments();
  void setCommitted(std::uint64_t segment, std::uint64_t end);
  void setChecked(std::uint64_t segment, std::uint64_t size, std::int64_t modifiedNs);

 private:
  template <typename Work>
  auto guarded(Work&& work);
  std::vector<BatchRow> selectBatches(const std::string& where, const std::string& value);
  std::vector<PrefixEntry> selectPrefixes(const std::string& where, const Poco::Data::BLOB* sha256,
                                          std::int64_t number);
  DocumentColumns selectDocuments(const std::string& where, std::int64_t first, std::uint64_t second);

  std::string file_;
  std::recursive_mutex mutex_;
  std::unique_ptr<Poco::Data::Session> session_;
};

}  // namespace qianda::storage
