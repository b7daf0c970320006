// How long envelopes are kept, what holds them, and how they are erased for good: with every way in which they must
// not.
#include <fstream>
#include <iterator>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/evidence/audit_export.h"
#include "contracts/evidence/snapshot.h"
#include "contracts/retention/erase_envelope.h"
#include "contracts/retention/erasures.h"
#include "contracts/retention/holds.h"
#include "contracts/retention/rules.h"
#include "core/base64.h"
#include "core/digest.h"
#include "storage/backup/backup.h"
#include "tests/support/envelope_house.h"
#include "tests/support/error_of.h"

namespace qianda::contracts {
namespace {

using core::ErrorCode;
using storage::Transaction;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Actor kClerk{"org", "user:clerk", "", ""}, kOwner{"org", "user:owner", "", ""},
    kStranger{"other", "user:stranger", "", ""};

class Retention : public test::OnBothDatabases {
 protected:
  core::Instant now() { return house.services.clock(); }
  core::Date today() { return core::chinaDate(now()); }
  void goOn(std::chrono::days days) { house.ahead = house.ahead.load() + days; }

  // A contract that both signed.
  std::string contract(const std::string& termEnd = "") {
    const std::string id = house.draft({house.organisation("employer", 1), house.person("worker", 2)});
    if (!termEnd.empty()) {
      change([&](Transaction& t) {
        storeSnapshots(t, {{id, "{\"worker_name\":\"王示例\",\"term_end\":\"" + termEnd + "\"}", "{}"}});
      });
    }
    house.send(id);
    house.work();
    house.confirm(id, "worker");
    house.work();
    EXPECT_EQ(house.state(id), "completed");
    return id;
  }
  // One that may be erased today.
  std::string dueContract() {
    const std::string id = contract(core::isoDate(today()));
    dueFrom_ = core::fromDays(core::toDays(core::addMonths(today(), 24)) + 1);
    return id;
  }
  void goToDue() { goOn(std::chrono::days(core::toDays(dueFrom_) - core::toDays(today()))); }

  template <typename Change>
  void change(Change what) {
    database->write([&](Transaction& t) { what(t); });
  }
  template <typename Change>
  std::string refusal(Change what, ErrorCode code = ErrorCode::kConflict) {
    return test::messageOf([&] { change(what); }, code);
  }
  RetentionState retention(const std::string& id) {
    return database->looked<RetentionState>([&](Transaction& t) { return retentionOf(t, getEnvelope(t, id)); });
  }
  std::string order(const std::vector<std::string>& envelopes) {
    return database->written<std::string>(
        [&](Transaction& t) { return proposeErasure(t, kClerk, envelopes, "保存期满", now()); });
  }
  void approve(const std::string& id) {
    change([&](Transaction& t) { approveErasure(t, kOwner, id, now()); });
  }
  ErasureOrder orderNow(const std::string& id) {
    return database->looked<ErasureOrder>([&](Transaction& t) { return getErasureOrder(t, "org", id); });
  }
  std::optional<Erasure> erasure(const std::string& id) {
    return database->looked<std::optional<Erasure>>([&](Transaction& t) { return findErasure(t, id); });
  }
  // Does the work of erasing that is due, as a node would.
  void erase() {
    house.work();
    for (const storage::Lease& lease : leases()) eraseEnvelope(services, lease);
  }
  std::vector<storage::Lease> leases() {
    return storage::leaseWork(*database, {kEraseWork}, now(), std::chrono::minutes(1), 10);
  }
  // Orders, approves and waits for the time of the notice.
  std::string orderAndWait(const std::vector<std::string>& envelopes) {
    const std::string id = order(envelopes);
    approve(id);
    house.work();
    goOn(std::chrono::days(31));
    return id;
  }
  bool isReadable(const core::DocumentId& id) {
    try {
      house.real.read(id);
      return true;
    } catch (const core::Error& error) {
      EXPECT_TRUE(storage::saysErased(error)) << error.what();
      return false;
    }
  }
  std::vector<Revision> revisions(const std::string& id) {
    return database->looked<std::vector<Revision>>([&](Transaction& t) { return listRevisions(t, id); });
  }
  // Every text of every row of the database's tables that know the envelope, but for the audit log.
  std::string everythingKnown(const std::string& id) {
    std::string all;
    for (const char* sql :
         {"SELECT title || reason FROM envelopes WHERE id = $1",
          "SELECT display_name || COALESCE(id_number, '') || COALESCE(phone, '') FROM envelope_parties WHERE envelope "
          "= "
          "$1 AND kind = 'person'",
          "SELECT snapshot FROM evidence_snapshots WHERE envelope = $1",
          "SELECT strokes FROM ceremonies WHERE envelope = $1",
          "SELECT data FROM outbox_events WHERE subject = $1 AND type <> 'envelope.erased'",
          "SELECT name FROM batch_rows WHERE envelope = $1", "SELECT kind FROM notices WHERE envelope = $1"}) {
      database->read([&](Transaction& t) {
        for (const storage::Row& row : t.query(sql, {id})) all += row.text(0) == "{}" ? "" : row.text(0);
      });
    }
    return all;
  }

