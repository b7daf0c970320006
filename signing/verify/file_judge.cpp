#include "signing/verify/file_judge.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "core/error.h"
#include "signing/keys/x509.h"
#include "signing/trust/revocation_source.h"
#include "signing/verify/law13.h"
#include "signing/verify/revision_diff.h"

namespace qianda::signing::verify {
namespace {

using core::Instant;
using pdf::Document;
using pdf::Object;

constexpr std::chrono::minutes kSkew{5};
constexpr std::size_t kMostLooksBack = 64;  // revisions searched for a signature that was removed

template <typename Verdict>
void put(Verdict& verdict, const Finding& finding) {
  verdict.indication = finding.indication;
  verdict.subIndication = finding.subIndication;
  verdict.reason = finding.reason;
}

// The signed revision read alone must already show this signature, at the same place, under the same field.
bool isInOwnRevision(Document& revision, const pdf::SignatureField& field, std::size_t contentsBegin) {
  for (const pdf::SignatureField& one : pdf::listSignatureFields(revision)) {
    if (one.name != field.name || !one.isSigned) continue;
    const Object& signature = revision.get(revision.object(one.reference.number), "V");
    return signature["Contents"].begin == contentsBegin;
  }
  return false;
}

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

FileJudge::FileJudge(std::string_view file, X509_STORE* anchors, const TrustAnchors& anchorList,
                     const VerifierOptions& options, Instant at)
    : file_(file), anchors_(anchors), options_(options), at_(at) {
  for (const core::Bytes& anchor : anchorList.certificates) evidence_.addCertificate(anchor);
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
  if (items_.empty()) {
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

// A file without signatures may have had some that its newest revision no longer shows.
Finding FileJudge::explainAbsence() {
  if (document_->isEncrypted()) return doubtful("GENERIC", "the file is encrypted: its signatures cannot be read");
  constexpr std::string_view kEnd = "%%EOF";
  std::size_t end = file_.find("/ByteRange") == file_.npos ? file_.npos : file_.find(kEnd);
  for (std::size_t tries = 0; end != file_.npos && tries < kMostLooksBack; end = file_.find(kEnd, end + 1), ++tries) {
    auto opened = Document::open(file_.substr(0, end + kEnd.size()));
    auto* revision = std::get_if<Document>(&opened);
    if (!revision || revision->isReconstructed()) continue;
    for (const pdf::SignatureField& field : pdf::listSignatureFields(*revision)) {
      if (field.isSigned)
        return failed("FORMAT_FAILURE", "a later revision removed the signature of the field " + field.name);
    }
  }
  if (document_->isReconstructed())
    return doubtful("NO_SIGNATURE_FOUND", "the file has no signature that can be found; its cross-reference is damaged");
  return doubtful("NO_SIGNATURE_FOUND", "the file has no signature");
}

void FileJudge::collect(Document& document) {
  for (pdf::SignatureField& field : pdf::listSignatureFields(document)) {
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
  nameLevel(item, best.has_value());
  const Finding later = judgeLaterRevisions(item);
  put(item.verdict, later.indication > finding.indication ? later : finding);
}

Finding FileJudge::judgeTrust(const SignedData& cms, std::optional<Instant> proven,
                              std::vector<RevocationVerdict>& revocations) {
  Instant moment = at_;
  Path path = findPath(cms.signer(), evidence_, anchors_, moment);
  if (path.finding.subIndication == "OUT_OF_BOUNDS_NO_POE" && proven) {
    moment = *proven;
    path = findPath(cms.signer(), evidence_, anchors_, moment);
  }
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

// The file as it was when that signature was made, read alone; null when it cannot be read.
Document* FileJudge::revisionAt(const Coverage& coverage) {
  if (!coverage.followedByOctets) return document_;
  const auto [place, isNew] = revisions_.try_emplace(coverage.end);
  if (isNew) {
    auto opened = Document::open(file_.substr(0, coverage.end));
    if (auto* revision = std::get_if<Document>(&opened))
      place->second = std::make_unique<Document>(std::move(*revision));
  }
  return place->second.get();
}

Finding FileJudge::judgeLaterRevisions(Item& item) {
  const Coverage& coverage = item.coverage;
  item.verdict.modificationLevel = "NONE";
  Document* revision = revisionAt(coverage);
  if (!revision || revision->isReconstructed())
    return failed("FORMAT_FAILURE", "the cross-reference of the signed revision is damaged");
  if (!isInOwnRevision(*revision, item.field, coverage.gapBegin))
    return failed("FORMAT_FAILURE", "the signed revision does not contain this signature");
  std::string problem = judgeTail(*revision);
  if (problem.empty() && coverage.followedByOctets) {
    problem = judgeChain(*revision, coverage.end, *document_);
    if (problem.empty()) problem = judgeTail(*document_);
    if (!problem.empty()) {
      item.verdict.modificationLevel = "OTHER";
      item.verdict.changes.push_back({"forbidden", 0, problem, false});
    }
  }
  if (!problem.empty()) return failed("FORMAT_FAILURE", problem);
  if (document_->isEncrypted())
    return doubtful("GENERIC", "the file is encrypted: what it shows cannot be read, nor what was changed");
  if (!coverage.followedByOctets) return {};
  Difference difference = compareRevisions(*revision, *document_);
  item.verdict.modificationLevel = difference.level;
  item.verdict.changes = std::move(difference.changes);
  if (difference.level == "OTHER") return failed("FORMAT_FAILURE", "changed after signing: " + difference.offence);
  return {};
}

// Whether the octets of that revision already hold a security store.
bool FileJudge::isStoreCovered(const Coverage& coverage) {
  Document* revision = revisionAt(coverage);
  return revision && !revision->catalog()["DSS"].is(Object::Type::kNull);
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
  std::string problem = store.problem;
  if (store.exists && problem.empty()) problem = findForgery(evidence_);
  if (!problem.empty() && result.indication != Indication::kTotalFailed) put(result, failed("FORMAT_FAILURE", problem));
  if (result.signatures.empty() && result.indication == Indication::kTotalPassed)
    put(result, doubtful("NO_SIGNATURE_FOUND", "the file has timestamps but no signature"));
  // Octets that no revision reaches are reported even behind an untouched last signature.
  return result;
}

}  // namespace qianda::signing::verify
