// P1 to P22 of docs/service-of-documents.md, and the promises R5 and R6.
#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/delivery/law_support.h"

namespace qianda::delivery {
namespace {

using namespace std::chrono_literals;
using law::event;
using law::hour;
using law::order;
using law::show;
using testing::HasSubstr;
using testing::Not;
using Events = std::vector<MailEvent>;

const core::Instant kLater = hour(400);

ParcelView view(const Events& events, ParcelState stage = ParcelState::kPrinted) {
  return viewParcel(order(stage), events, kLater);
}

MailEvent withdrawal(double hours, const MailEvent& target) {
  MailEvent taken = event("207", hours);
  taken.withdraws = target.key;
  return taken;
}
MailEvent at(MailEvent event, const std::string& waybill) {
  event.waybill = waybill;
  event.key += waybill;
  return event;
}
MailEvent lost(double hours) {
  MailEvent event = law::event("999", hours);
  event.kind = MailEventKind::kLost;
  event.source = "inquiry";
  return event;
}
MailEvent legBack(MailEvent event) {
  event.isReturnLeg = true;
  return event;
}

// Scripted histories of at most seven events.
std::vector<Events> histories() {
  const MailEvent signedBy = event("704", 30, "本人");
  return {
      {event("203", 1), event("389", 2), event("954", 8), event("306", 12), event("702", 13), event("704", 15, "本人")},
      {event("203", 1), event("702", 13), event("705", 15, "家中无人"), event("702", 37), event("705", 39, "家中无人"),
       event("702", 60), event("704", 61, "收发章")},
      {event("203", 1), event("702", 13), event("705", 15, "拒收"), event("708", 16, "拒收"), event("389", 20),
       event("702", 30), event("711", 31)},
      {event("203", 1), event("705", 15, "无人"), event("705", 39, "无人"), event("705", 63, "无人"),
       event("708", 64, "逾期未领"), event("711", 90)},
      {event("203", 1), event("747", 15), event("748", 40, "本人")},
      {event("203", 1), event("704", 15, "他人"), event("708", 30, "内件不符"), event("711", 60)},
      {event("203", 1), event("704", 15, "本人"), withdrawal(20, event("704", 15, "本人")), event("702", 25), signedBy},
      {event("203", 1), signedBy, withdrawal(35, signedBy), withdrawal(36, withdrawal(35, signedBy))},
      {event("801", 0.5), event("203", 1), event("702", 13), event("704", 15, "本人")},
      {event("203", 1), event("801", 2), event("704", 15, "家人")},
      {event("203", 1), event("702", 13), lost(40)},
      {event("203", 1), lost(20), event("704", 40, "本人")},
      {event("203", 1), event("704", 30, "本人"), lost(40), event("801", 41)},
      {event("203", 1), event("708", 20, "拒收"), event("704", 40, "本人")},
      {event("203", 1), event("704", 20, "本人"), event("704", 22, "他人")},
      {event("203", 5), event("702", 3), event("704", 15, "本人")},
      {event("203", 1), at(event("704", 9, "本人"), "LZ000000005CN"), event("702", 13)},
      {event("203", 1), event("702", 13), event("704", 9000, "本人")},
      {event("203", 1), event("704", 15, "本人"), at(event("203", 16), law::kReceipt),
       at(event("704", 60), law::kReceipt)},
      {event("203", 1), event("912", 3), event("999", 4), event("802", 5), event("702", 13)},
      {event("702", 13), event("702", 13), event("203", 13), event("801", 13), event("705", 13, "无人"),
       event("704", 13, "本人"), event("708", 13)},
      {event("203", 1), legBack(event("389", 20)), legBack(event("704", 40))},
      {event("207", 9)},
      {},
  };
}

// R5: however they come, the same view. The hours of arrival change with the order.
TEST(LawParcel, EveryOrderOfArrivalGivesTheSameView) {
  int orders = 0;
  for (Events events : histories()) {
    const std::string expected = show(view(events));
    std::vector<std::size_t> places(events.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    do {
      Events arrived;
      for (std::size_t i = 0; i < places.size(); ++i) {
        arrived.push_back(events[places[i]]);
        arrived.back().receivedAt = hour(300 + static_cast<double>(i));
      }
      ASSERT_EQ(show(view(arrived)), expected);
      ++orders;
    } while (std::next_permutation(places.begin(), places.end()));
  }
  EXPECT_GT(orders, 3 * 5040);
}

TEST(LawParcel, ShufflesWithRepetitionsGiveTheSameView) {
  std::mt19937 random(20260506);
  const char* codes[] = {"203", "389", "954", "306", "702", "705", "747",
                         "748", "704", "708", "711", "801", "802", "912"};
  const char* words[] = {"本人", "他人", "拒收", "无人", ""};
  for (int round = 0; round < 300; ++round) {
    Events events{event("203", 1)};
    const int size = 3 + static_cast<int>(random() % 20);
    for (int i = 0; i < size; ++i) {
      events.push_back(
          event(codes[random() % std::size(codes)], static_cast<double>(random() % 60), words[random() % 5]));
      if (random() % 8 == 0)
        events.push_back(withdrawal(static_cast<double>(random() % 80), events[random() % events.size()]));
    }
    const std::string expected = show(view(events));
    for (int shuffle = 0; shuffle < 20; ++shuffle) {
      Events arrived = events;
      for (std::size_t i = random() % 10; i > 0; --i) arrived.push_back(events[random() % events.size()]);
      std::shuffle(arrived.begin(), arrived.end(), random);
      ASSERT_EQ(show(view(arrived)), expected) << "round " << round;
    }
  }
}

// The tampered twin of the two above: another hour, code, class or waybill is another view.
TEST(LawParcel, AnotherEventIsAnotherView) {
  const Events events = histories()[1];
  const std::string before = show(view(events));
  for (std::size_t i = 0; i < events.size(); ++i) {
    Events fewer = events;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_NE(show(view(fewer)), before);
    Events moved = events;
    moved[i].opTime += 1min;
    // When an item was taken out is not told but by what followed.
    if (events[i].kind != MailEventKind::kOut) {
      EXPECT_NE(show(view(moved)), before) << i;
    }
  }
  Events other = events;
  other.back().signer = SignerClass::kOther;
  EXPECT_NE(show(view(other)), before);
}

// R6: an event that is older than a signature or a return and comes late never undoes it.
TEST(LawParcel, OlderEventsNeverUndoAnEnding) {
  const std::vector<Events> ended{
      {event("203", 1), event("702", 40), event("704", 50, "本人")},
      {event("203", 1), event("747", 30), event("748", 50, "本人")},
      {event("203", 1), event("705", 40, "拒收"), event("708", 45, "拒收"), event("711", 50)},
      {event("203", 1), event("704", 20, "家人"), event("708", 45, "内件不符"), event("711", 50)},
  };
  int looked = 0;
  for (const Events& events : ended) {
    const ParcelView before = view(events);
    for (int kind = 0; kind <= static_cast<int>(MailEventKind::kUnknown); ++kind) {
      for (double hours = 0.5; hours < 50; hours += 1.5) {
        MailEvent late = event("203", hours, "late");
        late.kind = static_cast<MailEventKind>(kind);
        // Those that may: a withdrawal is meant to, and a posting is the earliest there is.
        if (late.kind == MailEventKind::kWithdrawn) continue;
        late.signer = late.kind == MailEventKind::kSigned ? SignerClass::kOther : SignerClass::kNone;
        Events all = events;
        all.push_back(late);
        const ParcelView after = view(all);
        ASSERT_EQ(after.state, before.state) << nameOf(late.kind) << " at " << hours << "\n" << show(after);
        if (before.state == ParcelState::kSigned && late.kind != MailEventKind::kSigned) {
          ASSERT_EQ(after.signedAt, before.signedAt);
          ASSERT_EQ(after.signer, before.signer);
        }
        if (before.state == ParcelState::kReturned && late.kind != MailEventKind::kReturned) {
          ASSERT_EQ(after.returnArrivedAt, before.returnArrivedAt);
        }
        // Another signature or arrival of the same kind is another day: told to a person.
        const bool isTwin = late.kind == MailEventKind::kSigned || late.kind == MailEventKind::kReturned;
        if (isTwin && after.signedAt != before.signedAt && before.state == ParcelState::kSigned) {
          ASSERT_THAT(show(after), HasSubstr("signed_twice"));
        }
        ++looked;
      }
    }
  }
  EXPECT_GT(looked, 1000);
}

TEST(LawParcel, WithdrawalsUndoWhatTheyName) {
  const MailEvent signature = event("704", 15, "本人");
  EXPECT_EQ(view({event("203", 1), event("702", 13), signature}).state, ParcelState::kSigned);
  const ParcelView undone = view({event("203", 1), event("702", 13), signature, withdrawal(20, signature)});
  EXPECT_EQ(undone.state, ParcelState::kOut);
  EXPECT_EQ(undone.signedAt, std::nullopt);
  EXPECT_EQ(undone.signer, SignerClass::kNone);
  // Taking the withdrawal back makes it stand again.
  const MailEvent taken = withdrawal(20, signature);
  EXPECT_EQ(view({event("203", 1), signature, taken, withdrawal(22, taken)}).state, ParcelState::kSigned);
  // effect=0 of the old interface: the same code and time, marked as withdrawn.
  MailEvent legacy = signature;
  legacy.kind = MailEventKind::kWithdrawn;
  EXPECT_EQ(view({event("203", 1), event("702", 13), signature, legacy}).state, ParcelState::kOut);
  legacy.key = "another";
  EXPECT_EQ(view({event("203", 1), event("702", 13), signature, legacy}).state, ParcelState::kOut);
  // What it names is not here: nothing changes, and it is told.
  MailEvent blind = event("207", 20);
  blind.withdraws = "no such key";
  const ParcelView same = view({event("203", 1), signature, blind});
  EXPECT_EQ(same.state, ParcelState::kSigned);
  ASSERT_EQ(same.quarantined.size(), 1u);
  EXPECT_EQ(same.quarantined[0].reason, "withdraws_nothing");
  EXPECT_TRUE(isDoubtful(same.quarantined[0]));
  // A withdrawal under another waybill is none.
  MailEvent foreign = withdrawal(20, signature);
  foreign.waybill = "LZ000000005CN";
  EXPECT_EQ(view({event("203", 1), signature, foreign}).state, ParcelState::kSigned);
}

TEST(LawParcel, StatesOfTheTable) {
  struct Case {
    Events events;
    ParcelState stage, state;
  };
  const ParcelState printed = ParcelState::kPrinted;
  const MailEvent posted = event("203", 1);
  for (const Case& each : {
           Case{{}, ParcelState::kSealed, ParcelState::kSealed},                                     // P1
           Case{{}, ParcelState::kQueued, ParcelState::kQueued},                                     // P2
           Case{{}, ParcelState::kSubmitting, ParcelState::kSubmitting},                             // P3
           Case{{}, ParcelState::kAccepted, ParcelState::kAccepted},                                 // P4
           Case{{}, ParcelState::kRejected, ParcelState::kRejected},                                 // P5
           Case{{}, ParcelState::kUnknown, ParcelState::kUnknown},                                   // P6
           Case{{posted}, ParcelState::kUnknown, ParcelState::kPosted},                              // P6: it was taken
           Case{{}, printed, printed},                                                               // P7
           Case{{posted}, ParcelState::kAccepted, ParcelState::kPosted},                             // P8
           Case{{posted, event("389", 2)}, printed, ParcelState::kTransit},                          // P9
           Case{{posted, event("306", 2)}, printed, ParcelState::kAtOffice},                         // P9
           Case{{posted, event("702", 2)}, printed, ParcelState::kOut},                              // P9
           Case{{posted, event("702", 2), event("705", 3, "无人")}, printed, ParcelState::kFailed},  // P10
           Case{{posted, event("705", 3, "无人"), event("702", 20)}, printed, ParcelState::kOut},    // P11
           Case{{posted, event("704", 3, "本人")}, printed, ParcelState::kSigned},                   // P12
           Case{{posted, event("747", 3)}, printed, ParcelState::kPickupHeld},                       // P13
           Case{{posted, event("747", 3), event("748", 9, "本人")}, printed, ParcelState::kSigned},  // P14
           Case{{posted, event("708", 3)}, printed, ParcelState::kReturning},                        // P15
           Case{{posted, event("708", 3), event("711", 9)}, printed, ParcelState::kReturned},        // P16
           Case{{posted, event("711", 9)}, printed, ParcelState::kReturned},                         // P16: 708 lost
           Case{{posted, lost(9)}, printed, ParcelState::kLost},                                     // P17
           Case{{event("801", 0.5)}, ParcelState::kAccepted, ParcelState::kCancelled},               // P18
           Case{{posted, event("704", 3, "本人"), event("708", 9), event("711", 20)}, printed, ParcelState::kReturned},
       }) {
    EXPECT_EQ(nameOf(view(each.events, each.stage).state), nameOf(each.state)) << show(view(each.events, each.stage));
  }
}

TEST(LawParcel, ReturnedToTheSenderIsNoSignature) {
  const ParcelView back = view({event("203", 1), event("705", 5, "拒收"), event("708", 6), event("711", 30, "本人")});
  EXPECT_EQ(back.state, ParcelState::kReturned);
  EXPECT_EQ(back.signedAt, std::nullopt);
  EXPECT_EQ(back.signer, SignerClass::kNone);
  EXPECT_EQ(back.returnNotedAt, hour(6));
  EXPECT_EQ(back.returnArrivedAt, hour(30));
  EXPECT_EQ(back.returnReason, ReturnReason::kRefused);  // of the failure: the return itself said nothing
  // 妥投 on the way back is the same; without the mark it counts, and a person looks.
  EXPECT_EQ(view({event("203", 1), event("708", 6), legBack(event("704", 30, "本人"))}).state, ParcelState::kReturned);
  const ParcelView unclear = view({event("203", 1), event("708", 6), event("704", 30, "本人")});
  EXPECT_EQ(unclear.state, ParcelState::kSigned);
  ASSERT_EQ(unclear.quarantined.size(), 1u);
  EXPECT_EQ(unclear.quarantined[0].reason, "signed_after_return");
  EXPECT_TRUE(isDoubtful(unclear.quarantined[0]));
  // Offices on the way back are no new attempts.
  const ParcelView way =
      view({event("203", 1), event("705", 5, "无人"), event("708", 6), event("702", 20), event("705", 21)});
  EXPECT_EQ(way.state, ParcelState::kReturning);
  EXPECT_EQ(way.failures.size(), 1u);
}

TEST(LawParcel, FailuresCountByTimeAndOffice) {
  MailEvent again = event("705", 15, "家中无人");
  again.key = "told by poll";
  MailEvent elsewhere = event("705", 15, "家中无人");
  elsewhere.key = "elsewhere";
  elsewhere.officeCode = "51900002";
  EXPECT_EQ(view({event("203", 1), event("705", 15, "家中无人"), again}).failures.size(), 1u);
  EXPECT_EQ(view({event("203", 1), event("705", 15, "家中无人"), elsewhere}).failures.size(), 2u);
  EXPECT_EQ(view({event("203", 1), event("705", 15, "家中无人"), event("705", 39, "家中无人")}).failures.size(), 2u);
}

TEST(LawParcel, CancelledAndYetTravellingIsAnAlarm) {
  const ParcelView quiet = view({event("801", 0.5)}, ParcelState::kAccepted);
  EXPECT_EQ(quiet.state, ParcelState::kCancelled);
  EXPECT_FALSE(quiet.isAlarmed);
  const ParcelView live = view({event("801", 0.5), event("203", 1)}, ParcelState::kAccepted);
  EXPECT_EQ(live.state, ParcelState::kPosted);
  EXPECT_TRUE(live.isAlarmed);
  // Confirmed too late, by our own answer, or of the same instant.
  EXPECT_TRUE(view({event("203", 1), event("801", 2)}).isAlarmed);
  EXPECT_EQ(view({event("203", 1), event("801", 2)}).state, ParcelState::kPosted);
  EXPECT_TRUE(view({event("203", 1)}, ParcelState::kCancelled).isAlarmed);
  EXPECT_EQ(view({event("203", 1)}, ParcelState::kCancelled).state, ParcelState::kPosted);
  EXPECT_TRUE(view({event("203", 1), event("801", 1)}).isAlarmed);
  EXPECT_FALSE(view({}, ParcelState::kCancelled).isAlarmed);
  EXPECT_TRUE(view({event("203", 1)}, ParcelState::kRejected).isAlarmed);
}

TEST(LawParcel, ReturnAfterSignatureReopens) {
  const ParcelView reopened =
      view({event("203", 1), event("704", 15, "家人"), event("708", 30, "内件不符"), event("711", 60)});
  EXPECT_TRUE(reopened.isReopened);
  EXPECT_EQ(reopened.returnReason, ReturnReason::kContentsMismatch);
  EXPECT_EQ(reopened.signedAt, hour(15));
  EXPECT_FALSE(view({event("203", 1), event("708", 30), event("711", 60)}).isReopened);
}

TEST(LawParcel, Quarantine) {
  const auto reasonOf = [](const Events& events, core::Instant asOf = kLater) {
    const ParcelView seen = viewParcel(order(), events, asOf);
    return seen.quarantined.empty() ? std::string() : seen.quarantined[0].reason;
  };
  const MailEvent posted = event("203", 1);
  EXPECT_EQ(reasonOf({posted, at(event("704", 9, "本人"), "LZ000000005CN")}), "waybill");
  EXPECT_EQ(reasonOf({posted, event("704", 0.5, "本人")}), "before_posting");
  EXPECT_EQ(reasonOf({posted, event("704", 24, "本人")}, hour(24) - 10min - 1ms), "future");
  EXPECT_EQ(reasonOf({posted, event("704", 24, "本人")}, hour(24) - 10min), "");
  EXPECT_EQ(reasonOf({posted, event("704", -8760, "本人")}), "year");
  EXPECT_EQ(reasonOf({posted, event("702", 24 * 367)}, hour(24 * 400)), "year");
  EXPECT_EQ(reasonOf({event("702", -30)}), "before_posting");
  EXPECT_EQ(reasonOf({posted, event("704", 9, "本人")}), "");
  for (const char* reason : {"waybill", "before_posting", "future", "year"}) EXPECT_FALSE(isDoubtful({"k", reason}));
  // Without effect: as if it had not come.
  ParcelView with = viewParcel(order(), {posted, event("704", 0.5, "本人")}, kLater);
  with.quarantined.clear();
  EXPECT_EQ(show(with), show(view({posted})));
  // Before we know our own waybill no event is ours.
  ParcelOrderFacts fresh = order(ParcelState::kSubmitting);
  fresh.waybill = fresh.returnWaybill = "";
  EXPECT_EQ(viewParcel(fresh, {posted}, kLater).state, ParcelState::kSubmitting);
}

TEST(LawParcel, StaleByLeg) {
  struct Case {
    Events events;
    double last;
    int hours;
  };
  const MailEvent posted = event("203", 1);
  for (const Case& each : {Case{{}, -2, 48}, Case{{posted}, 1, 72}, Case{{posted, event("389", 2)}, 2, 72},
                           Case{{posted, event("306", 2)}, 2, 48}, Case{{posted, event("705", 2)}, 2, 48},
                           Case{{posted, event("747", 2)}, 2, 168}, Case{{posted, event("708", 2)}, 2, 120},
                           Case{{posted, event("912", 9)}, 9, 72}}) {
    const core::Instant limit = hour(each.last + each.hours);
    EXPECT_FALSE(viewParcel(order(), each.events, limit).isStale);
    EXPECT_TRUE(viewParcel(order(), each.events, limit + 1ms).isStale)
        << show(viewParcel(order(), each.events, limit + 1ms));
  }
  for (const Events& ended :
       {Events{posted, event("704", 2)}, Events{posted, event("711", 2)}, Events{posted, lost(2)}}) {
    EXPECT_FALSE(viewParcel(order(), ended, hour(5000)).isStale);
  }
  EXPECT_FALSE(viewParcel(order(ParcelState::kQueued), {}, hour(5000)).isStale);
  StaleRules quick;
  quick.transitHours = 1;
  EXPECT_TRUE(viewParcel(order(), {posted}, hour(3), quick).isStale);
}

TEST(LawParcel, TheReceiptTravelsApart) {
  const MailEvent signature = event("704", 15, "本人");
  const ParcelView without = view({event("203", 1), signature});
  ParcelView with = view(
      {event("203", 1), signature, at(event("203", 16), law::kReceipt), at(event("704", 60, "收发章"), law::kReceipt)});
  EXPECT_EQ(with.receiptArrivedAt, hour(60));
  with.receiptArrivedAt.reset();
  EXPECT_EQ(show(with), show(without));
  // Before 妥投 itself is told: no signature yet.
  const ParcelView early = view({event("203", 1), event("702", 13), at(event("704", 60), law::kReceipt)});
  EXPECT_EQ(early.state, ParcelState::kOut);
  EXPECT_EQ(early.receiptArrivedAt, hour(60));
}

TEST(LawParcel, UnknownCodesAreKeptWithoutEffect) {
  const ParcelView seen = view({event("203", 1), event("999", 9)});
  EXPECT_EQ(seen.state, ParcelState::kPosted);
  EXPECT_EQ(seen.lastEventAt, hour(9));
  EXPECT_EQ(seen.effective.size(), 1u);
}

TEST(LawParcel, NamesGoBothWays) {
  for (int i = 0; i <= static_cast<int>(ParcelState::kCancelled); ++i) {
    const auto state = static_cast<ParcelState>(i);
    EXPECT_EQ(findParcelState(nameOf(state)), state);
  }
  EXPECT_EQ(findParcelState("x"), std::nullopt);
}

}  // namespace
}  // namespace qianda::delivery
