// The events of a case with its parties written into them, as the clock needs them: whom the copy, the notice and the
// award must reach, and who is worker or employer (a person or an organisation, 调解仲裁法 22). Pure; any thread.
#pragma once

#include "delivery/cases/case_file.h"

namespace qianda::delivery {

// file.events, with "applicants", "respondents", "third_parties", "workers" and "employers" set on "received" and
// "accepted" where they were not given; a party that a "party_added" names joins with that event.
std::vector<CaseEvent> eventsWithParties(const CaseFile& file);

}  // namespace qianda::delivery
