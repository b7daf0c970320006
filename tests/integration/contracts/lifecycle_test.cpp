// Envelopes from draft to end: order, deadlines, refusals, delegation, relations, who hears of what and who may read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/envelope_house.h"
#include "tests/support/error_of.h"

namespace qianda::contracts {
namespace {

using core::ErrorCode;
using storage::Transaction;
using testing::HasSubstr;

class EnvelopeLifecycle : public test::OnBothDatabases {
 protected:
  std::string labourContract() { return house.draft({house.organisation("employer", 1), house.person("worker", 2)}); }
  template <typename Change>
  void change(Change what) {
    database->write([&](Transaction& t) { what(t); });
  }
  template <typename Change>
  std::string refusal(Change what, ErrorCode code = ErrorCode::kConflict) {
    return test::messageOf([&] { change(what); }, code);
  }
  core::Instant now() { return house.services.clock(); }
  test::EnvelopeHouse house{*database};
};
INSTANTIATE_TEST_SUITE_P(Databases, EnvelopeLifecycle, test::bothDatabases(), test::databaseName);

// PEERS 32, 33: stages mixed of several and single parties; nobody signs before the turn has come.
TEST_P(EnvelopeLifecycle, StagesOpenOneAfterTheOtherAndOrderCannotBeBypassed) {
  const std::string id = house.draft(
      {house.organisation("employer", 1), house.person("a", 2), house.person("b", 2), house.person("c", 3)});
  EXPECT_THAT(refusal([&](Transaction& t) {
                Envelope envelope = lockEnvelope(t, id);
                setPartyState(t, envelope, "a", PartyEvent::kView, now());
              }),
              HasSubstr("is waiting"));
  house.send(id);
  EXPECT_EQ(house.partyState(id, "a"), "waiting");
  house.work();
  EXPECT_EQ(house.partyState(id, "a"), "invited");
  EXPECT_EQ(house.partyState(id, "b"), "invited");
  EXPECT_EQ(house.partyState(id, "c"), "waiting");
  EXPECT_EQ(house.notices.count("invitation", "c"), 0u);
  // Work that somebody put there by hand for a party whose turn it is not.
  change([&](Transaction& t) { storage::enqueueWork(t, {kSignWork, partyId(id, "c"), "", now()}, now()); });
  house.work();
  EXPECT_EQ(house.partyState(id, "c"), "waiting");
  EXPECT_EQ(house.envelope(id).revision, 2);
  house.confirm(id, "b");
  house.work();
  EXPECT_EQ(house.partyState(id, "c"), "waiting") << "a has not signed";
  house.confirm(id, "a");
  house.work();
  EXPECT_EQ(house.partyState(id, "c"), "invited");
  change([&](Transaction& t) { storage::reviveWork(t, kSignWork, partyId(id, "c"), now()); });
  house.confirm(id, "c");
  house.work();
  EXPECT_EQ(house.state(id), "completed");
  EXPECT_EQ(house.pdfsig(house.newestFile(id)), "4 of 4 valid");
}

TEST_P(EnvelopeLifecycle, SentOnceAndOnlyADraft) {
  const std::string id = labourContract();
  house.send(id);
  EXPECT_THAT(refusal([&](Transaction& t) { sendEnvelope(t, id, house.services.policy, house.hr, now()); }),
              HasSubstr("is sent: it cannot send"));
  EXPECT_EQ(house.published(id, "envelope.sent"), 1);
  const std::string late = labourContract();
  EXPECT_THAT(refusal(
                  [&](Transaction& t) {
                    sendEnvelope(t, late, house.services.policy, house.hr, now(), now() - std::chrono::hours(1));
                  },
                  ErrorCode::kInvalidInput),
              HasSubstr("would expire before"));
}

// PEERS 34: all hear of a refusal, and nobody gets the unfinished file afterwards.
TEST_P(EnvelopeLifecycle, ARefusalHasAReasonIsToldAndEndsTheReading) {
  const std::string id = house.draft({house.person("a", 1), house.person("b", 1), house.person("c", 2)});
  house.send(id);
  house.work();
  house.confirm(id, "a");
  house.work();
  EXPECT_TRUE(mayRead(house.envelope(id), house.envelope(id).getParty("a")));
  EXPECT_FALSE(mayRead(house.envelope(id), house.envelope(id).getParty("b"))) << "not identified";
  EXPECT_FALSE(mayRead(house.envelope(id), house.envelope(id).getParty("c"))) << "not asked";
  refusal([&](Transaction& t) { declineEnvelope(t, id, "b", "", house.hr, now()); }, ErrorCode::kInvalidInput);
  refusal([&](Transaction& t) { declineEnvelope(t, id, "a", "too late", house.hr, now()); });
  refusal([&](Transaction& t) { declineEnvelope(t, id, "c", "not asked", house.hr, now()); });
  change([&](Transaction& t) { declineEnvelope(t, id, "b", "工资与约定不符", {{}, "party:b", {}, {}}, now()); });
  house.work();
  EXPECT_EQ(house.state(id), "declined");
  EXPECT_EQ(house.published(id, "envelope.declined"), 1);
  EXPECT_EQ(house.notices.count("declined", "a"), 1u);
  EXPECT_EQ(house.notices.count("declined", "c"), 0u);
  for (const Party& party : house.envelope(id).parties) EXPECT_FALSE(mayRead(house.envelope(id), party)) << party.name;
  // Nothing signs any more.
  change([&](Transaction& t) { storage::enqueueWork(t, {kSignWork, partyId(id, "c"), "", now()}, now()); });
  house.work();
  EXPECT_EQ(house.envelope(id).revision, 2);
}

TEST_P(EnvelopeLifecycle, TheEmployerTakesBackWhatIsNotCompleted) {
  const std::string id = labourContract();
  house.send(id);
  house.work();
  house.confirm(id, "worker");
  change([&](Transaction& t) { revokeEnvelope(t, id, "岗位取消", house.hr, now()); });
  house.work();
  EXPECT_EQ(house.state(id), "revoked");
  EXPECT_EQ(house.partyState(id, "worker"), "willing") << "the signature came too late";
  EXPECT_EQ(house.envelope(id).revision, 2);
  EXPECT_EQ(house.notices.count("revoked", "worker"), 1u);
  const std::string done = house.draft({house.person("worker", 1)});
  house.send(done);
  house.confirm(done, "worker");
  house.work();
  EXPECT_THAT(refusal([&](Transaction& t) { revokeEnvelope(t, done, "x", house.hr, now()); }), HasSubstr("completed"));
}

TEST_P(EnvelopeLifecycle, ExpiresByItselfAndRemindsAFewTimesBefore) {
  const std::string id = labourContract();
  house.send(id);
  house.work();
  for (int day = 0; day < 20; ++day) {
    house.ahead = house.ahead.load() + std::chrono::days(1);
    house.work();
  }
  EXPECT_EQ(house.notices.count("reminder", "worker"), 5u);
  EXPECT_EQ(house.state(id), "signed");
  house.ahead = house.ahead.load() + std::chrono::days(11);
  house.work();
  EXPECT_EQ(house.state(id), "expired");
  EXPECT_EQ(house.notices.count("expired", "worker"), 1u);
  EXPECT_EQ(house.count("work"), 0);
}

// PEERS 35: the final copy reaches everybody, however long the channel was silent.
TEST_P(EnvelopeLifecycle, TheFinalCopyIsToldAsSoonAsTheChannelAnswers) {
  const std::string id = labourContract();
  house.send(id);
  house.work();
  house.confirm(id, "worker");
  house.notices.isDown = true;
  house.work();
  EXPECT_EQ(house.state(id), "completed");
  EXPECT_EQ(house.notices.count("completed", "worker"), 0u);
  house.notices.isDown = false;
  house.ahead = house.ahead.load() + std::chrono::minutes(11);
  house.work();
  EXPECT_EQ(house.notices.count("completed", "worker"), 1u);
  EXPECT_EQ(house.notices.count("completed", "employer"), 1u);
  EXPECT_EQ(house.count("notices WHERE kind = 'completed'"), 2);
}

TEST_P(EnvelopeLifecycle, AWorkerOfALabourContractDoesNotDelegateOthersMay) {
  const std::string id = labourContract();
  house.send(id);
  const Delegate person{"赵示例", "000000199001010011", "13900000000", "", ""};
  EXPECT_THAT(refusal([&](Transaction& t) { delegateParty(t, id, "worker", person, house.hr, now()); }),
              HasSubstr("in person"));
  const Delegate branch{"珠海示例科技有限公司分公司", "", "", "org", "seal2"};
  change([&](Transaction& t) { EXPECT_EQ(delegateParty(t, id, "employer", branch, house.hr, now()), "employer.2"); });
  house.work();
  EXPECT_EQ(house.partyState(id, "employer"), "delegated");
  EXPECT_EQ(house.partyState(id, "employer.2"), "signed");
  house.confirm(id, "worker");
  house.work();
  EXPECT_EQ(house.state(id), "completed");
  const std::string other = house.draft({house.person("a", 1)}, "B-T", 1, "document");
  house.send(other);
  refusal(
      [&](Transaction& t) {
        delegateParty(t, other, "a", {"无号码", "", "", "", ""}, house.hr, now());
      },
      ErrorCode::kInvalidInput);
  change([&](Transaction& t) { delegateParty(t, other, "a", person, house.hr, now()); });
  house.work();
  EXPECT_EQ(house.notices.count("invitation", "a.2"), 1u);
  refusal([&](Transaction& t) { delegateParty(t, other, "a", person, house.hr, now()); });
}

TEST_P(EnvelopeLifecycle, RelationsAreOfCompletedContractsOfTheSameOrganisation) {
  const std::string contract = house.draft({house.person("worker", 1)});
  const std::string renewal = house.draft({house.person("worker", 1)});
  const auto related = [&](const std::string& kind, const std::string& of) {
    return [this, kind, of, renewal](Transaction& t) { relate(t, getEnvelope(t, renewal), {renewal, kind, of}); };
  };
  EXPECT_THAT(refusal(related("renewal", contract)), HasSubstr("not completed"));
  house.send(contract);
  house.confirm(contract, "worker");
  house.work();
  change(related("renewal", contract));
  refusal(related("renewal", contract));
  refusal(related("marriage", contract), ErrorCode::kInvalidInput);
  refusal(related("renewal", renewal), ErrorCode::kInvalidInput);
  change([&](Transaction& t) { t.execute("UPDATE envelopes SET organisation = 'other' WHERE id = $1", {contract}); });
  refusal(related("amendment", contract), ErrorCode::kNotFound);
  const auto relations =
      database->looked<std::vector<Relation>>([&](Transaction& t) { return listRelations(t, contract); });
  ASSERT_EQ(relations.size(), 1u);
  EXPECT_EQ(relations[0].envelope, renewal);
}

TEST_P(EnvelopeLifecycle, AWholeBatchIsSentByOnePieceOfWork) {
  std::vector<std::string> ids;
  for (int i = 0; i < 120; ++i) ids.push_back(house.draft({house.person("worker", 1)}));
  change([&](Transaction& t) {
    t.execute("UPDATE envelopes SET batch = 'b', batch_row = 1");
    revokeEnvelope(t, ids[3], "taken out", house.hr, now());
    storage::enqueueWork(t, {kSendBatchWork, "b", "user:hr", now()}, now());
  });
  house.work({kSendBatchWork});
  EXPECT_EQ(house.count("envelopes WHERE state = 'sent'"), 119);
  EXPECT_EQ(house.count("work WHERE kind = 'notice'"), 119);
  EXPECT_EQ(house.count("work WHERE kind = 'send_batch'"), 0);
}

}  // namespace
}  // namespace qianda::contracts
