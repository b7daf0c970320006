// One click issues the whole set of documents of a step of the case to the right parties: which kinds, to which roles,
// under which conditions, and what must be known before. A plan is made before the case's state moves on. Nothing is
// issued by halves: when anything is missing the plan has refusals, each naming its field, and no documents. 调解仲裁法
// 7, 22, 24, 29, 30, 32, 35; 民诉法 88; 民诉法解释 131, 133, 140. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/documents/fill.h"

namespace qianda::delivery {

enum class StepCondition {
  kAlways,
  kNoConfirmedAddress,  // the recipient has no confirmed address on file (送达地址确认书)
  kPanelIsSet,          // 仲裁庭 known already, and not told yet or the party joined later
};

struct StepDocument {
  std::string_view kind;
  std::vector<std::string_view> roles;
  StepCondition condition = StepCondition::kAlways;
};

struct StepSet {
  std::string_view name;  // "accept"
  std::string_view titleZh, titleEn;
  std::vector<StepDocument> documents;
  std::vector<std::string_view> states;  // of the case, in which the step may be taken
  std::string_view event = {};           // that the case gets with it, a name of caseEventKinds(), or ""
  std::string_view eventDay = {};        // the entered value or event's day it counts from; "": the day of issue
};

const std::vector<StepSet>& stepSets();
const StepSet* findStepSet(std::string_view name);
const StepSet& getStepSet(std::string_view name);  // throws kNotFound

// The values the clerk enters for a step: of all its kinds, each once.
std::vector<const templates::FieldSpec*> enteredValues(const StepSet& step);

struct PlannedDocument {
  const DocumentKind* kind = nullptr;
  std::string party;      // id: the document names it
  std::string deliverTo;  // id of the agent that takes it for the party, or "" for the party itself
  std::string deliverToName;
  std::string capacityZh;  // 指定代收人, 诉讼代理人, 法定代理人, 推举的代表; "" for the party itself
  EnteredValues entered;   // those of its kind, for fillDocument
};

struct StepRefusal {
  std::string field;     // of the case file or of the entered values
  std::string document;  // kind, or ""
  std::string party;     // id, or ""
  std::string messageZh, messageEn;
};

struct StepPlan {
  std::vector<PlannedDocument> documents;  // by kind as in the step, then by party as in the case
  std::vector<StepRefusal> refusals;
  std::vector<CaseEvent> events;  // to be recorded when the documents are issued; `at` is left to the caller
  bool isGood() const { return refusals.empty(); }
};

// `entered` has the values of all documents of the step, "issued_on" among them; a value that no document of the step
// has is refused. `only` narrows the step to these parties (one that joined later, a public notice); empty: all.
StepPlan planStep(const StepSet& step, const CaseFile& file, const EnteredValues& entered,
                  const std::vector<std::string>& only = {});

}  // namespace qianda::delivery
