#include "contracts/envelope/states.h"

#include <array>

#include "core/error.h"

namespace qianda::contracts {
namespace {

using E = EnvelopeState;
using P = PartyState;

template <typename State, std::size_t kEvents>
using Line = std::array<std::optional<State>, kEvents>;

constexpr auto none = std::nullopt;

// clang-format off
constexpr std::array<Line<E, kEnvelopeEvents>, kEnvelopeStates> kEnvelopes{{
    // send      view                   sign part    sign last       wait timestamp         wait revocation        decline         revoke         expire
    {E::kSent,   none,                  none,        none,           none,                  none,                  none,           E::kRevoked,   none},         // draft
    {none,       E::kViewed,            E::kSigned,  E::kCompleted,  E::kPendingTimestamp,  E::kPendingRevocation, E::kDeclined,   E::kRevoked,   E::kExpired},  // sent
    {none,       E::kViewed,            E::kSigned,  E::kCompleted,  E::kPendingTimestamp,  E::kPendingRevocation, E::kDeclined,   E::kRevoked,   E::kExpired},  // viewed
    {none,       E::kSigned,            E::kSigned,  E::kCompleted,  E::kPendingTimestamp,  E::kPendingRevocation, E::kDeclined,   E::kRevoked,   E::kExpired},  // signed
    {none,       E::kPendingTimestamp,  E::kSigned,  E::kCompleted,  E::kPendingTimestamp,  E::kPendingRevocation, E::kDeclined,   E::kRevoked,   none},         // pending timestamp
    {none,       E::kPendingRevocation, E::kSigned,  E::kCompleted,  E::kPendingTimestamp,  E::kPendingRevocation, E::kDeclined,   E::kRevoked,   none},         // pending revocation
    {none, none, none, none, none, none, none, none, none},  // completed
    {none, none, none, none, none, none, none, none, none},  // declined
    {none, none, none, none, none, none, none, none, none},  // revoked
    {none, none, none, none, none, none, none, none, none},  // expired
}};

constexpr std::array<Line<P, kPartyEvents>, kPartyStates> kPersons{{
    // invite         view             identify         confirm      sign         decline       delegate
    {P::kInvited,     none,            none,            none,        none,        none,         P::kDelegated},  // waiting
    {P::kInvited,     P::kViewed,      none,            none,        none,        P::kDeclined, P::kDelegated},  // invited
    {P::kViewed,      P::kViewed,      P::kIdentified,  none,        none,        P::kDeclined, P::kDelegated},  // viewed
    {P::kIdentified,  P::kIdentified,  P::kIdentified,  P::kWilling, none,        P::kDeclined, none},           // identified
    {none,            P::kWilling,     none,            P::kWilling, P::kSigned,  none,         none},           // willing
    {none,            none,            none,            none,        none,        none,         none},           // signed
    {none,            none,            none,            none,        none,        none,         none},           // declined
    {none,            none,            none,            none,        none,        none,         none},           // delegated
}};

constexpr std::array<Line<P, kPartyEvents>, kPartyStates> kOrganisations{{
    // invite         view             identify         confirm      sign         decline       delegate
    {P::kInvited,     none,            none,            none,        none,        none,         P::kDelegated},  // waiting
    {P::kInvited,     none,            none,            P::kWilling, none,        P::kDeclined, P::kDelegated},  // invited
    {none,            none,            none,            none,        none,        none,         none},           // viewed
    {none,            none,            none,            none,        none,        none,         none},           // identified
    {none,            none,            none,            P::kWilling, P::kSigned,  none,         none},           // willing
    {none,            none,            none,            none,        none,        none,         none},           // signed
    {none,            none,            none,            none,        none,        none,         none},           // declined
    {none,            none,            none,            none,        none,        none,         none},           // delegated
}};
// clang-format on

constexpr std::array<std::string_view, kEnvelopeStates> kEnvelopeNames{
    "draft",     "sent",     "viewed",  "signed", "pending_timestamp", "pending_revocation",
    "completed", "declined", "revoked", "expired"};
constexpr std::array<std::string_view, kEnvelopeEvents> kEnvelopeEventNames{
    "send", "view", "sign_part", "sign_last", "wait_timestamp", "wait_revocation", "decline", "revoke", "expire"};
constexpr std::array<std::string_view, kPartyStates> kPartyNames{"waiting", "invited", "viewed",   "identified",
                                                                 "willing", "signed",  "declined", "delegated"};
constexpr std::array<std::string_view, kPartyEvents> kPartyEventNames{"invite", "view",    "identify", "confirm",
                                                                      "sign",   "decline", "delegate"};
constexpr std::array<std::string_view, 2> kKindNames{"person", "organisation"};

template <typename State, std::size_t kCount>
std::optional<State> find(const std::array<std::string_view, kCount>& names, std::string_view name) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

template <typename State, std::size_t kCount>
State get(const std::array<std::string_view, kCount>& names, std::string_view name) {
  const auto found = find<State>(names, name);
  if (!found) throw core::Error(core::ErrorCode::kCorrupt, "no such state: " + std::string(name));
  return *found;
}

}  // namespace

std::optional<EnvelopeState> next(EnvelopeState state, EnvelopeEvent event) {
  return kEnvelopes.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(event));
}
std::optional<PartyState> next(PartyKind kind, PartyState state, PartyEvent event) {
  const auto& table = kind == PartyKind::kPerson ? kPersons : kOrganisations;
  return table.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(event));
}

bool isOver(EnvelopeState state) {
  return state == E::kCompleted || state == E::kDeclined || state == E::kRevoked || state == E::kExpired;
}

std::string_view nameOf(EnvelopeState state) { return kEnvelopeNames.at(static_cast<std::size_t>(state)); }
std::string_view nameOf(PartyState state) { return kPartyNames.at(static_cast<std::size_t>(state)); }
std::string_view nameOf(PartyKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }
std::string_view nameOf(EnvelopeEvent event) { return kEnvelopeEventNames.at(static_cast<std::size_t>(event)); }
std::string_view nameOf(PartyEvent event) { return kPartyEventNames.at(static_cast<std::size_t>(event)); }
EnvelopeState envelopeStateNamed(std::string_view name) { return get<EnvelopeState>(kEnvelopeNames, name); }
PartyState partyStateNamed(std::string_view name) { return get<PartyState>(kPartyNames, name); }
PartyKind partyKindNamed(std::string_view name) { return get<PartyKind>(kKindNames, name); }
std::optional<EnvelopeState> findEnvelopeState(std::string_view name) {
  return find<EnvelopeState>(kEnvelopeNames, name);
}

std::string sqlListBefore(EnvelopeEvent event) {
  std::string list;
  for (int i = 0; i < kEnvelopeStates; ++i) {
    const auto state = static_cast<EnvelopeState>(i);
    if (!next(state, event)) continue;
    list += (list.empty() ? "'" : ", '") + std::string(nameOf(state)) + "'";
  }
  return list;
}

}  // namespace qianda::contracts
