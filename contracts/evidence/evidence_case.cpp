#include "contracts/evidence/evidence_case.h"

#include <algorithm>

#include "core/error.h"

namespace qianda::contracts {

void gatherAudit(storage::Transaction& transaction, EvidenceCase& evidence) {
  const std::string stream = "envelope:" + evidence.envelope;
  const auto head = storage::findStream(transaction, stream);
  if (!head) throw core::Error(core::ErrorCode::kCorrupt, "no audit stream " + stream);
  evidence.head = *head;
  storage::forEachEntry(transaction, stream,
                        [&](const storage::AuditRecord& entry) { evidence.entries.push_back(entry); });
  const auto shares = storage::listSharesOf(transaction, evidence.organisation, stream);
  for (const storage::Anchor& anchor : storage::listAnchors(transaction, shares)) {
    const storage::AnchorShare& share = shares.at(anchor.number);
    const auto at = std::find_if(share.leaves.begin(), share.leaves.end(),
                                 [&](const storage::StreamHead& one) { return one.stream == stream; });
    EvidenceAnchor one;
    one.anchor = anchor;
    one.head = *at;
    one.position = at - share.leaves.begin();
    one.count = static_cast<std::int64_t>(share.leaves.size());
    std::vector<std::string> leaves;
    for (const storage::StreamHead& leaf : share.leaves) leaves.push_back(storage::streamLeaf(leaf));
    one.path = storage::treePath(leaves, static_cast<std::size_t>(one.position));
    one.organisationPrevious = share.previous;
    one.organisationPosition = share.position;
    one.organisationPath = share.path;
    evidence.anchors.push_back(std::move(one));
  }
}

}  // namespace qianda::contracts
