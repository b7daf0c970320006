// A batch: one template, one checked roster, one seal, one idempotency key; a sealed contract for every row, each
// exactly once. Run again under the same key it makes what is missing and nothing else, whatever ended the run before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "contracts/press.h"
#include "contracts/roster_check.h"
#include "storage/document_store.h"

namespace qianda::contracts {

struct BatchRequest {
  std::shared_ptr<const templates::Template> form;
  std::filesystem::path roster;  // does not change while the batch runs (RosterSnapshot)
  std::string rosterSha256;      // hex
  std::string signerSha256;      // hex, of the signer's certificate
  std::uint64_t rows = 0;        // as the check counted them
  std::string idempotencyKey;    // empty: derived from everything above
  unsigned threads = 0;          // 0: one per core
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
};

struct BatchOutcome {
  storage::BatchRow batch;
  std::uint64_t contracts = 0;  // rows that now have their contract
  std::uint64_t created = 0;    // by this run
  std::uint64_t existing = 0;   // before it
  double seconds = 0;           // generation, signing and durable writing
};

// The press has prepared its fonts. Throws kConflict when the key belongs to another request.
BatchOutcome runBatch(storage::DocumentStore& store, const Press& press, const BatchRequest& request);

// Writes every contract of the batch as <row>-<document id>.pdf; files that already hold it are left alone.
struct ExportOutcome {
  std::uint64_t files = 0, written = 0, octets = 0;
  std::vector<std::string> damaged;  // what could not be read, one sentence each
};
ExportOutcome exportBatch(storage::DocumentStore& store, const std::string& batchId,
                          const std::filesystem::path& folder,
                          const std::function<void(std::uint64_t done, std::uint64_t all)>& progress = {});

}  // namespace qianda::contracts
