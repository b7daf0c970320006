// One pure function per rule (docs/law-rules.md): looks at the facts, appends what it finds. The rule's id, article,
// severity, dates and messages stand in the table beside it (rules.cpp).
#pragma once

#include "templates/law/facts.h"
#include "templates/law/law.h"

namespace qianda::templates::law {

using Check = void (*)(const Facts& facts, Findings& findings);

// Bits of RuleEntry::profiles.
inline constexpr unsigned kGeneral = 1, kDispatch = 2, kPartTime = 4, kPlatform = 8, kAgreement = 16, kAnnex = 32;

struct RuleEntry {
  Rule rule;
  unsigned profiles;
  Check check;
};
const std::vector<RuleEntry>& ruleTable();

// Parties and their ages (checks_parties.cpp)
void checkEmployer(const Facts&, Findings&);         // LC01
void checkWorker(const Facts&, Findings&);           // LC02
void checkLateContract(const Facts&, Findings&);     // LC25
void checkDeemedOpenEnded(const Facts&, Findings&);  // LC26
void checkBackdatedStart(const Facts&, Findings&);   // LC28
void checkUnderage(const Facts&, Findings&);         // LC29
void checkYoungWorker(const Facts&, Findings&);      // LC29, 16 to 18
void checkRetirement(const Facts&, Findings&);       // LC30
// Term and probation (checks_term.cpp)
void checkTerm(const Facts&, Findings&);               // LC03
void checkTermDates(const Facts&, Findings&);          // LC03
void checkProbationLength(const Facts&, Findings&);    // LC12
void checkProbationAllowed(const Facts&, Findings&);   // LC13
void checkSecondProbation(const Facts&, Findings&);    // LC14
void checkProbationOnly(const Facts&, Findings&);      // LC15
void checkOpenEndedDue(const Facts&, Findings&);       // LC27
void checkContradictions(const Facts&, Findings&);     // LC40
void checkPartTimeProbation(const Facts&, Findings&);  // LC13, 70
// Work, hours and pay (checks_work.cpp)
void checkWork(const Facts&, Findings&);              // LC04
void checkPlaceTooWide(const Facts&, Findings&);      // LC04
void checkHoursSystem(const Facts&, Findings&);       // LC05
void checkStandardHours(const Facts&, Findings&);     // LC06
void checkOvertime(const Facts&, Findings&);          // LC07
void checkPay(const Facts&, Findings&);               // LC08
void checkMinimumWage(const Facts&, Findings&);       // LC09
void checkBasePay(const Facts&, Findings&);           // LC09, the part that does not vary
void checkWageOnFile(const Facts&, Findings&);        // LC09, no figure
void checkWageConfirmed(const Facts&, Findings&);     // LC09, a recalled figure decided
void checkProbationPay(const Facts&, Findings&);      // LC16
void checkPartTime(const Facts&, Findings&);          // LC35
void checkHiddenSubMinimum(const Facts&, Findings&);  // LC42
// Agreed clauses and dispatch (checks_clauses.cpp)
void checkHazardNotice(const Facts&, Findings&);      // LC11
void checkNonCompete(const Facts&, Findings&);        // LC19
void checkNonCompetePay(const Facts&, Findings&);     // LC20
void checkDispatch(const Facts&, Findings&);          // LC32
void checkDispatchPost(const Facts&, Findings&);      // LC33
void checkDispatchPartTime(const Facts&, Findings&);  // LC34
// Free text (checks_wording.cpp)
void checkInsuranceWaiver(const Facts&, Findings&);     // LC10
void checkWorkerPenalty(const Facts&, Findings&);       // LC17
void checkDeposit(const Facts&, Findings&);             // LC21
void checkDutyWaiver(const Facts&, Findings&);          // LC22
void checkTerminationGrounds(const Facts&, Findings&);  // LC23
void checkOneSidedChange(const Facts&, Findings&);      // LC24

}  // namespace qianda::templates::law
