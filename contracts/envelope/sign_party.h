// The signature of one party who has confirmed: signed on top of the newest octets, stored durably, read back and
// judged, and only then one transaction moves party, envelope and revision with their audit entries and event. Whoever
// runs it, however often and from however many nodes at once, the party signs once: a signature that lost the race for
// the revision is dropped and made again on the newer octets, and a crash before the commit leaves a document that no
// revision names (PEERS 1-9, 11). Without its timestamp or revocation data nothing is signed: the envelope waits in a
// state of its own and the work is tried again (PEERS 17). Work of the kinds sign_party and seal_party.
#pragma once

#include "contracts/envelope/envelope.h"
#include "contracts/envelope/services.h"
#include "storage/work/work_queue.h"

namespace qianda::contracts {

// A person whose will is recorded. Returns at once when the party has signed or the envelope is over.
void signParty(EnvelopeServices& services, const storage::Lease& lease);
// An organisation whose stage is open: its seal's grants are asked, then as above. A refused grant buries the work with
// its reason, to be revived when there is a grant.
void sealParty(EnvelopeServices& services, const storage::Lease& lease);

// What is wrong with `file` as the next revision of an envelope: empty, or one sentence. Every signed field is judged:
// the new one must be TOTAL_PASSED at its level with a trusted timestamp, those of the parties who signed before must
// be there and TOTAL_PASSED still, and there is no other signature.
std::string judgeRevision(const signing::Verifier& verifier, std::string_view file, const Envelope& envelope,
                          const std::string& newField, core::Instant now);

}  // namespace qianda::contracts
