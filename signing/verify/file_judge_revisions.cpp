// The revisions of a file as its signatures saw them.
#include "signing/verify/file_judge.h"
#include "signing/verify/revision_diff.h"

namespace qianda::signing::verify {
namespace {

using pdf::Document;
using pdf::Object;

constexpr std::size_t kMostLooksBack = 64;  // revisions searched for a signature that was removed

// The signed revision read alone must already show this signature, at the same place, under the same field.
bool isInOwnRevision(Document& revision, const pdf::SignatureField& field, std::size_t contentsBegin) {
  for (const pdf::SignatureField& one : pdf::listSignatureFields(revision)) {
    if (one.name != field.name || !one.isSigned) continue;
    const Object& signature = revision.get(revision.object(one.reference.number), "V");
    return signature["Contents"].begin == contentsBegin;
  }
  return false;
}

}  // namespace

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
    return doubtful("NO_SIGNATURE_FOUND",
                    "the file has no signature that can be found; its cross-reference is damaged");
  return doubtful("NO_SIGNATURE_FOUND", "the file has no signature");
}

}  // namespace qianda::signing::verify
