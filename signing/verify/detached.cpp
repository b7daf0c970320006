#include "signing/verify/detached.h"

#include <algorithm>

#include "signing/keys/x509.h"
#include "signing/verify/timestamp_check.h"
#include "signing/verify/trust.h"

namespace qianda::signing::verify {
namespace {

using StoreHandle = core::Handle<X509_STORE, &X509_STORE_free>;

// A path at `at`, or at `proven` when the certificate has expired since.
Finding judgePath(const SignedData& cms, const PathMaterial& material, core::Instant at,
                  std::optional<core::Instant> proven) {
  Evidence evidence;
  evidence.addCertificates(cms.certificates());
  for (const core::Bytes& der : material.others) evidence.addCertificate(der);
  const StoreHandle store(X509_STORE_new());
  for (const core::Bytes& der : material.anchors.certificates) {
    if (const X509Handle anchor = findCertificate(der)) X509_STORE_add_cert(store.get(), anchor.get());
  }
  Path path = findPath(cms.signer(), evidence, store.get(), at);
  if (path.finding.subIndication == "OUT_OF_BOUNDS_NO_POE" && proven)
    path = findPath(cms.signer(), evidence, store.get(), *proven);
  if (!path.finding.passed()) return path.finding;
  return judgeAlgorithms(cms.digestNid(), X509_get0_pubkey(cms.signer()), proven.value_or(at));
}

}  // namespace

StampJudgement judgeStamp(core::BytesView octets, std::string_view content, const PathMaterial& material,
                          core::Instant at) {
  const Token token = judgeToken(octets, {content});
  StampJudgement judgement{token.finding, token.time, "", token.serialHex};
  if (!token.finding.passed()) return judgement;
  judgement.authority = textOf(X509_get_subject_name(token.cms->signer()));
  judgement.finding = judgePath(*token.cms, material, at, token.time);
  if (judgement.finding.passed() && token.time > at + kSkew)
    judgement.finding = doubtful("TIMESTAMP_ORDER_FAILURE", "the timestamp's time lies in the future");
  return judgement;
}

DetachedJudgement judgeDetached(core::BytesView octets, std::string_view content, const PathMaterial& material,
                                core::Instant at) {
  const SignedData cms(octets, Content::kDetached, {content}, true);
  DetachedJudgement judgement{cms.finding(), "", std::nullopt};
  if (cms.signer()) judgement.signer = textOf(X509_get_subject_name(cms.signer()));
  if (!cms.finding().passed()) return judgement;
  Finding broken;
  for (const core::Bytes& token : cms.signatureTimestamps()) {
    const StampJudgement stamp = judgeStamp(token, core::textOf(cms.signatureValue()), material, at);
    if (!stamp.finding.passed()) {
      broken = stamp.finding;
      broken.reason = "its timestamp: " + broken.reason;
    } else if (!judgement.time || stamp.time < *judgement.time) {
      judgement.time = stamp.time;
    }
  }
  judgement.finding = judgePath(cms, material, at, judgement.time);
  if (judgement.finding.passed()) judgement.finding = broken;
  return judgement;
}

}  // namespace qianda::signing::verify
