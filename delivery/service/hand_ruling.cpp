#include <algorithm>

#include "delivery/service/attempt_ruling.h"
#include "delivery/service/verdicts.h"

namespace qianda::delivery {
namespace {

using core::Date;

Date after(Date day, int days) { return core::fromDays(core::toDays(day) + days); }

// The day on which something counts as served once `days` have passed after `start`; that day itself must be over.
Date dayOfService(Bench& bench, Date start, int days) {
  if (!bench.flag("service_day.rolls")) return after(start, days);
  return periodOf(start, days, bench.calendar, bench.rules.roll()).last;
}

AttemptRuling ruleOnLeft(Bench& bench, const AttemptFacts& attempt, const EvidenceFacts& left) {
  if (bench.record.hasMediationStatement) return say("mediation_refused", left.at);
  if (attempt.address.isOpponentsPlace) return say("left_at_opponents_place", left.at);
  const bool isRecorded =
      findEvidence(attempt, EvidenceKind::kPhoto) != nullptr || findEvidence(attempt, EvidenceKind::kVideo) != nullptr;
  const bool isWitnessed = findEvidence(attempt, EvidenceKind::kWitness) != nullptr;
  if (!isRecorded && !isWitnessed) return withReview(say("left_without_proof", left.at));
  const bool waits = isRecorded || bench.rule("e16.witness_day").value == "days_after";
  const Date leftOn = core::chinaDate(left.at);
  const Date served = waits ? dayOfService(bench, leftOn, bench.number("e16.days_after")) : leftOn;
  // The days must have passed whole, the last one too.
  if (waits && served != leftOn && bench.today <= served) return say("under_way", left.at);
  AttemptRuling ruling = say(isRecorded ? "left_recorded" : "left_before_witness", left.at, served);
  const bool hasReason =
      findEvidence(attempt, EvidenceKind::kRefusal) != nullptr || findEvidence(attempt, EvidenceKind::kNote) != nullptr;
  const bool isOpponentsWord = attempt.address.ground == AddressGround::kOpponent;
  return hasReason && !isOpponentsWord ? ruling : withReview(std::move(ruling));
}

AttemptRuling ruleOnRefusalToSign(Bench& bench, const AttemptFacts& attempt, const EvidenceFacts& refusal) {
  if (bench.record.hasMediationStatement) return say("mediation_refused", refusal.at);
  if (attempt.method != ServiceMethod::kCollection) return say("refused_not_left", refusal.at);
  const int needed = bench.number("e18.staff");
  for (const EvidenceFacts& evidence : attempt.evidence) {
    if (evidence.kind == EvidenceKind::kNote && evidence.staff >= needed) {
      return say("refused_to_sign", refusal.at, core::chinaDate(refusal.at));
    }
  }
  return withReview(say("refusal_without_note", refusal.at));
}

AttemptRuling ruleOnReceipt(Bench& bench, const AttemptFacts& attempt, const EvidenceFacts& receipt) {
  const bool byAnother = attempt.method == ServiceMethod::kEntrusted || attempt.method == ServiceMethod::kForwarded;
  const std::string_view code = judgeSigner(bench, attempt, receipt.signer);
  const Date day = core::chinaDate(receipt.at);
  // On paper, before the server's eyes, an organisation's own signature is that of whoever stands for it.
  const bool isOwn = receipt.signer == SignerClass::kAddressee;
  if (verdict(code).effect != Effect::kServed && !isOwn) return say(code, receipt.at);
  AttemptRuling ruling = say(byAnother ? "handed_over_by_another" : "handed_over", receipt.at, day);
  const bool isAddressee = isOwn || verdict(code).ending == "E1" || verdict(code).ending == "E2";
  return byAnother && !isAddressee ? withReview(std::move(ruling)) : ruling;
}

}  // namespace

AttemptRuling ruleOnHand(Bench& bench, const AttemptFacts& attempt) {
  if (const EvidenceFacts* receipt = findEvidence(attempt, EvidenceKind::kReturnReceipt)) {
    return ruleOnReceipt(bench, attempt, *receipt);
  }
  const bool mayLeave = attempt.method == ServiceMethod::kDirect || attempt.method == ServiceMethod::kLien;
  const EvidenceFacts* left = findEvidence(attempt, EvidenceKind::kLeft);
  if (mayLeave && left != nullptr) return ruleOnLeft(bench, attempt, *left);
  if (const EvidenceFacts* refusal = findEvidence(attempt, EvidenceKind::kRefusal)) {
    return ruleOnRefusalToSign(bench, attempt, *refusal);
  }
  AttemptRuling ruling = say("under_way");
  if (attempt.method == ServiceMethod::kEntrusted && attempt.startedAt != core::Instant{}) {
    const Date last = after(core::chinaDate(attempt.startedAt), bench.number("entrusted.days"));
    if (bench.today > last) ruling.needsReview = true;
  }
  return ruling;
}

AttemptRuling ruleOnNotice(Bench& bench, const AttemptFacts& attempt) {
  const EvidenceFacts* posted = findLastEvidence(attempt, EvidenceKind::kNoticePosted);
  if (posted == nullptr) return say("under_way");
  if (bench.record.hasMediationStatement) return say("notice_for_mediation", posted->at);
  if (bench.record.isSimplified) return say("notice_in_simplified", posted->at);
  if (!bench.record.publicNoticeGrounded) return withReview(say("notice_without_ground", posted->at));
  const int days = bench.number(bench.record.isCollective ? "notice.collective_days" : "notice.days");
  const Date served = dayOfService(bench, core::chinaDate(posted->at), days);
  if (bench.today <= served) return say("under_way", posted->at);
  return say("notice_elapsed", posted->at, served);
}

namespace {

bool hasConsent(const AddressFacts& address, core::Instant at) {
  return address.consentAt && *address.consentAt <= at &&
         (!address.consentWithdrawnAt || *address.consentWithdrawnAt > at);
}

// 在线诉讼规则 31: of several the earliest.
AttemptRuling ruleOnConduct(const AttemptFacts& attempt, core::Instant since) {
  const EvidenceFacts* first = nullptr;
  for (const EvidenceFacts& evidence : attempt.evidence) {
    const bool isConduct = evidence.kind == EvidenceKind::kReplied || evidence.kind == EvidenceKind::kRead;
    if (!isConduct || evidence.at < since) continue;
    const bool isBetter = first == nullptr || evidence.at < first->at ||
                          (evidence.at == first->at && evidence.kind == EvidenceKind::kReplied);
    if (isBetter) first = &evidence;
  }
  if (first == nullptr) return say("under_way");
  return say(first->kind == EvidenceKind::kReplied ? "electronic_replied" : "electronic_read", first->at,
             core::chinaDate(first->at));
}

}  // namespace

AttemptRuling ruleOnElectronic(Bench& bench, const AttemptFacts& attempt) {
  const bool isBarred = (bench.record.hasMediationStatement && !bench.flag("electronic.mediation_statement")) ||
                        (bench.record.hasConcludingDocument && !bench.flag("electronic.concluding_documents"));
  const EvidenceFacts* sent = findEvidence(attempt, EvidenceKind::kSystemSent);
  const EvidenceFacts* failed = findLastEvidence(attempt, EvidenceKind::kSendFailed);
  const bool isOpen = sent == nullptr && findEvidence(attempt, EvidenceKind::kReplied) == nullptr &&
                      findEvidence(attempt, EvidenceKind::kRead) == nullptr;
  if (isOpen) return failed != nullptr ? say("electronic_failed", failed->at) : say("under_way");
  if (isBarred) return say("electronic_class_not_allowed", sent != nullptr ? sent->at : core::Instant{});
  const AttemptRuling conduct = ruleOnConduct(attempt, sent != nullptr ? sent->at : core::Instant{});
  // Sent again after a failure: the sending that did not fail counts.
  const EvidenceFacts* good = nullptr;
  for (const EvidenceFacts& evidence : attempt.evidence) {
    const bool isLater = evidence.kind == EvidenceKind::kSystemSent && (failed == nullptr || evidence.at > failed->at);
    if (isLater && (good == nullptr || evidence.at < good->at)) good = &evidence;
  }
  if (good == nullptr) return conduct.isEffective ? conduct : say("electronic_failed", failed->at);
  const AddressFacts& address = attempt.address;
  const bool isConfirmed = address.ground == AddressGround::kConfirmed && hasConsent(address, good->at) &&
                           (address.since == core::Instant{} || address.since <= good->at);
  // 调解书 is never deemed served by conduct.
  if (!isConfirmed) {
    return bench.record.hasMediationStatement && conduct.isEffective ? say("mediation_never_deemed") : conduct;
  }
  if (const EvidenceFacts* proof = findLastEvidence(attempt, EvidenceKind::kArrivalProof)) {
    return say("electronic_arrival_proven", proof->at, core::chinaDate(proof->at));
  }
  return say("electronic_sent", good->at, core::chinaDate(good->at));
}

}  // namespace qianda::delivery
