// One verification of one file: gathers its signatures, timestamps and evidence, then judges from the newest document
// timestamp back to the signatures, so that each time proven helps what it covers (EN 319 102-1 5.6.2: past signature
// validation by time sliding). Used once, by one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "signing/pdf/signature_fields.h"
#include "signing/verify/byte_range.h"
#include "signing/verify/dss.h"
#include "signing/verify/timestamp_check.h"
#include "signing/verify/trust.h"

namespace qianda::signing::verify {

template <typename Verdict>
void put(Verdict& verdict, const Finding& finding) {
  verdict.indication = finding.indication;
  verdict.subIndication = finding.subIndication;
  verdict.reason = finding.reason;
}

class FileJudge {
 public:
  FileJudge(std::string_view file, X509_STORE* anchors, const std::vector<X509Handle>& anchorList,
            const VerifierOptions& options, core::Instant at);
  FileVerdict judge();

 private:
  struct Stamp {
    Token token;
    TimestampVerdict verdict;
  };
  struct Item {  // one signed field
    pdf::SignatureField field;
    pdf::Object dictionary;
    Coverage coverage;
    bool isTimestamp = false;
    std::unique_ptr<SignedData> cms;  // of a signature
    Stamp own;                        // of a document timestamp
    std::vector<Stamp> stamps;        // in a signature's CMS
    SignatureVerdict verdict;
    bool hasStoredAnswers = false;  // the path's revocation data are all in the file
  };
  struct Proof {
    core::Instant time;
    Coverage coverage;
  };

  void collect(pdf::Document& document);
  Finding explainAbsence();
  Finding openItem(Item& item);
  void judgeDocumentTimestamp(Item& item);
  void judgeSignature(Item& item);
  void judgeStamp(Stamp& stamp, std::optional<core::Instant> proven, bool& hasStoredAnswers);
  Finding judgeTrust(const SignedData& cms, std::optional<core::Instant> proven,
                     std::vector<RevocationVerdict>& revocations);
  // Looked for once for each certificate and moment.
  const Path& pathOf(X509* subject, core::Instant at);
  RevocationVerdict askRevocation(X509* subject, X509* issuer, core::Instant at, std::optional<core::Instant> proven);
  Finding judgeLaterRevisions(Item& item);
  std::optional<core::Instant> provenFor(std::size_t end) const;
  void nameLevel(Item& item, bool hasTime);
  bool isStoreCovered(const Coverage& coverage);
  pdf::Document* revisionAt(const Coverage& coverage);
  FileVerdict sum(const StoreReading& store);

  std::string_view file_;
  X509_STORE* anchors_;
  const VerifierOptions& options_;
  const core::Instant at_;
  pdf::Document* document_ = nullptr;
  Evidence evidence_;
  std::map<std::pair<X509*, core::Instant>, Path> paths_;
  std::vector<Item> items_;
  std::vector<Proof> proofs_;
  std::map<std::size_t, std::unique_ptr<pdf::Document>> revisions_;  // by their ends, as they are asked for
  bool storeExists_ = false;
};

}  // namespace qianda::signing::verify
