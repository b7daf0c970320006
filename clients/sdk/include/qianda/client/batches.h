// Batches: a sealed contract and an envelope for every row of a roster, up to 100,000 rows (docs/batches.md). Needs the
// permissions batches:write and, to make one, seals:use and a grant for the seal. Instants are ISO 8601 with an offset,
// as the service writes them; empty: not yet. Every function throws client::Error.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "qianda/client/client.h"
#include "qianda/client/error.h"

namespace qianda::client {

struct BatchOrder {
  std::string templateId = {};
  std::string templateVersion = {};  // empty: the present one
  std::string seal = {};             // its id; only checkRoster() does without
  std::string signingOrder = {};     // "employer_first" (also when empty) or "employer_last"
  std::string deadline = {};         // last day to sign, in China: "2026-12-31"; empty: none
  std::string sheet = {};            // of a workbook; empty: the first visible one
  // 1 to 200 characters: the same key with the same order and roster is the same batch, with another one Error
  // "conflict". Empty: one is drawn, good for the repetitions of this call.
  std::string idempotencyKey = {};
};

// A row of the roster: values by the names of the template's fields.
using Row = std::map<std::string, std::string>;

struct Batch {
  std::string id = {};
  // "accepted", "running", "pending_timestamp", "pending_revocation"; over: "complete", "cancelled", "stopped",
  // "failed"
  std::string state = {};
  std::string reason = {};
  std::int64_t rows = 0, made = 0, failed = 0;
  bool isCancelAsked = false;
  std::string templateId = {}, templateVersion = {}, seal = {}, signingOrder = {};
  std::string level = {};  // "B-T", ... (ETSI EN 319 142-1)
  std::int64_t revision = 0;
  std::string createdBy = {}, createdAt = {}, finishedAt = {};
};

bool isOver(const Batch& batch);

struct CreatedBatch {
  Batch batch = {};
  std::string idempotencyKey = {};
  bool wasThere = false;             // the key's batch was made by an earlier call
  std::vector<Fault> warnings = {};  // the first hundred
  std::int64_t warningCount = 0;
};

// Makes a batch; it is durable when this returns. Nothing is made of a roster with a blocking fault: Error
// "roster_invalid" names row and column of each.
CreatedBatch createBatch(Client& client, const BatchOrder& order, const std::vector<Row>& rows);
// The same with a file, CSV (UTF-8 or GB18030) or XLSX by its content; it is streamed.
CreatedBatch createBatch(Client& client, const BatchOrder& order, const std::filesystem::path& roster);

struct RosterCheck {
  bool isValid = false;
  std::int64_t rows = 0;
  std::string sheet = {};          // of a workbook
  std::vector<Fault> faults = {};  // the first hundred
  std::int64_t faultCount = 0;
  std::vector<Fault> warnings = {};  // the first hundred
  std::int64_t warningCount = 0;
};

// Checks a roster and makes nothing.
RosterCheck checkRoster(Client& client, const BatchOrder& order, const std::vector<Row>& rows);
RosterCheck checkRoster(Client& client, const BatchOrder& order, const std::filesystem::path& roster);

Batch getBatch(Client& client, const std::string& id);
// Newest first; `before` is the `next` of the page before. limit: 1 to 1000.
Page<Batch> listBatches(Client& client, const std::string& before = {}, int limit = 100);
// Asks it to end before its next group; what was made stays. Error "conflict" when it is over.
Batch cancelBatch(Client& client, const std::string& id);

struct WaitOptions {
  // Called with each new state, in this thread; what it throws ends the waiting.
  std::function<void(const Batch&)> onProgress = {};
  std::optional<std::chrono::milliseconds> timeout = {};  // of the whole waiting: then Error "wait_timeout"
};

// Follows a batch by server-sent events until it is over, however it ended; a lost connection is taken up again where
// it was, and where events do not pass, the state is asked for.
Batch waitForBatch(Client& client, const std::string& id, const WaitOptions& options = {});

struct BatchRow {
  std::int64_t row = 0;       // from 1
  std::string state = {};     // "waiting", "made", "failed", "cancelled"
  std::string envelope = {};  // empty: not made
  std::string sha256 = {};    // of the first revision
  std::string name = {};      // the person's
  std::string reason = {};
};
// In order, behind `after` (the `next` of the page before). limit: 1 to 10,000.
Page<BatchRow> listBatchRows(Client& client, const std::string& id, const std::string& after = {}, int limit = 1000);

// All documents and results.csv as one zip: "completed/..." everybody signed, "open/..." as far as it came.
Download downloadBatch(Client& client, const std::string& id, const std::filesystem::path& file);

}  // namespace qianda::client
