// What is kept of a batch's row beside its contract: the value of every field (a list as rows of cells), and what the
// rules said of them on the day the roster was accepted. The roster itself is gone when its batch has ended. Pure, any
// thread.
#pragma once

#include <string>
#include <vector>

#include "contracts/evidence/snapshot.h"
#include "core/time.h"
#include "templates/fault.h"
#include "templates/template.h"

namespace qianda::contracts {

// `found`: what the rules said of the record.
EvidenceSnapshot snapshotOf(const std::string& envelope, const templates::Template& form,
                            const templates::Record& record, const std::vector<templates::Fault>& found,
                            core::Date checkedOn);

}  // namespace qianda::contracts
