#include "delivery/documents/case_values.h"

#include <algorithm>

#include "core/text.h"
#include "core/time.h"

namespace qianda::delivery {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kCollective = 10;  // 调解仲裁法 7

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : "、") + name;
  return out;
}

// The last event of one of these kinds that has the detail, or without one the last at all.
const CaseEvent* lastEvent(const CaseFile& file, const std::vector<std::string_view>& kinds,
                           const std::string& detail = {}) {
  for (auto event = file.events.rbegin(); event != file.events.rend(); ++event) {
    if (std::find(kinds.begin(), kinds.end(), event->kind) == kinds.end()) continue;
    if (detail.empty() || event->details.contains(detail)) return &*event;
  }
  return nullptr;
}

template <std::size_t N>
std::string dayOf(const CaseFile& file, const char (&kind)[N]) {
  const CaseEvent* event = lastEvent(file, {std::string_view(kind, N - 1)});
  return event ? core::isoDate(event->day) : "";
}

std::string detailOfHearing(const CaseFile& file, const std::string& detail) {
  const CaseEvent* event = lastEvent(file, {"hearing_set", "postponed"}, detail);
  return event ? event->details.at(detail) : "";
}

std::string dispatchUnits(const CaseFile& file) {
  std::vector<std::string> units;
  for (const CaseParty& party : file.parties) {
    if (party.dispatchRole == "dispatching") units.push_back("派遣单位" + party.name);
    if (party.dispatchRole == "using") units.push_back("用工单位" + party.name);
  }
  return listed(units);
}

std::string actingFor(const CaseView& view, const CaseParty& party) {
  std::vector<std::string> words;
  if (!party.legalRepresentative.empty()) words.push_back("法定代表人" + party.legalRepresentative);
  for (const CaseAgent& agent : view.file.agents) {
    if (agent.party != party.id || !holdsOn(agent, view.day)) continue;
    if (agent.kind == "agent") words.push_back("委托代理人" + agent.name);
    if (agent.kind == "guardian") words.push_back("法定代理人" + agent.name);
    if (agent.kind == "representative") words.push_back("推举的代表" + agent.name);
  }
  return words.empty() ? "—" : listed(words);
}

Rows partyRows(const CaseView& view) {
  Rows rows;
  for (const std::string_view role : {"applicant", "respondent", "third_party"}) {
    for (const CaseParty& party : view.file.parties) {
      if (party.role != role) continue;
      rows.push_back({std::string(standingZh(role)), party.name, coveredIdentity(party), actingFor(view, party)});
    }
  }
  return rows;
}

Rows panelRows(const CaseView& view) {
  Rows rows;
  for (const std::string& name : view.file.panel) {
    const char* duty = view.file.panel.size() == 1 ? "独任仲裁员" : rows.empty() ? "首席仲裁员" : "仲裁员";
    rows.push_back({duty, name});
  }
  return rows;
}

std::string ownIdentity(const CaseView& view) {
  const CaseParty& party = view.recipient;
  if (party.idNumber.empty()) return "";
  return (party.kind == "organisation" ? "统一社会信用代码 " : "公民身份号码 ") + party.idNumber;
}

std::string ownAddress(const CaseView& view) {
  const auto& addresses = view.file.addresses;
  for (auto address = addresses.rbegin(); address != addresses.rend(); ++address) {
    if (address->party != view.recipient.id || address->kind != "postal" || address->state != "active") continue;
    if (address->ground == AddressGround::kOpponent) continue;  // not this party's own word
    std::string text = address->postcode.empty() ? "" : address->postcode + " ";
    return text + address->province + address->city + address->district + address->street;
  }
  return "";
}

const std::vector<CaseValue>& values() {
  static const std::vector<CaseValue> all{
      {"court_name", [](const CaseView& view) { return view.file.court; }},
      {"case_number", [](const CaseView& view) { return view.file.number; }},
      {"cause", [](const CaseView& view) { return view.file.cause; }},
      {"procedure", [](const CaseView& view) { return view.file.procedure; }},
      {"is_collective", [](const CaseView& view) { return std::string(view.file.isCollective ? "true" : "false"); }},
      {"claims", [](const CaseView& view) { return view.file.claims; }},
      {"recipient_name", [](const CaseView& view) { return view.recipient.name; }},
      {"recipient_standing", [](const CaseView& view) { return view.recipient.role; }},
      {"recipient_identity", ownIdentity},
      {"recipient_phone", [](const CaseView& view) { return view.recipient.phone; }},
      {"recipient_address", ownAddress},
      {"applicants", [](const CaseView& view) { return partyNames(view.file, "applicant"); }},
      {"respondents", [](const CaseView& view) { return partyNames(view.file, "respondent"); }},
      {"third_parties", [](const CaseView& view) { return partyNames(view.file, "third_party"); }},
      {"dispatch", [](const CaseView& view) { return dispatchUnits(view.file); }},
      {"parties", nullptr, partyRows},
      {"panel", nullptr, panelRows},
      {"clerk", [](const CaseView& view) { return view.file.clerk; }},
      {"room", [](const CaseView& view) { return view.file.room; }, nullptr, true},
      {"received_on", [](const CaseView& view) { return dayOf(view.file, "received"); }, nullptr, true},
      {"accepted_on", [](const CaseView& view) { return dayOf(view.file, "accepted"); }, nullptr, true},
      {"suspended_from", [](const CaseView& view) { return dayOf(view.file, "suspended"); }, nullptr, true},
      {"answered_on", [](const CaseView& view) { return dayOf(view.file, "answer_received"); }, nullptr, true},
      {"original_hearing_day", [](const CaseView& view) { return detailOfHearing(view.file, "hearing_day"); }, nullptr,
       true},
  };
  return all;
}

}  // namespace

bool holdsOn(const CaseAgent& agent, core::Date day) {
  return agent.since <= day && (!agent.until || day <= *agent.until);
}

const CaseValue* findCaseValue(std::string_view name) {
  for (const CaseValue& value : values()) {
    if (value.name == name) return &value;
  }
  return nullptr;
}

std::string partyNames(const CaseFile& file, std::string_view role) {
  std::vector<std::string> names;
  for (const CaseParty& party : file.parties) {
    if (party.role == role) names.push_back(party.name);
  }
  if (names.size() >= kCollective)
    return names.front() + "等" + std::to_string(names.size()) + (role == "applicant" ? "人" : "方");
  return listed(names);
}

std::string_view standingZh(std::string_view role) {
  return role == "applicant" ? "申请人" : role == "respondent" ? "被申请人" : "第三人";
}

std::string coveredIdentity(const CaseParty& party) {
  if (party.idNumber.empty()) return "—";
  if (party.kind == "organisation") return "统一社会信用代码 " + party.idNumber;
  std::u32string characters = core::decodeUtf8(party.idNumber).value_or(U"");
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (characters.size() <= 8 || (i >= 3 && i + 4 < characters.size())) characters[i] = U'*';
  }
  return "公民身份号码 " + core::encodeUtf8(characters);
}

}  // namespace qianda::delivery
