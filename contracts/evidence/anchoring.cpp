#include "contracts/evidence/anchoring.h"

#include "core/base64.h"
#include "core/error.h"
#include "signing/keys/evp_key.h"
#include "storage/audit/anchor.h"

namespace qianda::contracts {

using storage::Anchor;
using storage::Transaction;

AnchoringOutcome anchorAudit(storage::Database& database, const signing::TimestampSource& time, core::Instant now) {
  AnchoringOutcome outcome;
  try {
    outcome.made = storage::makeAnchor(database, now).has_value() ? 1 : 0;
  } catch (const core::Error& error) {
    if (error.code() != core::ErrorCode::kConflict) throw;  // another one made this number just now
  }
  const auto waiting = database.looked<std::vector<Anchor>>(
      [](Transaction& transaction) { return storage::listWaitingAnchors(transaction); });
  for (const Anchor& anchor : waiting) {
    try {
      const core::Bytes token =
          time.stamp(signing::DigestAlgorithm::kSha256,
                     signing::digestOf(signing::DigestAlgorithm::kSha256, core::viewOf(storage::anchorText(anchor))));
      database.write([&](Transaction& transaction) {
        storage::stampAnchor(transaction, anchor.number, core::toBase64(token), core::now());
      });
      ++outcome.stamped;
    } catch (const core::Error& error) {
      if (error.code() != core::ErrorCode::kUnavailable) throw;
      // The others would hear the same.
      outcome.silence = error.what();
      outcome.waiting = static_cast<std::int64_t>(waiting.size()) - outcome.stamped;
      database.write(
          [&](Transaction& transaction) { storage::noteSilence(transaction, anchor.number, outcome.silence); });
      break;
    }
  }
  return outcome;
}

}  // namespace qianda::contracts
