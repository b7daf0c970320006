#include "signing/verify/verifier.h"

#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "signing/keys/x509.h"
#include "signing/pdf/signature_fields.h"
#include "signing/verify/byte_range.h"
#include "signing/verify/cms_check.h"
#include "signing/verify/revision_diff.h"

namespace qianda::signing {
namespace {

using pdf::Document;
using pdf::Object;
using StoreHandle = core::Handle<X509_STORE, &X509_STORE_free>;

void fail(SignatureVerdict& verdict, std::string reason) {
  verdict.indication = Indication::kTotalFailed;
  verdict.subIndication = "FORMAT_FAILURE";
  verdict.reason = std::move(reason);
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

void judgeLaterRevisions(Document& document, const pdf::SignatureField& field, const verify::Coverage& coverage,
                         SignatureVerdict& verdict) {
  verdict.modificationLevel = "NONE";
  auto opened = Document::open(document.file().substr(0, coverage.end));
  auto* revision = std::get_if<Document>(&opened);
  if (!revision || revision->isReconstructed() || !isInOwnRevision(*revision, field, coverage.gapBegin)) {
    return fail(verdict, "the signed revision does not contain this signature");
  }
  if (!coverage.followedByOctets) return;
  const std::size_t newestXref = document.sections().front().offset;
  if (document.isReconstructed() || newestXref < coverage.end) {
    verdict.modificationLevel = "OTHER";
    return fail(verdict, "octets follow the signed revision that belong to no revision");
  }
  const verify::Difference difference = verify::compareRevisions(*revision, document);
  verdict.modificationLevel = difference.level;
  if (difference.level == "OTHER") fail(verdict, "changed after signing: " + difference.offence);
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

}  // namespace

std::string_view nameOf(Indication indication) {
  static constexpr std::string_view kNames[] = {"TOTAL_PASSED", "INDETERMINATE", "TOTAL_FAILED"};
  return kNames[static_cast<std::size_t>(indication)];
}

struct Verifier::Store {
  StoreHandle anchors{X509_STORE_new()};

  SignatureVerdict judge(Document& document, const pdf::SignatureField& field, core::Instant at,
                         std::size_t& end) const {
    SignatureVerdict verdict;
    verdict.field = field.name;
    const Object& signature = document.get(document.object(field.reference.number), "V");
    const Object& subFilter = document.get(signature, "SubFilter");
    if (subFilter.is(Object::Type::kName)) verdict.subFilter = subFilter.text;
    if (signature["M"].is(Object::Type::kString)) verdict.signedAt = claimedTime(signature["M"].text);
    const verify::Coverage coverage = verify::judgeCoverage(document, signature);
    end = coverage.end;
    verdict.coversWholeRevision = coverage.wholeRevision && coverage.problem.empty();
    verdict.modifiedAfter = coverage.followedByOctets;
    if (!coverage.problem.empty()) return fail(verdict, coverage.problem), verdict;
    if (verdict.subFilter != "ETSI.CAdES.detached" && verdict.subFilter != "adbe.pkcs7.detached") {
      return fail(verdict, "the signature's format /" + verdict.subFilter + " is not one this program judges"), verdict;
    }
    const std::string_view file = document.file();
    const std::vector<std::string_view> ranges{file.substr(0, coverage.gapBegin),
                                               file.substr(coverage.gapEnd, coverage.end - coverage.gapEnd)};
    verify::judgeCms(coverage.cms, ranges, anchors.get(), at, verdict);
    // A broken signature keeps its own reason; an intact one must also have been left alone.
    if (verdict.indication != Indication::kTotalFailed) judgeLaterRevisions(document, field, coverage, verdict);
    return verdict;
  }
};

Verifier::Verifier(TrustAnchors anchors) {
  auto store = std::make_unique<Store>();
  for (const core::Bytes& der : anchors.certificates) {
    X509_STORE_add_cert(store->anchors.get(), parseCertificate(der).get());
  }
  store_ = std::move(store);
}

Verifier::~Verifier() = default;

FileVerdict Verifier::verify(std::string_view pdf, core::Instant at) const {
  FileVerdict result;
  auto opened = Document::open(pdf);
  if (const auto* error = std::get_if<pdf::OpenError>(&opened)) {
    result.indication = Indication::kTotalFailed;
    result.subIndication = "FORMAT_FAILURE";
    result.reason = error->reason;
    return result;
  }
  Document& document = std::get<Document>(opened);
  std::vector<std::pair<std::size_t, SignatureVerdict>> verdicts;
  for (const pdf::SignatureField& field : pdf::listSignatureFields(document)) {
    if (!field.isSigned) continue;
    std::size_t end = 0;
    SignatureVerdict verdict = store_->judge(document, field, at, end);
    verdicts.emplace_back(end, std::move(verdict));
  }
  if (document.isEncrypted() && verdicts.empty()) {
    result.subIndication = "FORMAT_FAILURE";
    result.reason = "the file is encrypted";
    return result;
  }
  std::stable_sort(verdicts.begin(), verdicts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (verdicts.empty()) {
    result.subIndication = "NO_SIGNATURE_FOUND";
    result.reason = "the file has no signature";
    return result;
  }
  result.indication = Indication::kTotalPassed;
  for (auto& [end, verdict] : verdicts) {
    if (verdict.indication > result.indication) {
      result.indication = verdict.indication;
      result.subIndication = verdict.subIndication;
      result.reason = verdict.field + ": " + verdict.reason;
    }
    result.signatures.push_back(std::move(verdict));
  }
  return result;
}

TrustAnchors loadTrustAnchors(const std::vector<std::string>& paths) {
  TrustAnchors anchors;
  for (const std::string& path : paths) {
    const std::string octets = core::readFile(path, 16u << 20);
    std::vector<core::Bytes> found = readPemCertificates(octets);
    if (found.empty() && findCertificate(core::viewOf(octets))) found.push_back({octets.begin(), octets.end()});
    if (found.empty()) throw core::Error(core::ErrorCode::kInvalidInput, "no certificate in " + path);
    anchors.certificates.insert(anchors.certificates.end(), found.begin(), found.end());
  }
  return anchors;
}

}  // namespace qianda::signing
