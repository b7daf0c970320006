// Signatures of envelopes under races, crashes, tampering and silence. The numbers are those of the pains of other
// platforms that each test answers.
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/envelope_house.h"
#include "tests/support/error_of.h"
#include "tests/support/signed_pdf.h"

namespace qianda::contracts {
namespace {

using core::ErrorCode;
using storage::Transaction;
using testing::HasSubstr;

class EnvelopeSigning : public test::OnBothDatabases {
 protected:
  test::EnvelopeHouse house{*database};
};
INSTANTIATE_TEST_SUITE_P(Databases, EnvelopeSigning, test::bothDatabases(), test::databaseName);

// PEERS 2, 7: everyone signed means completed, with a file that has all signatures.
TEST_P(EnvelopeSigning, EmployerThenWorkerAndItIsCompleted) {
  const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)});
  house.send(id);
  house.work();
  EXPECT_EQ(house.state(id), "signed");
  EXPECT_EQ(house.partyState(id, "worker"), "invited");
  house.confirm(id, "worker");
  house.work();
  EXPECT_EQ(house.state(id), "completed");
  EXPECT_EQ(house.pdfsig(house.newestFile(id)), "2 of 2 valid");
  EXPECT_EQ(house.envelope(id).revision, 3);
  EXPECT_EQ(house.seals.settled, 1);
  EXPECT_EQ(house.audited(id, "party.signed"), 1);
  EXPECT_EQ(house.published(id, "envelope.completed"), 1);
  EXPECT_EQ(house.notices.count("completed", "worker"), 1u);
  EXPECT_EQ(house.count("work WHERE kind <> 'remind_parties' AND kind <> 'expire_envelope'"), 0);
}

TEST_P(EnvelopeSigning, WorkerFirstThenTheEmployersSeal) {
  const std::string id = house.draft({house.person("worker", 1), house.organisation("employer", 2)});
  house.send(id);
  house.work();
  EXPECT_EQ(house.partyState(id, "employer"), "waiting");
  house.confirm(id, "worker");
  house.work();
  EXPECT_EQ(house.state(id), "completed");
  EXPECT_EQ(house.pdfsig(house.newestFile(id)), "2 of 2 valid");
}

// PEERS 1, 5, 6, 9, 11, 13: the last signers at once, on several nodes: none lost, none doubled, completed once.
TEST_P(EnvelopeSigning, ManyLastSignersAtOnceAllSignOnce) {
  constexpr int kSigners = 4, kRounds = 6;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<NewParty> parties{house.organisation("employer", 1)};
    for (int i = 0; i < kSigners; ++i) parties.push_back(house.person("worker" + std::to_string(i), 2));
    const std::string id = house.draft(parties);
    house.send(id);
    house.work();
    for (int i = 0; i < kSigners; ++i) house.confirm(id, "worker" + std::to_string(i));
    // Each has its signature ready on the same revision before the first one commits.
    std::atomic<int> ready = 0, stored = house.documents.appended.load();
    house.services.atStep = [&](const char* step) {
      if (std::string_view(step) != "judged") return;
      ++ready;
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      while (ready < kSigners && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    };
    std::vector<std::thread> nodes;
    for (int i = 0; i < kSigners; ++i) nodes.emplace_back([&] { house.work({"sign_party"}, 1); });
    for (std::thread& node : nodes) node.join();
    house.services.atStep = [](const char*) {};
    EXPECT_GE(house.documents.appended - stored, 2 * kSigners - 1) << "all but one lost the first race";
    EXPECT_EQ(house.audited(id, "party.signature_refused"), 0);
    ASSERT_EQ(house.state(id), "completed") << round;
    const std::string file = house.newestFile(id);
    ASSERT_EQ(house.pdfsig(file), "5 of 5 valid") << round;
    EXPECT_EQ(house.envelope(id).revision, 2 + kSigners);
    EXPECT_EQ(house.audited(id, "party.signed"), kSigners);
    EXPECT_EQ(house.audited(id, "envelope.completed"), 1);
    EXPECT_EQ(house.published(id, "envelope.completed"), 1);
  }
}

