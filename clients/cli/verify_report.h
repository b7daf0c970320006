// The verdicts on files as one page for people, Chinese first with English beside it: a self-contained HTML document
// that prints well. Texts of the files are escaped; nothing is loaded from elsewhere.
#pragma once

#include <string>
#include <vector>

#include "signing/verify/verifier.h"

namespace qianda::cli {

std::string writeReport(const std::vector<std::string>& files, const std::vector<signing::FileVerdict>& verdicts,
                        core::Instant at);

}  // namespace qianda::cli
