// What trust and time say of a file's signatures and timestamps.
#include <algorithm>

#include <openssl/x509v3.h>

#include "core/error.h"
#include "signing/keys/x509.h"
#include "signing/trust/revocation_source.h"
#include "signing/verify/file_judge.h"

namespace qianda::signing::verify {
namespace {

using core::Instant;

std::string_view rankOf(const std::vector<RevocationVerdict>& revocations) {
  static constexpr std::string_view kWorstFirst[] = {"revoked", "stale", "none", "good"};
  if (revocations.empty()) return "not_checked";
  for (std::string_view status : kWorstFirst) {
    if (std::any_of(revocations.begin(), revocations.end(),
                    [&](const RevocationVerdict& one) { return one.status == status; })) {
      return status == "none" ? "not_checked" : status;
    }
  }
  return "not_checked";
}

bool areStored(const std::vector<RevocationVerdict>& revocations) {
  return std::all_of(revocations.begin(), revocations.end(),
                     [](const RevocationVerdict& one) { return one.origin == "DSS" || one.origin == "CMS"; });
}

// Whether the certificate is one for signing documents, and is not younger than a time at which the signature existed.
Finding judgePurpose(X509* signer, std::optional<Instant> proven) {
  const std::uint32_t usage = X509_get_key_usage(signer);
  if (usage != UINT32_MAX && !(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
    return doubtful("CHAIN_CONSTRAINTS_FAILURE", "the certificate is not for signatures");
  const core::Handle<EXTENDED_KEY_USAGE, &EXTENDED_KEY_USAGE_free> purposes(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(signer, NID_ext_key_usage, nullptr, nullptr)));
  int others = 0;
  const int count = purposes ? sk_ASN1_OBJECT_num(purposes.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes.get(), i));
    others += nid == NID_server_auth || nid == NID_time_stamp || nid == NID_OCSP_sign;
  }
  if (count > 0 && others == count)
    return doubtful("CHAIN_CONSTRAINTS_FAILURE", "the certificate is for another purpose than signing documents");
  if (proven && instantOf(X509_get0_notBefore(signer)) > *proven + kSkew)
    return failed("NOT_YET_VALID", "a timestamp shows that the signature is older than its certificate");
  return {};
}

}  // namespace

void FileJudge::judgeStamp(Stamp& stamp, std::optional<Instant> proven, bool& hasStoredAnswers) {
  if (!stamp.token.finding.passed()) return;
  std::vector<RevocationVerdict> revocations;
  Finding finding = judgeTrust(*stamp.token.cms, proven, revocations);
  if (finding.passed())
    finding =
        judgeAlgorithms(stamp.token.imprintNid, X509_get0_pubkey(stamp.token.cms->signer()), proven.value_or(at_));
  if (finding.passed() && stamp.token.time > at_ + kSkew)
    finding = doubtful("TIMESTAMP_ORDER_FAILURE", "the timestamp's time lies in the future");
  if (finding.passed() && proven && stamp.token.time > *proven + kSkew)
    finding = doubtful("TIMESTAMP_ORDER_FAILURE", "the timestamp is later than one that covers it");
  hasStoredAnswers = hasStoredAnswers && areStored(revocations);
  put(stamp.verdict, finding);
}

void FileJudge::judgeDocumentTimestamp(Item& item) {
  item.hasStoredAnswers = true;
  judgeStamp(item.own, provenFor(item.coverage.end), item.hasStoredAnswers);
  if (item.own.verdict.indication != Indication::kTotalPassed) return;
  const Finding later = judgeLaterRevisions(item);
  if (!later.passed()) return put(item.own.verdict, later);
  proofs_.push_back({item.own.token.time, item.coverage});
}

