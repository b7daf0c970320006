// A batch before it is one: the roster (CSV or an Excel workbook) as a file that nobody can change, judged whole; then
// either every fault with its place, or the order accepted in one transaction: batch, roster, reserved seal uses, work.
// Rosters lie in the database, so that any node can make the batch; they are gone when it has ended. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "contracts/batches/batch_record.h"
#include "contracts/batches/batch_shards.h"
#include "contracts/roster_check.h"
#include "contracts/seals/seal_grants.h"
#include "core/unlinked_file.h"
#include "signing/pades/long_term.h"
#include "templates/xlsx/roster.h"

namespace qianda::contracts {

inline constexpr std::uint64_t kMostBatchRows = 100'000;

// The form as batches need it: the parties employer and worker and no other, and the fields that say who the worker is.
// Throws kUnsupported, naming what is missing.
void checkBatchForm(const templates::Template& form);

struct CheckedRoster {
  core::UnlinkedFile csv;  // UTF-8
  std::string sha256;      // hex, of its octets
  std::optional<templates::XlsxRoster> workbook;
  RosterVerdict verdict;  // faults of a workbook have their cells
};
// `sheet`: of a workbook; empty: the first visible one. Throws kInvalidInput for a workbook that cannot be read.
CheckedRoster checkRosterOctets(const templates::FrozenTemplate& frozen, std::string_view octets,
                                const std::string& sheet, core::Date signingDay, unsigned threads);

// The roster with its faults beside the rows, as CSV or a workbook; every row, the faulty ones marked.
enum class TableKind { kCsv, kXlsx };
void writeFaults(const templates::FrozenTemplate& frozen, const CheckedRoster& roster, TableKind kind,
                 const std::filesystem::path& file);

struct BatchOrder {
  std::string idempotencyKey;
  std::string seal;
  bool employerFirst = true;  // else after the worker
  core::Instant expires{};    // of the envelopes; 1970: after the usual time
  signing::Level level = signing::Level::kT;
  std::int64_t shardRows = kShardRows;  // what a node takes at once
};
struct AcceptedBatch {
  BatchRecord batch;
  bool isNew = true;  // else the same request came before
};
// The roster passed its check. Throws kConflict when the key belongs to another request, kNotFound for no such seal.
std::variant<AcceptedBatch, SealRefusal> acceptBatch(storage::Database& database, const Actor& actor,
                                                     const templates::Template& form, const CheckedRoster& roster,
                                                     const BatchOrder& order, core::Instant now);

// The roster of an accepted batch; throws kCorrupt when it is not there.
core::UnlinkedFile loadRoster(storage::Database& database, const std::string& batch);

}  // namespace qianda::contracts
