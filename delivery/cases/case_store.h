// Cases in SQL. Every change is one transaction's work with its audit entry (stream "case:<id>") and raises the case's
// version. Events are appended, never changed: the clock (clock.h) is computed from them. Who may call is settled
// before; another organisation's case is kNotFound. Functions on a Transaction, any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/actor.h"
#include "delivery/cases/case_file.h"
#include "storage/sql/database.h"

namespace qianda::delivery {

// Ids, version and state of `wanted` are drawn here; its event "received" on `receivedOn` is the first. Ids of agents
// and addresses name their party by its position in `wanted.parties` ("0", "1" ...). Returns the case's id. Throws
// kConflict for a number that exists, kInvalidInput naming the member that is at fault.
std::string createCase(storage::Transaction& transaction, const core::Actor& actor, const CaseFile& wanted,
                       core::Date receivedOn, core::Instant now);

CaseFile getCase(storage::Transaction& transaction, const std::string& organisation, const std::string& id);
std::optional<std::string> findCaseByNumber(storage::Transaction& transaction, const std::string& organisation,
                                            const std::string& number);
struct CaseLine {
  std::string id, number, cause, state;
  core::Instant changedAt{};
};
// By id, behind `after`.
std::vector<CaseLine> listCases(storage::Transaction& transaction, const std::string& organisation,
                                const std::string& state, const std::string& after, std::size_t limit);

// Members that may change: panel, clerk, room, procedure, claims, cause; nothing keeps the value.
struct CaseChange {
  std::optional<std::string> cause, procedure, claims, clerk, room;
  std::optional<std::vector<std::string>> panel;
};
void changeCase(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                const CaseChange& change, core::Instant now);
// Throws kInvalidInput for a kind that is none or a required detail that is missing, kConflict for a closed case.
void addCaseEvent(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                  const CaseEvent& event, core::Instant now);
// Each returns the new id.
std::string addParty(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                     const CaseParty& party, core::Instant now);
std::string addAgent(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                     const CaseAgent& agent, core::Instant now);
std::string addAddress(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                       const ServiceAddress& address, core::Instant now);
// The address is served at no more; what was served there stays.
void withdrawAddress(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                     const std::string& address, core::Instant now);
// Consent to electronic service ends (in writing), for what is served from then on.
void withdrawConsent(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                     const std::string& address, core::Date day, core::Instant now);

// An audit entry of the case's stream.
void noteInCase(storage::Transaction& transaction, const core::Actor& actor, const std::string& id,
                const std::string& type, const std::string& details, core::Instant now);

// 凡仲裁必先调解: of the cases whose mediation ended in the window, how many ended in a settlement.
struct MediationCount {
  std::int64_t offered = 0, running = 0, succeeded = 0, failed = 0, declined = 0;
};
MediationCount countMediations(storage::Transaction& transaction, const std::string& organisation, core::Date from,
                               core::Date to);

}  // namespace qianda::delivery
