#include <algorithm>

#include "delivery/documents/case_values.h"
#include "delivery/documents/step_sets.h"
#include "templates/field_value.h"

namespace qianda::delivery {
namespace {

template <typename List, typename Item>
bool contains(const List& list, const Item& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool hasConfirmedAddress(const CaseFile& file, const CaseParty& party) {
  return std::any_of(file.addresses.begin(), file.addresses.end(), [&](const ServiceAddress& address) {
    return address.party == party.id && address.ground == AddressGround::kConfirmed && address.state == "active";
  });
}

bool panelIsUntold(const CaseFile& file) {
  return !file.panel.empty() && std::none_of(file.events.begin(), file.events.end(),
                                             [](const CaseEvent& event) { return event.kind == "panel_told"; });
}

const CaseAgent* findAgent(const CaseFile& file, const CaseParty& party, std::string_view kind, core::Date day) {
  for (const CaseAgent& agent : file.agents) {
    if (agent.party == party.id && agent.kind == kind && holdsOn(agent, day)) return &agent;
  }
  return nullptr;
}

class Planner {
 public:
  Planner(const StepSet& step, const CaseFile& file, const EnteredValues& entered, const std::vector<std::string>& only)
      : step_(step), file_(file), entered_(entered), only_(only) {}

  StepPlan plan() {
    checkState();
    checkEntered();
    checkOnly();
    for (const StepDocument& document : step_.documents) planKind(document);
    if (plan_.documents.empty() && plan_.refusals.empty()) {
      refuse("parties", "", "", "本案没有可以送达这一步文书的当事人。",
             "The case has no party for this step's documents.");
    }
    if (plan_.isGood()) {
      addEvents();
    } else {
      plan_.documents.clear();
    }
    return std::move(plan_);
  }

 private:
  void refuse(const std::string& field, std::string_view document, const std::string& party, std::string zh,
              std::string en) {
    for (const StepRefusal& refusal : plan_.refusals) {
      if (refusal.field == field && refusal.document == document && refusal.messageEn == en) return;
    }
    plan_.refusals.push_back({field, std::string(document), party, std::move(zh), std::move(en)});
  }

  void checkState() {
    if (contains(step_.states, file_.state)) return;
    refuse("state", "", "", "案件当前状态（" + file_.state + "）不能办理“" + std::string(step_.titleZh) + "”。",
           "A case that is \"" + file_.state + "\" cannot take the step \"" + std::string(step_.name) + "\".");
  }

  void checkEntered() {
    const auto issued = entered_.find("issued_on");
    const auto day = issued == entered_.end() ? std::nullopt : core::parseDate(issued->second);
    if (day) {
      day_ = *day;
    } else {
      refuse("issued_on", "", "", "签发日期：必填，应为有效日期。", "The day of issue is required and must be a date.");
    }
    const auto known = enteredValues(step_);
    for (const auto& [name, text] : entered_) {
      const bool isKnown =
          std::any_of(known.begin(), known.end(), [&name = name](const auto* spec) { return spec->name == name; });
      if (!isKnown) {
        refuse(name, "", "", name + "：这一步的文书没有这一项。",
               "No document of the step \"" + std::string(step_.name) + "\" has the value \"" + name + "\".");
      }
    }
  }

  void checkOnly() {
    for (const std::string& id : only_) {
      const bool isParty = std::any_of(file_.parties.begin(), file_.parties.end(),
                                       [&](const CaseParty& party) { return party.id == id; });
      if (!isParty) refuse("parties", "", id, "不是本案当事人：" + id + "。", "Not a party of this case: " + id + ".");
    }
  }

  bool isMeant(const StepDocument& document, const CaseParty& party) const {
    if (!contains(document.roles, party.role)) return false;
    if (!only_.empty() && !contains(only_, party.id)) return false;
    switch (document.condition) {
      case StepCondition::kAlways:
        return true;
      case StepCondition::kNoConfirmedAddress:
        return !hasConfirmedAddress(file_, party);
      case StepCondition::kPanelIsSet:
        return !file_.panel.empty() && (panelIsUntold(file_) || !only_.empty());
    }
    return false;
  }

  void planKind(const StepDocument& document) {
    const DocumentKind& kind = getDocumentKind(document.kind);
    if (kind.name == "public_notice") checkPublicNotice();
    for (const CaseParty& party : file_.parties) {
      if (!isMeant(document, party)) continue;
      if (party.isRepresented && !kind.isConcluding && kind.name != "address_confirmation") {
        planForRepresentatives(kind, party);
      } else {
        add(kind, party, takerFor(kind, party));
      }
    }
  }

  void checkPublicNotice() {
    if (file_.procedure == "simplified") {
      refuse("procedure", "public_notice", "", "简易处理的案件不适用公告送达，应当转为普通程序。",
             "A case under simplified procedure is not served by public notice; it goes on in ordinary procedure.");
    }
    if (only_.empty()) {
      refuse("parties", "public_notice", "", "公告送达应当指明受送达的当事人。",
             "A public notice needs the party that it serves to be named.");
    }
  }

  // Whom the document is handed to for the party, the first of these whose authority holds.
  const CaseAgent* takerFor(const DocumentKind& kind, const CaseParty& party) const {
    if (const CaseAgent* guardian = findAgent(file_, party, "guardian", day_)) return guardian;
    if (const CaseAgent* designated = findAgent(file_, party, "designated", day_)) return designated;
    if (kind.isMediationStatement || kind.name == "address_confirmation") return nullptr;
    return findAgent(file_, party, "agent", day_);
  }

  // 法 7: what a representative does binds those it stands for, so a notice goes to the representatives once.
  void planForRepresentatives(const DocumentKind& kind, const CaseParty& represented) {
    bool isFound = false;
    for (const CaseAgent& agent : file_.agents) {
      if (agent.kind != "representative" || !holdsOn(agent, day_)) continue;
      const CaseParty* standsIn = partyBehind(agent, represented.role);
      if (!standsIn) continue;
      isFound = true;
      const bool isPlanned = std::any_of(
          plan_.documents.begin(), plan_.documents.end(),
          [&](const PlannedDocument& planned) { return planned.kind == &kind && planned.deliverToName == agent.name; });
      if (!isPlanned) add(kind, *standsIn, &agent);
    }
    if (isFound) return;
    refuse("agents", kind.name, represented.id, "由代表参加仲裁的当事人没有登记有效的代表：" + represented.name + "。",
           "No representative is on file for the represented party " + represented.name + ".");
  }

  // The representative as a party itself, or the party it is entered with.
  const CaseParty* partyBehind(const CaseAgent& agent, const std::string& role) const {
    const CaseParty* entered = nullptr;
    for (const CaseParty& party : file_.parties) {
      if (party.role != role) continue;
      if (party.name == agent.name && (agent.idNumber.empty() || agent.idNumber == party.idNumber)) return &party;
      if (party.id == agent.party) entered = &party;
    }
    return entered;
  }

  void add(const DocumentKind& kind, const CaseParty& party, const CaseAgent* taker) {
    PlannedDocument planned;
    planned.kind = &kind;
    planned.party = party.id;
    planned.deliverToName = party.name;
    if (taker) {
      planned.deliverTo = taker->id;
      planned.deliverToName = taker->name;
      planned.capacityZh = taker->kind == "designated" ? "指定代收人"
                           : taker->kind == "guardian" ? "法定代理人"
                           : taker->kind == "agent"    ? "诉讼代理人"
                                                       : "推举的代表";
    }
    const auto known = enteredValues(kind);
    for (const templates::FieldSpec* spec : known) {
      const auto value = entered_.find(spec->name);
      if (value != entered_.end()) planned.entered.insert(*value);
    }
    std::vector<templates::Fault> faults;
    fillDocument(kind, file_, party, planned.entered, faults);
    for (const templates::Fault& fault : faults) {
      if (!templates::isBlocking(fault) || (fault.field == "issued_on" && day_ == core::Date{})) continue;
      refuse(fault.field, kind.name, party.id, std::string(kind.titleZh) + "：" + fault.messageZh,
             std::string(kind.titleEn) + ": " + fault.messageEn);
    }
    plan_.documents.push_back(std::move(planned));
  }

  std::string entered(std::string_view name) const {
    const auto found = entered_.find(std::string(name));
    return found == entered_.end() ? "" : found->second;
  }

  // The value of a choice, entered as such or by its label.
  std::string chosen(std::string_view name) const {
    for (const templates::FieldSpec* spec : enteredValues(step_)) {
      if (spec->name != name) continue;
      const auto choice = templates::findChoice(*spec, entered(name));
      if (choice) return spec->choices[*choice].value;
    }
    return "";
  }

  // Ids of the parties, comma between.
  template <typename Wanted>
  std::string idsOf(Wanted wanted) const {
    std::string ids;
    for (const CaseParty& party : file_.parties) {
      if (wanted(party)) ids += (ids.empty() ? "" : ",") + party.id;
    }
    return ids;
  }

  // The details the clock reads (clock.h).
  void addEvents() {
    const bool isRepeated =
        step_.event == "accepted" && std::any_of(file_.events.begin(), file_.events.end(),
                                                 [](const CaseEvent& event) { return event.kind == "accepted"; });
    if (step_.event.empty() || isRepeated || !only_.empty()) return;
    CaseEvent event;
    event.kind = step_.event;
    event.day = core::parseDate(entered(step_.eventDay)).value_or(day_);
    if (event.kind == "accepted") {
      for (const auto& [role, detail] :
           {std::pair{"applicant", "applicants"}, {"respondent", "respondents"}, {"third_party", "third_parties"}}) {
        event.details[detail] = idsOf([role = role](const CaseParty& party) { return party.role == role; });
      }
      event.details["workers"] = idsOf([](const CaseParty& party) { return party.kind == "person"; });
      event.details["employers"] = idsOf([](const CaseParty& party) { return party.kind != "person"; });
    } else if (event.kind == "hearing_set" || event.kind == "postponed") {
      event.details = {{"hearing_day", core::isoDate(core::parseDate(entered("hearing_day")).value())},
                       {"hearing_time", entered("hearing_time")}};
    } else if (event.kind == "awarded") {
      event.details["final"] = chosen("finality") == "final" ? "true" : "false";
    } else if (event.kind == "transferred") {
      event.details["direction"] = "out";
    } else if (event.kind == "extended") {
      event.details["days"] = entered("extension_days");
    }
    plan_.events.push_back(std::move(event));
    const bool tellsPanel =
        std::any_of(plan_.documents.begin(), plan_.documents.end(),
                    [](const PlannedDocument& planned) { return planned.kind->name == "panel_notice"; });
    if (tellsPanel && step_.event != "panel_told") {
      CaseEvent told;
      told.kind = "panel_told";
      told.day = day_;
      plan_.events.push_back(std::move(told));
    }
  }

  const StepSet& step_;
  const CaseFile& file_;
  const EnteredValues& entered_;
  const std::vector<std::string>& only_;
  core::Date day_{};
  StepPlan plan_;
};

}  // namespace

StepPlan planStep(const StepSet& step, const CaseFile& file, const EnteredValues& entered,
                  const std::vector<std::string>& only) {
  return Planner(step, file, entered, only).plan();
}

}  // namespace qianda::delivery
