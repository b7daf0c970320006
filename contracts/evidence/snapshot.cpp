#include "contracts/evidence/snapshot.h"

namespace qianda::contracts {

void storeSnapshots(storage::Transaction& transaction, const std::vector<EvidenceSnapshot>& snapshots) {
  std::vector<storage::Values> rows;
  rows.reserve(snapshots.size());
  for (const EvidenceSnapshot& one : snapshots) rows.push_back({one.envelope, one.fields, one.ruleCheck});
  transaction.insertAll("INSERT INTO evidence_snapshots (envelope, snapshot, rule_check) VALUES", 3, rows);
}

std::optional<EvidenceSnapshot> findSnapshot(storage::Transaction& transaction, const std::string& envelope) {
  const auto row =
      transaction.findRow("SELECT snapshot, rule_check FROM evidence_snapshots WHERE envelope = $1", {envelope});
  if (!row) return std::nullopt;
  return EvidenceSnapshot{envelope, row->text(0), row->text(1)};
}

}  // namespace qianda::contracts
