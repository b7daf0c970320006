// The verdict on one file as JSON: the members of `qianda verify --json`, of public verification and of the
// verification report in an evidence package. Members keep their order.
#pragma once

#include <Poco/JSON/Object.h>

#include "contracts/evidence/verdict_report.h"

namespace qianda::contracts {

Poco::JSON::Object::Ptr verdictJson(const JudgedFile& file);

}  // namespace qianda::contracts
