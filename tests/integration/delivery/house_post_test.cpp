// Parcels from their order to the ruling on their record (promises R2, R4, R5, R6, R11, R20, R21 in SQL).
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "delivery/post/parcel_receipt.h"
#include "storage/segment_document_store.h"
#include "tests/integration/delivery/house.h"
#include "tests/support/error_of.h"

namespace qianda::delivery {
namespace {

using storage::Transaction;

class PostHouseTest : public HouseTest {
 protected:
  // The worker's record of an accepted case, and its parcel.
  void SetUp() override {
    const IssuedStep step = issueAccept(createCase());
    record = step.records[0].id;
    parcel = step.records[0].parcel;
    now = at("2026-03-10", 9);  // when what is told has happened
  }
  TaskEnd order() { return orderParcel(house, take(parcel, "order")); }
  std::string record, parcel;
};
INSTANTIATE_TEST_SUITE_P(Databases, PostHouseTest, test::bothDatabases(), test::databaseName);

TEST_P(PostHouseTest, AnOrderNamesRecipientAndContents) {
  EXPECT_EQ(order().how, TaskEnd::How::kFinished);
  const Parcel known = parcelOf(parcel);
  EXPECT_EQ(known.state, ParcelState::kAccepted);
  EXPECT_EQ(known.waybill, ScriptedPartner::waybillOf(0));
  EXPECT_EQ(partner.last.orderNo, parcel);
  EXPECT_EQ(partner.last.to.name, "林示例000001");
  EXPECT_EQ(partner.last.from.street, "示例大道1号");
  EXPECT_FALSE(partner.last.contents.empty());
  EXPECT_EQ(partner.last.pages, static_cast<int>(2 * partner.last.contents.size()));
  take(parcel, "label");
}

// R2: the partner took it, its reply was lost.
TEST_P(PostHouseTest, ALostReplyIsAskedForAndNeverOrderedAgain) {
  partner.losesReply = true;
  const PostalTask first = take(parcel, "order");
  EXPECT_EQ(orderParcel(house, first).how, TaskEnd::How::kAgain);
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kUnknown);
  giveBack(first);
  partner.losesReply = false;
  EXPECT_EQ(order().how, TaskEnd::How::kFinished);
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kAccepted);
  EXPECT_EQ(partner.orders[parcel], 1);
  EXPECT_EQ(partner.queries, 1);
}

TEST_P(PostHouseTest, ALostRequestIsOrderedAgainOnlyWhenItsAbsenceIsProven) {
  partner.losesRequest = true;
  PostalTask task = take(parcel, "order");
  orderParcel(house, task);
  giveBack(task);
  partner.losesRequest = false;
  task = take(parcel, "order");
  const TaskEnd early = orderParcel(house, task);  // the partner does not know it, a call may be under way
  EXPECT_EQ(early.how, TaskEnd::How::kAgain);
  EXPECT_EQ(early.due, now + house.policy.unknownWait);
  EXPECT_EQ(partner.orders[parcel], 1);
  giveBack(task);
  now += house.policy.unknownWait;
  EXPECT_EQ(order().how, TaskEnd::How::kFinished);
  EXPECT_EQ(partner.orders[parcel], 2);
  EXPECT_EQ(partner.book.size(), 1u);
}

TEST_P(PostHouseTest, WhoDiedWhileOrderingIsFollowedByAQuestion) {
  const PostalTask task = take(parcel, "order");
  write([&](Transaction& t) {
    Parcel dying = getParcel(t, parcel);
    dying.stage = ParcelState::kSubmitting;
    dying.submittedAt = now;
    saveParcel(t, dying, now);
  });
  partner.book[parcel] = "1270000009999";
  giveBack(task);
  EXPECT_EQ(order().how, TaskEnd::How::kFinished);
  EXPECT_EQ(parcelOf(parcel).waybill, "1270000009999");
  EXPECT_EQ(partner.orders.count(parcel), 0u);
}

// R15: a worker that was thought dead wakes, and changes nothing.
TEST_P(PostHouseTest, AWorkerWhoseHoldIsGoneChangesNothing) {
  const PostalTask asleep = take(parcel, "order");
  giveBack(asleep);
  EXPECT_EQ(order().how, TaskEnd::How::kFinished);
  EXPECT_EQ(orderParcel(house, asleep).how, TaskEnd::How::kDone);
  EXPECT_EQ(codeOf([&] { write([&](Transaction& t) { finishTask(t, asleep, now); }); }), core::ErrorCode::kConflict);
  EXPECT_EQ(partner.orders[parcel], 1);
}

