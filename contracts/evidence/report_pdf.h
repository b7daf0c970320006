// A report as a PDF (PDF/A-2u in structure, its text can be searched and copied), set by the house's own typesetter: a
// template in Markdown is written for the report's tables, its values are the report's cells. Characters that no font
// has are shown by their code point.
#pragma once

#include "contracts/evidence/verdict_report.h"
#include "core/time.h"

namespace qianda::contracts {

std::string pdfOf(const Report& report, core::Instant at);

}  // namespace qianda::contracts