  test::EnvelopeHouse house{*database};
  const signing::CadesSigner platform{house.sealCredential(), {signing::CmsProfile::kPkcs, &house.time}};
  RetentionServices services{house.services, [this](std::string_view text) { return signDetached(platform, text); },
                             "node-1"};

 private:
  core::Date dueFrom_;
};
INSTANTIATE_TEST_SUITE_P(Databases, Retention, test::bothDatabases(), test::databaseName);

TEST_P(Retention, WithoutAKnownEndNothingIsEverDue) {
  const std::string id = contract();
  goOn(std::chrono::days(36500));
  EXPECT_FALSE(retention(id).due);
  EXPECT_THAT(refusal([&](Transaction& t) { proposeErasure(t, kClerk, {id}, "g", now()); }), HasSubstr("not known"));
  EXPECT_THAT(database->looked<DueEnvelopes>([&](Transaction& t) { return listDue(t, "org", today(), ""); }).items,
              IsEmpty());
}

TEST_P(Retention, TheEndComesFromTheTermANoteATerminationOrARenewal) {
  const std::string fixed = contract("2031-02-28");
  EXPECT_EQ(core::isoDate(retention(fixed).due.value()), "2033-03-01");
  EXPECT_EQ(retention(fixed).rule.name, "labour_contract");
  EXPECT_EQ(retention(fixed).rule.years, 2);

  const std::string noted = contract("2031-02-28");
  change([&](Transaction& t) {
    noteEnd(t, kClerk, noted, {"", core::parseDate("2028-02-29"), {}, "协商解除"}, now());
  });
  EXPECT_EQ(core::isoDate(retention(noted).due.value()), "2030-03-01") << "two whole years, also from the 29th";
  EXPECT_EQ(house.audited(noted, "retention.end_noted"), 1);
  EXPECT_THAT(refusal([&](Transaction& t) { noteEnd(t, kStranger, noted, {}, now()); }, ErrorCode::kNotFound),
              HasSubstr(noted));

  const auto related = [&](const std::string& of, const std::string& kind, const std::string& end) {
    const std::string id = contract(end);
    change([&](Transaction& t) { relate(t, getEnvelope(t, id), {id, kind, of}); });
    return id;
  };
  const std::string ended = contract("2099-12-31");
  const std::string termination = related(ended, "termination", "");
  EXPECT_EQ(retention(ended).endSource, "termination");
  EXPECT_EQ(retention(ended).end.value(), today());
  EXPECT_EQ(retention(termination).end.value(), today()) << "it lives as long as its contract";
  const std::string first = contract("2027-01-31");
  related(first, "renewal", "2030-01-31");
  EXPECT_EQ(core::isoDate(retention(first).end.value()), "2030-01-31");
  const std::string amended = contract("2027-01-31");
  const std::string amendment = related(amended, "amendment", "2029-01-31");
  EXPECT_FALSE(retention(amended).due) << "the amendment may have changed the term";
  EXPECT_FALSE(retention(amendment).due);
}

TEST_P(Retention, ConstructionCountsThreeYearsFromTheSettledProject) {
  const std::string id = contract("2027-01-31");
  change([&](Transaction& t) { setRetentionClass(t, kOwner, "construction", now()); });
  EXPECT_EQ(retention(id).rule.years, 3);
  EXPECT_FALSE(retention(id).due) << "the project is not settled";
  change([&](Transaction& t) { noteEnd(t, kClerk, id, {"", {}, core::parseDate("2028-05-31"), "竣工结清"}, now()); });
  EXPECT_EQ(core::isoDate(retention(id).due.value()), "2031-06-01");
  change([&](Transaction& t) {
    noteEnd(t, kClerk, id, {"labour_contract", {}, core::parseDate("2028-05-31"), ""}, now());
  });
  EXPECT_EQ(retention(id).rule.name, "construction") << "a note never leads to fewer years";
}

TEST_P(Retention, ARuleIsOnlyEverLengthened) {
  const std::string id = contract("2027-01-31");
  EXPECT_THAT(refusal([&](Transaction& t) { setRetentionRule(t, kOwner, "labour_contract", 1, now()); },
                      ErrorCode::kInvalidInput),
              HasSubstr("劳动合同法 50"));
  refusal([&](Transaction& t) { setRetentionRule(t, kOwner, "construction", 2, now()); }, ErrorCode::kInvalidInput);
  refusal([&](Transaction& t) { setRetentionRule(t, kOwner, "none", 5, now()); }, ErrorCode::kNotFound);
  change([&](Transaction& t) { setRetentionRule(t, kStranger, "labour_contract", 9, now()); });
  EXPECT_EQ(retention(id).rule.years, 2) << "another organisation's";
  change([&](Transaction& t) { setRetentionRule(t, kOwner, "labour_contract", 5, now()); });
  EXPECT_EQ(core::isoDate(retention(id).due.value()), "2032-02-01");
}

TEST_P(Retention, WhatIsHeldNotDueAnothersOrOrderedTwiceIsNotOrdered) {
  const std::string id = dueContract();
  EXPECT_THAT(refusal([&](Transaction& t) { proposeErasure(t, kClerk, {id}, "g", now()); }),
              HasSubstr("is kept until"));
  goToDue();
  EXPECT_THAT(refusal([&](Transaction& t) { proposeErasure(t, kStranger, {id}, "g", now()); }, ErrorCode::kNotFound),
              HasSubstr(id));
  refusal([&](Transaction& t) { proposeErasure(t, kClerk, {}, "g", now()); }, ErrorCode::kInvalidInput);
  const std::string hold = database->written<std::string>(
      [&](Transaction& t) { return placeHold(t, kClerk, id, "劳动仲裁", "珠劳人仲案字〔2029〕1号", now()); });
  EXPECT_THAT(refusal([&](Transaction& t) { proposeErasure(t, kClerk, {id}, "g", now()); }), HasSubstr("1号"));
  refusal([&](Transaction& t) { liftHold(t, kStranger, hold, "x", now()); }, ErrorCode::kNotFound);
  change([&](Transaction& t) { liftHold(t, kOwner, hold, "结案", now()); });
  refusal([&](Transaction& t) { liftHold(t, kOwner, hold, "结案", now()); });
  EXPECT_EQ(house.audited(id, "retention.hold_placed"), 1);
  EXPECT_EQ(house.audited(id, "retention.hold_lifted"), 1);
  const DueEnvelopes due =
      database->looked<DueEnvelopes>([&](Transaction& t) { return listDue(t, "org", today(), ""); });
  ASSERT_EQ(due.items.size(), 1u);
  EXPECT_EQ(due.items[0].first.id, id);
  order({id});
  EXPECT_THAT(refusal([&](Transaction& t) { proposeErasure(t, kClerk, {id}, "g", now()); }), HasSubstr("already"));
}

TEST_P(Retention, NobodyApprovesTheirOwnOrder) {
  const std::string id = dueContract();
  goToDue();
  const std::string wanted = order({id});
  EXPECT_THAT(refusal([&](Transaction& t) { approveErasure(t, kClerk, wanted, now()); }), HasSubstr("another person"));
  refusal([&](Transaction& t) { approveErasure(t, kStranger, wanted, now()); }, ErrorCode::kNotFound);
  // Work that somebody put there by hand erases nothing either.
  change([&](Transaction& t) { storage::enqueueWork(t, {kEraseWork, id, "", now()}, now()); });
  goOn(std::chrono::days(60));
  erase();
  EXPECT_TRUE(isReadable(revisions(id)[0].document));
  change([&](Transaction& t) { rejectErasure(t, kOwner, wanted, "等一等", now()); });
  refusal([&](Transaction& t) { approveErasure(t, kOwner, wanted, now()); });
  EXPECT_EQ(orderNow(wanted).items[0].state, "dropped");
  erase();
  EXPECT_TRUE(isReadable(revisions(id)[0].document));
}

TEST_P(Retention, NothingIsErasedBeforeThePersonsWereToldAndHadTheirTime) {
  const std::string id = dueContract();
  goToDue();
  const std::string wanted = order({id});
  approve(wanted);
  house.notices.isDown = true;
  erase();
  goOn(std::chrono::days(60));
  erase();
  EXPECT_FALSE(erasure(id)) << "nobody was told";
  house.notices.isDown = false;
  goOn(std::chrono::days(1));
  house.work();
  EXPECT_EQ(house.notices.count("erasure", "worker"), 1u);
  goOn(std::chrono::days(29));
  erase();
  EXPECT_FALSE(erasure(id)) << "a day is missing";
  goOn(std::chrono::days(2));
  erase();
  ASSERT_TRUE(erasure(id));
  EXPECT_EQ(erasure(id)->state, "erased");
}

TEST_P(Retention, AHoldAfterTheApprovalStillHolds) {
  const std::string id = dueContract(), other = dueContract();
  goToDue();
  const std::string wanted = orderAndWait({id, other});
  change([&](Transaction& t) { placeHold(t, kClerk, id, "诉讼", "(2031)粤04民初1号", now()); });
  erase();
  EXPECT_TRUE(isReadable(revisions(id)[0].document));
  EXPECT_FALSE(isReadable(revisions(other)[0].document));
  const ErasureOrder done = orderNow(wanted);
  EXPECT_EQ(done.state, "done");
  for (const ErasureItem& item : done.items) {
    EXPECT_EQ(item.state, item.envelope == id ? "refused" : "erased");
    EXPECT_THAT(item.reason, HasSubstr(item.envelope == id ? "粤04民初1号" : ""));
  }
  EXPECT_EQ(house.audited(id, "envelope.erasure_refused"), 1);
}

TEST_P(Retention, AHoldAndAnErasureThatRaceHaveOneWinner) {
  std::vector<std::string> all;
  for (int round = 0; round < 4; ++round) all.push_back(dueContract());
  goToDue();
  orderAndWait(all);
  house.work();
  for (const storage::Lease& lease : leases()) {
    const std::string id = lease.subject;
    bool isHeld = false;
    std::thread holder([&] {
      try {
        database->write([&](Transaction& t) { placeHold(t, kClerk, id, "诉讼", "1", now()); });
        isHeld = true;
      } catch (const core::Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kConflict);
      }
    });
    eraseEnvelope(services, lease);
    holder.join();
    EXPECT_EQ(isHeld, isReadable(revisions(id)[0].document));
    EXPECT_EQ(isHeld, !erasure(id));
  }
}

TEST_P(Retention, AnErasedEnvelopeIsGoneAndItsProofIsNot) {
  const std::string kept = dueContract(), id = dueContract();
  // A revision that lost its race or whose maker died.
  const core::DocumentId lost = core::DocumentId::random();
  house.real.appendRevision(revisions(id)[0].document, lost, "a lost signature of 王示例", now());
  goToDue();
  const std::string wanted = orderAndWait({id});
  const std::vector<Revision> before = revisions(id);
  ASSERT_EQ(before.size(), 3u);
  EXPECT_THAT(everythingKnown(id), HasSubstr(test::kWorkerName));
  EXPECT_THAT(everythingKnown(id), HasSubstr(test::kWorkerId));
  erase();

  for (const Revision& revision : before) EXPECT_FALSE(isReadable(revision.document));
  EXPECT_FALSE(isReadable(lost));
  EXPECT_THAT(everythingKnown(id), IsEmpty());
  EXPECT_EQ(house.state(id), "completed");
  EXPECT_EQ(orderNow(wanted).state, "done");
  EXPECT_EQ(house.audited(id, "envelope.erased"), 1);
  EXPECT_EQ(house.published(id, "envelope.erased"), 1);
  // Its neighbour is whole, and all of it agrees with itself: documents, chains, erasures.
  EXPECT_THAT(everythingKnown(kept), HasSubstr(test::kWorkerName));
  EXPECT_EQ(house.pdfsig(house.newestFile(kept)), "2 of 2 valid");
  const auto report = storage::checkConsistency(*database, house.real);
  for (const storage::Inconsistency& one : report.problems) ADD_FAILURE() << one.subject << ": " << one.problem;

  const Erasure proof = erasure(id).value();
  EXPECT_EQ(proof.state, "erased");
  for (const Revision& revision : before) EXPECT_THAT(proof.statement, HasSubstr(revision.sha256));
  for (const char* part :
       {"\"ordered_by\":\"user:clerk\"", "\"approved_by\":\"user:owner\"", "\"years\":2", "劳动合同法 50",
        "\"node\":\"node-1\"", "\"documents\":4", "\"party\":\"worker\"", "\"end_source\":\"term_end\""}) {
    EXPECT_THAT(proof.statement, HasSubstr(part));
  }
  EXPECT_THAT(proof.statement, Not(HasSubstr(test::kWorkerName)));
  EXPECT_THAT(proof.statement, Not(HasSubstr(test::kWorkerId)));
  // openssl, who is not of this house, says that the platform signed exactly this.
  const auto judge = [&](const std::string& text) {
    const test::TempFolder folder;
    core::writeFile(folder / "statement", text);
    core::writeFile(folder / "statement.p7s", core::textOf(core::fromBase64(proof.signature).value()));
    core::writeFile(folder / "root.der", core::textOf(house.authority->rootCertificate()));
    test::run({"openssl", "x509", "-inform", "DER", "-in", folder / "root.der", "-out", folder / "root.pem"});
    return test::run({"openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "statement.p7s",
                      "-content", folder / "statement", "-CAfile", folder / "root.pem", "-purpose", "any", "-out",
                      "/dev/null"})
        .status;
  };
  EXPECT_EQ(judge(proof.statement), 0);
  std::string tampered = proof.statement;
  tampered[tampered.find("user:owner")] = 'U';
  EXPECT_NE(judge(tampered), 0);

  // What is gone cannot be held, ordered or noted any more.
  refusal([&](Transaction& t) { placeHold(t, kClerk, id, "诉讼", "1", now()); });
  refusal([&](Transaction& t) { proposeErasure(t, kClerk, {id}, "g", now()); });
  refusal([&](Transaction& t) { noteEnd(t, kClerk, id, {}, now()); });
}

using RetentionInFiles = Retention;
INSTANTIATE_TEST_SUITE_P(Sqlite, RetentionInFiles, testing::Values(test::DatabaseKind::kSqlite), test::databaseName);

TEST_P(RetentionInFiles, HoldNoNumberOfAPersonWhoseContractWasErased) {
  const std::string id = dueContract();
  const auto isInFiles = [&] {
    const std::string file = database.address().substr(std::string("sqlite:").size());
    for (const char* part : {"", "-wal"}) {
      if (std::filesystem::exists(file + part) &&
          core::readFile(file + part).find(test::kWorkerId) != std::string::npos)
        return true;
    }
    return false;
  };
  EXPECT_TRUE(isInFiles());
  goToDue();
  orderAndWait({id});
  erase();
  EXPECT_FALSE(isInFiles());
}

TEST_P(Retention, WhoClaimsToHaveErasedWhatCanBeReadIsFound) {
  const std::string id = dueContract();
  change([&](Transaction& t) {
    t.execute(
        "INSERT INTO erasures (envelope, organisation, order_id, state, begun_ms, erased_ms, statement, signature) "
        "VALUES ($1, 'org', 'o', 'erased', 1, 1, '{}', '')",
        {id});
  });
  const auto report = storage::checkConsistency(*database, house.real);
  ASSERT_EQ(report.problems.size(), 3u);
  EXPECT_THAT(report.problems[0].problem, HasSubstr("can be read"));
}

TEST_P(Retention, ADeathBetweenAnyTwoStepsIsFollowedByTheNextProcess) {
  std::vector<std::string> all;
  for (int i = 0; i < 3; ++i) all.push_back(dueContract());
  goToDue();
  orderAndWait(all);
  house.work();
  std::vector<storage::Lease> mine = leases();
  ASSERT_EQ(mine.size(), 3u);
  for (const std::string step : {"erasing", "erased", "signing"}) {
    const storage::Lease lease = mine.back();
    const std::string id = lease.subject;
    mine.pop_back();
    struct Death {};
    RetentionServices dying = services;
    house.services.atStep = [&](const char* at) {
      if (at == step) throw Death{};
    };
    if (step == "signing") dying.sign = [](std::string_view) -> core::Bytes { throw Death{}; };
    EXPECT_THROW(eraseEnvelope(dying, lease), Death);
    house.services.atStep = [](const char*) {};
    ASSERT_EQ(erasure(id)->state, "erasing");
    refusal([&](Transaction& t) { placeHold(t, kClerk, id, "诉讼", "1", now()); });
  }
  goOn(std::chrono::days(1));  // the leases end
  erase();
  for (const std::string& id : all) {
    EXPECT_EQ(erasure(id)->state, "erased");
    EXPECT_EQ(house.audited(id, "envelope.erased"), 1);
    EXPECT_THAT(everythingKnown(id), IsEmpty());
  }
}

}  // namespace
}  // namespace qianda::contracts