TEST_P(PostHouseTest, AWorkerThatSleptThroughItsHoldDoesNotCallThePartner) {
  const PostalTask asleep = take(parcel, "order");
  giveBack(asleep);
  EXPECT_EQ(codeOf([&] { orderParcel(house, asleep); }), core::ErrorCode::kConflict);
  EXPECT_EQ(partner.orders.count(parcel), 0u);
}

TEST_P(PostHouseTest, ARefusedOrderIsForAPerson) {
  partner.refuses = true;
  EXPECT_EQ(order().how, TaskEnd::How::kFinished);
  const Parcel known = parcelOf(parcel);
  EXPECT_EQ(known.state, ParcelState::kRejected);
  EXPECT_THAT(known.refusal, testing::HasSubstr("地址不详"));
  EXPECT_EQ(recordOf(record).state, RecordState::kIneffective);
}

TEST_P(PostHouseTest, ASignatureServes) {
  order();
  push(signedBy(parcelOf(parcel).waybill, SignerClass::kAddressee), "one");
  const ServiceRecord known = recordOf(record);
  EXPECT_EQ(known.state, RecordState::kServed);
  EXPECT_EQ(known.ending, "E1");
  EXPECT_EQ(known.legalDay, "2026-03-05");
  EXPECT_EQ(known.needs, "");
  EXPECT_EQ(look<std::int64_t>([&](Transaction& t) {
              return t.findRow("SELECT COUNT(*) FROM work WHERE kind = 'service_proof' AND subject = $1", {record})
                  ->number(0);
            }),
            1);
  // The clock counts from it.
  const CaseFile file = look<CaseFile>([&](Transaction& t) { return getCase(t, clerk.organisation, known.caseId); });
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kSigned);
  EXPECT_FALSE(file.events.empty());
}

TEST_P(PostHouseTest, TamperedWithSomebodyElsesSignatureItServesNobody) {
  order();
  push(signedBy(parcelOf(parcel).waybill, SignerClass::kOther), "one");
  EXPECT_NE(recordOf(record).state, RecordState::kServed);
  EXPECT_EQ(recordOf(record).legalDay, "");
}

// R4: from 8 threads, each message ten times.
TEST_P(PostHouseTest, RepeatedPushesHaveEffectOnce) {
  order();
  const std::vector<MailEvent> events = signedBy(parcelOf(parcel).waybill, SignerClass::kAddressee);
  std::vector<std::thread> threads;
  std::atomic<int> faults = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        const std::size_t which = static_cast<std::size_t>(i + round) % events.size();
        try {
          push({events[which]}, "message " + std::to_string(which));
        } catch (const core::Error& error) {
          // Two that are the first at once: one of them is told to come again.
          if (error.code() == core::ErrorCode::kConflict) {
            push({events[which]}, "message " + std::to_string(which));
          } else {
            ++faults;
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(faults, 0);
  EXPECT_EQ(recordOf(record).legalDay, "2026-03-05");
  const auto counts = look<std::vector<std::int64_t>>([&](Transaction& t) {
    return std::vector<std::int64_t>{t.findRow("SELECT COUNT(*) FROM mail_events")->number(0),
                                     t.findRow("SELECT COUNT(*) FROM partner_messages")->number(0),
                                     t.findRow("SELECT CAST(SUM(times) AS BIGINT) FROM partner_messages")->number(0)};
  });
  EXPECT_EQ(counts, (std::vector<std::int64_t>{3, 3, 80}));
}

// R5: whatever the order of arrival, the same view and the same legal date.
TEST_P(PostHouseTest, TheOrderOfArrivalPlaysNoPart) {
  order();
  const std::string waybill = parcelOf(parcel).waybill;
  std::vector<MailEvent> events = {event(waybill, MailEventKind::kPosted, at("2026-03-04", 10)),
                                   event(waybill, MailEventKind::kOut, at("2026-03-05", 9)),
                                   event(waybill, MailEventKind::kFailed, at("2026-03-05", 11)),
                                   event(waybill, MailEventKind::kOut, at("2026-03-06", 9)),
                                   event(waybill, MailEventKind::kSigned, at("2026-03-06", 12))};
  events[2].reason = ReturnReason::kAbsent;
  events[4].signer = SignerClass::kAddressee;
  events[4].hasIdNumber = true;
  std::mt19937 random(7);
  for (int round = 0; round < 12; ++round) {
    write([&](Transaction& t) {
      t.execute("DELETE FROM mail_events");
      t.execute("DELETE FROM partner_messages");
      Parcel known = lockParcel(t, parcel);
      settleParcel(t, known, now);
    });
    std::shuffle(events.begin(), events.end(), random);
    for (const MailEvent& one : events) push({one}, one.key);
    EXPECT_EQ(parcelOf(parcel).state, ParcelState::kSigned);
    EXPECT_EQ(recordOf(record).legalDay, "2026-03-06");
  }
}

// The push may be quicker than the reply that tells the waybill.
TEST_P(PostHouseTest, EventsOfAWaybillNobodyKnowsCountOnceItIsKnown) {
  push(signedBy(ScriptedPartner::waybillOf(0), SignerClass::kAddressee), "early");
  EXPECT_EQ(recordOf(record).state, RecordState::kTrying);
  order();
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kSigned);
  EXPECT_EQ(recordOf(record).legalDay, "2026-03-05");
}

TEST_P(PostHouseTest, ForgedAndStaleMessagesAreKeptAndChangeNothing) {
  order();
  for (const auto verdict :
       {PushReading::Verdict::kForged, PushReading::Verdict::kGarbage, PushReading::Verdict::kQuarantined}) {
    PushMessage message;
    message.body = {static_cast<std::uint8_t>(verdict), 1, 2};
    PushReading reading;
    reading.verdict = verdict;
    reading.reason = "stale";
    reading.events = signedBy(parcelOf(parcel).waybill, SignerClass::kAddressee);
    write([&](Transaction& t) { takePush(t, "china-post", message, reading, now); });
  }
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kAccepted);
  EXPECT_EQ(
      look<std::vector<KeptMessage>>([](Transaction& t) { return listMessages(t, "china-post", "", "", 10); }).size(),
      3u);
}

