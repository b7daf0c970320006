// One click: the documents of a step of a case are planned, filled, sealed, made durable, and their service begins, for
// one case or for many at once. All of a call is planned before anything is sealed, and it becomes true in one
// transaction: documents, service records, attempts, parcels with their tasks, and the event of the case. The same key
// asked for again gives the same answer.
#pragma once

#include <string>
#include <vector>

#include "delivery/documents/court_press.h"
#include "delivery/documents/step_sets.h"
#include "delivery/service/record_store.h"

namespace qianda::delivery {

inline constexpr std::size_t kMostSteps = 500;                        // of one call
inline constexpr const char* kElectronicWork = "electronic_service";  // the subject is an attempt

struct StepOrder {
  std::string caseId, step;
  EnteredValues entered;
  std::vector<std::string> only;  // parties; empty: all
  // "auto": electronic where consent and rules allow it, else postal, else nothing yet; or one of "electronic",
  // "postal", "none".
  std::string method = "auto";
};

struct IssueFault {
  std::size_t order = 0;  // index
  std::string field, document, party, messageZh, messageEn;
};

struct IssuedRecord {
  std::string id, party, method, attempt, parcel;  // method "" when none could begin: the reason is in `hint`
  std::string hint;
};
struct IssuedStep {
  std::string id, caseId;
  std::int64_t documents = 0;
  std::vector<IssuedRecord> records;
};

struct IssueHouse {
  storage::Database& database;
  CourtPress& press;
  std::string partner;       // who carries letters; "": nobody, postal service cannot begin
  bool wantsReceipt = true;  // 返单
};

struct IssueOutcome {
  std::vector<IssueFault> faults;  // then nothing was sealed
  std::vector<IssuedStep> steps;
  bool isRepeated = false;
};
// `key` makes it safe to ask again: kConflict when it belongs to another request. Throws what the press throws.
IssueOutcome issueSteps(const IssueHouse& house, const core::Actor& actor, const std::string& seal,
                        const std::string& key, const std::vector<StepOrder>& orders, core::Instant now);

IssuedStep getIssuedStep(storage::Transaction& transaction, const std::string& organisation, const std::string& id);

// An attempt by post: its parcel exists and its order is a task. Throws kConflict when the court has no address that
// letters come back to.
std::string postAttempt(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
                        const std::string& attempt, const std::string& partner, bool wantsReceipt, core::Instant now);

}  // namespace qianda::delivery
