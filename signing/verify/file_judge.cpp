#include "signing/verify/file_judge.h"

#include <algorithm>

#include <openssl/err.h>

#include "signing/keys/x509.h"
#include "signing/verify/law13.h"

namespace qianda::signing::verify {
namespace {

using core::Instant;
using pdf::Document;
using pdf::Object;

std::string claimedTime(const std::string& pdfDate) {
  // D:YYYYMMDDHHmmSS+HH'mm' (7.9.4), shown as ISO 8601; other forms as they are.
  if (!pdfDate.starts_with("D:") || pdfDate.size() < 16) return pdfDate;
  const std::string_view d(pdfDate);
  std::string text = std::string(d.substr(2, 4)) + "-" + std::string(d.substr(6, 2)) + "-" +
                     std::string(d.substr(8, 2)) + "T" + std::string(d.substr(10, 2)) + ":" +
                     std::string(d.substr(12, 2)) + ":" + std::string(d.substr(14, 2));
  if (d.size() >= 22) text += std::string(d.substr(16, 3)) + ":" + std::string(d.substr(20, 2));
  if (d.size() == 17 && d[16] == 'Z') text += "Z";
  return text;
}

void describeSigner(const SignedData& cms, SignatureVerdict& verdict) {
  verdict.algorithm = cms.algorithm();
  if (!cms.signer()) return;
  const X509_NAME* subject = X509_get_subject_name(cms.signer());
  verdict.signer = commonNameOf(subject);
  verdict.organisation = organisationOf(subject);
  if (verdict.signer.empty()) verdict.signer = verdict.organisation;
  verdict.issuer = textOf(X509_get_issuer_name(cms.signer()));
  verdict.serialHex = serialHex(cms.signer());
}

void describeStamp(const Token& token, TimestampVerdict& verdict) {
  put(verdict, token.finding);
  verdict.policy = token.policy;
  verdict.serialHex = token.serialHex;
  verdict.instant = token.time;
  if (token.time != Instant{}) verdict.time = core::isoInstant(token.time);
  verdict.algorithm = token.cms->algorithm();
  if (token.cms->signer()) verdict.authority = partyName(token.cms->signer());
}

}  // namespace

FileJudge::FileJudge(std::string_view file, X509_STORE* anchors, const std::vector<X509Handle>& anchorList,
                     const VerifierOptions& options, Instant at)
    : file_(file), anchors_(anchors), options_(options), at_(at) {
  for (const X509Handle& anchor : anchorList) evidence_.addCertificate(anchor.get());
}

FileVerdict FileJudge::judge() {
  auto opened = Document::open(file_);
  FileVerdict result;
  if (const auto* error = std::get_if<pdf::OpenError>(&opened)) {
    put(result, failed("FORMAT_FAILURE", error->reason));
    return result;
  }
  document_ = &std::get<Document>(opened);
  collect(*document_);
  if (items_.empty() && damagedField_.empty()) {
    put(result, explainAbsence());
    return result;
  }
  std::set<std::string> keys;
  for (Item& item : items_) {
    keys.insert(vriKey(core::viewOf(item.dictionary["Contents"].text)));
    keys.insert(vriKey(item.coverage.cms));
  }
  const StoreReading store = readStore(*document_, keys, evidence_);
  storeExists_ = store.exists;
  std::vector<Finding> openings;
  for (Item& item : items_) openings.push_back(openItem(item));
  // From the newest back: what a later timestamp proves helps what it covers.
  for (std::size_t i = items_.size(); i-- > 0;) {
    if (!items_[i].isTimestamp) continue;
    if (openings[i].passed()) {
      judgeDocumentTimestamp(items_[i]);
    } else {
      put(items_[i].own.verdict, openings[i]);
    }
  }
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].isTimestamp) continue;
    put(items_[i].verdict, openings[i]);
    if (openings[i].passed()) {
      judgeSignature(items_[i]);
    } else {
      for (Stamp& stamp : items_[i].stamps)
        judgeStamp(stamp, provenFor(items_[i].coverage.end), items_[i].hasStoredAnswers);
    }
    judgeLaw13(items_[i].verdict);
  }
  return sum(store);
}

void FileJudge::collect(Document& document) {
  for (pdf::SignatureField& field : pdf::listSignatureFields(document)) {
    if (field.isDamaged && damagedField_.empty()) damagedField_ = field.name;
    if (!field.isSigned) continue;
    Item item;
    item.dictionary = document.get(document.object(field.reference.number), "V");
    item.isTimestamp = document.get(item.dictionary, "Type").isName("DocTimeStamp") ||
                       document.get(item.dictionary, "SubFilter").isName("ETSI.RFC3161");
    item.coverage = judgeCoverage(document, item.dictionary);
    item.field = std::move(field);
    for (const Item& other : items_) {
      if (item.coverage.gapEnd != 0 && item.coverage.gapBegin == other.coverage.gapBegin)
        item.coverage.problem = "it shares its signature with the field " + other.field.name;
    }
    items_.push_back(std::move(item));
  }
  std::stable_sort(items_.begin(), items_.end(),
                   [](const Item& a, const Item& b) { return a.coverage.end < b.coverage.end; });
}

