#include <map>
#include <set>

#include <gtest/gtest.h>

#include "contracts/envelope/states.h"
#include "core/error.h"
#include "tests/support/error_of.h"

namespace qianda::contracts {
namespace {

// What the product promises, written down a second time and whole: "state event" -> state. Whatever is not here must be
// refused.
const std::map<std::string, std::string> kEnvelopesWanted = {
    {"draft send", "sent"},
    {"draft revoke", "revoked"},
    {"sent view", "viewed"},
    {"sent sign_part", "signed"},
    {"sent sign_last", "completed"},
    {"sent wait_timestamp", "pending_timestamp"},
    {"sent wait_revocation", "pending_revocation"},
    {"sent decline", "declined"},
    {"sent revoke", "revoked"},
    {"sent expire", "expired"},
    {"viewed view", "viewed"},
    {"viewed sign_part", "signed"},
    {"viewed sign_last", "completed"},
    {"viewed wait_timestamp", "pending_timestamp"},
    {"viewed wait_revocation", "pending_revocation"},
    {"viewed decline", "declined"},
    {"viewed revoke", "revoked"},
    {"viewed expire", "expired"},
    {"signed view", "signed"},
    {"signed sign_part", "signed"},
    {"signed sign_last", "completed"},
    {"signed wait_timestamp", "pending_timestamp"},
    {"signed wait_revocation", "pending_revocation"},
    {"signed decline", "declined"},
    {"signed revoke", "revoked"},
    {"signed expire", "expired"},
    {"pending_timestamp view", "pending_timestamp"},
    {"pending_timestamp sign_part", "signed"},
    {"pending_timestamp sign_last", "completed"},
    {"pending_timestamp wait_timestamp", "pending_timestamp"},
    {"pending_timestamp wait_revocation", "pending_revocation"},
    {"pending_timestamp decline", "declined"},
    {"pending_timestamp revoke", "revoked"},
    {"pending_revocation view", "pending_revocation"},
    {"pending_revocation sign_part", "signed"},
    {"pending_revocation sign_last", "completed"},
    {"pending_revocation wait_timestamp", "pending_timestamp"},
    {"pending_revocation wait_revocation", "pending_revocation"},
    {"pending_revocation decline", "declined"},
    {"pending_revocation revoke", "revoked"},
};

const std::map<std::string, std::string> kPartiesWanted = {
    {"person waiting invite", "invited"},
    {"person waiting delegate", "delegated"},
    {"person invited invite", "invited"},
    {"person invited view", "viewed"},
    {"person invited decline", "declined"},
    {"person invited delegate", "delegated"},
    {"person viewed invite", "viewed"},
    {"person viewed view", "viewed"},
    {"person viewed identify", "identified"},
    {"person viewed decline", "declined"},
    {"person viewed delegate", "delegated"},
    {"person identified invite", "identified"},
    {"person identified view", "identified"},
    {"person identified identify", "identified"},
    {"person identified confirm", "willing"},
    {"person identified decline", "declined"},
    {"person willing view", "willing"},
    {"person willing confirm", "willing"},
    {"person willing sign", "signed"},
    {"organisation waiting invite", "invited"},
    {"organisation waiting delegate", "delegated"},
    {"organisation invited invite", "invited"},
    {"organisation invited confirm", "willing"},
    {"organisation invited decline", "declined"},
    {"organisation invited delegate", "delegated"},
    {"organisation willing confirm", "willing"},
    {"organisation willing sign", "signed"},
};

template <typename State>
std::string textOf(const std::optional<State>& state) {
  return state ? std::string(nameOf(*state)) : "refused";
}
std::string wanted(const std::map<std::string, std::string>& table, const std::string& key) {
  const auto at = table.find(key);
  return at == table.end() ? "refused" : at->second;
}

// PEERS pains 2, 4, 9, 33: no way to a state but those of the table.
TEST(EnvelopeStates, EveryStateAndEventLeadsWhereItShould) {
  std::set<std::string> seen;
  for (int s = 0; s < kEnvelopeStates; ++s) {
    for (int e = 0; e < kEnvelopeEvents; ++e) {
      const auto state = static_cast<EnvelopeState>(s);
      const auto event = static_cast<EnvelopeEvent>(e);
      const std::string key = std::string(nameOf(state)) + " " + std::string(nameOf(event));
      seen.insert(key);
      EXPECT_EQ(textOf(next(state, event)), wanted(kEnvelopesWanted, key)) << key;
      EXPECT_FALSE(isOver(state) && next(state, event)) << key;
    }
  }
  for (const auto& [key, to] : kEnvelopesWanted) EXPECT_TRUE(seen.contains(key)) << key;
}

TEST(EnvelopeStates, EveryPartyStateAndEventLeadsWhereItShould) {
  std::set<std::string> seen;
  for (const PartyKind kind : {PartyKind::kPerson, PartyKind::kOrganisation}) {
    for (int s = 0; s < kPartyStates; ++s) {
      for (int e = 0; e < kPartyEvents; ++e) {
        const auto state = static_cast<PartyState>(s);
        const auto event = static_cast<PartyEvent>(e);
        const std::string key =
            std::string(nameOf(kind)) + " " + std::string(nameOf(state)) + " " + std::string(nameOf(event));
        seen.insert(key);
        EXPECT_EQ(textOf(next(kind, state, event)), wanted(kPartiesWanted, key)) << key;
      }
    }
  }
  for (const auto& [key, to] : kPartiesWanted) EXPECT_TRUE(seen.contains(key)) << key;
}

TEST(EnvelopeStates, NamesGoBothWays) {
  for (int s = 0; s < kEnvelopeStates; ++s) {
    const auto state = static_cast<EnvelopeState>(s);
    EXPECT_EQ(envelopeStateNamed(nameOf(state)), state);
  }
  for (int s = 0; s < kPartyStates; ++s) {
    const auto state = static_cast<PartyState>(s);
    EXPECT_EQ(partyStateNamed(nameOf(state)), state);
  }
  EXPECT_NE(test::errorOf([] { envelopeStateNamed("done"); }, core::ErrorCode::kCorrupt), "accepted");
  EXPECT_EQ(sqlListBefore(EnvelopeEvent::kSend), "'draft'");
  EXPECT_EQ(sqlListBefore(EnvelopeEvent::kExpire), "'sent', 'viewed', 'signed'");
}

}  // namespace
}  // namespace qianda::contracts
