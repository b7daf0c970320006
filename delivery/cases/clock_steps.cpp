#include "delivery/cases/clock_steps.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace qianda::delivery {
namespace {

using core::Date;

struct Title {
  std::string_view key, zh, en, rule;
  bool isPartys;
};
constexpr std::array<Title, 10> kTitles{
    {{"accept", "决定受理或者不予受理", "Accept or refuse the application", "调解仲裁法 29", false},
     {"serve_copy", "送达申请书副本", "Serve the copy of the application", "调解仲裁法 30", false},
     {"panel", "书面告知仲裁庭组成", "Tell the parties who sits on the panel", "调解仲裁法 32", false},
     {"answer", "提交答辩书", "Answer the application", "调解仲裁法 30", true},
     {"answer_copy", "送达答辩书副本", "Serve the copy of the answer", "调解仲裁法 30", false},
     {"hearing_notice", "送达开庭通知书", "Serve notice of the hearing", "调解仲裁法 35", false},
     {"postpone_request", "请求延期开庭", "Ask for another day of hearing", "调解仲裁法 35", true},
     {"award", "作出裁决", "Make the award", "调解仲裁法 43, 办案规则 45, 46", false},
     {"sue", "向人民法院起诉", "Sue in court", "调解仲裁法 48, 50", true},
     {"annul", "申请撤销终局裁决", "Ask for annulment of the final award", "调解仲裁法 49", true}}};

void addNew(std::vector<std::string>& list, const std::string& id) {
  if (!id.empty() && std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}
bool has(const std::vector<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

void endAt(Deadline& deadline, const CaseEvent* end) {
  if (!deadline.metOn && end != nullptr && end->day >= deadline.start) deadline.state = Deadline::State::kVoid;
}

}  // namespace

int ClockWork::number(std::string_view key) {
  recall(key);
  return rules.number(key);
}
bool ClockWork::is(std::string_view key, std::string_view value) {
  recall(key);
  return rules.get(key).value == value;
}
void ClockWork::recall(std::string_view key) {
  if (!rules.get(key).isVerified && !has(clock.recalledRules, std::string(key))) clock.recalledRules.emplace_back(key);
}

Period ClockWork::period(Date start, int days) {
  const Period period = periodOf(start, days, calendar, rules.roll());
  if (period.last != period.nominal || calendar.kindOf(period.nominal) == DayKind::kMakeUp) {
    recall("period.rolls_weekends");
    recall("period.rolls_make_up_days");
  }
  return period;
}

Deadline ClockWork::deadline(std::string_view key, const std::string& subject, const Period& period) const {
  Deadline deadline;
  for (const Title& title : kTitles) {
    if (title.key != key) continue;
    deadline.titleZh = title.zh;
    deadline.titleEn = title.en;
    deadline.rule = title.rule;
    deadline.isPartys = title.isPartys;
  }
  deadline.key = key;
  deadline.subject = subject;
  deadline.start = period.start;
  deadline.last = period.last;
  deadline.isProvisional = period.isProvisional;
  return deadline;
}

std::string_view detail(const CaseEvent& event, std::string_view name) {
  const auto found = event.details.find(std::string(name));
  return found == event.details.end() ? std::string_view() : found->second;
}

std::vector<std::string> idsOf(std::string_view list) {
  std::vector<std::string> ids;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    addNew(ids, std::string(core::trim(list.substr(0, comma))));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return ids;
}

bool CaseSides::isWorker(const std::string& party) const { return has(workers, party); }
bool CaseSides::isEmployer(const std::string& party) const { return has(employers, party); }

CaseSides sidesOf(const std::vector<CaseEvent>& events) {
  CaseSides sides;
  for (const CaseEvent& event : events) {
    if (event.kind == "received" || event.kind == "accepted") {
      for (const char* role : {"applicants", "respondents", "third_parties"}) {
        for (const std::string& id : idsOf(detail(event, role))) addNew(sides.parties, id);
      }
      for (const std::string& id : idsOf(detail(event, "respondents"))) addNew(sides.respondents, id);
      for (const std::string& id : idsOf(detail(event, "workers"))) addNew(sides.workers, id);
      for (const std::string& id : idsOf(detail(event, "employers"))) addNew(sides.employers, id);
    }
    const std::string party(detail(event, "party"));
    if (event.kind == "party_added") {
      addNew(sides.parties, party);
      if (detail(event, "role") == "respondent") addNew(sides.respondents, party);
    }
    if (detail(event, "side") == "worker") addNew(sides.workers, party);
    if (detail(event, "side") == "employer") addNew(sides.employers, party);
  }
  return sides;
}

const CaseEvent* firstOf(const std::vector<CaseEvent>& events, std::string_view kind) {
  const auto found =
      std::find_if(events.begin(), events.end(), [kind](const CaseEvent& event) { return event.kind == kind; });
  return found == events.end() ? nullptr : &*found;
}

const CaseEvent* lastOf(const std::vector<CaseEvent>& events, std::string_view kind) {
  const auto found =
      std::find_if(events.rbegin(), events.rend(), [kind](const CaseEvent& event) { return event.kind == kind; });
  return found == events.rend() ? nullptr : &*found;
}

const CaseEvent* servedOf(const std::vector<CaseEvent>& events, std::string_view document, std::string_view party,
                          Date since) {
  for (const CaseEvent& event : events) {
    const bool fits = event.kind == "served" && detail(event, "document") == document && event.day >= since;
    if (fits && (party.empty() || detail(event, "party") == party)) return &event;
  }
  return nullptr;
}

std::optional<Date> allServed(const std::vector<CaseEvent>& events, std::string_view document,
                              const std::vector<std::string>& parties, Date since) {
  std::optional<Date> last;
  for (const std::string& party : parties) {
    const CaseEvent* served = servedOf(events, document, party, since);
    if (served == nullptr) return std::nullopt;
    last = last ? std::max(*last, served->day) : served->day;
  }
  return last;
}

const CaseEvent* endOf(const std::vector<CaseEvent>& events) {
  for (const CaseEvent& event : events) {
    for (std::string_view kind : {"refused", "awarded", "mediated", "withdrawn", "closed"}) {
      if (event.kind == kind) return &event;
    }
    if (event.kind == "transferred" && detail(event, "direction") == "out") return &event;
  }
  return nullptr;
}

void addAcceptance(ClockWork& work) {
  const CaseEvent* received = firstOf(work.events, "received");
  // 办案规则 46(2): completed papers are received on the day they are complete.
  if (const CaseEvent* supplemented = lastOf(work.events, "supplemented")) received = supplemented;
  const CaseEvent* accepted = firstOf(work.events, "accepted");
  const CaseEvent* refused = firstOf(work.events, "refused");
  const CaseEvent* end = endOf(work.events);
  if (received != nullptr) {
    Deadline accept = work.deadline("accept", "", work.period(received->day, work.number("clock.accept_days")));
    const CaseEvent* met = accepted != nullptr ? accepted : refused;
    if (met != nullptr) accept.metOn = met->day;
    endAt(accept, end);
    work.clock.deadlines.push_back(std::move(accept));
  }
  if (accepted == nullptr) return;
  std::vector<std::pair<std::string, Date>> respondents;  // and since when
  const CaseSides sides = sidesOf(work.events);
  for (const std::string& id : sides.respondents) {
    Date since = accepted->day;
    for (const CaseEvent& event : work.events) {
      if (event.kind == "party_added" && detail(event, "party") == id) since = std::max(since, event.day);
    }
    respondents.emplace_back(id, since);
  }
  if (respondents.empty()) respondents.emplace_back("", accepted->day);
  for (const auto& [id, since] : respondents) {
    Deadline copy = work.deadline("serve_copy", id, work.period(since, work.number("clock.serve_copy_days")));
    if (const CaseEvent* met = servedOf(work.events, "application_copy", id, since)) copy.metOn = met->day;
    endAt(copy, end);
    work.clock.deadlines.push_back(std::move(copy));
  }
  Deadline panel = work.deadline("panel", "", work.period(accepted->day, work.number("clock.panel_days")));
  panel.metOn = allServed(work.events, "panel_notice", sides.parties, accepted->day);
  if (const CaseEvent* told = firstOf(work.events, "panel_told")) {
    panel.metOn = panel.metOn ? std::min(*panel.metOn, told->day) : told->day;
  }
  endAt(panel, end);
  work.clock.deadlines.push_back(std::move(panel));
}

void addAnswers(ClockWork& work) {
  const CaseEvent* end = endOf(work.events);
  for (const CaseEvent& served : work.events) {
    if (served.kind != "served" || detail(served, "document") != "application_copy") continue;
    const std::string party(detail(served, "party"));
    if (servedOf(work.events, "application_copy", party, {}) != &served) continue;  // served again
    Deadline answer = work.deadline("answer", party, work.period(served.day, work.number("clock.answer_days")));
    for (const CaseEvent& event : work.events) {
      const bool isOwn = detail(event, "party").empty() || detail(event, "party") == party;
      if (event.kind == "answer_received" && isOwn && !answer.metOn) answer.metOn = event.day;
    }
    endAt(answer, end);
    work.clock.deadlines.push_back(std::move(answer));
  }
  for (const CaseEvent& received : work.events) {
    if (received.kind != "answer_received") continue;
    Deadline copy = work.deadline("answer_copy", std::string(detail(received, "party")),
                                  work.period(received.day, work.number("clock.answer_copy_days")));
    if (const CaseEvent* met = servedOf(work.events, "answer_copy", "", received.day)) copy.metOn = met->day;
    endAt(copy, end);
    work.clock.deadlines.push_back(std::move(copy));
  }
}

}  // namespace qianda::delivery
