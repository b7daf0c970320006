// Gives the audit log its anchors: makes one when streams grew and asks the timestamp authority for those that wait,
// oldest first. One that is silent leaves the anchor waiting, with what it said, until the next time. What this does
// bears repetition; two at once make at most one anchor more.
#pragma once

#include <string>

#include "core/time.h"
#include "signing/trust/timestamp_source.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct AnchoringOutcome {
  std::int64_t made = 0, stamped = 0, waiting = 0;
  std::string silence;  // what the authority last said, "" when none waits
};

AnchoringOutcome anchorAudit(storage::Database& database, const signing::TimestampSource& time, core::Instant now);

}  // namespace qianda::contracts
