// Cases and the issuing of steps in SQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/cases/clock_events.h"
#include "delivery/service/sweep.h"
#include "tests/integration/delivery/house.h"
#include "tests/support/error_of.h"

namespace qianda::delivery {
namespace {

using storage::Transaction;
using testing::HasSubstr;

class CaseHouseTest : public HouseTest {};
INSTANTIATE_TEST_SUITE_P(Databases, CaseHouseTest, test::bothDatabases(), test::databaseName);

TEST_P(CaseHouseTest, KeepsEverythingOfACase) {
  const std::string id = createCase();
  const CaseFile file = look<CaseFile>([&](Transaction& t) { return getCase(t, clerk.organisation, id); });
  EXPECT_EQ(file.number, "示劳人仲案字〔2026〕000001号");
  EXPECT_EQ(file.panel, (std::vector<std::string>{"钱示例", "孙示例", "李示例"}));
  ASSERT_EQ(file.parties.size(), 2u);
  EXPECT_EQ(file.parties[1].legalRepresentative, "吴示例");
  ASSERT_EQ(file.addresses.size(), 2u);
  EXPECT_EQ(file.addresses[0].ground, AddressGround::kConfirmed);
  ASSERT_EQ(file.events.size(), 1u);
  EXPECT_EQ(file.events[0].kind, "received");
  EXPECT_EQ(core::isoDate(file.events[0].day), "2026-03-02");
  EXPECT_EQ(file.state, "received");
}

TEST_P(CaseHouseTest, NamesWhatIsWrongAndKeepsNothing) {
  CaseFile file = test::sampleCase("000002");
  file.addresses[1].street.clear();
  const auto create = [&] {
    write([&](Transaction& t) { delivery::createCase(t, clerk, file, *core::parseDate("2026-03-02"), now); });
  };
  EXPECT_THAT(test::messageOf(create, core::ErrorCode::kInvalidInput), HasSubstr("addresses/1/street"));
  file = test::sampleCase("000002");
  file.parties.pop_back();
  file.addresses.pop_back();
  EXPECT_THAT(test::messageOf(create, core::ErrorCode::kInvalidInput), HasSubstr("respondent"));
  file = test::sampleCase("000002");
  file.agents.push_back({"", "7", "agent", "郑示例", "", "", "general", *core::parseDate("2026-03-01"), {}});
  EXPECT_THAT(test::messageOf(create, core::ErrorCode::kInvalidInput), HasSubstr("agents/0/party"));
  EXPECT_EQ(look<std::int64_t>([](Transaction& t) { return t.findRow("SELECT COUNT(*) FROM cases")->number(0); }), 0);
  createCase("000002");
  file = test::sampleCase("000002");
  EXPECT_EQ(codeOf(create), core::ErrorCode::kConflict);
}

TEST_P(CaseHouseTest, AnotherCourtFindsNothing) {
  const std::string id = createCase();
  const core::Actor other{"01OTHER0000000000000000000", "user:other", "", ""};
  const auto touch = [&] {
    write([&](Transaction& t) {
      addCaseEvent(t, other, id, {"accepted", *core::parseDate("2026-03-03"), now, {}}, now);
    });
  };
  EXPECT_EQ(codeOf(touch), core::ErrorCode::kNotFound);
}

TEST_P(CaseHouseTest, AStepIssuesItsDocumentsAndBeginsTheirService) {
  const std::string id = createCase();
  const IssuedStep step = issueAccept(id);
  ASSERT_EQ(step.records.size(), 2u);
  EXPECT_GE(step.documents, 3);
  for (const IssuedRecord& record : step.records) {
    EXPECT_EQ(record.method, "postal");
    EXPECT_EQ(parcelOf(record.parcel).state, ParcelState::kQueued);
    EXPECT_EQ(recordOf(record.id).state, RecordState::kTrying);
  }
  const CaseFile file = look<CaseFile>([&](Transaction& t) { return getCase(t, clerk.organisation, id); });
  EXPECT_EQ(file.state, "accepted");
  EXPECT_EQ(press.settled, 1);
}

TEST_P(CaseHouseTest, TheSameKeyIssuesNothingTwice) {
  const std::string id = createCase();
  const IssuedStep first = issueAccept(id);
  const IssueOutcome again = issueSteps(issueHouse(), clerk, "seal", "k1", {acceptOrder(id)}, now);
  EXPECT_TRUE(again.isRepeated);
  ASSERT_EQ(again.steps.size(), 1u);
  EXPECT_EQ(again.steps[0].id, first.id);
  EXPECT_EQ(press.subjects.size(), 1u);
  StepOrder other = acceptOrder(id);
  other.method = "none";
  EXPECT_EQ(codeOf([&] { issueSteps(issueHouse(), clerk, "seal", "k1", {other}, now); }), core::ErrorCode::kConflict);
}

TEST_P(CaseHouseTest, WhatIsMissingIsNamedBeforeAnythingIsSealed) {
  const std::string good = createCase("000001"), bad = createCase("000002");
  StepOrder faulty = acceptOrder(bad);
  faulty.entered["issued_on"] = "不是日期";
  const IssueOutcome outcome = issueSteps(issueHouse(), clerk, "seal", "k", {acceptOrder(good), faulty}, now);
  ASSERT_FALSE(outcome.faults.empty());
  EXPECT_EQ(outcome.faults[0].order, 1u);
  EXPECT_EQ(outcome.faults[0].field, "issued_on");
  EXPECT_TRUE(press.subjects.empty());
}

TEST_P(CaseHouseTest, ACaseThatChangedWhileItsPapersWereSealedIsNotIssued) {
  const std::string id = createCase();
  press.before = [&] {
    write([&](Transaction& t) {
      CaseChange change;
      change.clerk = "另一书记员";
      changeCase(t, clerk, id, change, now);
    });
  };
  EXPECT_EQ(codeOf([&] { issueSteps(issueHouse(), clerk, "seal", "k", {acceptOrder(id)}, now); }),
            core::ErrorCode::kConflict);
  EXPECT_EQ(look<std::int64_t>([](Transaction& t) { return t.findRow("SELECT COUNT(*) FROM parcels")->number(0); }), 0);
}

// R17: the look says each deadline once, a look that was missed is made up for.
TEST_P(CaseHouseTest, DeadlinesAreSaidOnceAndInTime) {
  createCase();
  EXPECT_EQ(sweep(*database, at("2026-03-02", 12)).alarms, 0);
  EXPECT_EQ(sweep(*database, at("2026-03-06", 12)).alarms,
            1);  // received on Monday the 2nd: five days, the 7th is a Saturday
  EXPECT_EQ(sweep(*database, at("2026-03-06", 13)).alarms, 0);
  const auto warned =
      look<std::vector<DeadlineAlarm>>([&](Transaction& t) { return listAlarms(t, clerk.organisation, "warned", 10); });
  ASSERT_EQ(warned.size(), 1u);
  EXPECT_EQ(warned[0].deadline, "accept");
  EXPECT_EQ(warned[0].lastDay, "2026-03-09");
  EXPECT_EQ(sweep(*database, at("2026-05-01", 12)).alarms, 1);  // nobody looked for weeks
  EXPECT_EQ(look<std::vector<DeadlineAlarm>>([&](Transaction& t) {
              return listAlarms(t, clerk.organisation, "overdue", 10);
            }).size(),
            1u);
}

TEST_P(CaseHouseTest, MediationsAreCountedByTheirOutcome) {
  const std::string one = createCase("000001"), two = createCase("000002");
  write([&](Transaction& t) {
    for (const std::string& id : {one, two}) {
      addCaseEvent(t, clerk, id, {"mediation_started", *core::parseDate("2026-03-03"), now, {}}, now);
    }
    addCaseEvent(t, clerk, one, {"mediation_ended", *core::parseDate("2026-03-09"), now, {{"outcome", "succeeded"}}},
                 now);
  });
  const auto count = look<MediationCount>([&](Transaction& t) {
    return countMediations(t, clerk.organisation, *core::parseDate("2026-03-01"), *core::parseDate("2026-03-31"));
  });
  EXPECT_EQ(count.offered, 2);
  EXPECT_EQ(count.succeeded, 1);
  EXPECT_EQ(count.running, 1);
}

}  // namespace
}  // namespace qianda::delivery
