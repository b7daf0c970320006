// Judges every signature of a PDF in the terms of ETSI EN 319 102-1: TOTAL_PASSED, INDETERMINATE, TOTAL_FAILED with a
// sub-indication, and answers the four tests of 电子签名法 (E-Signature Law) art. 13 one by one. Checks: ByteRange
// shape and coverage, digest, CMS signature, signing-certificate-v2, certification path to the given anchors (RFC
// 5280), revocation, timestamps (RFC 3161) as proof of existence, algorithms by date, and what later revisions changed.
// A verdict is a value: no input, however hostile, makes it throw, crash or hang.
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

struct TimestampVerdict {
  std::string kind;   // "signature" (in the CMS), "document" (a field of its own)
  std::string field;  // the field stamped, or the timestamp's own
  std::string time;   // ISO 8601, as the token says
  core::Instant instant;
  std::string authority, policy, serialHex, algorithm;
  Indication indication = Indication::kIndeterminate;
  std::string subIndication, reason;
  bool coversWholeFile = false;  // document timestamps: nothing follows
};

// What is known of one certificate of a path. Empty texts where there is nothing to say.
struct RevocationVerdict {
  std::string certificate;  // its subject
  std::string serialHex;
  std::string status = "none";  // "good", "revoked", "stale" (the data are out of date for the moment), "none"
  std::string kind;             // "OCSP", "CRL"
  std::string origin;           // "DSS", "CMS", or the name of a source given to the verifier
  std::string thisUpdate, nextUpdate, revokedAt, reason;
  core::Instant revocationInstant;
};

// One thing that a later revision did.
struct Change {
  std::string kind;  // "signature", "timestamp", "validation_data", "metadata", "form_fill", "annotation", "forbidden"
  std::uint32_t object = 0;  // its number, 0 for the document as a whole
  std::string detail;        // one English sentence
  bool isAllowed = true;
};

// One of the four conditions of a reliable electronic signature (电子签名法 13).
struct LawTest {
  std::string clause;   // "13(1)" ...
  std::string zh, en;   // what is asked
  std::string verdict;  // "PASSED", "INDETERMINATE", "FAILED"
  std::string reason;   // English
};

struct SignatureVerdict {
  std::string field;
  std::string signer;        // subject CN (or O)
  std::string organisation;  // subject O
  std::string issuer;
  std::string serialHex;
  std::string algorithm;  // "ecdsa-with-SHA256", "sha256WithRSAEncryption", "SM2-with-SM3" ...
  std::string level;      // "PAdES-BASELINE-B", "-T", "-LT", "-LTA", or "PKCS7-B" ... for adbe sub-filters
  std::string subFilter;
  std::string signedAt;           // /M as ISO 8601, as claimed
  std::string bestSignatureTime;  // the earliest time that a good timestamp proves; empty: none
  Indication indication = Indication::kIndeterminate;
  std::string subIndication;  // empty when passed
  std::string reason;         // one English sentence
  bool coversWholeRevision = false;
  bool modifiedAfter = false;  // any octet follows the signed revision
  std::string
      modificationLevel;  // "NONE", "LTA_UPDATES", "FORM_FILLING" (later signatures among them), "ANNOTATIONS", "OTHER"
  std::vector<Change> changes;
  std::string revocation = "not_checked";  // the worst of revocations; "not_checked" when nothing was found
  std::vector<RevocationVerdict> revocations;
  std::vector<LawTest> law13;
};

struct FileVerdict {
  Indication indication = Indication::kIndeterminate;  // the worst of its signatures and document timestamps
  std::string subIndication;                           // NO_SIGNATURE_FOUND when there is none
  std::string reason;
  std::vector<SignatureVerdict> signatures;  // in the order of their revisions
  std::vector<TimestampVerdict> timestamps;  // the same
};

struct TrustAnchors {
  std::vector<core::Bytes> certificates;  // DER
};
// All certificates of a PEM file (or one DER certificate); throws kInvalidInput when there is none.
TrustAnchors loadTrustAnchors(const std::vector<std::string>& paths);

class RevocationSource;

struct VerifierOptions {
  // Asked for what the file does not bring along; null: the file's own data alone. Outlives the verifier. A source that
  // does not answer counts as none.
  const RevocationSource* revocation = nullptr;
  std::string revocationName = "local";
  // Without an answer for every certificate of a path the signature is INDETERMINATE/TRY_LATER; otherwise it says
  // "not_checked".
  bool requireRevocation = false;
};

// Reusable and thread-safe; parses the anchors once.
class Verifier {
 public:
  explicit Verifier(TrustAnchors anchors, VerifierOptions options = {});
  ~Verifier();
  FileVerdict verify(std::string_view pdf, core::Instant at) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace qianda::signing
