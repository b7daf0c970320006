// What people and time do to an envelope. Each function is one transaction's work on an envelope it locks, with its
// audit entry, its event and the work that follows from it; a step the tables of states.h do not admit throws
// kConflict. Order is kept here: nobody is invited before the stage is open (PEERS 33). Who may call is settled before.
#pragma once

#include <string>

#include "contracts/envelope/envelope.h"
#include "contracts/envelope/services.h"
#include "storage/work/work_queue.h"

namespace qianda::contracts {

// Kinds of work: subjects are a party ("<envelope>.<name>"), an envelope or, of notices, "<party>:<kind>".
inline constexpr const char *kSignWork = "sign_party", *kSealWork = "seal_party", *kNoticeWork = "notice",
                            *kExpireWork = "expire_envelope", *kRemindWork = "remind_parties",
                            *kSendBatchWork = "send_batch";
// The kind of the notice that a copy may still be fetched before all is erased (contracts/retention).
inline constexpr const char* kErasureNotice = "erasure";

// Opens the first stage. `expires` 1970: after the policy's deadline. Throws kInvalidInput for a deadline in the past.
void sendEnvelope(storage::Transaction& transaction, const std::string& id, const EnvelopePolicy& policy,
                  const Actor& actor, core::Instant now, core::Instant expires = {});
void revokeEnvelope(storage::Transaction& transaction, const std::string& id, const std::string& reason,
                    const Actor& actor, core::Instant now);
void declineEnvelope(storage::Transaction& transaction, const std::string& id, const std::string& party,
                     const std::string& reason, const Actor& actor, core::Instant now);
// Asks the parties whose turn it is once more, with fresh links. Returns how many.
std::size_t remindParties(storage::Transaction& transaction, const std::string& id, const Actor& actor,
                          core::Instant now);

struct Delegate {
  std::string displayName, idNumber, phone;  // of a person
  std::string organisation, seal;            // of an organisation
};
// Another one signs in the party's place. Throws kConflict where the rules forbid it: a labour contract is signed by
// the worker in person (劳动合同法 3, 16), whoever asks. Returns the new party's name.
std::string delegateParty(storage::Transaction& transaction, const std::string& id, const std::string& party,
                          const Delegate& to, const Actor& actor, core::Instant now);

// The parties of the lowest stage that is not complete get their turn; used after each signature.
void openStage(storage::Transaction& transaction, Envelope& envelope, core::Instant now);
void setPartyState(storage::Transaction& transaction, Envelope& envelope, const std::string& party, PartyEvent event,
                   core::Instant now);
// The state alone, refused when the table does not admit it; revision and stage stay.
void moveEnvelope(storage::Transaction& transaction, Envelope& envelope, EnvelopeEvent event, const std::string& reason,
                  core::Instant now);
void notifyPersons(storage::Transaction& transaction, const Envelope& envelope, const std::string& kind,
                   core::Instant now);

// Work. Each ends its lease.
void expireEnvelope(EnvelopeServices& services, const storage::Lease& lease);
void remindByWork(EnvelopeServices& services, const storage::Lease& lease);
void sendNotice(EnvelopeServices& services, const storage::Lease& lease);
// Sends every draft of the batch that is the subject, some at a time; the payload is who asked.
void sendBatch(EnvelopeServices& services, const storage::Lease& lease);

}  // namespace qianda::contracts
