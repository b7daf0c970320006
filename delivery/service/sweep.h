// What time alone changes, looked at regularly: deadlines of open cases that are near or over (said once each, as an
// audit entry and an event), rulings that wait for days to pass (public notice, posting at the door), parcels that
// nobody tells of. A look that was missed is made up for by the next one (R17). Functions on a Database.
#pragma once

#include "delivery/service/record_store.h"

namespace qianda::delivery {

struct SweepCount {
  std::int64_t cases = 0, alarms = 0, rulings = 0, stale = 0;
};
SweepCount sweep(storage::Database& database, core::Instant now);

// Deadlines of open cases that were said to be near or over, and are not met.
struct DeadlineAlarm {
  std::string id;  // "<case>.<deadline>", for pages
  std::string caseId, number, deadline, lastDay, state;
  core::Instant at{};
};
std::vector<DeadlineAlarm> listAlarms(storage::Transaction& transaction, const std::string& organisation,
                                      const std::string& state, std::size_t limit);

}  // namespace qianda::delivery
