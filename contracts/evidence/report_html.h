// A report as one self-contained HTML document that prints well. Texts are escaped; nothing is loaded from elsewhere.
#pragma once

#include "contracts/evidence/verdict_report.h"

namespace qianda::contracts {

std::string htmlOf(const Report& report);

}  // namespace qianda::contracts