// PEERS 1: two nodes that both believe to hold the work of the same party.
TEST_P(EnvelopeSigning, TheSamePartyOnTwoNodesSignsOnce) {
  for (int round = 0; round < 4; ++round) {
    const std::string id = house.draft({house.person("worker", 1)});
    house.send(id);
    house.confirm(id, "worker");
    const auto now = house.services.clock();
    const auto first = storage::leaseSubject(*database, kSignWork, partyId(id, "worker"), now, std::chrono::seconds(1));
    const auto second = storage::leaseSubject(*database, kSignWork, partyId(id, "worker"), now + std::chrono::hours(1),
                                              std::chrono::seconds(1));
    ASSERT_TRUE(first && second);
    std::atomic<int> lost = 0;
    const auto run = [&](const storage::Lease& lease) {
      try {
        signParty(house.services, lease);
      } catch (const core::Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kConflict) << error.what();
        ++lost;
      }
    };
    std::thread one([&] { run(*first); }), two([&] { run(*second); });
    one.join();
    two.join();
    EXPECT_EQ(lost, 1) << "the lease that ran out is worth nothing";
    EXPECT_EQ(house.state(id), "completed");
    EXPECT_EQ(house.pdfsig(house.newestFile(id)), "1 of 1 valid");
    EXPECT_EQ(house.audited(id, "party.signed"), 1);
    EXPECT_EQ(house.audited(id, "party.signature_refused"), 0);
  }
}

// PEERS 2, 3: whatever step the process dies at, the next node ends it, and each party has signed exactly once.
TEST_P(EnvelopeSigning, ACrashAtAnyStepLosesAndDoublesNothing) {
  struct Crash {};
  for (const std::string step : {"read", "signed", "stored", "judged", "committed", "link_drawn", "notice_sent"}) {
    const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)});
    int hits = 0;
    house.services.atStep = [&](const char* at) {
      // Each kind of work dies at its first and its third passing.
      if (step == at && (++hits == 1 || hits == 3)) throw Crash();
    };
    house.send(id);
    const auto workOn = [&] {
      for (int tries = 0; tries < 12; ++tries) {
        try {
          house.work();
          return;
        } catch (const Crash&) {
          house.ahead = house.ahead.load() + std::chrono::minutes(2);  // the dead node's lease ends
        }
      }
      FAIL() << step;
    };
    workOn();
    ASSERT_EQ(house.partyState(id, "employer"), "signed") << step;
    house.confirm(id, "worker");
    workOn();
    EXPECT_GE(hits, 1) << step;
    EXPECT_EQ(house.state(id), "completed") << step;
    EXPECT_EQ(house.pdfsig(house.newestFile(id)), "2 of 2 valid") << step;
    EXPECT_EQ(house.audited(id, "party.signed"), 1) << step;
    EXPECT_EQ(house.audited(id, "party.sealed"), 1) << step;
    EXPECT_EQ(house.published(id, "envelope.completed"), 1) << step;
    EXPECT_GE(house.notices.count("completed", "worker"), 1u) << step;
    house.services.atStep = [](const char*) {};
  }
}

// PEERS 4: never completed over octets that were not read back whole and verified.
TEST_P(EnvelopeSigning, OctetsThatChangeBetweenStoreAndCommitAreRefused) {
  const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)});
  house.send(id);
  house.work();
  house.confirm(id, "worker");
  const std::string before = house.newestFile(id);
  const auto refused = [&](const std::string& reason) {
    house.work({"sign_party"});
    EXPECT_EQ(house.state(id), "signed");
    EXPECT_EQ(house.partyState(id, "worker"), "willing");
    EXPECT_THAT(house.envelope(id).reason, HasSubstr(reason));
    EXPECT_EQ(house.newestFile(id), before);
    const auto revived = database->written<bool>([&](Transaction& t) {
      return storage::reviveWork(t, kSignWork, partyId(id, "worker"), house.services.clock());
    });
    EXPECT_TRUE(revived) << "refused for good until somebody looks";
  };
  // One octet of what was just written.
  house.documents.spoil = [&](const core::DocumentId&, std::string& octets) {
    if (octets.size() > before.size()) octets[before.size() + 40] ^= 1;
  };
  refused("does not read back");
  // Cut short.
  house.documents.spoil = [&](const core::DocumentId&, std::string& octets) {
    if (octets.size() > before.size()) octets.resize(octets.size() - 1);
  };
  refused("does not read back");
  // The revision it continues, changed on disk since.
  house.documents.spoil = [&](const core::DocumentId&, std::string& octets) {
    if (octets.size() == before.size()) octets[before.size() / 2] ^= 1;
  };
  refused("is not what revision 2 was");
  house.documents.spoil = nullptr;
  house.work({"sign_party"});
  EXPECT_EQ(house.state(id), "completed");
  EXPECT_EQ(house.pdfsig(house.newestFile(id)), "2 of 2 valid");
}

