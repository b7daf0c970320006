// Documents as objects in a store that many processes share (S3), their rows in the service's database: for several
// nodes that serve together, where segment files serve one. The tails of a group are one object, a prefix is one object
// named by its SHA-256, both put before the transaction that makes the documents exist; what an interrupted append
// leaves is an object nobody knows. Any number of processes may write at once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "storage/document_store.h"
#include "storage/objects/object_store.h"
#include "storage/sql/database.h"

namespace qianda::storage {

class ObjectDocumentStore : public DocumentStore {
 public:
  ObjectDocumentStore(Database& database, std::unique_ptr<ObjectStore> objects);

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

 private:
  struct Parts {
    std::string prefixHash, prefix, tail;
  };
  Parts readParts(const core::DocumentId& id, bool withPrefix);
  void appendGroup(const std::vector<NewDocument>& documents, const std::string& continues);
  void putNoted(const std::string& name, std::string_view octets);  // as a leftover, until a row names it
  void leaveObject(const std::string& object);                      // what is not erased of it moves to another one
  bool moveLiving(const std::string& object, const Rows& living);
  void erasePrefix(const std::string& hash);  // when nothing uses it
  void removeLeftover(const std::string& object);
  void removeLeftovers();  // old ones
  std::string getPrefix(const std::string& hash);
  void setState(const std::string& id, const std::string& state, const std::string& reason, core::Instant since);

  Database& database_;
  std::unique_ptr<ObjectStore> objects_;
  std::mutex mutex_;                                                    // guards what follows
  std::map<std::string, std::shared_ptr<const std::string>> prefixes_;  // few and read for every document
};

}  // namespace qianda::storage