// R11: what was not pushed is found by looking.
TEST_P(PostHouseTest, LookingClosesGaps) {
  order();
  const std::string waybill = parcelOf(parcel).waybill;
  partner.told[waybill] = signedBy(waybill, SignerClass::kAddressee);
  now += house.policy.trackEvery;
  EXPECT_EQ(trackParcel(house, take(parcel, "track")).how, TaskEnd::How::kFinished);
  EXPECT_EQ(recordOf(record).legalDay, "2026-03-05");
}

// R21: cancelled before it was ordered, while nobody knows, after it was taken, and when it travels already.
TEST_P(PostHouseTest, CancellingBeforeTheOrderOrdersNothing) {
  write([&](Transaction& t) { askCancel(t, clerk, parcel, "撤回申请", now); });
  EXPECT_EQ(cancelParcel(house, take(parcel, "cancel")).how, TaskEnd::How::kFinished);
  EXPECT_EQ(order().how, TaskEnd::How::kDone);
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kCancelled);
  EXPECT_TRUE(partner.book.empty());
}

TEST_P(PostHouseTest, CancellingAnOrderOfUnknownFateWaitsForIt) {
  partner.losesReply = true;
  PostalTask task = take(parcel, "order");
  orderParcel(house, task);
  giveBack(task);
  write([&](Transaction& t) { askCancel(t, clerk, parcel, "撤回申请", now); });
  const PostalTask early = take(parcel, "cancel");
  EXPECT_EQ(cancelParcel(house, early).how, TaskEnd::How::kAgain);
  giveBack(early);
  order();
  EXPECT_EQ(cancelParcel(house, take(parcel, "cancel")).how, TaskEnd::How::kFinished);
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kCancelled);
  EXPECT_EQ(partner.cancels, 1);
}

TEST_P(PostHouseTest, AParcelThatTravelsAfterItWasCancelledIsAlarmed) {
  order();
  write([&](Transaction& t) { askCancel(t, clerk, parcel, "撤回申请", now); });
  cancelParcel(house, take(parcel, "cancel"));
  const std::string waybill = parcelOf(parcel).waybill;
  push({event(waybill, MailEventKind::kPosted, at("2026-03-09", 10))}, "late");
  EXPECT_TRUE(parcelOf(parcel).isAlarmed);
  EXPECT_NE(parcelOf(parcel).state, ParcelState::kCancelled);
}

TEST_P(PostHouseTest, WhatTheLetterHoldsIsCounted) {
  order();
  EXPECT_EQ(codeOf([&] { write([&](Transaction& t) { notePrinted(t, clerk, parcel, 1, now); }); }),
            core::ErrorCode::kConflict);
  write([&](Transaction& t) { notePrinted(t, clerk, parcel, partner.last.pages, now); });
  EXPECT_EQ(parcelOf(parcel).state, ParcelState::kPrinted);
}

