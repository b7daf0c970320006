// Seals and their grants (PEERS.md 5.7: authorisation as data, quota, two persons, every use logged).
#include "contracts/seals/seal_grants.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contracts/seals/seal_cabinet.h"
#include "core/error.h"
#include "core/id.h"
#include "tests/support/authority.h"
#include "tests/support/database.h"
#include "tests/support/error_of.h"

namespace qianda::contracts {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using storage::Transaction;
using test::messageOf;
using testing::HasSubstr;

Seal sealNamed(const std::string& organisation, const std::string& name, core::Instant now) {
  Seal seal;
  seal.id = core::DocumentId::random().text();
  seal.organisation = organisation;
  seal.name = name;
  seal.design.ownerName = "示例公司";
  seal.keyReference = "database";
  seal.notAfter = now + 24h * 365;
  seal.state = "active";
  seal.createdAt = now;
  return seal;
}

class SealGrantsTest : public test::OnBothDatabases {
 protected:
  SealGrantsTest() {
    seal = sealNamed("org-a", "公章", t0);
    write([&](Transaction& t) { insertSeal(t, seal, keeper); });
  }
  void write(const std::function<void(Transaction&)>& work) { database->write(work); }
  std::string propose(std::int64_t quota, const std::string& form = "labour-general") {
    SealGrant wanted;
    wanted.seal = seal.id;
    wanted.templateId = form;
    wanted.grantee = hr.name;
    wanted.notBefore = t0 - 1h;
    wanted.notAfter = t0 + 1h;
    wanted.quota = quota;
    return database->written<std::string>([&](Transaction& t) { return proposeGrant(t, keeper, wanted, t0); });
  }
  std::string grant(std::int64_t quota, const std::string& form = "labour-general") {
    const std::string id = propose(quota, form);
    write([&](Transaction& t) { approveGrant(t, approver, id, t0); });
    return id;
  }
  std::variant<SealReservation, SealRefusal> reserve(std::int64_t documents, const std::string& subject = "batch:1",
                                                     core::Instant now = t0, const Actor& who = hr) {
    return database->written<std::variant<SealReservation, SealRefusal>>([&](Transaction& t) {
      return reserveSeal(t, who, {seal.id, "labour-general", subject, documents}, now);
    });
  }
  std::string refusal(std::int64_t documents, core::Instant now = t0, const Actor& who = hr) {
    const auto answer = reserve(documents, "batch:2", now, who);
    const auto* refused = std::get_if<SealRefusal>(&answer);
    return refused ? refused->code + ": " + refused->reason : "reserved";
  }
  SealGrant look(const std::string& id) {
    return database->looked<SealGrant>([&](Transaction& t) { return getGrant(t, "org-a", id); });
  }

  static inline const core::Instant t0{1'800'000'000'000ms};
  static inline const Actor keeper{"org-a", "user:keeper", "192.0.2.1", ""}, approver{"org-a", "user:approver", "", ""},
      hr{"org-a", "api_key:hr", "", ""};
  Seal seal;
};
INSTANTIATE_TEST_SUITE_P(Databases, SealGrantsTest, test::bothDatabases(), test::databaseName);

TEST_P(SealGrantsTest, TakesTwoPersonsAndNamesWhoDecided) {
  const std::string id = propose(5);
  EXPECT_THAT(refusal(1), HasSubstr("not_approved: grant " + id + " waits for its approval"));
  EXPECT_THAT(messageOf([&] { write([&](Transaction& t) { approveGrant(t, keeper, id, t0); }); }, ErrorCode::kConflict),
              HasSubstr("another person"));
  write([&](Transaction& t) { approveGrant(t, approver, id, t0); });
  EXPECT_EQ(look(id).requestedBy, "user:keeper");
  EXPECT_EQ(look(id).decidedBy, "user:approver");
  EXPECT_EQ(refusal(1), "reserved");
  messageOf([&] { write([&](Transaction& t) { rejectGrant(t, approver, id, "too late", t0); }); },
            ErrorCode::kConflict);
}

TEST_P(SealGrantsTest, RefusesNamingGrantAndReason) {
  EXPECT_THAT(refusal(1), HasSubstr("no_grant: api_key:hr has no grant for seal " + seal.id));
  const std::string id = grant(10);
  EXPECT_EQ(refusal(11), "quota: grant " + id + " has 10 of 10 documents left, 11 are wanted");
  EXPECT_THAT(refusal(1, t0 + 1h), HasSubstr("ended: grant " + id));
  EXPECT_THAT(refusal(1, t0 - 2h), HasSubstr("not_yet: grant " + id));
  EXPECT_THAT(refusal(1, t0, keeper), HasSubstr("no_grant: user:keeper"));
  write([&](Transaction& t) { changeSealState(t, keeper, seal.id, "suspended", "lost", t0); });
  EXPECT_EQ(refusal(1), "seal_suspended: seal " + seal.id + " is suspended: lost");
}

TEST_P(SealGrantsTest, CountsOnlyForItsTemplateOrForAll) {
  grant(10, "renewal");
  EXPECT_THAT(refusal(1), HasSubstr("no_grant"));
  grant(10, "*");
  EXPECT_EQ(refusal(1), "reserved");
}

TEST_P(SealGrantsTest, SettlesUsesAndGivesBackWhatWasNotUsed) {
  const std::string id = grant(10);
  const auto reservation = std::get<SealReservation>(reserve(6));
  write([&](Transaction& t) { settleSeal(t, reservation, 4, "d1", hr, t0); });
  messageOf([&] { write([&](Transaction& t) { settleSeal(t, reservation, 3, "d2", hr, t0); }); }, ErrorCode::kConflict);
  EXPECT_EQ(look(id).used, 4);
  EXPECT_EQ(look(id).reserved, 2);
  for (int i = 0; i < 2; ++i) write([&](Transaction& t) { releaseSeal(t, reservation.id); });
  EXPECT_EQ(look(id).reserved, 0);
  const auto uses =
      database->looked<std::vector<LoggedSealUse>>([&](Transaction& t) { return listSealUses(t, "org-a", seal.id); });
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses[0].documents, 4);
  EXPECT_EQ(uses[0].grant, id);
  const auto audited = database->looked<std::int64_t>([&](Transaction& t) {
    return t.findRow("SELECT COUNT(*) FROM audit_entries WHERE type = 'seal.used'")->number(0);
  });
  EXPECT_EQ(audited, 1);
}