// What can be said without trust: coverage and the CMS itself.
Finding FileJudge::openItem(Item& item) {
  const Object& subFilter = document_->get(item.dictionary, "SubFilter");
  const std::string format = subFilter.is(Object::Type::kName) ? subFilter.text : "";
  const Coverage& coverage = item.coverage;
  item.verdict.field = item.own.verdict.field = item.field.name;
  item.verdict.subFilter = format;
  if (item.dictionary["M"].is(Object::Type::kString)) item.verdict.signedAt = claimedTime(item.dictionary["M"].text);
  item.verdict.coversWholeRevision = coverage.wholeRevision && coverage.problem.empty();
  item.verdict.modifiedAfter = coverage.followedByOctets;
  item.own.verdict.kind = "document";
  item.own.verdict.coversWholeFile = !coverage.followedByOctets;
  if (!coverage.problem.empty()) return failed("FORMAT_FAILURE", coverage.problem);
  const std::vector<std::string_view> ranges{file_.substr(0, coverage.gapBegin),
                                             file_.substr(coverage.gapEnd, coverage.end - coverage.gapEnd)};
  if (item.isTimestamp) {
    item.own.token = judgeToken(coverage.cms, ranges);
    evidence_.addCertificates(item.own.token.cms->certificates());
    describeStamp(item.own.token, item.own.verdict);
    return item.own.token.finding;
  }
  const bool isPades = format == "ETSI.CAdES.detached";
  if (!isPades && format != "adbe.pkcs7.detached") {
    return failed("FORMAT_FAILURE", "the signature's format /" + format + " is not one this program judges");
  }
  item.cms = std::make_unique<SignedData>(coverage.cms, Content::kDetached, ranges, isPades);
  evidence_.addCertificates(item.cms->certificates());
  describeSigner(*item.cms, item.verdict);
  item.verdict.level = isPades && item.cms->hasEss() ? "PAdES-BASELINE-B" : "PKCS7-B";
  for (const core::Bytes& token : item.cms->signatureTimestamps()) {
    Stamp stamp;
    stamp.token = judgeToken(token, {core::textOf(item.cms->signatureValue())});
    stamp.verdict.kind = "signature";
    stamp.verdict.field = item.field.name;
    evidence_.addCertificates(stamp.token.cms->certificates());
    describeStamp(stamp.token, stamp.verdict);
    item.stamps.push_back(std::move(stamp));
  }
  return item.cms->finding();
}

std::optional<Instant> FileJudge::provenFor(std::size_t end) const {
  std::optional<Instant> earliest;
  for (const Proof& proof : proofs_) {
    if (proof.coverage.end > end && (!earliest || proof.time < *earliest)) earliest = proof.time;
  }
  return earliest;
}

void FileJudge::nameLevel(Item& item, bool hasTime) {
  if (!hasTime) return;
  std::string& level = item.verdict.level;
  const bool hasAnswers = storeExists_ && item.hasStoredAnswers && !item.verdict.revocations.empty();
  const bool isArchived = std::any_of(proofs_.begin(), proofs_.end(), [&](const Proof& proof) {
    return proof.coverage.end > item.coverage.end && isStoreCovered(proof.coverage);
  });
  level.pop_back();
  level += !hasAnswers ? "T" : !isArchived ? "LT" : "LTA";
}

FileVerdict FileJudge::sum(const StoreReading& store) {
  FileVerdict result;
  result.indication = Indication::kTotalPassed;
  // What cannot be read is the cause of whatever else seems to have changed.
  if (!damagedField_.empty()) put(result, failed("FORMAT_FAILURE", damagedField_ + ": its signature cannot be read"));
  const auto worsen = [&](const auto& verdict, const std::string& whose) {
    if (verdict.indication <= result.indication) return;
    put(result, {verdict.indication, verdict.subIndication, whose + ": " + verdict.reason});
  };
  for (Item& item : items_) {
    if (item.isTimestamp) {
      worsen(item.own.verdict, item.field.name);
      result.timestamps.push_back(std::move(item.own.verdict));
      continue;
    }
    worsen(item.verdict, item.field.name);
    for (Stamp& stamp : item.stamps) result.timestamps.push_back(std::move(stamp.verdict));
    result.signatures.push_back(std::move(item.verdict));
  }
  std::string problem = findAlteredCopy(evidence_);
  if (problem.empty()) problem = store.problem;
  if (store.exists && problem.empty()) problem = findForgery(evidence_);
  if (!problem.empty() && result.indication != Indication::kTotalFailed) put(result, failed("FORMAT_FAILURE", problem));
  if (result.signatures.empty() && result.indication == Indication::kTotalPassed)
    put(result, doubtful("NO_SIGNATURE_FOUND", "the file has timestamps but no signature"));
  return result;
}

}  // namespace qianda::signing::verify
