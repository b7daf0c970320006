#include <algorithm>
#include <array>
#include <utility>

#include "delivery/service/attempt_ruling.h"
#include "delivery/service/verdicts.h"

namespace qianda::delivery {
namespace {

using core::Date;

// Does the paper receipt say who signed and when as the event does? An image nobody can read says nothing.
bool isReceiptInDoubt(const AttemptFacts& attempt, SignerClass signer, core::Instant signedAt) {
  const EvidenceFacts* unreadable = findLastEvidence(attempt, EvidenceKind::kReceiptUnreadable);
  const EvidenceFacts* image = findLastEvidence(attempt, EvidenceKind::kReceiptImage);
  if (unreadable != nullptr && (image == nullptr || image->recordedAt < unreadable->recordedAt)) return true;
  for (const EvidenceFacts& evidence : attempt.evidence) {
    if (evidence.kind != EvidenceKind::kReceiptImage) continue;
    if (evidence.signer != SignerClass::kNone && evidence.signer != signer) return true;
    // A day before the event's own is not that of the scan.
    if (evidence.at != core::Instant{} && core::chinaDate(evidence.at) < core::chinaDate(signedAt)) return true;
  }
  return false;
}

bool hasIdOnReceipt(const AttemptFacts& attempt) {
  if (attempt.parcel->signerIdOnReceipt) return true;
  return std::any_of(attempt.evidence.begin(), attempt.evidence.end(), [](const EvidenceFacts& evidence) {
    return evidence.kind == EvidenceKind::kReceiptImage && evidence.hasIdNumber;
  });
}

// 专递规定 10: an objection on the spot, or sent back in time when another than the addressee signed.
std::optional<AttemptRuling> ruleOnContents(Bench& bench, const AttemptFacts& attempt) {
  const ParcelView& parcel = *attempt.parcel;
  if (const EvidenceFacts* spot = findEvidence(attempt, EvidenceKind::kContentsMismatch)) {
    const bool isOnTheSpot = !parcel.signedAt || core::chinaDate(spot->at) == core::chinaDate(*parcel.signedAt);
    AttemptRuling ruling = say("contents_mismatch", spot->at);
    return isOnTheSpot ? ruling : withReview(std::move(ruling));
  }
  const bool cameBack = parcel.state == ParcelState::kReturned;
  if (cameBack && parcel.returnReason == ReturnReason::kContentsMismatch) {
    return say("contents_mismatch", parcel.returnArrivedAt);
  }
  const EvidenceFacts* sentBack = findEvidence(attempt, EvidenceKind::kContentsReturned);
  if (sentBack == nullptr || !parcel.signedAt) return std::nullopt;
  const Period period =
      periodOf(core::chinaDate(*parcel.signedAt), bench.number("e10.return_days"), bench.calendar, bench.rules.roll());
  const bool byAnother = parcel.signer == SignerClass::kFamily || parcel.signer == SignerClass::kOffice;
  if (byAnother && core::chinaDate(sentBack->at) <= period.last) return say("contents_mismatch", sentBack->at);
  return std::nullopt;
}

AttemptRuling ruleOnSignature(Bench& bench, const AttemptFacts& attempt) {
  const ParcelView& parcel = *attempt.parcel;
  SignerClass signer = parcel.signer;
  // The receipt may tell who it was where the event does not.
  if (signer == SignerClass::kNone || signer == SignerClass::kUnknown) {
    const EvidenceFacts* image = findLastEvidence(attempt, EvidenceKind::kReceiptImage);
    if (image != nullptr && image->signer != SignerClass::kNone) signer = image->signer;
  }
  AttemptRuling ruling = say(judgeSigner(bench, attempt, signer), *parcel.signedAt, core::chinaDate(*parcel.signedAt));
  if (ruling.isEffective && !hasIdOnReceipt(attempt)) ruling.needsConfirmation = true;  // 专递规定 8
  const bool isMediationAtOffice = bench.record.hasMediationStatement && signer == SignerClass::kOffice;
  if (ruling.isEffective && isMediationAtOffice) ruling.needsConfirmation = true;
  const bool isUnclear = signer == SignerClass::kNone || signer == SignerClass::kUnknown ||
                         (signer == SignerClass::kAddressee && bench.record.isOrganisation);
  if (isUnclear) ruling.needsReview = true;
  const bool isOld = findEvidence(attempt, EvidenceKind::kContentsReturned) != nullptr;
  if (isOld || isReceiptInDoubt(attempt, signer, *parcel.signedAt)) ruling = withReview(std::move(ruling));
  return ruling;
}

// Three attempts within five days (6): with what was told about failures.
bool wereAttemptsEnough(Bench& bench, const ParcelView& parcel) {
  const std::size_t needed = static_cast<std::size_t>(bench.number("attempts.minimum"));
  const int days = bench.number("attempts.days");
  const bool isWorking = bench.rule("attempts.day_kind").value == "working_days";
  if (needed == 0) return true;
  for (std::size_t first = 0; first + needed <= parcel.failures.size(); ++first) {
    const Date from = core::chinaDate(parcel.failures[first].at);
    const Date to = core::chinaDate(parcel.failures[first + needed - 1].at);
    const Date limit =
        isWorking ? bench.calendar.addWorkingDays(from, days) : core::fromDays(core::toDays(from) + days);
    if (to <= limit) return true;
  }
  return false;
}

constexpr std::array<std::pair<AddressGround, std::string_view>, 5> kLadder{
    {{AddressGround::kContractClause, "ladder.contract_clause"},
     {AddressGround::kPleading, "ladder.pleading"},
     {AddressGround::kOtherCase, "ladder.other_case"},
     {AddressGround::kUsedWithinYear, "ladder.used_within_year"},
     {AddressGround::kRegistered, "ladder.registered"}}};

// What speaks against this address as one a return may be held against its owner: a code, or "".
std::string_view faultOfAddress(Bench& bench, const AttemptFacts& attempt) {
  const AddressFacts& address = attempt.address;
  if (address.ground == AddressGround::kOpponent) return "address_from_opponent";
  const bool isDated = address.since != core::Instant{} && attempt.startedAt != core::Instant{};
  if (isDated && core::chinaDate(address.since) > core::chinaDate(attempt.startedAt)) return "address_not_on_file";
  for (const auto& [ground, key] : kLadder) {
    if (address.ground == ground && !bench.flag(key)) return "address_not_allowed";
  }
  return {};
}

bool isOwnAddress(Bench& bench, AddressGround ground) {
  if (ground == AddressGround::kConfirmed) return true;
  if (ground != AddressGround::kContractClause && ground != AddressGround::kPleading) return false;
  return bench.rule("e7.grounds").value == "provided";
}

// 文书退回之日, as the rule of the ending takes it.
AttemptRuling deemedOnReturn(Bench& bench, const ParcelView& parcel, std::string_view code, std::string_view key) {
  const bool isNoted = bench.rule(key).value == "return_noted";
  const std::optional<core::Instant> day = isNoted ? parcel.returnNotedAt : parcel.returnArrivedAt;
  if (!day) return say("return_day_unknown");
  return say(code, *day, core::chinaDate(*day));
}

bool mayRefuse(const RecordFacts& record, SignerClass who) {
  switch (who) {
    case SignerClass::kNone:  // not told: the person who confirms sees to it
    case SignerClass::kAddressee:
    case SignerClass::kGuardian:
    case SignerClass::kDesignated:
      return true;
    case SignerClass::kLegalRepresentative:
    case SignerClass::kOffice:
      return record.isOrganisation;
    default:
      return false;
  }
}

AttemptRuling ruleOnRefusal(Bench& bench, const AttemptFacts& attempt) {
  const EvidenceFacts* refusal = findLastEvidence(attempt, EvidenceKind::kRefusal);
  if (attempt.address.isOpponentsPlace) return withReview(say("refused_at_opponents_place"));
  if (refusal != nullptr && !mayRefuse(bench.record, refusal->signer)) return withReview(say("refused_by_another"));
  if (bench.record.hasMediationStatement) return say("mediation_refused", attempt.parcel->returnArrivedAt);
  if (const std::string_view fault = faultOfAddress(bench, attempt); !fault.empty()) return say(fault);
  return deemedOnReturn(bench, *attempt.parcel, "refused", "e6.refused.day");
}

std::string_view codeOfOwnAddress(ReturnReason reason) {
  switch (reason) {
    case ReturnReason::kWrongAddress:
      return "wrong_address";
    case ReturnReason::kMoved:
      return "moved_without_notice";
    case ReturnReason::kNotKnown:
      return "not_known_at_address";
    default:
      return {};
  }
}

AttemptRuling ruleOnAbsence(Bench& bench, const AttemptFacts& attempt, ReturnReason reason) {
  const ParcelView& parcel = *attempt.parcel;
  const bool isEnough = wereAttemptsEnough(bench, parcel);
  if (!isEnough && reason == ReturnReason::kAbsent) return withReview(say("absent_too_few_attempts"));
  if (attempt.address.ground == AddressGround::kConfirmed && bench.flag("e7.absent_at_confirmed")) {
    return deemedOnReturn(bench, parcel, "absent_at_confirmed", "e7.returned.day");
  }
  return say(reason == ReturnReason::kAbsent ? "absent_three_times" : "not_collected", parcel.returnArrivedAt);
}

AttemptRuling ruleOnReturn(Bench& bench, const AttemptFacts& attempt) {
  const ParcelView& parcel = *attempt.parcel;
  const ReturnReason reason = parcel.returnReason;
  if (parcel.isReopened) return withReview(say("returned_after_signature", parcel.returnArrivedAt));
  switch (reason) {
    case ReturnReason::kRefused:
      return ruleOnRefusal(bench, attempt);
    case ReturnReason::kDeceased:
      return withReview(say("deceased", parcel.returnArrivedAt));
    case ReturnReason::kWeatherOrTraffic:
      return say("weather_or_traffic", parcel.returnArrivedAt);
    case ReturnReason::kNone:
    case ReturnReason::kOther:
    case ReturnReason::kUnclassified:
      return withReview(say("returned_unclassified", parcel.returnArrivedAt));
    default:
      break;
  }
  if (bench.record.hasMediationStatement) return say("mediation_never_deemed", parcel.returnArrivedAt);
  if (const std::string_view fault = faultOfAddress(bench, attempt); !fault.empty()) return say(fault);
  if (attempt.address.refusedAfterWarning && attempt.address.ground == AddressGround::kRegistered) {
    return deemedOnReturn(bench, parcel, "no_address_given", "e8.no_address.day");
  }
  if (reason == ReturnReason::kClosed) return withReview(say("closed", parcel.returnArrivedAt));
  if (const std::string_view code = codeOfOwnAddress(reason); !code.empty()) {
    if (!isOwnAddress(bench, attempt.address.ground)) return say("address_not_own", parcel.returnArrivedAt);
    return deemedOnReturn(bench, parcel, code, "e7.returned.day");
  }
  return ruleOnAbsence(bench, attempt, reason);
}

AttemptRuling ruleOnState(Bench& bench, const AttemptFacts& attempt) {
  const ParcelView& parcel = *attempt.parcel;
  switch (parcel.state) {
    case ParcelState::kSigned:
      return ruleOnSignature(bench, attempt);
    case ParcelState::kReturned:
      return ruleOnReturn(bench, attempt);
    case ParcelState::kLost: {
      AttemptRuling ruling = say("lost", parcel.lostAt);
      return parcel.returnNotedAt ? withReview(std::move(ruling)) : ruling;
    }
    case ParcelState::kCancelled:
      return say("cancelled");
    case ParcelState::kRejected:
      return withReview(say("rejected"));
    default:
      return say("under_way");
  }
}

}  // namespace

AttemptRuling ruleOnPost(Bench& bench, const AttemptFacts& attempt) {
  if (!attempt.parcel) return say("under_way");
  const ParcelView& parcel = *attempt.parcel;
  AttemptRuling ruling;
  if (const std::optional<AttemptRuling> contents = ruleOnContents(bench, attempt)) {
    ruling = *contents;
  } else {
    ruling = ruleOnState(bench, attempt);
  }
  const bool isDoubt = std::any_of(parcel.quarantined.begin(), parcel.quarantined.end(), isDoubtful);
  // What was called off and went all the same (P18) may hold what should not have gone.
  const bool isCalledOff = parcel.isAlarmed && ruling.isEffective;
  return isDoubt || isCalledOff ? withReview(std::move(ruling)) : ruling;
}

}  // namespace qianda::delivery
