// The erasure of one envelope that was ordered: begun in the transaction that finds it neither held nor kept (from then
// on nobody reads it), its documents erased from the store, also those that no revision names, the proof signed by the
// platform, and in one transaction personal data taken out of the database and proof, audit entry and event written.
// Bears repetition at every step; a crash is followed by whoever takes the work next. Work of the kind erase_envelope.
#pragma once

#include "contracts/retention/orders.h"
#include "core/bytes.h"
#include "storage/work/work_queue.h"

namespace qianda::contracts {

struct RetentionServices {
  EnvelopeServices& envelopes;
  // The platform's detached CMS over a statement, DER; throws kUnavailable while its timestamp cannot be had.
  std::function<core::Bytes(std::string_view)> sign;
  std::string node;  // that does it, as the proof names it
};

void eraseEnvelope(RetentionServices& services, const storage::Lease& lease);

// Names, numbers, handwriting, notices, links, codes and snapshots of an envelope. What stays: state, times, hashes,
// relations, and the audit entries (docs/decisions/0022).
void erasePersonalData(storage::Transaction& transaction, const Envelope& envelope);

}  // namespace qianda::contracts