TEST_P(EnvelopeSigning, TheJudgeRefusesWhatIsNotTheEnvelopes) {
  const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)});
  house.send(id);
  house.work();
  house.confirm(id, "worker");
  const Envelope before = house.envelope(id);
  const std::string sealed = house.newestFile(id);
  house.work({"sign_party"});
  const std::string file = house.newestFile(id);
  const auto judge = [&](const std::string& octets, const std::string& field = "worker") {
    return judgeRevision(house.verifier, octets, before, field, house.services.clock());
  };
  EXPECT_EQ(judge(file), "");
  EXPECT_THAT(judge(sealed), HasSubstr("no signature \"worker\""));
  EXPECT_THAT(judge(file, "employer"), HasSubstr("\"worker\" is none of the envelope's"));
  const auto parts = test::signedParts(file);
  for (const test::SignedPart& part : parts) {
    EXPECT_THAT(judge(test::withSpoiltCms(file, part, part.cms.size() - 3)), HasSubstr("is ")) << part.end;
  }
  EXPECT_THAT(judge(test::withSpoiltOctet(file, 30)), HasSubstr("TOTAL_FAILED"));
  Envelope higher = before;
  higher.level = "B-LT";
  EXPECT_THAT(judgeRevision(house.verifier, file, higher, "worker", house.services.clock()), HasSubstr("not B-LT"));
  const signing::Verifier stranger({{test::TestAuthority().open().rootCertificate()}});
  EXPECT_THAT(judgeRevision(stranger, file, before, "worker", house.services.clock()), HasSubstr("INDETERMINATE"));
}

// PEERS 16, 17: a silent timestamp authority is a state that people see, retried by work, and never a lower level.
TEST_P(EnvelopeSigning, ASilentTimestampAuthorityIsAStateAndNothingIsLowered) {
  const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)});
  house.send(id);
  house.work();
  house.confirm(id, "worker");
  house.time.isDown = true;
  const int appended = house.documents.appended;
  house.work({"sign_party"});
  EXPECT_EQ(house.state(id), "pending_timestamp");
  EXPECT_THAT(house.envelope(id).reason, HasSubstr("does not answer"));
  EXPECT_EQ(house.published(id, "envelope.pending_timestamp"), 1);
  for (int i = 0; i < 3; ++i) {
    house.ahead = house.ahead.load() + std::chrono::minutes(11);
    house.work({"sign_party"});
  }
  EXPECT_EQ(house.published(id, "envelope.pending_timestamp"), 1) << "told once";
  EXPECT_EQ(house.documents.appended, appended) << "nothing was stored without its timestamp";
  // A deadline that passes meanwhile does not undo what the worker did in time.
  house.ahead = house.ahead.load() + std::chrono::days(31);
  house.work({"expire_envelope"});
  EXPECT_EQ(house.state(id), "pending_timestamp");
  house.time.isDown = false;
  house.work({"sign_party"});
  EXPECT_EQ(house.state(id), "completed");
  EXPECT_EQ(house.envelope(id).reason, "");
}

TEST_P(EnvelopeSigning, LongTermLevelsWaitForRevocationDataAndThenHaveThem) {
  const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)}, "B-LT");
  house.send(id);
  house.revocation.isDown = true;
  house.work();
  EXPECT_EQ(house.state(id), "pending_revocation");
  house.revocation.isDown = false;
  house.ahead = house.ahead.load() + std::chrono::minutes(1);
  house.work();
  EXPECT_EQ(house.state(id), "signed");
  house.confirm(id, "worker");
  house.work();
  ASSERT_EQ(house.state(id), "completed") << house.envelope(id).reason;
  const signing::FileVerdict verdict = house.verifier.verify(house.newestFile(id), house.services.clock());
  ASSERT_EQ(verdict.signatures.size(), 2u);
  for (const auto& signature : verdict.signatures) EXPECT_EQ(signature.level, "PAdES-BASELINE-LT");
}

// A grant that is refused leaves everything as it was; with the grant, a reminder brings the seal.
TEST_P(EnvelopeSigning, ARefusedSealWaitsForItsGrant) {
  const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)});
  house.seals.isRefused = true;
  house.send(id);
  house.work();
  EXPECT_EQ(house.state(id), "sent");
  EXPECT_EQ(house.partyState(id, "worker"), "waiting");
  EXPECT_EQ(house.seals.settled, 0);
  EXPECT_EQ(house.audited(id, "party.signature_refused"), 1);
  house.seals.isRefused = false;
  database->write([&](Transaction& t) { remindParties(t, id, house.hr, house.services.clock()); });
  house.work();
  EXPECT_EQ(house.partyState(id, "employer"), "signed");
}

}  // namespace
}  // namespace qianda::contracts