TEST_P(SealGrantsTest, IsNeverOverdrawnByRacers) {
  const std::string id = grant(100);
  std::atomic<int> reserved = 0;
  std::vector<std::thread> racers;
  for (int i = 0; i < 8; ++i) {
    racers.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        const auto answer = reserve(7, "batch:" + std::to_string(i * 10 + round));
        if (const auto* reservation = std::get_if<SealReservation>(&answer)) {
          reserved += 7;
          write([&](Transaction& t) { settleSeal(t, *reservation, 3, "d", hr, t0); });
        }
      }
    });
  }
  for (std::thread& racer : racers) racer.join();
  EXPECT_EQ(reserved, 98);  // 14 x 7: one more would be 105
  EXPECT_EQ(look(id).used + look(id).reserved, 98);
  EXPECT_EQ(look(id).used, 42);
}

TEST_P(SealGrantsTest, ARevocationCountsAtOnceForWhoHoldsAReservation) {
  const std::string id = grant(10);
  const auto reservation = std::get<SealReservation>(reserve(6));
  const auto isGranted = [&](core::Instant now) {
    return database->looked<bool>([&](Transaction& t) { return !stillGranted(t, reservation, now).has_value(); });
  };
  EXPECT_TRUE(isGranted(t0));
  EXPECT_FALSE(isGranted(t0 + 1h));
  write([&](Transaction& t) { revokeGrant(t, approver, id, "left the company", t0); });
  EXPECT_FALSE(isGranted(t0));
  EXPECT_THAT(refusal(1), HasSubstr("revoked: grant " + id + " was revoked: left the company"));
  // What was sealed before is logged all the same.
  write([&](Transaction& t) { settleSeal(t, reservation, 2, "d", hr, t0); });
  EXPECT_EQ(look(id).used, 2);
}

TEST_P(SealGrantsTest, OtherTenantsSeeNothing) {
  const std::string id = grant(10);
  const Actor stranger{"org-b", "user:approver", "", ""};
  messageOf([&] { database->read([&](Transaction& t) { getSeal(t, "org-b", seal.id); }); }, ErrorCode::kNotFound);
  messageOf([&] { database->read([&](Transaction& t) { getGrant(t, "org-b", id); }); }, ErrorCode::kNotFound);
  messageOf([&] { write([&](Transaction& t) { revokeGrant(t, stranger, id, "", t0); }); }, ErrorCode::kNotFound);
  messageOf([&] { write([&](Transaction& t) { changeSealState(t, stranger, seal.id, "revoked", "", t0); }); },
            ErrorCode::kNotFound);
  messageOf([&] { reserve(1, "batch:1", t0, {"org-b", "api_key:hr", "", ""}); }, ErrorCode::kNotFound);
  EXPECT_TRUE(database->looked<std::vector<Seal>>([&](Transaction& t) { return listSeals(t, "org-b"); }).empty());
}

TEST_P(SealGrantsTest, ARevokedSealStaysRevoked) {
  write([&](Transaction& t) { changeSealState(t, keeper, seal.id, "suspended", "x", t0); });
  write([&](Transaction& t) { changeSealState(t, keeper, seal.id, "active", "", t0); });
  write([&](Transaction& t) { changeSealState(t, keeper, seal.id, "revoked", "x", t0); });
  messageOf([&] { write([&](Transaction& t) { changeSealState(t, keeper, seal.id, "active", "", t0); }); },
            ErrorCode::kConflict);
}

