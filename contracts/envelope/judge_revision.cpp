#include <algorithm>
#include <map>
#include <set>

#include "contracts/envelope/sign_party.h"

namespace qianda::contracts {
namespace {

using signing::Indication;
using signing::SignatureVerdict;

int rankOf(std::string_view level) {
  static const std::map<std::string_view, int> ranks{{"B-B", 0},
                                                     {"B-T", 1},
                                                     {"B-LT", 2},
                                                     {"B-LTA", 3},
                                                     {"PAdES-BASELINE-B", 0},
                                                     {"PAdES-BASELINE-T", 1},
                                                     {"PAdES-BASELINE-LT", 2},
                                                     {"PAdES-BASELINE-LTA", 3}};
  const auto at = ranks.find(level);
  return at == ranks.end() ? -1 : at->second;
}

std::string describe(const SignatureVerdict& verdict) {
  return "signature \"" + verdict.field + "\" is " + std::string(nameOf(verdict.indication)) +
         (verdict.subIndication.empty() ? "" : "/" + verdict.subIndication) + ": " + verdict.reason;
}

}  // namespace

std::string judgeRevision(const signing::Verifier& verifier, std::string_view file, const Envelope& envelope,
                          const std::string& newField, core::Instant now) {
  const signing::FileVerdict verdict = verifier.verify(file, now);
  std::set<std::string> wanted{newField};
  for (const Party& party : envelope.parties) {
    if (party.state == PartyState::kSigned) wanted.insert(party.field);
  }
  std::set<std::string> seen;
  for (const SignatureVerdict& signature : verdict.signatures) {
    if (!wanted.contains(signature.field)) return "signature \"" + signature.field + "\" is none of the envelope's";
    if (!seen.insert(signature.field).second) return "field \"" + signature.field + "\" is signed twice";
    if (signature.indication != Indication::kTotalPassed) return describe(signature);
    if (signature.field != newField) continue;
    if (rankOf(signature.level) < rankOf(envelope.level)) {
      return "signature \"" + newField + "\" has level " + signature.level + ", not " + envelope.level;
    }
    if (signature.bestSignatureTime.empty()) return "signature \"" + newField + "\" has no trusted timestamp";
  }
  for (const std::string& field : wanted) {
    if (!seen.contains(field)) return "there is no signature \"" + field + "\"";
  }
  for (const signing::TimestampVerdict& stamp : verdict.timestamps) {
    if (stamp.indication != Indication::kTotalPassed) {
      return "the timestamp of \"" + stamp.field + "\" is " + std::string(nameOf(stamp.indication)) + ": " +
             stamp.reason;
    }
  }
  return {};
}

}  // namespace qianda::contracts
