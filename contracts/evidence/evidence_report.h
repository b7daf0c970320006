// The story of one contract for a court, in Chinese: who concluded what, how each party was told, identified and
// willing, what was signed with which certificate and proven time, that nothing changed since, what was delivered, how
// the log is fixed in time, and how this answers the E-Signature Law (电子签名法) and the Guideline
// (人社厅发〔2021〕54号) point by point, with the member of the package that shows it.
#pragma once

#include "contracts/evidence/evidence_case.h"
#include "contracts/evidence/verdict_report.h"

namespace qianda::contracts {

Report evidenceReport(const EvidenceCase& evidence, const JudgedFile& final, core::Instant madeAt,
                      const std::string& platform);

}  // namespace qianda::contracts
