#include "delivery/service/attempt_ruling.h"

#include <algorithm>

#include "delivery/service/verdicts.h"

namespace qianda::delivery {

const ServiceRule& Bench::rule(std::string_view key) {
  const ServiceRule& found = rules.get(key);
  const bool isKnown = std::find(recalled.begin(), recalled.end(), key) != recalled.end();
  if (!found.isVerified && !isKnown) recalled.emplace_back(key);
  return found;
}

AttemptRuling say(std::string_view code, std::optional<core::Instant> moment, std::optional<core::Date> day) {
  const Verdict& said = verdict(code);
  AttemptRuling ruling;
  ruling.code = code;
  ruling.ending = said.ending;
  ruling.rule = said.rule;
  ruling.reasonZh = said.zh;
  ruling.reasonEn = said.en;
  ruling.moment = moment;
  ruling.isEffective = said.effect == Effect::kServed || said.effect == Effect::kDeemed;
  ruling.needsConfirmation = said.effect == Effect::kDeemed;
  ruling.needsReview = said.effect == Effect::kByPerson;
  if (ruling.isEffective) ruling.legalDate = day;
  return ruling;
}

AttemptRuling withReview(AttemptRuling ruling) {
  ruling.needsReview = true;
  if (ruling.isEffective) ruling.needsConfirmation = true;
  return ruling;
}

const EvidenceFacts* findEvidence(const AttemptFacts& attempt, EvidenceKind kind) {
  const EvidenceFacts* found = nullptr;
  for (const EvidenceFacts& evidence : attempt.evidence) {
    if (evidence.kind == kind && (found == nullptr || evidence.at < found->at)) found = &evidence;
  }
  return found;
}

const EvidenceFacts* findLastEvidence(const AttemptFacts& attempt, EvidenceKind kind) {
  const EvidenceFacts* found = nullptr;
  for (const EvidenceFacts& evidence : attempt.evidence) {
    if (evidence.kind == kind && (found == nullptr || evidence.at >= found->at)) found = &evidence;
  }
  return found;
}

namespace {

std::string_view judge(const Bench& bench, const AttemptFacts& attempt, SignerClass signer) {
  const bool isOrganisation = bench.record.isOrganisation, isMediation = bench.record.hasMediationStatement;
  switch (signer) {
    case SignerClass::kAddressee:
      return isOrganisation ? "self_for_organisation" : "signed_addressee";
    case SignerClass::kGuardian:
      return isOrganisation ? "signed_by_other" : "signed_guardian";
    case SignerClass::kLegalRepresentative:
      return isOrganisation ? "signed_legal_representative" : "office_for_person";
    case SignerClass::kOffice:
      if (attempt.address.isOpponentsPlace) return "opponent_signed";
      return isOrganisation ? "signed_office" : "office_for_person";
    case SignerClass::kAgent:
      if (isMediation) return "mediation_needs_addressee";
      return attempt.signerAuthorised ? "signed_agent" : "signed_without_authority";
    case SignerClass::kDesignated:
      return attempt.signerAuthorised ? "signed_designated" : "signed_without_authority";
    case SignerClass::kFamily:
      if (isOrganisation) return "family_for_organisation";
      return isMediation ? "mediation_needs_addressee" : "signed_family";
    case SignerClass::kOpponent:
      return "opponent_signed";
    case SignerClass::kOther:
      return isMediation ? "mediation_needs_addressee" : "signed_by_other";
    case SignerClass::kNone:
    case SignerClass::kUnknown:
      return "signed_by_unknown";
  }
  return "signed_by_unknown";
}

}  // namespace

std::string_view judgeSigner(const Bench& bench, const AttemptFacts& attempt, SignerClass signer) {
  const std::string_view code = judge(bench, attempt, signer);
  // What a person may find of other documents, a 调解书 needs on its receipt.
  const bool mayFind = verdict(code).effect == Effect::kByPerson;
  return bench.record.hasMediationStatement && mayFind ? "mediation_needs_addressee" : code;
}

AttemptRuling ruleOnAttempt(Bench& bench, const AttemptFacts& attempt) {
  bench.recalled.clear();
  AttemptRuling ruling;
  switch (attempt.method) {
    case ServiceMethod::kPostal:
      ruling = ruleOnPost(bench, attempt);
      break;
    case ServiceMethod::kElectronic:
      ruling = ruleOnElectronic(bench, attempt);
      break;
    case ServiceMethod::kPublicNotice:
      ruling = ruleOnNotice(bench, attempt);
      break;
    default:
      ruling = ruleOnHand(bench, attempt);
      break;
  }
  if (attempt.isWithdrawn) {
    // What was given up may have been served all the same: then a person looks.
    ruling = ruling.code == "under_way" ? say("withdrawn") : ruling.isEffective ? withReview(ruling) : ruling;
  }
  // Evidence dated after today is a slip of somebody's pen.
  for (const EvidenceFacts& evidence : attempt.evidence) {
    if (core::chinaDate(evidence.at) > bench.today) ruling = withReview(ruling);
  }
  ruling.attempt = attempt.id;
  std::sort(bench.recalled.begin(), bench.recalled.end());
  ruling.recalledRules = bench.recalled;
  return ruling;
}

}  // namespace qianda::delivery
