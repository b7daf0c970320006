#include "delivery/service/ruling.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "delivery/service/attempt_ruling.h"
#include "delivery/service/fallback.h"
#include "delivery/service/verdicts.h"

namespace qianda::delivery {
namespace {

using namespace std::chrono_literals;

constexpr auto kSkew = 10min;  // a partner's clock may be ahead by as much

constexpr std::array<std::pair<RecordState, std::string_view>, 7> kStates{{{RecordState::kOpen, "open"},
                                                                           {RecordState::kTrying, "trying"},
                                                                           {RecordState::kServed, "served"},
                                                                           {RecordState::kDeemed, "deemed"},
                                                                           {RecordState::kIneffective, "ineffective"},
                                                                           {RecordState::kContested, "contested"},
                                                                           {RecordState::kVoid, "void"}}};

struct Judged {
  AttemptRuling ruling;
  const AttemptFacts* facts;
  AttemptRuling bare = ruling;  // before any person decided
  bool byPerson = false;        // effective because a person found so
  bool isContested = false;     // as it stands now
  bool isRejected = false, isRevoked = false, isVoid = false;

  bool isInForce() const { return ruling.isEffective && !ruling.needsConfirmation && ruling.legalDate; }
};

void note(AttemptRuling& ruling, const DecisionFacts& decision, const char* zh, const char* en) {
  const core::Date day = core::chinaDate(decision.at);
  ruling.reasonZh += " " + core::chineseDate(day) + "由" + decision.by + zh + "。";
  ruling.reasonEn += std::string(" ") + en + " by " + decision.by + " on " + core::isoDate(day) + ".";
}

// Did the person see this? What was filed or had not passed by then is not what was confirmed.
bool wasSeen(const Bench& now, const Judged& judged, const DecisionFacts& decision) {
  const AttemptRuling& ruling = judged.bare;
  if (decision.legalDate && *decision.legalDate > core::chinaDate(decision.at)) return false;
  if (!decision.ending.empty() && decision.ending != ruling.ending) return false;
  if (ruling.moment && *ruling.moment > decision.at + kSkew) return false;
  const std::optional<ParcelView>& parcel = judged.facts->parcel;
  if (parcel && parcel->returnArrivedAt && *parcel->returnArrivedAt > decision.at + kSkew) return false;
  AttemptFacts then = *judged.facts;
  std::erase_if(then.evidence, [&](const EvidenceFacts& evidence) { return evidence.recordedAt > decision.at; });
  Bench bench{now.record, now.rules, now.calendar, core::chinaDate(decision.at)};
  const AttemptRuling seen = ruleOnAttempt(bench, then);
  return seen.code == ruling.code && seen.legalDate == ruling.legalDate;
}

void confirm(const Bench& bench, Judged& judged, const DecisionFacts& decision) {
  AttemptRuling& ruling = judged.ruling;
  if (judged.isRevoked || judged.isVoid || !wasSeen(bench, judged, decision)) {
    ruling.needsReview = true;
    return;
  }
  if (std::exchange(judged.isRejected, false)) {  // a rejection may be taken back
    AttemptRuling bare = judged.bare;
    bare.reasonZh = ruling.reasonZh;
    bare.reasonEn = ruling.reasonEn;
    ruling = std::move(bare);
  }
  const bool mayFind = verdict(ruling.code).effect == Effect::kByPerson;
  if (ruling.isEffective) {
    // The day is the law's where the machine knows it; another one needs a doubt it settles.
    const bool differs = decision.legalDate && decision.legalDate != ruling.legalDate;
    const bool wasDoubtful = ruling.needsReview;
    if (differs && wasDoubtful) ruling.legalDate = decision.legalDate;
    ruling.needsReview = differs && !wasDoubtful;
    ruling.needsConfirmation = false;
  } else if (mayFind && decision.legalDate) {
    ruling.isEffective = judged.byPerson = true;
    ruling.legalDate = decision.legalDate;
    ruling.needsReview = ruling.needsConfirmation = false;
  } else {
    ruling.needsReview = true;  // nothing there that could be confirmed
    return;
  }
  note(ruling, decision, "确认", "Confirmed");
}

void endWithout(Judged& judged, const char* code, const DecisionFacts& decision, const char* zh, const char* en) {
  AttemptRuling ruling = say(code, judged.ruling.moment);
  ruling.attempt = judged.ruling.attempt;
  ruling.recalledRules = judged.ruling.recalledRules;
  judged.ruling = std::move(ruling);
  judged.isContested = judged.byPerson = false;
  note(judged.ruling, decision, zh, en);
}

void apply(const Bench& bench, Judged& judged, const DecisionFacts& decision) {
  AttemptRuling& ruling = judged.ruling;
  if (judged.isVoid) return;
  switch (decision.decision) {
    case HumanDecision::kConfirm:
      return confirm(bench, judged, decision);
    case HumanDecision::kReject:
      if (judged.isRevoked) return;
      judged.isRejected = true;
      judged.isContested = false;
      ruling.isEffective = ruling.needsConfirmation = ruling.needsReview = judged.byPerson = false;
      ruling.legalDate.reset();
      note(ruling, decision, "否决", "Rejected");
      return;
    case HumanDecision::kContest:
      if (!judged.isInForce()) {
        ruling.needsReview = true;
        return;
      }
      judged.isContested = true;
      note(ruling, decision, "提出异议", "Contested");
      return;
    case HumanDecision::kUphold:
      if (!judged.isContested) return;
      judged.isContested = false;
      note(ruling, decision, "维持", "Upheld");
      return;
    case HumanDecision::kRevoke:
      judged.isRevoked = true;
      endWithout(judged, "revoked", decision, "撤销", "Revoked");
      return;
    case HumanDecision::kVoid:
      judged.isVoid = true;
      endWithout(judged, "void", decision, "作废", "Made void");
      return;
  }
}

bool isServedEnding(const AttemptRuling& ruling) { return verdict(ruling.code).effect == Effect::kServed; }

// The earliest legal day decides; of the same day the earlier attempt.
const Judged* earliest(const std::vector<Judged>& all, bool inForce) {
  const Judged* found = nullptr;
  for (const Judged& each : all) {
    const bool counts = inForce ? each.isInForce() : each.ruling.isEffective && each.ruling.needsConfirmation;
    if (!counts || !each.ruling.legalDate) continue;
    if (found == nullptr || *each.ruling.legalDate < *found->ruling.legalDate) found = &each;
  }
  return found;
}

void take(RecordRuling& record, const AttemptRuling& from) {
  record.attempt = from.attempt;
  record.ending = from.ending;
  record.rule = from.rule;
  record.reasonZh = from.reasonZh;
  record.reasonEn = from.reasonEn;
  record.recalledRules = from.recalledRules;
}

void decide(RecordRuling& record, const std::vector<Judged>& all) {
  if (all.empty()) return;
  if (const Judged* decided = earliest(all, true)) {
    take(record, decided->ruling);
    record.legalDate = decided->ruling.legalDate;
    const bool isServed = isServedEnding(decided->ruling) && !decided->byPerson;
    record.state = decided->isContested ? RecordState::kContested
                   : isServed           ? RecordState::kServed
                                        : RecordState::kDeemed;
    const auto effective = std::count_if(all.begin(), all.end(), [](const Judged& each) { return each.isInForce(); });
    if (effective > 1) {
      record.reasonZh += " 多次送达均有效，以最早的日期为准。";
      record.reasonEn += " Of several that serve, the earliest day counts.";
    }
    return;
  }
  if (const Judged* proposal = earliest(all, false)) {
    take(record, proposal->ruling);
    record.state = RecordState::kTrying;
    record.needsConfirmation = true;
    return;
  }
  const bool isUnderWay =
      std::any_of(all.begin(), all.end(), [](const Judged& each) { return each.ruling.code == "under_way"; });
  take(record, all.back().ruling);
  record.state = isUnderWay ? RecordState::kTrying : RecordState::kIneffective;
}

}  // namespace

RecordRuling ruleOn(const RecordFacts& facts, const ServiceRules& rules, const WorkingCalendar& calendar,
                    core::Instant asOf) {
  RecordRuling record;
  record.rulesVersion = rules.version();
  record.calendarVersion = calendar.version();
  Bench bench{facts, rules, calendar, core::chinaDate(asOf)};
  std::vector<const AttemptFacts*> attempts;
  for (const AttemptFacts& attempt : facts.attempts) attempts.push_back(&attempt);
  std::stable_sort(attempts.begin(), attempts.end(),
                   [](const AttemptFacts* one, const AttemptFacts* other) { return one->number < other->number; });
  std::vector<Judged> all;
  for (const AttemptFacts* attempt : attempts) all.push_back({ruleOnAttempt(bench, *attempt), attempt});

  std::vector<DecisionFacts> decisions = facts.decisions;
  std::stable_sort(decisions.begin(), decisions.end(),
                   [](const DecisionFacts& one, const DecisionFacts& other) { return one.at < other.at; });
  bool isVoid = false, isDoubtful = false;
  std::string voidZh, voidEn;
  for (const DecisionFacts& decision : decisions) {
    const auto judged = std::find_if(all.begin(), all.end(),
                                     [&](const Judged& each) { return each.ruling.attempt == decision.attempt; });
    if (decision.by.empty()) {
      isDoubtful = true;  // nobody decides without a name
    } else if (decision.decision == HumanDecision::kVoid && decision.attempt.empty()) {
      isVoid = true;
      AttemptRuling words;
      note(words, decision, "将该送达记录作废", "The record was made void");
      voidZh = words.reasonZh.substr(1);
      voidEn = words.reasonEn.substr(1);
    } else if (judged == all.end()) {
      isDoubtful = true;
    } else {
      apply(bench, *judged, decision);
    }
  }
  decide(record, all);
  record.needsReview = isDoubtful;
  for (const Judged& each : all) {
    // Once a record is served or deemed, what other attempts leave open is no matter of the record.
    const bool matters = !record.legalDate || each.ruling.attempt == record.attempt;
    record.needsReview = record.needsReview || (matters && (each.ruling.needsReview || each.isContested));
    record.attempts.push_back(each.ruling);
  }
  if (isVoid) {
    record.state = RecordState::kVoid;
    record.legalDate.reset();
    record.needsConfirmation = record.needsReview = false;
    record.ending = record.attempt = record.rule = "";
    record.reasonZh = voidZh;
    record.reasonEn = voidEn;
  }
  record.fallback = fallbackOf(facts, record, rules);
  return record;
}

std::string_view nameOf(RecordState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return {};
}

std::optional<RecordState> findRecordState(std::string_view name) {
  for (const auto& [value, known] : kStates) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace qianda::delivery
