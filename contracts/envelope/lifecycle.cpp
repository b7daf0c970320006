#include "contracts/envelope/lifecycle.h"

#include <algorithm>

#include "contracts/ceremony/links.h"
#include "contracts/envelope/details.h"
#include "core/error.h"
#include "storage/sql/instant.h"

namespace qianda::contracts {
namespace {

using core::Error;
using core::ErrorCode;
using storage::enqueueWork;
using storage::Transaction;

using storage::msOf;

bool isDone(const Party& party) { return party.state == PartyState::kSigned || party.state == PartyState::kDelegated; }
bool isAsked(const Party& party) {
  return party.kind == PartyKind::kPerson &&
         (party.state == PartyState::kInvited || party.state == PartyState::kViewed ||
          party.state == PartyState::kIdentified);
}

void enqueueNotice(Transaction& transaction, const Envelope& envelope, const Party& party, const std::string& kind,
                   core::Instant now) {
  enqueueWork(transaction, {kNoticeWork, partyId(envelope.id, party.name) + ":" + kind, "", now}, now);
}

// Whom the rules let sign through another: by the envelope's kind and the party's.
struct DelegationRule {
  const char* envelopeKind;
  PartyKind party;
  bool allowed;
  const char* reason;
};
constexpr DelegationRule kDelegations[] = {
    {"labour_contract", PartyKind::kPerson, false,
     "a labour contract is signed by the worker in person (劳动合同法 3, 16)"},
    {"labour_contract", PartyKind::kOrganisation, true, ""},
    {"document", PartyKind::kPerson, true, ""},
    {"document", PartyKind::kOrganisation, true, ""},
};

void checkDelegation(const Envelope& envelope, const Party& party) {
  for (const DelegationRule& rule : kDelegations) {
    if (envelope.kind == rule.envelopeKind && party.kind == rule.party && rule.allowed) return;
    if (envelope.kind == rule.envelopeKind && party.kind == rule.party) throw Error(ErrorCode::kConflict, rule.reason);
  }
  throw Error(ErrorCode::kConflict, "no rule lets a party of a " + envelope.kind + " delegate");
}

void insertDelegate(Transaction& transaction, const Envelope& envelope, const Party& from, const std::string& name,
                    const Delegate& to, core::Instant now) {
  const auto orNull = [](const std::string& text) { return text.empty() ? storage::Value() : storage::Value(text); };
  transaction.insertAll(
      "INSERT INTO envelope_parties (envelope, name, field, kind, stage, state, display_name, id_number, phone, "
      "organisation, seal, revision, changed_ms) VALUES",
      13,
      {{envelope.id, name, from.field, std::string(nameOf(from.kind)), from.stage,
        std::string(nameOf(PartyState::kWaiting)), to.displayName, orNull(to.idNumber), orNull(to.phone),
        orNull(to.organisation), orNull(to.seal), std::int64_t{0}, msOf(now)}});
}

}  // namespace

void setPartyState(Transaction& transaction, Envelope& envelope, const std::string& name, PartyEvent event,
                   core::Instant now) {
  envelope.getParty(name);
  Party& party = *std::find_if(envelope.parties.begin(), envelope.parties.end(),
                               [&](const Party& one) { return one.name == name; });
  const auto to = next(party.kind, party.state, event);
  if (!to) {
    throw Error(ErrorCode::kConflict, "party \"" + name + "\" of envelope " + envelope.id + " is " +
                                          std::string(nameOf(party.state)) + ": it cannot " +
                                          std::string(nameOf(event)) + " now");
  }
  if (*to == party.state) return;
  if (transaction.execute("UPDATE envelope_parties SET state = $1, changed_ms = $2 WHERE envelope = $3 AND name = $4 "
                          "AND state = $5",
                          {std::string(nameOf(*to)), msOf(now), envelope.id, name, std::string(nameOf(party.state))}) ==
      0) {
    throw Error(ErrorCode::kConflict, "party \"" + name + "\" of envelope " + envelope.id + " has just changed");
  }
  party.state = *to;
  party.changed = now;
}

void moveEnvelope(Transaction& transaction, Envelope& envelope, EnvelopeEvent event, const std::string& reason,
                  core::Instant now) {
  const auto to = next(envelope.state, event);
  if (!to) {
    throw Error(ErrorCode::kConflict, "envelope " + envelope.id + " is " + std::string(nameOf(envelope.state)) +
                                          ": it cannot " + std::string(nameOf(event)) + " now");
  }
  if (transaction.execute("UPDATE envelopes SET state = $1, reason = $2, changed_ms = $3 WHERE id = $4 AND state = $5 "
                          "AND revision = $6",
                          {std::string(nameOf(*to)), reason, msOf(now), envelope.id,
                           std::string(nameOf(envelope.state)), envelope.revision}) == 0) {
    throw Error(ErrorCode::kConflict, "envelope " + envelope.id + " has just changed");
  }
  envelope.state = *to;
  envelope.reason = reason;
  envelope.changed = now;
}

void openStage(Transaction& transaction, Envelope& envelope, core::Instant now) {
  std::int64_t lowest = 0;
  for (const Party& party : envelope.parties) {
    if (!isDone(party) && (lowest == 0 || party.stage < lowest)) lowest = party.stage;
  }
  if (lowest == 0) return;
  if (lowest != envelope.stage) {
    transaction.execute("UPDATE envelopes SET stage = $1 WHERE id = $2", {lowest, envelope.id});
    envelope.stage = lowest;
  }
  for (std::size_t i = 0; i < envelope.parties.size(); ++i) {
    if (envelope.parties[i].stage != lowest || envelope.parties[i].state != PartyState::kWaiting) continue;
    const std::string name = envelope.parties[i].name;
    setPartyState(transaction, envelope, name, PartyEvent::kInvite, now);
    const Party& party = envelope.parties[i];
    if (party.kind == PartyKind::kPerson) {
      enqueueNotice(transaction, envelope, party, "invitation", now);
    } else {
      enqueueWork(transaction, {kSealWork, partyId(envelope.id, name), "", now}, now);
    }
    record(transaction, envelope, kSystem, "party.invited",
           jsonOf({{"party", name}, {"name", party.displayName}, {"stage", party.stage}}), now);
  }
}

void notifyPersons(Transaction& transaction, const Envelope& envelope, const std::string& kind, core::Instant now) {
  for (const Party& party : envelope.parties) {
    // Who was never asked hears of nothing; the final copy goes to everybody.
    if (party.state == PartyState::kWaiting || party.state == PartyState::kDelegated) continue;
    enqueueNotice(transaction, envelope, party, kind, now);
  }
}

void sendEnvelope(Transaction& transaction, const std::string& id, const EnvelopePolicy& policy, const Actor& actor,
                  core::Instant now, core::Instant expires) {
  Envelope envelope = lockEnvelope(transaction, id);
  if (expires == core::Instant{}) expires = envelope.expires;
  if (expires == core::Instant{}) expires = now + policy.deadline;
  if (expires <= now) throw Error(ErrorCode::kInvalidInput, "envelope " + id + " would expire before it is sent");
  moveEnvelope(transaction, envelope, EnvelopeEvent::kSend, "", now);
  transaction.execute("UPDATE envelopes SET expires_ms = $1 WHERE id = $2", {msOf(expires), id});
  record(transaction, envelope, actor, "envelope.sent", jsonOf({{"expires", core::isoInstant(expires)}}), now);
  openStage(transaction, envelope, now);
  enqueueWork(transaction, {kExpireWork, id, "", expires}, now);
  enqueueWork(transaction, {kRemindWork, id, "0", now + policy.reminderInterval}, now);
}

void revokeEnvelope(Transaction& transaction, const std::string& id, const std::string& reason, const Actor& actor,
                    core::Instant now) {
  Envelope envelope = lockEnvelope(transaction, id);
  const bool wasSent = envelope.state != EnvelopeState::kDraft;
  moveEnvelope(transaction, envelope, EnvelopeEvent::kRevoke, reason, now);
  record(transaction, envelope, actor, "envelope.revoked", jsonOf({{"reason", reason}}), now);
  if (wasSent) notifyPersons(transaction, envelope, "revoked", now);
}

void declineEnvelope(Transaction& transaction, const std::string& id, const std::string& party,
                     const std::string& reason, const Actor& actor, core::Instant now) {
  Envelope envelope = lockEnvelope(transaction, id);
  if (reason.empty()) throw Error(ErrorCode::kInvalidInput, "who declines says why");
  setPartyState(transaction, envelope, party, PartyEvent::kDecline, now);
  moveEnvelope(transaction, envelope, EnvelopeEvent::kDecline, reason, now);
  record(transaction, envelope, actor, "envelope.declined", jsonOf({{"party", party}, {"reason", reason}}), now);
  notifyPersons(transaction, envelope, "declined", now);
}

std::size_t remindParties(Transaction& transaction, const std::string& id, const Actor& actor, core::Instant now) {
  const Envelope envelope = lockEnvelope(transaction, id);
  if (isOver(envelope.state) || envelope.state == EnvelopeState::kDraft) {
    throw Error(ErrorCode::kConflict,
                "envelope " + id + " is " + std::string(nameOf(envelope.state)) + ": nobody is to be reminded");
  }
  std::size_t reminded = 0;
  for (const Party& party : envelope.parties) {
    if (party.stage != envelope.stage) continue;
    // A seal that was refused for want of a grant is tried again.
    if (party.kind == PartyKind::kOrganisation) {
      storage::reviveWork(transaction, kSealWork, partyId(id, party.name), now);
    }
    if (!isAsked(party)) continue;
    enqueueNotice(transaction, envelope, party, "reminder", now);
    ++reminded;
  }
  recordPrivately(transaction, envelope, actor, "envelope.reminded",
                  jsonOf({{"parties", static_cast<std::int64_t>(reminded)}}), now);
  return reminded;
}

std::string delegateParty(Transaction& transaction, const std::string& id, const std::string& party, const Delegate& to,
                          const Actor& actor, core::Instant now) {
  Envelope envelope = lockEnvelope(transaction, id);
  const Party from = envelope.getParty(party);
  checkDelegation(envelope, from);
  if (isOver(envelope.state)) throw Error(ErrorCode::kConflict, "envelope " + id + " is over");
  const bool isPerson = from.kind == PartyKind::kPerson;
  if (to.displayName.empty() || (isPerson ? to.idNumber.empty() || to.phone.empty() : to.seal.empty())) {
    throw Error(ErrorCode::kInvalidInput, isPerson ? "a delegate has a name, an identity number and a phone number"
                                                   : "a delegate has a name and a seal");
  }
  setPartyState(transaction, envelope, party, PartyEvent::kDelegate, now);
  revokeLinks(transaction, id, party);
  const auto sharing = std::count_if(envelope.parties.begin(), envelope.parties.end(),
                                     [&](const Party& one) { return one.field == from.field; });
  const std::string name = from.field + "." + std::to_string(sharing + 1);
  insertDelegate(transaction, envelope, from, name, to, now);
  record(transaction, envelope, actor, "party.delegated",
         jsonOf({{"party", party}, {"to", name}, {"name", to.displayName}}), now);
  envelope = lockEnvelope(transaction, id);
  if (envelope.state != EnvelopeState::kDraft) openStage(transaction, envelope, now);
  return name;
}

}  // namespace qianda::contracts
