// Which documents a step issues, to whom, and what it refuses.
#include <set>

#include "core/error.h"
#include "tests/unit/delivery/papers_cases.h"

namespace qianda::delivery {
namespace {

using Pairs = std::vector<std::string>;

// "kind>party" or "kind>party/agent".
Pairs pairsOf(const StepPlan& plan) {
  Pairs pairs;
  for (const PlannedDocument& planned : plan.documents) {
    pairs.push_back(std::string(planned.kind->name) + ">" + planned.party +
                    (planned.deliverTo.empty() ? "" : "/" + planned.deliverTo));
  }
  return pairs;
}

std::string refusalsText(const StepPlan& plan) {
  std::string out;
  for (const StepRefusal& refusal : plan.refusals) out += refusal.field + ": " + refusal.messageEn + "\n";
  return out;
}

std::vector<std::string> refusedFields(const StepPlan& plan) {
  std::set<std::string> fields;
  for (const StepRefusal& refusal : plan.refusals) fields.insert(refusal.field);
  return {fields.begin(), fields.end()};
}

CaseFile inState(CaseFile file, const StepSet& step) {
  file.state = step.states.front();
  return file;
}

StepPlan planOf(const std::string& name, const CaseFile& file, const std::vector<std::string>& only = {}) {
  const StepSet& step = getStepSet(name);
  return planStep(step, inState(file, step), test::enteredFor(step), only);
}

}  // namespace

TEST(CourtSteps, IssueExactlyTheseDocumentsToExactlyTheseParties) {
  const struct {
    std::string step;
    CaseFile file;
    Pairs expected;
  } table[] = {
      {"mediate_first", test::ordinaryCase(), {"mediation_proposal>a1", "mediation_proposal>r1"}},
      {"accept",
       test::ordinaryCase(),
       {"acceptance_notice>a1", "response_notice>r1", "evidence_notice>r1", "address_confirmation>a1",
        "address_confirmation>r1", "panel_notice>a1", "panel_notice>r1"}},
      {"accept",
       test::dispatchCase(),
       {"acceptance_notice>a1", "response_notice>r1", "response_notice>r2", "response_notice>t1", "evidence_notice>r1",
        "evidence_notice>r2", "evidence_notice>t1", "address_confirmation>a1", "address_confirmation>r1",
        "address_confirmation>r2", "address_confirmation>t1", "panel_notice>a1", "panel_notice>r1", "panel_notice>r2",
        "panel_notice>t1"}},
      {"refuse", test::dispatchCase(), {"refusal_notice>a1"}},
      {"panel", test::simplifiedCase(), {"panel_notice>a1", "panel_notice>r1"}},
      {"answer_received", test::dispatchCase(), {"answer_copy_notice>a1"}},
      {"challenge", test::ordinaryCase(), {"challenge_decision>a1", "challenge_decision>r1"}},
      {"hearing",
       test::dispatchCase(),
       {"hearing_notice>a1", "hearing_notice>r1", "hearing_notice>r2", "hearing_notice>t1"}},
      {"hearing", test::collectiveCase(), {"hearing_notice>a1/g1", "hearing_notice>a2/g2", "hearing_notice>r1"}},
      {"postpone", test::ordinaryCase(), {"postponement_notice>a1", "postponement_notice>r1"}},
      {"extend", test::ordinaryCase(), {"extension_notice>a1", "extension_notice>r1"}},
      {"suspend", test::ordinaryCase(), {"suspension_notice>a1", "suspension_notice>r1"}},
      {"resume", test::ordinaryCase(), {"resumption_notice>a1", "resumption_notice>r1"}},
      {"transfer", test::ordinaryCase(), {"transfer_decision>a1", "transfer_decision>r1"}},
      {"advance_execution", test::ordinaryCase(), {"advance_execution_award>a1", "advance_execution_award>r1"}},
      {"withdraw", test::ordinaryCase(), {"withdrawal_decision>a1", "withdrawal_decision>r1"}},
      {"deem_withdrawn", test::ordinaryCase(), {"deemed_withdrawal_decision>a1", "deemed_withdrawal_decision>r1"}},
      {"mediated",
       test::dispatchCase(),
       {"mediation_statement>a1", "mediation_statement>r1", "mediation_statement>r2", "mediation_statement>t1"}},
      {"award",
       test::collectiveCase(),
       {"award>a1", "award>a2", "award>a3", "award>a4", "award>a5", "award>a6", "award>a7", "award>a8", "award>a9",
        "award>a10", "award>a11", "award>a12", "award>r1"}},
      {"correct", test::ordinaryCase(), {"correction_decision>a1", "correction_decision>r1"}},
      {"decide", test::ordinaryCase(), {"decision>a1", "decision>r1"}},
      {"confirm_address", test::ordinaryCase(), {"address_confirmation>a1", "address_confirmation>r1"}},
  };
  std::set<std::string> seen{"public_notice"};  // needs its party: below
  for (const auto& row : table) {
    const StepPlan plan = planOf(row.step, row.file);
    EXPECT_TRUE(plan.isGood()) << row.step << "\n" << refusalsText(plan);
    EXPECT_EQ(pairsOf(plan), row.expected) << row.step;
    seen.insert(row.step);
  }
  for (const StepSet& step : stepSets()) EXPECT_TRUE(seen.contains(std::string(step.name))) << step.name;
}

TEST(CourtSteps, AConfirmedAddressIsNotAskedForAgainAndAToldPanelNotToldAgain) {
  CaseFile file = test::ordinaryCase();
  file.addresses = {test::address("1", "a1", AddressGround::kConfirmed),
                    test::address("2", "r1", AddressGround::kRegistered)};
  file.events.push_back(test::event("panel_told", "2026-07-03"));
  EXPECT_EQ(pairsOf(planOf("accept", file)),
            (Pairs{"acceptance_notice>a1", "response_notice>r1", "evidence_notice>r1", "address_confirmation>r1"}));
  file.addresses[0].state = "withdrawn";
  EXPECT_EQ(planOf("accept", file).documents.size(), 5u);
}

TEST(CourtSteps, AnAgentOnFileTakesTheDocumentWhichStillNamesTheParty) {
  CaseFile file = test::ordinaryCase();
  file.agents = {test::agent("g1", "a1", "agent", "吴示例", "2026-07-01")};
  EXPECT_EQ(pairsOf(planOf("hearing", file)), (Pairs{"hearing_notice>a1/g1", "hearing_notice>r1"}));
  const StepPlan plan = planOf("hearing", file);
  EXPECT_EQ(plan.documents[0].deliverToName, "吴示例");
  EXPECT_EQ(plan.documents[0].capacityZh, "诉讼代理人");
  EXPECT_EQ(plan.documents[1].deliverToName, "珠海示例科技有限公司");
  // 调解书: the party itself or its designated recipient.
  EXPECT_EQ(pairsOf(planOf("mediated", file)), (Pairs{"mediation_statement>a1", "mediation_statement>r1"}));
  file.agents.push_back(test::agent("g2", "a1", "designated", "冯示例", "2026-07-01"));
  EXPECT_EQ(pairsOf(planOf("mediated", file)), (Pairs{"mediation_statement>a1/g2", "mediation_statement>r1"}));
  EXPECT_EQ(pairsOf(planOf("hearing", file)), (Pairs{"hearing_notice>a1/g2", "hearing_notice>r1"}));
  // Not before its authority is on file, not after it ended.
  file.agents[1].since = test::dateOf("2026-07-04");
  EXPECT_EQ(pairsOf(planOf("hearing", file))[0], "hearing_notice>a1/g1");
  file.agents[0].until = test::dateOf("2026-07-02");
  EXPECT_EQ(pairsOf(planOf("hearing", file))[0], "hearing_notice>a1");
}

TEST(CourtSteps, RepresentedPartiesWithoutARepresentativeAreRefused) {
  CaseFile file = test::collectiveCase();
  for (CaseAgent& agent : file.agents) agent.until = test::dateOf("2026-07-02");
  const StepPlan plan = planOf("hearing", file);
  EXPECT_TRUE(plan.documents.empty());
  EXPECT_EQ(refusedFields(plan), (std::vector<std::string>{"agents"}));
  EXPECT_FALSE(plan.refusals[0].party.empty());
  EXPECT_TRUE(planOf("award", file).isGood()) << "each party gets its own award";
}

TEST(CourtSteps, WhatIsMissingIsNamedAndNothingIsIssued) {
  CaseFile file = test::ordinaryCase();
  file.panel.clear();
  const StepSet& hearing = getStepSet("hearing");
  EnteredValues entered = test::enteredFor(hearing);
  entered.erase("hearing_day");
  StepPlan plan = planStep(hearing, file, entered);
  EXPECT_TRUE(plan.documents.empty());
  EXPECT_EQ(refusedFields(plan), (std::vector<std::string>{"hearing_day", "panel"}));
  for (const StepRefusal& refusal : plan.refusals) {
    EXPECT_EQ(refusal.document, "hearing_notice");
    EXPECT_NE(refusal.messageZh.find("必填"), std::string::npos);
  }
  EXPECT_EQ(plan.refusals.size(), 2u) << "once for all parties\n" << refusalsText(plan);
  // Its twin with both given.
  EXPECT_TRUE(planStep(hearing, test::ordinaryCase(), test::enteredFor(hearing)).isGood());
}

TEST(CourtSteps, TheDayOfIssueIsNamedOnce) {
  const StepSet& step = getStepSet("hearing");
  for (const char* day : {"", "2026-02-30"}) {
    EnteredValues entered = test::enteredFor(step);
    entered["issued_on"] = day;
    const StepPlan plan = planStep(step, test::ordinaryCase(), entered);
    EXPECT_EQ(refusedFields(plan), (std::vector<std::string>{"issued_on"}));
    EXPECT_EQ(plan.refusals.size(), 1u) << refusalsText(plan);
  }
}

TEST(CourtSteps, AStepOutOfTurnOrWithAnotherStepsValueIsRefused) {
  CaseFile file = test::ordinaryCase();
  file.state = "closed";
  const StepSet& step = getStepSet("hearing");
  EXPECT_EQ(refusedFields(planStep(step, file, test::enteredFor(step))), (std::vector<std::string>{"state"}));
  EnteredValues entered = test::enteredFor(step);
  entered["holdings"] = "x";
  EXPECT_EQ(refusedFields(planStep(step, test::ordinaryCase(), entered)), (std::vector<std::string>{"holdings"}));
  EXPECT_EQ(refusedFields(planOf("hearing", test::ordinaryCase(), {"nobody"})), (std::vector<std::string>{"parties"}));
  EXPECT_THROW(getStepSet("dance"), core::Error);
}

TEST(CourtSteps, TheEventTheyLeaveHasWhatTheClockReads) {
  CaseFile file = test::dispatchCase();
  std::erase_if(file.events, [](const CaseEvent& event) { return event.kind == "accepted"; });
  const StepSet& accept = getStepSet("accept");
  EnteredValues entered = test::enteredFor(accept);
  EXPECT_EQ(refusedFields(planStep(accept, file, entered)), std::vector<std::string>{"accepted_on"});
  entered["accepted_on"] = "2026年7月2日";
  StepPlan plan = planStep(accept, file, entered);
  ASSERT_EQ(plan.events.size(), 2u) << refusalsText(plan);
  EXPECT_EQ(plan.events[0].kind, "accepted");
  EXPECT_EQ(plan.events[0].day, test::dateOf("2026-07-02"));
  EXPECT_EQ(plan.events[0].details, (std::map<std::string, std::string>{{"applicants", "a1"},
                                                                        {"respondents", "r1,r2"},
                                                                        {"third_parties", "t1"},
                                                                        {"workers", "a1,t1"},
                                                                        {"employers", "r1,r2"}}));
  EXPECT_EQ(plan.events[1].kind, "panel_told");
  EXPECT_EQ(plan.events[1].day, test::dateOf("2026-07-03"));
  EXPECT_TRUE(planOf("accept", test::dispatchCase()).events.empty()) << "accepted already: a party joined later";
  EXPECT_EQ(planOf("hearing", test::ordinaryCase()).events.at(0).details.at("hearing_day"), "2026-08-10");
  EXPECT_EQ(planOf("suspend", test::ordinaryCase()).events.at(0).day, test::dateOf("2026-07-25"));
  EXPECT_EQ(planOf("transfer", test::ordinaryCase()).events.at(0).details.at("direction"), "out");
  EXPECT_EQ(planOf("award", test::ordinaryCase()).events.at(0).details.at("final"), "true");
  const StepSet& award = getStepSet("award");
  entered = test::enteredFor(award);
  for (const char* finality : {"ordinary", "非终局裁决"}) {
    entered["finality"] = finality;
    EXPECT_EQ(planStep(award, test::ordinaryCase(), entered).events.at(0).details.at("final"), "false");
  }
  EXPECT_TRUE(planOf("public_notice", test::ordinaryCase(), {"r1"}).events.empty()) << "begun when it is posted";
  entered["finality"] = "perhaps";
  plan = planStep(award, test::ordinaryCase(), entered);
  EXPECT_EQ(refusedFields(plan), std::vector<std::string>{"finality"});
  EXPECT_TRUE(plan.events.empty());
}

TEST(CourtSteps, APartyThatJoinedLaterIsToldThePanelToo) {
  CaseFile file = test::dispatchCase();
  file.events.push_back(test::event("panel_told", "2026-07-04"));
  EXPECT_EQ(pairsOf(planOf("accept", test::dispatchCase(), {"r2"})),
            (Pairs{"response_notice>r2", "evidence_notice>r2", "address_confirmation>r2", "panel_notice>r2"}));
}

TEST(CourtSteps, APublicNoticeNamesItsPartyAndNeverServesASimplifiedCase) {
  EXPECT_EQ(pairsOf(planOf("public_notice", test::ordinaryCase(), {"r1"})), (Pairs{"public_notice>r1"}));
  EXPECT_EQ(refusedFields(planOf("public_notice", test::ordinaryCase())), (std::vector<std::string>{"parties"}));
  EXPECT_EQ(refusedFields(planOf("public_notice", test::simplifiedCase(), {"r1"})),
            (std::vector<std::string>{"procedure"}));
}

TEST(CourtSteps, KindsSayWhatTheLawOfServiceAsksOfThem) {
  for (const DocumentKind& kind : documentKinds()) {
    EXPECT_EQ(kind.isMediationStatement, kind.name == "mediation_statement");
    EXPECT_EQ(kind.allowsPublicNotice, kind.name != "mediation_statement");
    const bool isFormal =
        kind.name == "award" || kind.name == "mediation_statement" || kind.name == "advance_execution_award";
    EXPECT_EQ(kind.lightService == LightService::kForbidden, isFormal) << kind.name;
    if (isFormal) {
      EXPECT_TRUE(kind.isConcluding) << kind.name;
    }
  }
  EXPECT_EQ(getDocumentKind("hearing_notice").lightService, LightService::kNoDefault);
  EXPECT_EQ(nameOf(LightService::kNoDefault), "no_default");
  // What the clock knows a served document by.
  EXPECT_EQ(getDocumentKind("response_notice").servedAs, "application_copy");
  EXPECT_EQ(getDocumentKind("answer_copy_notice").servedAs, "answer_copy");
  EXPECT_EQ(getDocumentKind("postponement_notice").servedAs, "hearing_notice");
  EXPECT_EQ(getDocumentKind("award").servedAs, "award");
}

}  // namespace qianda::delivery
