// A report as one self-contained HTML document that prints well. Texts are escaped; nothing is loaded from elsewhere.
#pragma once

#include "clients/cli/verify_report.h"

namespace qianda::cli {

std::string htmlOf(const Report& report);

}  // namespace qianda::cli
