// R7: never "served" without ground. Every combination of ending, signer, document, address ground, opponent's place,
// authority and decision is ruled on, and what must hold of all of them is looked at.
#include <functional>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/delivery/law_record.h"

namespace qianda::delivery {
namespace {

using namespace law;  // NOLINT

using What = std::function<std::string()>;  // asked for by what failed alone

bool isInForce(const RecordRuling& ruling) {
  return ruling.state == RecordState::kServed || ruling.state == RecordState::kDeemed ||
         ruling.state == RecordState::kContested;
}

std::vector<DecisionFacts> decisionsOf(int kind) {
  if (kind == 0) return {};
  DecisionFacts confirm = decide(HumanDecision::kConfirm);
  if (kind == 2) confirm.legalDate = law::day("2026-05-21");
  return {confirm};
}

// What holds of every ruling, whatever the facts.
void checkAlways(const RecordFacts& facts, const RecordRuling& ruling, const What& what) {
  ASSERT_EQ(ruling.legalDate.has_value(), isInForce(ruling)) << what();
  if (isInForce(ruling)) {
    ASSERT_FALSE(ruling.rule.empty() || ruling.ending.empty() || ruling.attempt.empty()) << what();
    ASSERT_TRUE(ruling.fallback.empty()) << what();
    ASSERT_FALSE(ruling.needsConfirmation) << what();
  }
  if (facts.decisions.empty()) {
    ASSERT_NE(ruling.state, RecordState::kDeemed) << what();  // never without a person
    ASSERT_NE(ruling.state, RecordState::kContested) << what();
  }
  for (const AttemptRuling& one : ruling.attempts) {
    if (one.isEffective) {
      ASSERT_TRUE(one.legalDate) << what();
    }
    if (one.needsConfirmation) {
      ASSERT_TRUE(one.isEffective) << what();
      ASSERT_FALSE(isInForce(ruling) && ruling.attempt == one.attempt) << what();
    }
  }
  for (ServiceMethod method : ruling.fallback) {
    if (facts.hasMediationStatement) {
      ASSERT_NE(method, ServiceMethod::kLien) << what();
      ASSERT_NE(method, ServiceMethod::kPublicNotice) << what();
      ASSERT_NE(method, ServiceMethod::kElectronic) << what();
    }
    if (facts.isSimplified) {
      ASSERT_NE(method, ServiceMethod::kPublicNotice) << what();
    }
  }
  // 调解书 is never deemed served, by nobody's word.
  if (facts.hasMediationStatement) {
    ASSERT_NE(ruling.state, RecordState::kDeemed) << what();
    for (const char* ending : {"E4", "E6", "E7", "E8", "E14", "E16", "E17", "E18"}) {
      ASSERT_FALSE(isInForce(ruling) && ruling.ending == ending) << what();
    }
  }
}

void checkSigned(const RecordFacts& facts, const RecordRuling& ruling, const What& what) {
  const AttemptFacts& attempt = facts.attempts[0];
  const SignerClass signer = attempt.parcel->signer;
  const bool isOpponents =
      signer == SignerClass::kOpponent || (signer == SignerClass::kOffice && attempt.address.isOpponentsPlace);
  if (isOpponents) {
    ASSERT_FALSE(isInForce(ruling)) << what();
  }
  if (ruling.state == RecordState::kServed && facts.decisions.empty()) {
    static const std::set<std::string> kAutomatic{"E1", "E2", "E3", "E4"};
    ASSERT_TRUE(kAutomatic.contains(ruling.ending)) << what();
    ASSERT_TRUE(attempt.parcel->signerIdOnReceipt) << what();
    ASSERT_EQ(dayOf(ruling.legalDate), "2026-05-07") << what();
    const bool needsPaper = signer == SignerClass::kAgent || signer == SignerClass::kDesignated;
    ASSERT_TRUE(!needsPaper || attempt.signerAuthorised) << what();
    const bool isOfCompany = signer == SignerClass::kOffice || signer == SignerClass::kLegalRepresentative;
    ASSERT_TRUE(!isOfCompany || facts.isOrganisation) << what();
    const bool isOfPerson =
        signer == SignerClass::kAddressee || signer == SignerClass::kGuardian || signer == SignerClass::kFamily;
    ASSERT_TRUE(!isOfPerson || !facts.isOrganisation) << what();
    const bool isNobody =
        signer == SignerClass::kNone || signer == SignerClass::kUnknown || signer == SignerClass::kOther;
    ASSERT_FALSE(isNobody) << what();
  }
  // What a person found where somebody else signed is deemed, on the day that person named.
  if (isInForce(ruling) && ruling.ending == "E5") {
    ASSERT_EQ(ruling.state, RecordState::kDeemed) << what();
    ASSERT_EQ(dayOf(ruling.legalDate), "2026-05-21") << what();
  }
}

void checkReturned(const RecordFacts& facts, const RecordRuling& ruling, const What& what) {
  const AttemptFacts& attempt = facts.attempts[0];
  const ReturnReason reason = attempt.parcel->returnReason;
  ASSERT_NE(ruling.state, RecordState::kServed) << what();
  if (!ruling.attempts[0].isEffective) {
    ASSERT_FALSE(isInForce(ruling)) << what();
    return;
  }
  const std::string& ending = ruling.attempts[0].ending;
  ASSERT_NE(attempt.address.ground, AddressGround::kOpponent) << what();
  ASSERT_EQ(dayOf(ruling.attempts[0].legalDate), "2026-05-09") << what();
  if (ending == "E6") {
    ASSERT_EQ(reason, ReturnReason::kRefused) << what();
    ASSERT_FALSE(attempt.address.isOpponentsPlace) << what();
  } else if (ending == "E7") {
    ASSERT_EQ(attempt.address.ground, AddressGround::kConfirmed) << what();
    ASSERT_TRUE(reason == ReturnReason::kWrongAddress || reason == ReturnReason::kMoved ||
                reason == ReturnReason::kNotKnown);
  } else {
    ASSERT_EQ(ending, "E8") << what();
    ASSERT_TRUE(attempt.address.refusedAfterWarning && attempt.address.ground == AddressGround::kRegistered) << what();
  }
}

std::vector<std::pair<std::string, ParcelView>> outcomes() {
  std::vector<std::pair<std::string, ParcelView>> all;
  for (int signer = 0; signer <= static_cast<int>(SignerClass::kUnknown); ++signer) {
    for (bool hasId : {false, true}) {
      ParcelView view = signedParcel("本人", hasId);
      view.signer = static_cast<SignerClass>(signer);
      all.emplace_back("signed", view);
    }
  }
  for (int reason = 0; reason <= static_cast<int>(ReturnReason::kUnclassified); ++reason) {
    ParcelView view = returnedParcel("其他");
    view.returnReason = static_cast<ReturnReason>(reason);
    all.emplace_back("returned", view);
  }
  all.emplace_back("open", parcel({event("203", 1), event("747", 15)}));
  all.emplace_back("open", parcel({event("203", 1), event("708", 15, "拒收")}));
  all.emplace_back("open", parcel({event("203", 1)}));
  all.emplace_back("none", parcel({}, ParcelState::kCancelled));
  all.emplace_back("none", parcel({}, ParcelState::kRejected));
  return all;
}

TEST(LawSpace, NothingIsServedByPostWithoutGround) {
  std::map<std::string, int> inForce;
  int ruled = 0;
  for (const auto& [outcome, view] : outcomes()) {
    for (int bits = 0; bits < 128; ++bits) {
      for (int ground = 0; ground <= static_cast<int>(AddressGround::kOpponent); ++ground) {
        for (int decision = 0; decision < 3; ++decision) {
          RecordFacts facts = record({post(view)});
          AttemptFacts& attempt = facts.attempts[0];
          facts.isOrganisation = (bits & 1) != 0;
          facts.hasMediationStatement = (bits & 2) != 0;
          facts.hasConcludingDocument = (bits & 4) != 0;
          facts.isSimplified = (bits & 8) != 0;
          attempt.address.refusedAfterWarning = (bits & 16) != 0;
          attempt.address.isOpponentsPlace = (bits & 32) != 0;
          attempt.signerAuthorised = (bits & 64) != 0;
          attempt.address.ground = static_cast<AddressGround>(ground);
          facts.decisions = decisionsOf(decision);
          const RecordRuling ruling = rule(facts);
          const What what = [&, name = outcome] {
            return name + " " + std::to_string(bits) + " " + std::to_string(ground) + " " + std::to_string(decision) +
                   " " + rulingJson(ruling);
          };
          ASSERT_NO_FATAL_FAILURE(checkAlways(facts, ruling, what));
          if (outcome == "signed") {
            ASSERT_NO_FATAL_FAILURE(checkSigned(facts, ruling, what));
          } else if (outcome == "returned") {
            ASSERT_NO_FATAL_FAILURE(checkReturned(facts, ruling, what));
          } else {
            ASSERT_FALSE(isInForce(ruling)) << what();
          }
          if (isInForce(ruling)) ++inForce[ruling.ending];
          ++ruled;
        }
      }
    }
  }
  EXPECT_GT(ruled, 100000);
  for (const char* ending : {"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"}) EXPECT_GT(inForce[ending], 0) << ending;
  EXPECT_EQ(inForce.size(), 8u);
}

// The other methods, with whatever may lie in the file.
TEST(LawSpace, NothingIsServedByHandWithoutGround) {
  std::mt19937 random(20260507);
  std::map<std::string, int> inForce;
  const auto chance = [&](unsigned of) { return random() % of == 0; };
  for (int round = 0; round < 30000; ++round) {
    AttemptFacts attempt = law::attempt(static_cast<ServiceMethod>(random() % 8));
    if (attempt.method == ServiceMethod::kPostal) continue;
    for (auto i = random() % 6; i > 0; --i) {
      EvidenceFacts one =
          evidence(static_cast<EvidenceKind>(random() % 17), hour(24 + static_cast<double>(random() % 500)));
      one.signer = static_cast<SignerClass>(random() % 11);
      one.staff = static_cast<int>(random() % 3);
      attempt.evidence.push_back(one);
    }
    attempt.address.ground = chance(2) ? AddressGround::kConfirmed : static_cast<AddressGround>(random() % 7);
    attempt.address.isOpponentsPlace = chance(4);
    attempt.signerAuthorised = chance(2);
    if (chance(3)) attempt.address.consentAt.reset();
    if (chance(4)) attempt.address.consentWithdrawnAt = hour(24);
    RecordFacts facts = record({attempt});
    facts.isOrganisation = chance(2);
    facts.hasMediationStatement = chance(4);
    facts.hasConcludingDocument = facts.hasMediationStatement || chance(4);
    facts.isSimplified = chance(4);
    facts.publicNoticeGrounded = chance(2);
    facts.decisions = decisionsOf(static_cast<int>(random() % 3));
    const RecordRuling ruling = rule(facts);
    const What what = [&] { return std::string(nameOf(attempt.method)) + " " + rulingJson(ruling); };
    ASSERT_NO_FATAL_FAILURE(checkAlways(facts, ruling, what));
    if (!isInForce(ruling)) continue;
    ++inForce[ruling.ending];
    const auto has = [&](EvidenceKind kind) {
      for (const EvidenceFacts& one : attempt.evidence) {
        if (one.kind == kind) return true;
      }
      return false;
    };
    if (ruling.ending == "E13") {
      ASSERT_TRUE(has(EvidenceKind::kSystemSent) && attempt.address.consentAt) << what();
      ASSERT_EQ(attempt.address.ground, AddressGround::kConfirmed) << what();
      ASSERT_FALSE(facts.hasConcludingDocument) << what();
    } else if (ruling.ending == "E14") {
      ASSERT_TRUE(has(EvidenceKind::kRead) || has(EvidenceKind::kReplied)) << what();
    } else if (ruling.ending == "E15" || ruling.ending == "E19" || ruling.ending == "E5") {
      ASSERT_TRUE(has(EvidenceKind::kReturnReceipt)) << what();
    } else if (ruling.ending == "E16") {
      ASSERT_TRUE(has(EvidenceKind::kLeft)) << what();
      ASSERT_TRUE(has(EvidenceKind::kPhoto) || has(EvidenceKind::kVideo) || has(EvidenceKind::kWitness)) << what();
      ASSERT_FALSE(attempt.address.isOpponentsPlace) << what();
    } else if (ruling.ending == "E17") {
      ASSERT_TRUE(has(EvidenceKind::kNoticePosted) && facts.publicNoticeGrounded && !facts.isSimplified) << what();
    } else {
      ASSERT_EQ(ruling.ending, "E18") << what();
      ASSERT_TRUE(has(EvidenceKind::kRefusal) && has(EvidenceKind::kNote)) << what();
    }
  }
  for (const char* ending : {"E5", "E13", "E14", "E15", "E16", "E17", "E18", "E19"})
    EXPECT_GT(inForce[ending], 0) << ending;
}

// Several attempts: the record says nothing its attempts do not.
TEST(LawSpace, ARecordIsItsAttempts) {
  std::mt19937 random(7);
  const auto all = outcomes();
  for (int round = 0; round < 5000; ++round) {
    RecordFacts facts;
    for (int number = 1, count = 1 + static_cast<int>(random() % 4); number <= count; ++number) {
      facts.attempts.push_back(post(all[random() % all.size()].second, number));
    }
    for (auto i = random() % 4; i > 0; --i) {
      facts.decisions.push_back(decide(static_cast<HumanDecision>(random() % 6),
                                       "2026-07-0" + std::to_string(1 + random() % 9),
                                       "a" + std::to_string(1 + random() % 4)));
    }
    const RecordRuling ruling = rule(facts);
    ASSERT_NO_FATAL_FAILURE(checkAlways(facts, ruling, [&] { return rulingJson(ruling); }));
    ASSERT_EQ(rulingJson(rule(facts)), rulingJson(ruling));
    if (!isInForce(ruling)) continue;
    for (const AttemptRuling& one : ruling.attempts) {
      const bool stands = one.isEffective && !one.needsConfirmation;
      if (stands) {
        ASSERT_LE(*ruling.legalDate, *one.legalDate) << rulingJson(ruling);
      }
    }
  }
}

}  // namespace
}  // namespace qianda::delivery
