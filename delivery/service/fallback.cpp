#include "delivery/service/fallback.h"

#include <algorithm>
#include <array>

namespace qianda::delivery {
namespace {

// Not the addressee's doing: the same way once more comes first.
bool isSentAgain(const AttemptRuling& last) {
  return last.ending == "E10" || last.ending == "E11" || last.code == "weather_or_traffic" ||
         last.code == "absent_too_few_attempts";
}

bool isLawful(ServiceMethod method, const RecordFacts& facts, const ServiceRules& rules) {
  const bool isMediation = facts.hasMediationStatement;
  switch (method) {
    case ServiceMethod::kLien:
      return !isMediation;
    case ServiceMethod::kPublicNotice:
      return !isMediation && !facts.isSimplified;
    case ServiceMethod::kElectronic:
      if (isMediation && !rules.flag("electronic.mediation_statement")) return false;
      return !facts.hasConcludingDocument || rules.flag("electronic.concluding_documents");
    default:
      return true;
  }
}

bool wasTried(ServiceMethod method, const RecordFacts& facts) {
  return std::any_of(facts.attempts.begin(), facts.attempts.end(),
                     [method](const AttemptFacts& attempt) { return attempt.method == method; });
}

}  // namespace

std::vector<ServiceMethod> fallbackOf(const RecordFacts& facts, const RecordRuling& ruling, const ServiceRules& rules) {
  if (ruling.state != RecordState::kOpen && ruling.state != RecordState::kIneffective) return {};
  const bool isMediationOver = std::any_of(ruling.attempts.begin(), ruling.attempts.end(),
                                           [](const AttemptRuling& attempt) { return attempt.ending == "E12"; });
  if (isMediationOver) return {};
  static constexpr std::array<ServiceMethod, 6> kOrder{ServiceMethod::kPostal,    ServiceMethod::kDirect,
                                                       ServiceMethod::kLien,      ServiceMethod::kElectronic,
                                                       ServiceMethod::kEntrusted, ServiceMethod::kPublicNotice};
  std::vector<ServiceMethod> result;
  const bool again = !ruling.attempts.empty() && isSentAgain(ruling.attempts.back());
  if (again) {
    const std::string& id = ruling.attempts.back().attempt;
    for (const AttemptFacts& attempt : facts.attempts) {
      if (attempt.id == id && isLawful(attempt.method, facts, rules)) result.push_back(attempt.method);
    }
  }
  for (ServiceMethod method : kOrder) {
    if (!isLawful(method, facts, rules) || wasTried(method, facts)) continue;
    const bool isLast = method == ServiceMethod::kPublicNotice;
    if (isLast && !facts.publicNoticeGrounded && facts.attempts.empty()) continue;
    if (std::find(result.begin(), result.end(), method) == result.end()) result.push_back(method);
  }
  return result;
}

}  // namespace qianda::delivery
