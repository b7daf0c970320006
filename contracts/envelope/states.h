// What an envelope and its parties may become: two tables, state by event, and nothing beside them. An event that the
// table does not admit is refused, whoever asks. A waiting state says that a party confirmed and the signature cannot
// be completed at its level because an outside service does not answer: nothing is ever signed at a lower level
// instead. Constant data, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qianda::contracts {

enum class EnvelopeState {
  kDraft,
  kSent,
  kViewed,
  kSigned,  // by some, not by all
  kPendingTimestamp,
  kPendingRevocation,
  kCompleted,
  kDeclined,
  kRevoked,
  kExpired,
};
enum class EnvelopeEvent {
  kSend,
  kView,
  kSignPart,
  kSignLast,
  kWaitTimestamp,
  kWaitRevocation,
  kDecline,
  kRevoke,
  kExpire
};
inline constexpr int kEnvelopeStates = 10, kEnvelopeEvents = 9;

enum class PartyKind { kPerson, kOrganisation };
// Delegated: another person or organisation stands in this one's place (a party of its own).
enum class PartyState { kWaiting, kInvited, kViewed, kIdentified, kWilling, kSigned, kDeclined, kDelegated };
// kConfirm: the will to sign, declared by the worker or, for an organisation, by the grant of its seal.
enum class PartyEvent { kInvite, kView, kIdentify, kConfirm, kSign, kDecline, kDelegate };
inline constexpr int kPartyStates = 8, kPartyEvents = 7;

std::optional<EnvelopeState> next(EnvelopeState state, EnvelopeEvent event);
std::optional<PartyState> next(PartyKind kind, PartyState state, PartyEvent event);

// Whether anything can still happen to it.
bool isOver(EnvelopeState state);

// The texts of the database and the API: "pending_timestamp", "willing", "person".
std::string_view nameOf(EnvelopeState state);
std::string_view nameOf(PartyState state);
std::string_view nameOf(PartyKind kind);
std::string_view nameOf(EnvelopeEvent event);
std::string_view nameOf(PartyEvent event);
// Throws kCorrupt for another text.
EnvelopeState envelopeStateNamed(std::string_view name);
PartyState partyStateNamed(std::string_view name);
PartyKind partyKindNamed(std::string_view name);
// Nothing for another text.
std::optional<EnvelopeState> findEnvelopeState(std::string_view name);

// The states from which `event` leads somewhere, as a list for SQL: 'sent', 'viewed'.
std::string sqlListBefore(EnvelopeEvent event);

}  // namespace qianda::contracts
