// A batch: one template, one checked roster, one seal, one idempotency key; a sealed contract for every row, each
// exactly once. Run again under the same key it makes what is missing and nothing else, whatever ended the run before.
// When a service that the level needs does not answer, what was made is kept and the batch waits in a state of its own
// for the next run: no contract is ever made at a lower level.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "contracts/batch_services.h"
#include "contracts/press.h"
#include "contracts/roster_check.h"
#include "storage/document_store.h"

namespace qianda::contracts {

struct BatchRequest {
  std::shared_ptr<const templates::Template> form;
  std::filesystem::path roster;             // does not change while the batch runs (RosterSnapshot)
  std::string rosterSha256;                 // hex
  std::string signerSha256;                 // hex, of the signer's certificate
  std::uint64_t rows = 0;                   // as the check counted them
  std::string idempotencyKey;               // empty: derived from everything above
  unsigned threads = 0;                     // 0: one per core
  const BatchServices* services = nullptr;  // those of the press, above level B-B
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
};

struct BatchOutcome {
  storage::BatchRow batch;      // its state: "complete", or what it waits for
  std::uint64_t contracts = 0;  // rows that now have their contract
  std::uint64_t created = 0;    // by this run
  std::uint64_t existing = 0;   // before it
  double seconds = 0;           // generation, signing and durable writing
};

// The press has prepared its fonts. Throws kConflict when the key belongs to another request.
// kUnavailable when something else than the services of the level fails.
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
