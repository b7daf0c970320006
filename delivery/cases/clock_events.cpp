#include "delivery/cases/clock_events.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "core/error.h"

namespace qianda::delivery {
namespace {

void join(std::string& list, const std::string& id) { list += (list.empty() ? "" : ",") + id; }

struct Words {
  std::string_view kind, detail;
  std::vector<std::string_view> allowed;
};
const std::vector<Words>& wordsOfDetails() {
  static const std::vector<Words> kWords{{"mediation_ended", "outcome", {"succeeded", "failed", "declined"}},
                                         {"awarded", "final", {"true", "false"}},
                                         {"transferred", "direction", {"in", "out"}},
                                         {"party_added", "side", {"worker", "employer"}},
                                         {"party_added", "role", {"applicant", "respondent", "third_party"}},
                                         {"served", "side", {"worker", "employer"}}};
  return kWords;
}

[[noreturn]] void fail(const std::string& field, const std::string& what) {
  throw core::Error(core::ErrorCode::kInvalidInput, field + ": " + what);
}

}  // namespace

std::vector<CaseEvent> eventsWithParties(const CaseFile& file) {
  std::map<std::string, std::string> lists;
  for (const CaseParty& party : file.parties) {
    const auto joins = std::find_if(file.events.begin(), file.events.end(), [&](const CaseEvent& event) {
      const auto named = event.details.find("party");
      return event.kind == "party_added" && named != event.details.end() && named->second == party.id;
    });
    join(lists[party.kind == "organisation" ? "employers" : "workers"], party.id);
    if (joins != file.events.end()) continue;
    join(lists[party.role == "applicant"    ? "applicants"
               : party.role == "respondent" ? "respondents"
                                            : "third_parties"],
         party.id);
  }
  std::vector<CaseEvent> events = file.events;
  for (CaseEvent& event : events) {
    if (event.kind == "received" || event.kind == "accepted") {
      for (const auto& [name, list] : lists) event.details.emplace(name, list);
    }
    if (event.kind != "party_added") continue;
    for (const CaseParty& party : file.parties) {
      if (party.id == event.details["party"]) event.details.emplace("role", party.role);
    }
  }
  return events;
}

void checkCaseEvent(const CaseEvent& event) {
  const auto& kinds = caseEventKinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.name == event.kind; });
  if (kind == kinds.end()) fail("kind", "no event of a case: \"" + event.kind + "\"");
  if (!event.day.ok()) fail("day", "is missing");
  for (std::string_view name : kind->requiredDetails) {
    const auto found = event.details.find(std::string(name));
    if (found == event.details.end() || found->second.empty()) fail("details/" + std::string(name), "is missing");
  }
  for (const auto& [name, value] : event.details) {
    if (name == "hearing_day" && !core::parseDate(value)) fail("details/hearing_day", "\"" + value + "\" is no day");
    for (const Words& words : wordsOfDetails()) {
      const bool isOther = std::find(words.allowed.begin(), words.allowed.end(), value) == words.allowed.end();
      if (words.kind == event.kind && words.detail == name && isOther) {
        fail("details/" + name, "\"" + value + "\" is none of its words");
      }
    }
  }
}

}  // namespace qianda::delivery