// A return is a proposal; it serves from the day on when a named person confirmed it, and no more when it is revoked.
TEST_P(PostHouseTest, DeemedServiceIsConfirmedByAPersonAndRevokedByOne) {
  order();
  const std::string waybill = parcelOf(parcel).waybill;
  std::vector<MailEvent> events = {event(waybill, MailEventKind::kPosted, at("2026-03-04", 10)),
                                   event(waybill, MailEventKind::kOut, at("2026-03-05", 9)),
                                   event(waybill, MailEventKind::kFailed, at("2026-03-05", 11)),
                                   event(waybill, MailEventKind::kReturning, at("2026-03-06", 9)),
                                   event(waybill, MailEventKind::kReturned, at("2026-03-08", 9))};
  for (MailEvent& one : events) {
    if (one.kind == MailEventKind::kFailed || one.kind == MailEventKind::kReturning)
      one.reason = ReturnReason::kRefused;
  }
  push(events, "refused");
  ServiceRecord known = recordOf(record);
  EXPECT_EQ(known.ending, "E6");
  EXPECT_EQ(known.needs, "confirmation");
  const std::string attempt = look<std::string>([&](Transaction& t) {
    return t.findRow("SELECT id FROM service_attempts WHERE record = $1", {record})->text(0);
  });
  write([&](Transaction& t) { decide(t, clerk, record, {HumanDecision::kConfirm, attempt, "核对退件", {}}, now); });
  known = recordOf(record);
  EXPECT_EQ(known.state, RecordState::kDeemed);
  EXPECT_EQ(known.legalDay, "2026-03-06");
  EXPECT_EQ(known.needs, "");
  now += std::chrono::hours(1);
  write([&](Transaction& t) { decide(t, clerk, record, {HumanDecision::kContest, attempt, "本人出差", {}}, now); });
  EXPECT_EQ(recordOf(record).state, RecordState::kContested);
  now += std::chrono::hours(1);
  write([&](Transaction& t) { decide(t, clerk, record, {HumanDecision::kRevoke, attempt, "证明成立", {}}, now); });
  known = recordOf(record);
  EXPECT_EQ(known.ending, "E20");
  EXPECT_EQ(known.legalDay, "");
}

// R20: the receipt comes before the delivery is told, its scan is fetched once and filed.
TEST_P(PostHouseTest, TheScanOfAReceiptIsFetchedOnceAndFiled) {
  order();
  const Parcel known = parcelOf(parcel);
  test::TempFolder folder;
  storage::SegmentDocumentStore documents(folder / "documents");
  MailEvent back = event(known.returnWaybill, MailEventKind::kSigned, at("2026-03-04", 18));
  push({event(known.waybill, MailEventKind::kPosted, at("2026-03-04", 10)), back}, "receipt first");
  partner.scan = "a scan";
  EXPECT_EQ(fetchReceipt(house, documents, take(parcel, "receipt")).how, TaskEnd::How::kFinished);
  push({signedBy(known.waybill, SignerClass::kAddressee).back()}, "then the delivery");
  EXPECT_EQ(fetchReceipt(house, documents, take(parcel, "receipt")).how, TaskEnd::How::kDone);
  const auto filed = look<std::vector<std::string>>([&](Transaction& t) {
    std::vector<std::string> found;
    for (const auto& row : t.query("SELECT kind, document FROM service_evidence ORDER BY id")) {
      found.push_back(row.text(0));
      found.push_back(row.text(1));
    }
    return found;
  });
  ASSERT_EQ(filed.size(), 2u);
  EXPECT_EQ(filed[0], "receipt_image");
  EXPECT_EQ(documents.read(*core::DocumentId::parse(filed[1])), "a scan");
}

TEST_P(PostHouseTest, AReceiptThatCannotBeHadMakesTheRulingWaitForAPerson) {
  order();
  const Parcel known = parcelOf(parcel);
  test::TempFolder folder;
  storage::SegmentDocumentStore documents(folder / "documents");
  push(signedBy(known.waybill, SignerClass::kAddressee), "delivered");
  EXPECT_EQ(recordOf(record).needs, "");
  push({event(known.returnWaybill, MailEventKind::kSigned, at("2026-03-07", 18))}, "the receipt is back");
  PostalTask task = take(parcel, "receipt");
  for (int looks = 1; fetchReceipt(house, documents, task).how == TaskEnd::How::kAgain; ++looks) {
    ASSERT_LT(looks, 10);
    giveBack(task);
    task = take(parcel, "receipt");
  }
  EXPECT_EQ(recordOf(record).needs, "review");
}

// R18: each transition is an entry of the record's stream, chained.
TEST_P(PostHouseTest, EveryTransitionIsAnEntryOfTheChain) {
  order();
  push(signedBy(parcelOf(parcel).waybill, SignerClass::kAddressee), "one");
  std::vector<std::string> types;
  database->read([&](Transaction& t) {
    types.clear();
    for (const auto& row :
         t.query("SELECT type FROM audit_entries WHERE stream = $1 ORDER BY seq", {"service:" + record})) {
      types.push_back(row.text(0));
    }
  });
  for (const char* type : {"service.opened", "service.attempt_started", "parcel.queued", "parcel.accepted",
                           "parcel.events", "parcel.state", "service.ruled"}) {
    EXPECT_THAT(types, testing::Contains(type));
  }
}

}  // namespace
}  // namespace qianda::delivery