class SealCabinetTest : public test::OnBothDatabases {
 protected:
  MadeSeal kept(SealCabinet& cabinet, const NewSeal& wanted) {
    const MadeSeal made = cabinet.make(wanted, keeper, core::now());
    database->write([&](Transaction& t) { SealCabinet::keep(t, made, keeper); });
    return made;
  }
  NewSeal ordered(const std::string& name, const std::string& owner = "示例公司") const {
    NewSeal wanted;
    wanted.name = name;
    wanted.design.ownerName = owner;
    return wanted;
  }
  SealReservation reserved(const std::string& of) const { return {"r", "g", of, "org-a", "batch:1", 1}; }

  const Actor keeper{"org-a", "user:keeper", "", ""};
  test::TestAuthority authority;
  signing::Authority issuer = authority.open();
};
INSTANTIATE_TEST_SUITE_P(Databases, SealCabinetTest, test::bothDatabases(), test::databaseName);

TEST_P(SealCabinetTest, DrawsAKeyThatEveryNodeWithThePassphraseOpensForItsReservationAlone) {
  SealCabinet cabinet({&*database, "over the hills", &issuer, true, {}});
  const Seal seal = kept(cabinet, ordered("公章")).seal;
  EXPECT_TRUE(seal.design.demo);
  EXPECT_EQ(cabinet.open(seal, reserved(seal.id)).certificate, seal.certificate);
  messageOf([&] { cabinet.open(seal, reserved("another")); }, ErrorCode::kConflict);
  SealCabinet elsewhere({&*database, "over the hills", &issuer, true, {}});
  EXPECT_EQ(elsewhere.open(seal, reserved(seal.id)).certificate, seal.certificate);
  SealCabinet stranger({&*database, "far away", &issuer, true, {}});
  EXPECT_THAT(messageOf([&] { stranger.open(seal, reserved(seal.id)); }, ErrorCode::kUnavailable),
              HasSubstr("secret-file"));
}

TEST_P(SealCabinetTest, ASealWhoseNameIsTakenLeavesNoKey) {
  SealCabinet cabinet({&*database, "over the hills", &issuer, true, {}});
  kept(cabinet, ordered("公章"));
  messageOf([&] { kept(cabinet, ordered("公章")); }, ErrorCode::kConflict);
  EXPECT_EQ(database->looked<std::int64_t>(
                [](Transaction& t) { return t.findRow("SELECT COUNT(*) FROM seal_keys")->number(0); }),
            1);
}

TEST_P(SealCabinetTest, AnAlteredKeyAndOneOfAnotherSealAreRefused) {
  SealCabinet cabinet({&*database, "over the hills", &issuer, true, {}});
  const Seal one = kept(cabinet, ordered("公章")).seal, other = kept(cabinet, ordered("合同章")).seal;
  const auto set = [&](const std::string& sql) { database->write([&](Transaction& t) { t.execute(sql); }); };
  set("UPDATE seal_keys SET pkcs12 = (SELECT pkcs12 FROM seal_keys WHERE seal = '" + other.id + "') WHERE seal = '" +
      one.id + "'");
  messageOf([&] { cabinet.open(one, reserved(one.id)); }, ErrorCode::kCorrupt);
  set("UPDATE seal_keys SET pkcs12 = SUBSTR(pkcs12, 1, 400) || 'AAAA' || SUBSTR(pkcs12, 405)");
  messageOf([&] { cabinet.open(other, reserved(other.id)); }, ErrorCode::kUnavailable);
  set("DELETE FROM seal_keys");
  messageOf([&] { cabinet.open(other, reserved(other.id)); }, ErrorCode::kCorrupt);
}

TEST_P(SealCabinetTest, TakesAConfiguredKeyOfTheOwnerOnly) {
  const auto token = signing::makeThrowawayCredential("p256", "示例公司");
  SealCabinet cabinet({&*database, "over the hills", &issuer, false, [&](const std::string& name) {
                         if (name != "token") throw core::Error(ErrorCode::kNotFound, "no key " + name);
                         return token.credential;
                       }});
  NewSeal wanted = ordered("公章", "别的公司");
  wanted.configuredKey = "token";
  EXPECT_THAT(messageOf([&] { cabinet.make(wanted, keeper, core::now()); }, ErrorCode::kInvalidInput),
              HasSubstr("示例公司"));
  wanted.design.ownerName = "示例公司";
  const Seal seal = kept(cabinet, wanted).seal;
  EXPECT_FALSE(seal.design.demo);
  EXPECT_EQ(seal.keyReference, "configured:token");
  EXPECT_EQ(cabinet.open(seal, reserved(seal.id)).certificate, seal.certificate);
}

}  // namespace
}  // namespace qianda::contracts
