// What a SegmentDocumentStore holds while it is open: shared by its two sources, opening with its checks
// (segment_store_opening.cpp) and everyday work (segment_document_store.cpp).
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "storage/catalogue.h"
#include "storage/segment_check.h"
#include "storage/segment_document_store.h"
#include "storage/segment_file.h"
#include "storage/segment_writer.h"
#include "storage/store_lock.h"

namespace qianda::storage {

struct SegmentDocumentStore::State {
  State(std::filesystem::path where, StoreOptions wanted);
  ~State();

  void prepare();
  void open();
  void discardUncommitted(const std::vector<SegmentEntry>& entries);
  std::vector<Damage> checkSegments(bool payloads);
  void noteSound(std::uint64_t segment, const SegmentFile::Status& status);
  void noteWritten();
  void checkWritable() const;
  std::int64_t batchNumber(const std::string& id);
  PrefixEntry getPrefix(const Sha256& sha256);
  bool holdsPrefix(const Sha256& sha256);
  void readChecked(const Place& place, const RecordName& name, char* payload) const;
  DocumentPlace getPlace(const core::DocumentId& id);  // throws kNotFound
  // Either may be null. What is erased meanwhile is so called, not damage.
  void readDocument(const core::DocumentId& id, const DocumentPlace& place, char* prefix, char* tail);
  std::filesystem::path segmentPath(std::uint64_t number) const { return segments / segmentFileName(number); }

  const std::filesystem::path folder, segments;
  const StoreOptions options;
  std::optional<StoreLock> lock;
  std::optional<Catalogue> catalogue;
  std::optional<SegmentWriter> writer;
  std::mutex writing;  // guards what follows and the writer
  std::vector<Damage> damage;
  std::uint64_t discarded = 0;
  std::set<std::uint64_t> written;  // segments of this session not yet noted as sound
  std::map<std::string, std::int64_t> batchNumbers;
  std::map<Sha256, PrefixEntry> prefixes;
  DocumentColumns columns;
  std::uint64_t looseRows = 0;  // of kLooseBatch, once its number is known

  std::uint64_t nextLooseRow();
  // `continues`: of which the only document of the group is a revision.
  void appendGroup(const std::vector<NewDocument>& documents, const core::DocumentId* continues = nullptr);
  void appendLoose(const core::DocumentId& id, const Sha256& prefix, std::string tail, core::Instant createdAt,
                   const core::DocumentId* continues = nullptr);
  // Overwrites what is marked as to be erased and notes that it is gone; the caller holds `writing`.
  void finishErasures();
  void resumeErasures();  // those that a crash interrupted, unless a copy is being made
};

}  // namespace qianda::storage
