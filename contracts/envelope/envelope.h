// Envelopes as they stand: read in a transaction, or locked there to be changed. All changes of one envelope take turns
// on its row; who adds a revision also names the revision it continues. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contracts/actor.h"
#include "contracts/envelope/states.h"
#include "core/id.h"
#include "core/time.h"
#include "storage/sql/database.h"

namespace qianda::contracts {

struct Party {
  std::string name, field;  // the name is the field's, or "<field>.<n>" after a delegation
  PartyKind kind = PartyKind::kPerson;
  std::int64_t stage = 1;
  PartyState state = PartyState::kWaiting;
  std::string displayName, idNumber, phone, organisation, seal;
  std::int64_t revision = 0;  // that carries its signature
  core::Instant changed;
};

struct Envelope {
  std::string id, organisation, batch;
  std::int64_t row = 0;
  std::string kind, templateId, templateVersion, title, level;
  EnvelopeState state = EnvelopeState::kDraft;
  std::int64_t stage = 0, revision = 1;
  std::string reason, createdBy;
  core::Instant created, changed, expires;  // expires 1970: never
  std::vector<Party> parties;

  const Party* findParty(const std::string& name) const;
  const Party& getParty(const std::string& name) const;  // throws kNotFound
};

struct Revision {
  std::int64_t number = 0;
  core::DocumentId document;
  std::string sha256;
  std::int64_t size = 0;
  std::string what;   // "created", "signed", "sealed"
  std::string party;  // name(s) of who signed it
  core::Instant at;
};

struct Relation {
  std::string envelope, kind, of;  // kind: "renewal", "amendment", "termination"
};

// What happens by itself.
inline const Actor kSystem{{}, "system", {}, {}};

// One party of one envelope as one text, "<envelope>.<name>", and back; throws kNotFound for another text.
std::string partyId(const std::string& envelope, const std::string& name);
std::pair<std::string, std::string> splitPartyId(const std::string& id);

std::optional<Envelope> findEnvelope(storage::Transaction& transaction, const std::string& id);
Envelope getEnvelope(storage::Transaction& transaction, const std::string& id);   // throws kNotFound
Envelope lockEnvelope(storage::Transaction& transaction, const std::string& id);  // until the transaction ends
std::vector<Revision> listRevisions(storage::Transaction& transaction, const std::string& id);  // oldest first
Revision newestRevision(storage::Transaction& transaction, const Envelope& envelope);

struct EnvelopeFilter {
  std::string organisation;
  std::string state, batch, person;  // empty: any; person: an identity number
  std::string before;                // id: only older ones
  std::size_t most = 50;
};
// Newest first.
std::vector<Envelope> listEnvelopes(storage::Transaction& transaction, const EnvelopeFilter& filter);

// A renewal, amendment or termination of a contract. Throws kInvalidInput for another kind or an envelope of itself,
// kNotFound when `of` is not the same organisation's, kConflict when it is not completed or the relation exists.
void relate(storage::Transaction& transaction, const Envelope& envelope, const Relation& relation);
// Both ways: what it is of, and what is of it.
std::vector<Relation> listRelations(storage::Transaction& transaction, const std::string& envelope);

// Whether that party may have the document's octets now: from the moment it identified itself while its stage is or was
// open; when the envelope ended without completion, no longer. The owner's users are another matter.
bool mayRead(const Envelope& envelope, const Party& party);

// What happened to an envelope, in its audit stream and as an event for the world outside.
void record(storage::Transaction& transaction, const Envelope& envelope, const Actor& actor, const std::string& type,
            const std::string& details, core::Instant now);
// In its audit stream alone.
void recordPrivately(storage::Transaction& transaction, const Envelope& envelope, const Actor& actor,
                     const std::string& type, const std::string& details, core::Instant now);

}  // namespace qianda::contracts
