// Endings E1 to E20 by a table written by hand, what persons decide, and R8: the same facts, the same octets.
#include <set>

#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/service/verdicts.h"
#include "tests/unit/delivery/law_record.h"

namespace qianda::delivery {
namespace {

using namespace law;  // NOLINT
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using enum EvidenceKind;
using enum HumanDecision;

RecordFacts organisation(std::vector<AttemptFacts> attempts) {
  RecordFacts facts = record(std::move(attempts));
  facts.isOrganisation = true;
  return facts;
}
RecordFacts mediation(RecordFacts facts) {
  facts.hasMediationStatement = facts.hasConcludingDocument = true;
  return facts;
}
RecordFacts concluding(RecordFacts facts) {
  facts.hasConcludingDocument = true;
  return facts;
}
RecordFacts grounded(RecordFacts facts) {
  facts.publicNoticeGrounded = true;
  return facts;
}
AttemptFacts authorised(AttemptFacts facts) {
  facts.signerAuthorised = true;
  return facts;
}
AttemptFacts from(AddressGround ground, AttemptFacts facts) {
  facts.address.ground = ground;
  return facts;
}
AttemptFacts atOpponents(AttemptFacts facts) {
  facts.address.isOpponentsPlace = true;
  return facts;
}
AttemptFacts warned(AttemptFacts facts) {
  facts.address.ground = AddressGround::kRegistered;
  facts.address.refusedAfterWarning = true;
  return facts;
}
AttemptFacts withoutConsent(AttemptFacts facts) {
  facts.address.consentAt.reset();
  return facts;
}
ParcelView lostParcel() {
  MailEvent lost = event("999", 40);
  lost.kind = MailEventKind::kLost;
  return parcel({event("203", 1), lost});
}
const core::Instant kDay = at("2026-05-07");

struct Ending {
  const char* what;
  RecordFacts facts;
  const char *ending, *code, *day;  // of the attempt; "-" for none
  RecordState state;
  bool waits = false, review = false;
};

std::vector<Ending> endings() {
  const auto direct = attempt(ServiceMethod::kDirect), lien = attempt(ServiceMethod::kLien);
  const auto electronic = attempt(ServiceMethod::kElectronic), notice = attempt(ServiceMethod::kPublicNotice);
  const auto collection = attempt(ServiceMethod::kCollection), entrusted = attempt(ServiceMethod::kEntrusted);
  const RecordState served = RecordState::kServed, trying = RecordState::kTrying, none = RecordState::kIneffective;
  return {
      {"E1", record({post(signedParcel("本人"))}), "E1", "signed_addressee", "2026-05-07", served},
      {"E1 guardian", record({post(signedParcel("监护人"))}), "E1", "signed_guardian", "2026-05-07", served},
      {"E1 without ID", record({post(signedParcel("本人", false))}), "E1", "signed_addressee", "2026-05-07", trying,
       true},
      {"E1 mediation", mediation(record({post(signedParcel("本人"))})), "E1", "signed_addressee", "2026-05-07", served},
      {"E2 head", organisation({post(signedParcel("法定代表人"))}), "E2", "signed_legal_representative", "2026-05-07",
       served},
      {"E2 office", organisation({post(signedParcel("收发章"))}), "E2", "signed_office", "2026-05-07", served},
      {"E2 office mediation", mediation(organisation({post(signedParcel("收发章"))})), "E2", "signed_office",
       "2026-05-07", trying, true},
      {"E2 opponent's mail room", organisation({atOpponents(post(signedParcel("收发章")))}), "E5", "opponent_signed",
       "-", none},
      {"E3 agent", record({authorised(post(signedParcel("代理人")))}), "E3", "signed_agent", "2026-05-07", served},
      {"E3 designated", record({authorised(post(signedParcel("指定代收人")))}), "E3", "signed_designated", "2026-05-07",
       served},
      {"E3 no authority", record({post(signedParcel("代理人"))}), "E5", "signed_without_authority", "-", none, false,
       true},
      {"E3 agent mediation", mediation(record({authorised(post(signedParcel("代理人")))})), "E5",
       "mediation_needs_addressee", "-", none},
      {"E4", record({post(signedParcel("家人"))}), "E4", "signed_family", "2026-05-07", served},
      {"E4 mediation", mediation(record({post(signedParcel("家人"))})), "E5", "mediation_needs_addressee", "-", none},
      {"E4 organisation", organisation({post(signedParcel("家人"))}), "E5", "family_for_organisation", "-", none, false,
       true},
      {"E5 other", record({post(signedParcel("他人"))}), "E5", "signed_by_other", "-", none, false, true},
      {"E5 locker", record({post(signedParcel("包裹柜"))}), "E5", "signed_by_other", "-", none, false, true},
      {"E5 unknown", record({post(signedParcel("已妥收"))}), "E5", "signed_by_unknown", "-", none, false, true},
      {"E5 office for a worker", record({post(signedParcel("收发章"))}), "E5", "office_for_person", "-", none, false,
       true},
      {"E5 self for a company", organisation({post(signedParcel("本人"))}), "E5", "self_for_organisation", "-", none,
       false, true},
      {"E6", record({post(returnedParcel("拒收"))}), "E6", "refused", "2026-05-09", trying, true},
      {"E6 registered", record({from(AddressGround::kRegistered, post(returnedParcel("拒收")))}), "E6", "refused",
       "2026-05-09", trying, true},
      {"E6 by opponent alone", record({from(AddressGround::kOpponent, post(returnedParcel("拒收")))}), "E9",
       "address_from_opponent", "-", none},
      {"E6 at opponent's place", record({atOpponents(post(returnedParcel("拒收")))}), "E9",
       "refused_at_opponents_place", "-", none, false, true},
      {"E6 by a neighbour",
       record({with(post(returnedParcel("拒收")), {evidence(kRefusal, kDay, SignerClass::kOther)})}), "E9",
       "refused_by_another", "-", none, false, true},
      {"E7 address", record({post(returnedParcel("地址有误"))}), "E7", "wrong_address", "2026-05-09", trying, true},
      {"E7 moved", record({post(returnedParcel("已搬迁"))}), "E7", "moved_without_notice", "2026-05-09", trying, true},
      {"E7 not known", record({post(returnedParcel("查无此人"))}), "E7", "not_known_at_address", "2026-05-09", trying,
       true},
      {"E7 not own", record({from(AddressGround::kUsedWithinYear, post(returnedParcel("地址有误")))}), "E9",
       "address_not_own", "-", none},
      {"E7 mediation", mediation(record({post(returnedParcel("地址有误"))})), "E9", "mediation_never_deemed", "-",
       none},
      {"E8", record({warned(post(returnedParcel("家中无人")))}), "E8", "no_address_given", "2026-05-09", trying, true},
      {"E8 not warned", record({from(AddressGround::kRegistered, post(returnedParcel("家中无人")))}), "E9",
       "absent_three_times", "-", none},
      {"E9 absent", record({post(returnedParcel("家中无人"))}), "E9", "absent_three_times", "-", none},
      {"E9 once",
       record({post(parcel({event("203", 1), event("705", 15, "无人"), event("708", 82), event("711", 99)}))}), "E9",
       "absent_too_few_attempts", "-", none, false, true},
      {"E9 not collected", record({post(returnedParcel("逾期未领"))}), "E9", "not_collected", "-", none},
      {"E9 opponent's word", record({from(AddressGround::kOpponent, post(returnedParcel("地址有误")))}), "E9",
       "address_from_opponent", "-", none},
      {"E9 unknown words", record({post(returnedParcel("客户改期"))}), "E9", "returned_unclassified", "-", none, false,
       true},
      {"E9 dead", record({post(returnedParcel("收件人死亡"))}), "E9", "deceased", "-", none, false, true},
      {"E9 closed", organisation({post(returnedParcel("单位已注销"))}), "E9", "closed", "-", none, false, true},
      {"E9 after signature",
       record({post(parcel({event("203", 1), event("704", 15, "本人"), event("708", 30, "拒收"), event("711", 60)}))}),
       "E9", "returned_after_signature", "-", none, false, true},
      {"E10 spot", record({with(post(signedParcel("本人")), {evidence(kContentsMismatch, kDay)})}), "E10",
       "contents_mismatch", "-", none},
      {"E10 third day",
       record({with(post(signedParcel("家人")), {evidence(kContentsReturned, at("2026-05-11", 23.99))})}), "E10",
       "contents_mismatch", "-", none},  // 7 + 3 is a Sunday: Monday is in time
      {"E10 too late", record({with(post(signedParcel("家人")), {evidence(kContentsReturned, at("2026-05-12", 0))})}),
       "E4", "signed_family", "2026-05-07", trying, true, true},
      {"E10 returned", record({post(returnedParcel("内件不符"))}), "E10", "contents_mismatch", "-", none},
      {"E11 lost", record({post(lostParcel())}), "E11", "lost", "-", none},
      {"E11 cancelled", record({post(parcel({event("801", 0.5)}, ParcelState::kAccepted))}), "E11", "cancelled", "-",
       none},
      {"E12", mediation(record({post(returnedParcel("拒收"))})), "E12", "mediation_refused", "-", none},
      {"E12 left",
       mediation(record({with(lien, {evidence(kRefusal, kDay), evidence(kLeft, kDay), evidence(kPhoto, kDay)})})),
       "E12", "mediation_refused", "-", none},
      {"E13", record({with(electronic, {evidence(kSystemSent, kDay)})}), "E13", "electronic_sent", "2026-05-07",
       served},
      {"E13 proof wins",
       record({with(electronic, {evidence(kSystemSent, kDay), evidence(kArrivalProof, at("2026-05-09"))})}), "E13",
       "electronic_arrival_proven", "2026-05-09", served},
      {"E13 award", concluding(record({with(electronic, {evidence(kSystemSent, kDay)})})), "E13",
       "electronic_class_not_allowed", "-", none},
      {"E13 bounced",
       record({with(electronic, {evidence(kSystemSent, kDay), evidence(kSendFailed, at("2026-05-07", 11))})}), "E13",
       "electronic_failed", "-", none},
      {"E13 sent again",
       record({with(electronic, {evidence(kSystemSent, kDay), evidence(kSendFailed, at("2026-05-07", 11)),
                                 evidence(kSystemSent, at("2026-05-08"))})}),
       "E13", "electronic_sent", "2026-05-08", served},
      {"E14 read",
       record({with(withoutConsent(electronic), {evidence(kSystemSent, kDay), evidence(kRead, at("2026-05-10"))})}),
       "E14", "electronic_read", "2026-05-10", trying, true},
      {"E14 earliest",
       record({with(withoutConsent(electronic), {evidence(kSystemSent, kDay), evidence(kRead, at("2026-05-10")),
                                                 evidence(kReplied, at("2026-05-09"))})}),
       "E14", "electronic_replied", "2026-05-09", trying, true},
      {"E14 nothing yet", record({with(withoutConsent(electronic), {evidence(kSystemSent, kDay)})}), "", "under_way",
       "-", trying},
      {"E15", record({with(direct, {evidence(kReturnReceipt, kDay, SignerClass::kAddressee)})}), "E15", "handed_over",
       "2026-05-07", served},
      {"E15 company", organisation({with(direct, {evidence(kReturnReceipt, kDay, SignerClass::kOffice)})}), "E15",
       "handed_over", "2026-05-07", served},
      {"E15 neighbour", record({with(direct, {evidence(kReturnReceipt, kDay, SignerClass::kOther)})}), "E5",
       "signed_by_other", "-", none, false, true},
      {"E16 photo", record({with(lien, {evidence(kRefusal, kDay), evidence(kLeft, kDay), evidence(kPhoto, kDay)})}),
       "E16", "left_recorded", "2026-05-10", trying, true},
      {"E16 witness", record({with(lien, {evidence(kRefusal, kDay), evidence(kLeft, kDay), evidence(kWitness, kDay)})}),
       "E16", "left_before_witness", "2026-05-07", trying, true},
      {"E16 neither", record({with(lien, {evidence(kRefusal, kDay), evidence(kLeft, kDay)})}), "E16",
       "left_without_proof", "-", none, false, true},
      {"E16 opponent's place",
       record({with(atOpponents(lien), {evidence(kRefusal, kDay), evidence(kLeft, kDay), evidence(kPhoto, kDay)})}),
       "E16", "left_at_opponents_place", "-", none},
      {"E17", grounded(record({with(notice, {evidence(kNoticePosted, kDay)})})), "E17", "notice_elapsed", "2026-06-06",
       trying, true},
      {"E17 last posting",
       grounded(record({with(notice, {evidence(kNoticePosted, kDay), evidence(kNoticePosted, at("2026-05-15"))})})),
       "E17", "notice_elapsed", "2026-06-14", trying, true},
      {"E17 no ground", record({with(notice, {evidence(kNoticePosted, kDay)})}), "E17", "notice_without_ground", "-",
       none, false, true},
      {"E17 mediation", mediation(grounded(record({with(notice, {evidence(kNoticePosted, kDay)})}))), "E17",
       "notice_for_mediation", "-", none},
      {"E18", record({with(collection, {evidence(kRefusal, kDay), evidence(kNote, kDay)})}), "E18", "refused_to_sign",
       "2026-05-07", trying, true},
      {"E18 no note", record({with(collection, {evidence(kRefusal, kDay)})}), "E18", "refusal_without_note", "-", none,
       false, true},
      {"E19", record({with(entrusted, {evidence(kReturnReceipt, kDay, SignerClass::kAddressee)})}), "E19",
       "handed_over_by_another", "2026-05-07", served},
      {"E19 forwarded",
       record({with(attempt(ServiceMethod::kForwarded), {evidence(kReturnReceipt, kDay, SignerClass::kAddressee)})}),
       "E19", "handed_over_by_another", "2026-05-07", served},
      {"E19 family", record({with(entrusted, {evidence(kReturnReceipt, kDay, SignerClass::kFamily)})}), "E19",
       "handed_over_by_another", "2026-05-07", trying, true, true},
  };
}

TEST(LawRuling, EndingsByHand) {
  std::set<std::string> seen;
  for (const Ending& each : endings()) {
    const RecordRuling ruling = rule(each.facts);
    ASSERT_EQ(ruling.attempts.size(), 1u);
    const AttemptRuling& one = ruling.attempts[0];
    EXPECT_EQ(one.ending, each.ending) << each.what;
    EXPECT_EQ(one.code, each.code) << each.what;
    EXPECT_EQ(dayOf(one.legalDate), each.day) << each.what;
    EXPECT_EQ(nameOf(ruling.state), nameOf(each.state)) << each.what;
    EXPECT_EQ(one.needsConfirmation, each.waits) << each.what;
    EXPECT_EQ(one.needsReview, each.review) << each.what;
    EXPECT_EQ(ruling.needsConfirmation, each.waits) << each.what;
    EXPECT_EQ(ruling.needsReview, each.review) << each.what;
    EXPECT_EQ(dayOf(ruling.legalDate), each.state == RecordState::kServed ? each.day : "-") << each.what;
    EXPECT_EQ(one.rule.empty(), one.ending.empty()) << each.what;
    EXPECT_FALSE(one.reasonZh.empty() || one.reasonEn.empty());
    seen.insert(each.ending);
  }
  seen.insert(rule([] {
                RecordFacts facts = record({post(returnedParcel("拒收"))});
                facts.decisions = {decide(kConfirm), decide(kContest, "2026-07-02"), decide(kRevoke, "2026-07-03")};
                return facts;
              }())
                  .ending);
  for (int i = 1; i <= 20; ++i) EXPECT_TRUE(seen.contains("E" + std::to_string(i))) << i;
}

// Every sentence of the table is of an ending that exists, and every code is reached by some test or stands in no
// table.
TEST(LawRuling, VerdictsAreWhole) {
  std::set<std::string_view> codes;
  for (const Verdict& verdict : verdicts()) {
    EXPECT_TRUE(codes.insert(verdict.code).second) << verdict.code;
    EXPECT_FALSE(verdict.zh.empty() || verdict.en.empty());
    EXPECT_EQ(verdict.ending.empty(), verdict.rule.empty()) << verdict.code;
    EXPECT_TRUE(verdict.zh.ends_with("。")) << verdict.code;
    EXPECT_TRUE(verdict.en.ends_with(".")) << verdict.code;
  }
}

TEST(LawRuling, ConfirmationPutsAProposalInForce) {
  RecordFacts facts = record({post(returnedParcel("拒收"))});
  facts.decisions = {decide(kConfirm)};
  const RecordRuling ruling = rule(facts);
  EXPECT_EQ(ruling.state, RecordState::kDeemed);
  EXPECT_EQ(dayOf(ruling.legalDate), "2026-05-09");
  EXPECT_FALSE(ruling.needsConfirmation);
  EXPECT_THAT(ruling.reasonZh, HasSubstr("2026年7月1日由李示例确认"));
  EXPECT_THAT(ruling.reasonEn, HasSubstr("Confirmed by 李示例 on 2026-07-01."));
}

TEST(LawRuling, ConfirmationsThatDoNotCount) {
  RecordFacts facts = record({post(returnedParcel("拒收"))});
  const auto stateWith = [&](DecisionFacts decision) {
    facts.decisions = {std::move(decision)};
    const RecordRuling ruling = rule(facts);
    EXPECT_TRUE(ruling.needsReview);
    return ruling.state;
  };
  DecisionFacts nobody = decide(kConfirm);
  nobody.by = "";
  EXPECT_EQ(stateWith(nobody), RecordState::kTrying);
  DecisionFacts another = decide(kConfirm);
  another.ending = "E7";
  EXPECT_EQ(stateWith(another), RecordState::kTrying);
  EXPECT_EQ(stateWith(decide(kConfirm, "2026-05-08")), RecordState::kTrying);  // before the return was noted
  EXPECT_EQ(stateWith(decide(kConfirm, "2026-07-01", "a9")), RecordState::kTrying);
  // No ground: nobody can confirm what does not serve.
  for (const char* words : {"家中无人", "内件不符", "客户改期"}) {
    RecordFacts none = record({post(returnedParcel(words))});
    DecisionFacts decision = decide(kConfirm);
    decision.legalDate = law::day("2026-05-09");
    none.decisions = {decision};
    const RecordRuling ruling = rule(none);
    EXPECT_EQ(ruling.state, RecordState::kIneffective) << words;
    EXPECT_EQ(ruling.legalDate, std::nullopt);
    EXPECT_TRUE(ruling.needsReview);
  }
}

// A confirmation is of what lay in the file: not of what came or passed later.
TEST(LawRuling, AConfirmationCoversWhatWasSeen) {
  const auto left = [](std::initializer_list<EvidenceFacts> more) {
    RecordFacts facts =
        record({with(attempt(ServiceMethod::kLien), {evidence(kRefusal, kDay), evidence(kLeft, kDay)})});
    facts.attempts[0] = with(facts.attempts[0], more);
    return facts;
  };
  RecordFacts facts = left({evidence(kWitness, kDay)});
  facts.decisions = {decide(kConfirm, "2026-05-08")};
  EXPECT_EQ(dayOf(rule(facts).legalDate), "2026-05-07");
  EvidenceFacts photo = evidence(kPhoto, kDay);
  facts.attempts[0].evidence.push_back(photo);  // filed before: it was the three days that were not over
  EXPECT_EQ(rule(facts).state, RecordState::kTrying);
  facts.attempts[0].evidence.back().recordedAt = at("2026-06-01");  // filed later: another day than was confirmed
  EXPECT_EQ(rule(facts).state, RecordState::kTrying);
  EXPECT_TRUE(rule(facts).needsReview);
  facts.decisions.push_back(decide(kConfirm, "2026-06-02"));
  EXPECT_EQ(dayOf(rule(facts).legalDate), "2026-05-10");
  // Too early for a public notice, and for a return that had not arrived.
  RecordFacts notice = grounded(record({with(attempt(ServiceMethod::kPublicNotice), {evidence(kNoticePosted, kDay)})}));
  notice.decisions = {decide(kConfirm, "2026-06-06")};
  EXPECT_EQ(rule(notice).state, RecordState::kTrying);
  notice.decisions = {decide(kConfirm, "2026-06-07")};
  EXPECT_EQ(rule(notice).state, RecordState::kDeemed);
  RecordFacts refused = record({post(returnedParcel("拒收"))});
  refused.decisions = {decide(kConfirm, "2026-05-11")};
  EXPECT_EQ(rule(refused).state, RecordState::kTrying);
  refused.decisions = {decide(kConfirm, "2026-05-13")};
  EXPECT_EQ(rule(refused).state, RecordState::kDeemed);
}

TEST(LawRuling, CalledOffAndSignedForIsLookedAt) {
  MailEvent signature = event("704", 34, "本人");
  signature.hasIdNumber = true;
  EXPECT_EQ(rule(record({post(parcel({event("203", 1), signature}))})).state, RecordState::kServed);
  const RecordRuling called = rule(record({post(parcel({event("801", 0.5), event("203", 1), signature}))}));
  EXPECT_EQ(called.state, RecordState::kTrying);
  EXPECT_TRUE(called.needsReview && called.needsConfirmation);
  // A withdrawal whose object nobody knows, a second signature of another class: likewise.
  for (const MailEvent& doubt : {event("207", 40), event("704", 40, "他人")}) {
    EXPECT_EQ(rule(record({post(parcel({event("203", 1), signature, doubt}))})).state, RecordState::kTrying);
  }
  // An event that is not ours or from the future is no doubt.
  MailEvent foreign = event("704", 40, "他人");
  foreign.waybill = "LZ000000005CN";
  EXPECT_EQ(rule(record({post(parcel({event("203", 1), signature, foreign}))})).state, RecordState::kServed);
}

TEST(LawRuling, APersonMayFindServiceWhereSomebodyElseSigned) {
  RecordFacts facts = record({post(signedParcel("他人"))});
  facts.decisions = {decide(kConfirm)};
  EXPECT_EQ(rule(facts).state, RecordState::kIneffective);  // no day named
  facts.decisions[0].legalDate = law::day("2026-05-07");
  const RecordRuling ruling = rule(facts);
  EXPECT_EQ(ruling.state, RecordState::kDeemed);
  EXPECT_EQ(dayOf(ruling.legalDate), "2026-05-07");
  facts.decisions[0].legalDate = law::day("2026-07-02");  // a day that had not come when it was named
  EXPECT_EQ(rule(facts).state, RecordState::kIneffective);
  facts.decisions[0].legalDate = law::day("2026-05-07");
  // The opponent's own signature is no ground for anybody.
  RecordFacts opponent = organisation({atOpponents(post(signedParcel("收发章")))});
  opponent.decisions = facts.decisions;
  EXPECT_EQ(rule(opponent).state, RecordState::kIneffective);
}

TEST(LawRuling, TheDayIsTheLawsUnlessADoubtIsSettled) {
  RecordFacts facts = record({post(returnedParcel("拒收"))});
  facts.decisions = {decide(kConfirm)};
  facts.decisions[0].legalDate = law::day("2026-05-20");
  RecordRuling ruling = rule(facts);
  EXPECT_EQ(dayOf(ruling.legalDate), "2026-05-09");
  EXPECT_TRUE(ruling.needsReview);
  // The receipt says another signer than the event: then the person's day counts.
  RecordFacts doubt = record({with(post(signedParcel("本人")), {evidence(kReceiptImage, kDay, SignerClass::kOther)})});
  EXPECT_EQ(rule(doubt).state, RecordState::kTrying);
  EXPECT_TRUE(rule(doubt).needsReview);
  doubt.decisions = {decide(kConfirm)};
  doubt.decisions[0].legalDate = law::day("2026-05-08");
  ruling = rule(doubt);
  EXPECT_EQ(dayOf(ruling.legalDate), "2026-05-08");
  EXPECT_FALSE(ruling.needsReview);
}

TEST(LawRuling, DecisionsAreAppliedByTime) {
  RecordFacts facts = record({post(returnedParcel("拒收"))});
  const auto state = [&](std::vector<DecisionFacts> decisions) {
    facts.decisions = std::move(decisions);
    return nameOf(rule(facts).state);
  };
  EXPECT_EQ(state({decide(kConfirm), decide(kContest, "2026-07-02")}), "contested");
  EXPECT_EQ(state({decide(kContest, "2026-07-02"), decide(kConfirm)}), "contested");  // order of the list plays no part
  EXPECT_EQ(state({decide(kConfirm), decide(kContest, "2026-07-02"), decide(kUphold, "2026-07-03")}), "deemed");
  EXPECT_EQ(state({decide(kConfirm), decide(kContest, "2026-07-02"), decide(kRevoke, "2026-07-03")}), "ineffective");
  EXPECT_EQ(rule(facts).ending, "E20");
  EXPECT_EQ(state({decide(kConfirm), decide(kRevoke, "2026-07-03"), decide(kConfirm, "2026-07-04")}), "ineffective");
  EXPECT_EQ(state({decide(kReject)}), "ineffective");
  EXPECT_EQ(state({decide(kReject), decide(kConfirm, "2026-07-04")}), "deemed");  // taken back
  EXPECT_EQ(dayOf(rule(facts).legalDate), "2026-05-09");
  EXPECT_EQ(state({decide(kContest)}), "trying");  // nothing in force to contest
  EXPECT_EQ(state({decide(kConfirm), decide(kVoid, "2026-07-03")}), "ineffective");
  EXPECT_EQ(state({decide(kConfirm), decide(kVoid, "2026-07-03", "")}), "void");
  EXPECT_EQ(rule(facts).legalDate, std::nullopt);
  EXPECT_THAT(rule(facts).fallback, IsEmpty());
}

TEST(LawRuling, TheEarliestOfSeveralCounts) {
  AttemptFacts later = with(attempt(ServiceMethod::kElectronic, 2), {evidence(kSystemSent, at("2026-05-20"))});
  RecordFacts facts = record({post(returnedParcel("拒收")), later});
  EXPECT_EQ(rule(facts).state, RecordState::kServed);
  EXPECT_EQ(dayOf(rule(facts).legalDate), "2026-05-20");
  facts.decisions = {decide(kConfirm)};
  const RecordRuling ruling = rule(facts);
  EXPECT_EQ(dayOf(ruling.legalDate), "2026-05-09");
  EXPECT_EQ(ruling.attempt, "a1");
  EXPECT_THAT(ruling.reasonZh, HasSubstr("以最早的日期为准"));
  // Revoking the earlier one moves the day to the later.
  facts.decisions.push_back(decide(kRevoke, "2026-07-03"));
  EXPECT_EQ(dayOf(rule(facts).legalDate), "2026-05-20");
  EXPECT_EQ(rule(facts).state, RecordState::kServed);
}

TEST(LawRuling, WhatAnotherAttemptLeftOpenIsNoMatterOfTheRecord) {
  const RecordFacts open = record({post(signedParcel("他人"))});
  EXPECT_TRUE(rule(open).needsReview);
  const RecordRuling ruling = rule(record({post(signedParcel("他人")), post(signedParcel("本人"), 2)}));
  EXPECT_EQ(ruling.state, RecordState::kServed);
  EXPECT_FALSE(ruling.needsReview);
  EXPECT_TRUE(ruling.attempts[0].needsReview);
}

TEST(LawRuling, DisputedReceiptsWaitForAPerson) {
  const auto state = [](std::initializer_list<EvidenceFacts> evidence) {
    const RecordRuling ruling = rule(record({with(post(signedParcel("本人")), evidence)}));
    EXPECT_EQ(ruling.needsReview, ruling.state != RecordState::kServed);
    return nameOf(ruling.state);
  };
  EvidenceFacts early = evidence(kReceiptImage, at("2026-05-06"), SignerClass::kAddressee);
  EvidenceFacts unreadable = evidence(kReceiptUnreadable, at("2026-05-20"));
  EvidenceFacts again = evidence(kReceiptImage, at("2026-05-25"), SignerClass::kAddressee);
  EXPECT_EQ(state({evidence(kReceiptImage, kDay, SignerClass::kAddressee)}), "served");
  EXPECT_EQ(state({evidence(kReceiptImage, kDay, SignerClass::kFamily)}), "trying");
  EXPECT_EQ(state({early}), "trying");
  EXPECT_EQ(state({unreadable}), "trying");
  EXPECT_EQ(state({unreadable, again}), "served");
  // The receipt tells the ID number, or the signer where the event did not.
  EvidenceFacts image = evidence(kReceiptImage, kDay, SignerClass::kAddressee);
  image.hasIdNumber = true;
  EXPECT_EQ(rule(record({with(post(signedParcel("已签收", false)), {image})})).state, RecordState::kServed);
  EXPECT_EQ(rule(record({with(post(signedParcel("本人", false)), {image})})).state, RecordState::kServed);
}

TEST(LawRuling, RulesSwitchWhatTheySay) {
  const auto ruled = [](const RecordFacts& facts, std::map<std::string, std::string> values) {
    const RecordRuling ruling = rule(facts, ServiceRules::shipped().overlaid(values));
    const AttemptRuling& one = ruling.attempts[0];
    return one.ending + " " + dayOf(one.legalDate);
  };
  const RecordFacts refused = record({post(returnedParcel("拒收"))}),
                    wrong = record({post(returnedParcel("地址有误"))});
  const RecordFacts absent = record({post(returnedParcel("家中无人"))});
  const RecordFacts warnedOf = record({warned(post(returnedParcel("家中无人")))});
  EXPECT_EQ(ruled(refused, {{"e6.refused.day", "return_arrived"}}), "E6 2026-05-12");
  EXPECT_EQ(ruled(wrong, {{"e7.returned.day", "return_arrived"}}), "E7 2026-05-12");
  EXPECT_EQ(ruled(warnedOf, {{"e8.no_address.day", "return_arrived"}}), "E8 2026-05-12");
  EXPECT_EQ(ruled(absent, {{"e7.absent_at_confirmed", "true"}}), "E7 2026-05-09");
  const RecordFacts clause = record({from(AddressGround::kContractClause, post(returnedParcel("地址有误")))});
  EXPECT_EQ(ruled(clause, {}), "E9 -");
  EXPECT_EQ(ruled(clause, {{"e7.grounds", "provided"}}), "E7 2026-05-09");
  const RecordFacts byClause = record({from(AddressGround::kContractClause, post(returnedParcel("拒收")))});
  EXPECT_EQ(ruled(byClause, {}), "E6 2026-05-09");
  EXPECT_EQ(ruled(byClause, {{"ladder.contract_clause", "false"}}), "E9 -");
  const RecordFacts electronic =
      concluding(record({with(attempt(ServiceMethod::kElectronic), {evidence(kSystemSent, kDay)})}));
  EXPECT_EQ(ruled(electronic, {{"electronic.concluding_documents", "true"}}), "E13 2026-05-07");
  EXPECT_EQ(ruled(mediation(electronic), {{"electronic.concluding_documents", "true"}}), "E13 -");
  const AttemptFacts lien = attempt(ServiceMethod::kLien);
  const RecordFacts left =
      record({with(lien, {evidence(kRefusal, kDay), evidence(kLeft, kDay), evidence(kPhoto, kDay)})});
  const RecordFacts seen =
      record({with(lien, {evidence(kRefusal, kDay), evidence(kLeft, kDay), evidence(kWitness, kDay)})});
  EXPECT_EQ(ruled(left, {{"e16.days_after", "0"}}), "E16 2026-05-07");
  EXPECT_EQ(ruled(left, {{"service_day.rolls", "true"}}), "E16 2026-05-11");
  EXPECT_EQ(ruled(seen, {{"e16.witness_day", "days_after"}}), "E16 2026-05-10");
  RecordFacts notice = grounded(record({with(attempt(ServiceMethod::kPublicNotice), {evidence(kNoticePosted, kDay)})}));
  EXPECT_EQ(ruled(notice, {{"notice.days", "60"}}), "E17 2026-07-06");
  notice.isCollective = true;
  EXPECT_EQ(ruled(notice, {{"notice.collective_days", "10"}}), "E17 2026-05-17");
  // Three attempts within five days, of which kind.
  const RecordFacts slow =
      record({post(parcel({event("203", 1), event("705", 15, "无人"), event("705", 39, "无人"),
                           event("705", 15 + 24 * 6, "无人"), event("708", 300), event("711", 310)}))});
  EXPECT_EQ(rule(slow).attempts[0].code, "absent_too_few_attempts");
  EXPECT_EQ(rule(slow, ServiceRules::shipped().overlaid({{"attempts.day_kind", "working_days"}})).attempts[0].code,
            "absent_three_times");
}

TEST(LawRuling, NamesTheRecalledRulesItRestsOn) {
  EXPECT_THAT(rule(record({post(returnedParcel("拒收"))})).recalledRules, ElementsAre("e6.refused.day"));
  EXPECT_THAT(rule(record({post(signedParcel("本人"))})).recalledRules, IsEmpty());
  EXPECT_THAT(rule(record({from(AddressGround::kPleading, post(returnedParcel("拒收")))})).recalledRules,
              ElementsAre("e6.refused.day", "ladder.pleading"));
}

TEST(LawRuling, PeriodsMustHavePassedWhole) {
  const RecordFacts notice =
      grounded(record({with(attempt(ServiceMethod::kPublicNotice), {evidence(kNoticePosted, kDay)})}));
  const auto on = [&](const RecordFacts& facts, core::Instant asOf) {
    return ruleOn(facts, ServiceRules::shipped(), WorkingCalendar::shipped(), asOf).attempts[0].code;
  };
  EXPECT_EQ(on(notice, at("2026-06-06", 23.9999)), "under_way");
  EXPECT_EQ(on(notice, at("2026-06-07", 0)), "notice_elapsed");
  const RecordFacts left = record(
      {with(attempt(ServiceMethod::kLien), {evidence(kRefusal, kDay), evidence(kLeft, kDay), evidence(kVideo, kDay)})});
  EXPECT_EQ(on(left, at("2026-05-10", 23.9999)), "under_way");
  EXPECT_EQ(on(left, at("2026-05-11", 0)), "left_recorded");
}

TEST(LawRuling, TheLegalDayIsThatOfChina) {
  struct Case {
    double hours;
    const char* day;
  };
  for (const Case& each : {Case{23 + 59 / 60.0 + 59 / 3600.0, "2026-05-06"}, Case{24, "2026-05-07"},
                           Case{16, "2026-05-06"}, Case{31.9, "2026-05-07"}}) {
    MailEvent signature = event("704", each.hours, "本人");
    signature.hasIdNumber = true;
    EXPECT_EQ(dayOf(rule(record({post(parcel({event("203", 1), signature}))})).legalDate), each.day) << each.hours;
  }
}

TEST(LawRuling, FallbackLadder) {
  using enum ServiceMethod;
  EXPECT_THAT(rule(record({})).fallback, ElementsAre(kPostal, kDirect, kLien, kElectronic, kEntrusted));
  EXPECT_THAT(rule(record({post(returnedParcel("家中无人"))})).fallback,
              ElementsAre(kDirect, kLien, kElectronic, kEntrusted, kPublicNotice));
  EXPECT_THAT(rule(record({post(lostParcel())})).fallback,
              ElementsAre(kPostal, kDirect, kLien, kElectronic, kEntrusted, kPublicNotice));
  RecordFacts simplified = record({post(returnedParcel("家中无人"))});
  simplified.isSimplified = true;
  EXPECT_THAT(rule(simplified).fallback, Not(Contains(kPublicNotice)));
  EXPECT_THAT(rule(concluding(record({post(returnedParcel("家中无人"))}))).fallback, Not(Contains(kElectronic)));
  EXPECT_THAT(rule(mediation(record({post(returnedParcel("家中无人"))}))).fallback, ElementsAre(kDirect, kEntrusted));
  EXPECT_THAT(rule(mediation(record({post(returnedParcel("拒收"))}))).fallback, IsEmpty());  // E12: an award follows
  EXPECT_THAT(rule(record({post(signedParcel("本人"))})).fallback, IsEmpty());
}

TEST(LawRuling, WithdrawnAttemptsAndStraySlipsOfThePen) {
  AttemptFacts given = post(parcel({event("203", 1)}));
  given.isWithdrawn = true;
  EXPECT_EQ(rule(record({given})).attempts[0].code, "withdrawn");
  given.parcel = signedParcel("本人");  // R21: it was signed for all the same
  EXPECT_EQ(rule(record({given})).state, RecordState::kTrying);
  EXPECT_TRUE(rule(record({given})).needsReview);
  AttemptFacts future =
      with(attempt(ServiceMethod::kDirect), {evidence(kReturnReceipt, at("2027-05-07"), SignerClass::kAddressee)});
  EXPECT_EQ(rule(record({future})).state, RecordState::kTrying);
  EXPECT_TRUE(rule(record({future})).needsReview);
}

// R8: the same facts and versions give the same octets, and one changed fact another ruling.
TEST(LawRuling, SameFactsSameOctets) {
  RecordFacts facts = record({post(returnedParcel("拒收")), post(signedParcel("家人"), 2)});
  facts.decisions = {decide(kConfirm), decide(kContest, "2026-07-02")};
  const std::string json = rulingJson(rule(facts));
  EXPECT_EQ(rulingJson(rule(facts)), json);
  RecordFacts swapped = facts;
  std::swap(swapped.attempts[0], swapped.attempts[1]);
  std::swap(swapped.decisions[0], swapped.decisions[1]);
  EXPECT_EQ(rulingJson(rule(swapped)), json);
  EXPECT_NO_THROW(Poco::JSON::Parser().parse(json));
  EXPECT_THAT(json, HasSubstr("\"rules_version\":\"" + ServiceRules::shipped().version() + "\""));
  EXPECT_THAT(json, HasSubstr("\"calendar_version\":\"" + WorkingCalendar::shipped().version() + "\""));

  std::vector<RecordFacts> twins(8, facts);
  twins[0].attempts[0].parcel->returnNotedAt = at("2026-05-10");
  twins[1].attempts[0].address.ground = AddressGround::kOpponent;
  twins[2].attempts[0].parcel->returnReason = ReturnReason::kAbsent;
  twins[3].attempts[1].parcel->signer = SignerClass::kOther;
  twins[4].attempts[1].parcel->signerIdOnReceipt = false;
  twins[5].hasMediationStatement = true;
  twins[6].isOrganisation = true;
  twins[7].decisions.pop_back();
  std::set<std::string> all{json};
  for (const RecordFacts& twin : twins) EXPECT_TRUE(all.insert(rulingJson(rule(twin))).second) << all.size();
  EXPECT_NE(rulingJson(rule(facts, ServiceRules::shipped().overlaid({{"e6.refused.day", "return_arrived"}}))), json);
}

TEST(LawRuling, JsonIsWellFormedWhateverANameHolds) {
  RecordFacts facts = record({post(returnedParcel("拒收"))});
  facts.decisions = {decide(kConfirm)};
  facts.decisions[0].by = "a\"b\\c\n\x01";
  const std::string json = rulingJson(rule(facts));
  const auto parsed = Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
  EXPECT_THAT(parsed->getValue<std::string>("reason_zh"), HasSubstr("a\"b\\c\n\x01"));
}

TEST(LawRuling, NamesGoBothWays) {
  for (int i = 0; i <= static_cast<int>(RecordState::kVoid); ++i) {
    EXPECT_EQ(findRecordState(nameOf(static_cast<RecordState>(i))), static_cast<RecordState>(i));
  }
  for (int i = 0; i <= static_cast<int>(ServiceMethod::kCollection); ++i) {
    EXPECT_EQ(findServiceMethod(nameOf(static_cast<ServiceMethod>(i))), static_cast<ServiceMethod>(i));
  }
  for (int i = 0; i <= static_cast<int>(AddressGround::kOpponent); ++i) {
    EXPECT_EQ(findAddressGround(nameOf(static_cast<AddressGround>(i))), static_cast<AddressGround>(i));
  }
  for (int i = 0; i <= static_cast<int>(kSendFailed); ++i) {
    EXPECT_EQ(findEvidenceKind(nameOf(static_cast<EvidenceKind>(i))), static_cast<EvidenceKind>(i));
  }
  for (int i = 0; i <= static_cast<int>(kVoid); ++i) {
    EXPECT_EQ(findHumanDecision(nameOf(static_cast<HumanDecision>(i))), static_cast<HumanDecision>(i));
  }
  EXPECT_EQ(findEvidenceKind("nothing"), std::nullopt);
}

}  // namespace
}  // namespace qianda::delivery
