#include "delivery/documents/step_sets.h"

#include <algorithm>

#include "core/error.h"

namespace qianda::delivery {
namespace {

using Roles = std::vector<std::string_view>;

const Roles kApplicant{"applicant"}, kAnswering{"respondent", "third_party"}, kSides{"applicant", "respondent"},
    kAll{"applicant", "respondent", "third_party"};
const Roles kNew{"received", "mediating"}, kOpen{"received", "mediating", "accepted", "heard", "suspended"},
    kAccepted{"accepted", "heard"}, kRunning{"accepted", "heard", "suspended"},
    kAny{"received", "mediating", "accepted", "heard", "suspended", "closed"};

}  // namespace

const std::vector<StepSet>& stepSets() {
  static const std::vector<StepSet> steps{
      {"mediate_first", "先行调解", "Offer mediation", {{"mediation_proposal", kSides}}, kNew, "mediation_started"},
      {"accept",
       "受理",
       "Accept",
       {{"acceptance_notice", kApplicant},
        {"response_notice", kAnswering},
        {"evidence_notice", kAnswering},
        {"address_confirmation", kAll, StepCondition::kNoConfirmedAddress},
        {"panel_notice", kAll, StepCondition::kPanelIsSet}},
       {"received", "mediating", "accepted"},
       "accepted",
       "accepted_on"},
      {"refuse", "不予受理", "Refuse", {{"refusal_notice", kApplicant}}, kNew, "refused"},
      {"panel", "组庭", "Tell the panel", {{"panel_notice", kAll}}, kAccepted, "panel_told"},
      {"answer_received", "送达答辩书副本", "Serve the answer", {{"answer_copy_notice", kApplicant}}, kRunning},
      {"challenge", "回避决定", "Decide a challenge", {{"challenge_decision", kAll}}, kRunning},
      {"hearing", "开庭", "Set the hearing", {{"hearing_notice", kAll}}, kAccepted, "hearing_set"},
      {"postpone", "延期开庭", "Postpone the hearing", {{"postponement_notice", kAll}}, kAccepted, "postponed"},
      {"extend", "延长审理期限", "Extend the term", {{"extension_notice", kAll}}, kAccepted, "extended"},
      {"suspend", "中止审理", "Suspend", {{"suspension_notice", kAll}}, kAccepted, "suspended", "suspends_from"},
      {"resume", "恢复审理", "Resume", {{"resumption_notice", kAll}}, {"suspended"}, "resumed", "resumed_on"},
      {"transfer", "移送管辖", "Transfer", {{"transfer_decision", kAll}}, kOpen, "transferred"},
      {"advance_execution", "先予执行", "Award advance execution", {{"advance_execution_award", kAll}}, kAccepted},
      {"withdraw", "准许撤回", "Allow withdrawal", {{"withdrawal_decision", kAll}}, kRunning, "withdrawn"},
      {"deem_withdrawn",
       "按撤回处理",
       "Treat as withdrawn",
       {{"deemed_withdrawal_decision", kAll}},
       kAccepted,
       "withdrawn"},
      {"mediated", "调解结案", "Issue the mediation statement", {{"mediation_statement", kAll}}, kAccepted, "mediated"},
      {"award", "裁决", "Award", {{"award", kAll}}, kAccepted, "awarded"},
      {"correct", "补正", "Correct a document", {{"correction_decision", kAll}}, kAny},
      {"decide", "决定", "Decide", {{"decision", kAll}}, kAny},
      {"confirm_address", "确认送达地址", "Ask for the address", {{"address_confirmation", kAll}}, kOpen},
      {"public_notice", "公告送达", "Serve by public notice", {{"public_notice", kAll}}, kAny},
  };
  return steps;
}

const StepSet* findStepSet(std::string_view name) {
  for (const StepSet& step : stepSets()) {
    if (step.name == name) return &step;
  }
  return nullptr;
}

const StepSet& getStepSet(std::string_view name) {
  if (const StepSet* step = findStepSet(name)) return *step;
  throw core::Error(core::ErrorCode::kNotFound, "no step is called \"" + std::string(name) + "\"");
}

std::vector<const templates::FieldSpec*> enteredValues(const StepSet& step) {
  std::vector<const templates::FieldSpec*> all;
  for (const StepDocument& document : step.documents) {
    for (const templates::FieldSpec* spec : enteredValues(getDocumentKind(document.kind))) {
      const bool isKnown =
          std::any_of(all.begin(), all.end(), [&](const auto* other) { return other->name == spec->name; });
      if (!isKnown) all.push_back(spec);
    }
  }
  return all;
}

}  // namespace qianda::delivery
