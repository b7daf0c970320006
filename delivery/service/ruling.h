// Whether and when a document was served, by which rule: a pure function of the facts, the rules and the calendar, so
// that anybody can compute it again years later (R8). DEEMED and everything doubtful is a proposal until a named person
// confirmed it; served by post without a person only for endings E1 to E4 (docs/service-of-documents.md). Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delivery/rules/service_rules.h"
#include "delivery/service/facts.h"

namespace qianda::delivery {

// A record is kServed or kDeemed and has a legal date when an attempt is in force: effective and not waiting for a
// person. While all that is there is a proposal it is kTrying with needsConfirmation: `attempt` and `ending` name the
// proposal, whose day stands in `attempts`; `legalDate` stays empty, so that no clock starts by it. kContested keeps
// its date. needsReview of a record in force is that of the attempt which decided.
enum class RecordState { kOpen, kTrying, kServed, kDeemed, kIneffective, kContested, kVoid };

struct AttemptRuling {
  std::string attempt;
  std::string ending;                      // "E1" ... "E20", "" while it is under way
  std::optional<core::Date> legalDate;     // of service, where the ending has one
  std::optional<core::Instant> moment;     // the evidence's instant it was taken from
  std::string rule;                        // "法院专递规定 9(1), 民诉法 91"
  std::string reasonZh, reasonEn;          // one sentence: why this ending
  std::string code;                        // machine word: "signed_addressee", "refused", "absent_three_times" ...
  bool isEffective = false;                // serves, if it stands
  bool needsConfirmation = false;          // a proposal: waits for a person
  bool needsReview = false;                // a person has to look
  std::vector<std::string> recalledRules;  // keys of unverified rules it rests on
};

struct RecordRuling {
  RecordState state = RecordState::kOpen;
  std::string ending;  // of the attempt that decided
  std::string attempt;
  std::optional<core::Date> legalDate;
  std::string rule, reasonZh, reasonEn;
  std::vector<AttemptRuling> attempts;
  std::vector<ServiceMethod> fallback;  // what may be tried next, best first; empty when nothing is to be done
  bool needsConfirmation = false, needsReview = false;
  std::string calendarVersion, rulesVersion;
  std::vector<std::string> recalledRules;
};

RecordRuling ruleOn(const RecordFacts& facts, const ServiceRules& rules, const WorkingCalendar& calendar,
                    core::Instant asOf);
// The same ruling as JSON with members in a fixed order: equal facts give equal octets.
std::string rulingJson(const RecordRuling& ruling);

std::string_view nameOf(RecordState state);
std::optional<RecordState> findRecordState(std::string_view name);

}  // namespace qianda::delivery
