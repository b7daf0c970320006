// Judges every signature of a PDF in the terms of ETSI EN 319 102-1: TOTAL_PASSED, INDETERMINATE, TOTAL_FAILED with a
// sub-indication. Checks: ByteRange shape and coverage, digest, CMS signature, signing-certificate-v2, certification
// path to the given anchors (RFC 5280), validity at the time of verification, and what later revisions changed. Not
// yet: revocation and timestamps (revocation is reported as "not_checked"). A verdict is a value: no input, however
// hostile, makes it throw, crash or hang; limits are in verify/limits.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace qianda::signing {

enum class Indication { kTotalPassed, kIndeterminate, kTotalFailed };
std::string_view nameOf(Indication indication);  // "TOTAL_PASSED" ...

struct SignatureVerdict {
  std::string field;
  std::string signer;        // subject CN (or O)
  std::string organisation;  // subject O
  std::string issuer;
  std::string serialHex;
  std::string algorithm;  // "ecdsa-with-SHA256", "sha256WithRSAEncryption", ...
  std::string level;      // "PAdES-BASELINE-B", or "PKCS7" for adbe sub-filters
  std::string subFilter;
  std::string signedAt;  // /M as ISO 8601, as claimed
  Indication indication = Indication::kIndeterminate;
  std::string subIndication;  // empty when passed
  std::string reason;         // one English sentence
  bool coversWholeRevision = false;
  bool modifiedAfter = false;     // any octet follows the signed revision
  std::string modificationLevel;  // "NONE", "FORM_FILLING" (later signatures among them), "OTHER"
  std::string revocation = "not_checked";
};

struct FileVerdict {
  Indication indication = Indication::kIndeterminate;  // the worst of its signatures
  std::string subIndication;                           // NO_SIGNATURE_FOUND when there is none
  std::string reason;
  std::vector<SignatureVerdict> signatures;  // in the order of their revisions
};

struct TrustAnchors {
  std::vector<core::Bytes> certificates;  // DER
};
// All certificates of a PEM file (or one DER certificate); throws kInvalidInput when there is none.
TrustAnchors loadTrustAnchors(const std::vector<std::string>& paths);

// Reusable and thread-safe; parses the anchors once.
class Verifier {
 public:
  explicit Verifier(TrustAnchors anchors);
  ~Verifier();
  FileVerdict verify(std::string_view pdf, core::Instant at) const;

 private:
  struct Store;
  std::unique_ptr<const Store> store_;
};

}  // namespace qianda::signing
