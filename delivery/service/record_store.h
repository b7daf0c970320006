// Service records in SQL: a case's documents for one recipient, how they were tried, what is on file, what persons
// decided, and what the ruling says. Everything a ruling is made from is kept; the ruling itself is written beside it
// and can be computed again (recompute()). Each function is one transaction's work, with audit entries in the stream
// "service:<record>" and events for webhooks. Functions on a Transaction, any thread.
#pragma once

#include <string>
#include <vector>

#include "core/actor.h"
#include "delivery/cases/case_file.h"
#include "delivery/service/ruling.h"
#include "storage/sql/database.h"

namespace qianda::delivery {

inline constexpr const char* kProofWork = "service_proof";  // the subject is a record: its proof is made (anew)

// The law a court works by: what ships with the program under the court's own values.
struct ServiceLaw {
  ServiceRules rules;
  const WorkingCalendar* calendar = nullptr;
};
ServiceLaw lawOf(storage::Transaction& transaction, const std::string& organisation);
// Throws kNotFound for no such rule, kInvalidInput for a value that it may not have.
void setRule(storage::Transaction& transaction, const core::Actor& actor, const std::string& key,
             const std::string& value, const std::string& ground, core::Instant now);

struct ServiceRecord {
  std::string id, organisation, caseId, step, party, taker, noticeGround;
  std::int64_t version = 0;
  RecordState state = RecordState::kOpen;
  std::string ending, legalDay, needs, ruling;  // as of the last ruling
  std::string proof, receipt;                   // documents: 送达报告 and 送达回证, "" before
  std::int64_t proofVersion = 0;
  core::Instant createdAt{}, changedAt{};
  std::vector<std::string> documents;  // of court_documents, in order
};

struct NewRecord {
  std::string caseId, step, party, taker;
  std::vector<std::string> documents;
};
std::string insertRecord(storage::Transaction& transaction, const core::Actor& actor, const NewRecord& record,
                         core::Instant now);
ServiceRecord getRecord(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
struct RecordFilter {
  std::string caseId, state, needs;  // "" for every one
};
std::vector<ServiceRecord> listRecords(storage::Transaction& transaction, const std::string& organisation,
                                       const RecordFilter& filter, const std::string& after, std::size_t limit);

// Everything the ruling is made from, as it is on file; `asOf` decides about staleness and the future only.
RecordFacts factsOf(storage::Transaction& transaction, const ServiceRecord& record, core::Instant asOf);

// Rules anew and keeps what changed: audit entry "service.ruled", event "service.<state>", and work for the proof when
// it is served, or was. Returns the ruling. Locks the record.
RecordRuling recompute(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                       core::Instant now);

struct NewAttempt {
  ServiceMethod method = ServiceMethod::kPostal;
  std::string address;  // "" for methods that need none
  // When it began, where it is registered afterwards: by hand alone, never by post or electronically.
  std::optional<core::Instant> startedAt = {};
};
// Returns its id. Throws kInvalidInput for an address that is not the recipient's or not fit for the method, kConflict
// for a record that is served or void.
std::string startAttempt(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
                         const NewAttempt& attempt, core::Instant now);
void withdrawAttempt(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
                     const std::string& attempt, const std::string& reason, core::Instant now);

struct NewEvidence {
  std::string attempt;
  EvidenceKind kind = EvidenceKind::kNote;
  core::Instant at{};
  SignerClass signer = SignerClass::kNone;
  bool hasIdNumber = false;
  int staff = 0;
  std::string document, sha256, text;
};
// Returns its id. Throws kInvalidInput for what lies in the future or before the attempt.
std::string addEvidence(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
                        const NewEvidence& evidence, core::Instant now);

struct NewDecision {
  HumanDecision decision = HumanDecision::kConfirm;
  std::string attempt, reason;
  std::optional<core::Date> legalDate;
};
void decide(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
            const NewDecision& decision, core::Instant now);
// Service by public notice has a ground: other ways are exhausted (民诉法 95).
void groundNotice(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
                  const std::string& ground, core::Instant now);

// The best address for the method among those of the party, by the order of grounds; never one the opponent holds while
// there is another. Nothing when there is none.
const ServiceAddress* findAddress(const CaseFile& file, const std::string& party, ServiceMethod method);

void noteInService(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
                   const std::string& type, const std::string& details, core::Instant now);
struct ServiceNote {
  std::string type, details;
};
void noteInService(storage::Transaction& transaction, const core::Actor& actor, const std::string& record,
                   const std::vector<ServiceNote>& notes, core::Instant now);

}  // namespace qianda::delivery