void FileJudge::judgeSignature(Item& item) {
  const std::optional<Instant> covered = provenFor(item.coverage.end);
  std::optional<Instant> best = covered;
  item.hasStoredAnswers = true;
  Finding broken;
  for (Stamp& stamp : item.stamps) {
    judgeStamp(stamp, covered, item.hasStoredAnswers);
    if (stamp.verdict.indication == Indication::kTotalPassed) {
      best = best ? std::min(*best, stamp.token.time) : stamp.token.time;
    } else if (broken.passed()) {
      broken = {stamp.verdict.indication, stamp.verdict.subIndication, "its timestamp: " + stamp.verdict.reason};
    }
  }
  if (best) item.verdict.bestSignatureTime = core::isoInstant(*best);
  Finding finding = judgeTrust(*item.cms, best, item.verdict.revocations);
  item.verdict.revocation = rankOf(item.verdict.revocations);
  item.hasStoredAnswers = item.hasStoredAnswers && areStored(item.verdict.revocations);
  if (finding.passed()) finding = judgePurpose(item.cms->signer(), best);
  if (finding.passed()) finding = broken;
  if (finding.subIndication.ends_with("NO_POE") && !broken.passed() && finding.reason != broken.reason)
    finding.reason += " (" + broken.reason + ")";
  nameLevel(item, best.has_value());
  const Finding later = judgeLaterRevisions(item);
  put(item.verdict, later.indication > finding.indication ? later : finding);
}

Finding FileJudge::judgeTrust(const SignedData& cms, std::optional<Instant> proven,
                              std::vector<RevocationVerdict>& revocations) {
  Instant moment = at_;
  const Path* found = &pathOf(cms.signer(), moment);
  if (found->finding.subIndication == "OUT_OF_BOUNDS_NO_POE" && proven) {
    moment = *proven;
    found = &pathOf(cms.signer(), moment);
  }
  const Path& path = *found;
  if (!path.finding.passed()) return path.finding;
  const Finding algorithms = judgeAlgorithms(cms.digestNid(), X509_get0_pubkey(cms.signer()), proven.value_or(at_));
  if (!algorithms.passed()) return algorithms;
  Finding finding;
  for (std::size_t i = 0; i + 1 < path.certificates.size(); ++i) {
    X509 *subject = path.certificates[i].get(), *issuer = path.certificates[i + 1].get();
    RevocationVerdict verdict = askRevocation(subject, issuer, moment, proven);
    const bool isLater = verdict.status == "revoked" && proven && *proven < verdict.revocationInstant;
    if (verdict.status == "revoked" && !isLater && finding.passed()) {
      finding = doubtful(i == 0 ? "REVOKED_NO_POE" : "REVOKED_CA_NO_POE",
                         "the certificate of " + verdict.certificate + " was revoked on " + verdict.revokedAt +
                             (verdict.reason.empty() ? "" : " (" + verdict.reason + ")") +
                             " and nothing proves the signature older");
    }
    if ((verdict.status == "none" || verdict.status == "stale") && options_.requireRevocation && finding.passed()) {
      finding = doubtful("TRY_LATER", "no revocation data in force for the certificate of " + verdict.certificate);
    }
    revocations.push_back(std::move(verdict));
  }
  return finding;
}

const Path& FileJudge::pathOf(X509* subject, Instant at) {
  X509* same = evidence_.sameAs(subject);
  const auto [place, isNew] = paths_.try_emplace({same, at});
  if (isNew) place->second = findPath(same, evidence_, anchors_, at);
  return place->second;
}

RevocationVerdict FileJudge::askRevocation(X509* subject, X509* issuer, Instant at, std::optional<Instant> proven) {
  const auto judgeBoth = [&] {
    RevocationVerdict verdict = judgeRevocation(subject, issuer, evidence_, at);
    if (verdict.status == "stale" && proven) verdict = judgeRevocation(subject, issuer, evidence_, *proven);
    return verdict;
  };
  RevocationVerdict verdict = judgeBoth();
  // id-pkix-ocsp-nocheck and the like aside, what the file does not bring is asked for.
  if (verdict.status == "good" || verdict.status == "revoked" || !options_.revocation) return verdict;
  const core::Bytes subjectDer = encodeCertificate(subject), issuerDer = encodeCertificate(issuer);
  try {
    if (const auto crl = options_.revocation->findCrl(subjectDer, issuerDer)) {
      evidence_.addCrl(*crl, options_.revocationName);
    } else if (const auto ocsp = options_.revocation->findOcsp(subjectDer, issuerDer)) {
      evidence_.addOcsp(*ocsp, options_.revocationName);
    }
  } catch (const core::Error&) {
    return verdict;  // an answer that cannot be had is none
  }
  return judgeBoth();
}

}  // namespace qianda::signing::verify
